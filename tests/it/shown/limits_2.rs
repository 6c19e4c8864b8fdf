use m2mock::MockTenant;
use m2mock::http::Method;
use m2mock::serde_json::json;

#[test]
fn a_policy_blocks_the_second_request_of_a_second() {
    let tenant = MockTenant::builder().deterministic(1).start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();
    let policy = json!({
        "resource": "oauth_authentication_api",
        "consumer": "client",
        "consumer_selector": format!("client_id:{}", bot.client_id),
        "configuration": { "action": "block", "limit": 1 }
    });
    tenant.perform(Method::POST, "/rate-limit-policies", policy).unwrap();

    let ask = || tenant.token(&bot).audience(&api).request();
    assert!(ask().is_ok());
    assert_eq!(ask().unwrap_err().status, 429);
}
