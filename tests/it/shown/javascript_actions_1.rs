use m2mock::MockTenant;
use m2mock::http::Method;
use m2mock::serde_json::json;

#[test]
fn an_action_adds_the_plan_of_the_application() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();

    let code = "
        exports.onExecuteCredentialsExchange = async (event, api) => {
            console.log('key', event.secrets.KEY, 'for', event.client.name);
            if (event.request.body.blocked) return api.access.deny('invalid_request', 'No plan.');
            api.accessToken.setCustomClaim('https://travel0.example/plan', 'gold');
        };";
    let action = json!({
        "name": "Plan", "code": code, "deploy": true,
        "supported_triggers": [{ "id": "credentials-exchange" }],
        "secrets": [{ "name": "KEY", "value": "TOP-SECRET" }],
    });
    tenant.perform(Method::POST, "/actions/actions", action).unwrap();
    let bindings = json!({ "bindings": [{ "ref": { "type": "action_name", "value": "Plan" } }] });
    tenant.perform(Method::PATCH, "/actions/triggers/credentials-exchange/bindings", bindings).unwrap();

    let token = tenant.token(&bot).audience(&api).request().unwrap();
    assert_eq!(token.claims["https://travel0.example/plan"], "gold");
    let refused = tenant.token(&bot).audience(&api).with("blocked", "1").request().unwrap_err();
    assert_eq!(refused.description, "No plan.");

    let decision = tenant.requests()[0].token.clone().unwrap();
    assert_eq!(decision.console, ["Plan: key … for Partner bot"]);
}
