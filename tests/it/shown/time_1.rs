use m2mock::MockTenant;
use std::time::Duration;

#[test]
fn a_token_expires() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").token_lifetime(600).create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();

    let token = tenant.token(&bot).audience(&api).request().unwrap();
    tenant.clock().advance(Duration::from_secs(601));
    assert!(tenant.clock().unix() > token.claims["exp"].as_i64().unwrap());
}
