use m2mock::MockTenant;
use std::time::Duration;

#[test]
fn a_bot_keeps_its_token_and_survives_a_rate_limit() {
    let tenant = MockTenant::builder().deterministic(7).start(); // the same ids, secrets and time in each run
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();
    let ask = || tenant.token(&bot).audience(&api).request(); // in place of the service under test

    tenant.expect_tokens(1..=2).for_client(&bot).named("the bot keeps its token"); // checked when the tenant is dropped
    tenant.faults().on_token().times(1).too_many_requests();
    assert_eq!(ask().unwrap_err().status, 429);
    assert!(ask().is_ok());

    tenant.clock().advance(Duration::from_secs(86_400)); // the token has expired
    assert!(tenant.snapshot().to_string().contains("<client:Partner bot>")); // a text for `insta`
}
