use m2mock::MockTenant;
use m2mock::serde_json::json;

#[test]
fn an_api_refuses_bearer_tokens() {
    let tenant = MockTenant::start();
    let binding = json!({ "mechanism": "dpop", "required": true });
    let api = tenant.api("https://travel0.example/api").with("proof_of_possession", binding).create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();

    let refused = tenant.token(&bot).audience(&api).request().unwrap_err();
    assert_eq!(refused.error, "invalid_request");
    assert!(refused.why.ends_with("requires proof of possession, and the request has no DPoP proof"));
}
