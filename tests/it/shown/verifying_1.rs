use m2mock::MockTenant;

#[test]
fn the_bot_asks_for_one_token() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();

    tenant.expect_tokens(1..=2).for_client(&bot).audience(&api).named("the bot keeps its token");
    tenant.expect_operation("POST /client-grants", 0);
    tenant.token(&bot).audience(&api).request().unwrap(); // in place of the service under test
}
