use m2mock::MockTenant;

#[test]
fn a_token_that_expired_yesterday() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();

    let now = tenant.clock().unix();
    tenant.clock().set(now as u64 - 2 * 24 * 60 * 60);
    let expired = tenant.token(&bot).audience(&api).request().unwrap(); // valid for a day
    tenant.clock().release();
    assert!(expired.claims["exp"].as_i64().unwrap() < tenant.clock().unix());
}
