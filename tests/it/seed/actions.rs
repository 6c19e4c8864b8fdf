//! Actions that a seed declares.

use m2mock::Application;
use m2mock::Seed;
use m2mock::http::Method;
use m2mock::{DenyCode, MockTenant, Token, TokenRefused};
use serde_json::{Value, json};

const API: &str = "https://travel0.example/api";
const OTHER_API: &str = "https://invoices.travel0.example/api";
const PLAN: &str = "https://travel0.example/plan";

/// Two APIs and two clients, each with a grant for each API. The first API and the first client declare these Actions.
fn story(of_api: Value, of_client: Value) -> Value {
    let scopes = json!([{ "value": "read:trips" }, { "value": "book:trips" }]);
    let grant = |client: &str, audience: &str| json!({ "client_id": client, "audience": audience, "scope": ["read:trips", "book:trips"] });
    json!({
        "resourceServers": [
            { "identifier": API, "scopes": scopes, "x-m2mock": { "credentials_exchange": of_api } },
            { "identifier": OTHER_API, "scopes": scopes },
        ],
        "clients": [
            { "name": "Bot", "x-m2mock": {
                "client_id": "bot", "client_secret": "secret", "credentials_exchange": of_client,
            } },
            { "name": "Other bot", "x-m2mock": { "client_id": "other", "client_secret": "secret" } },
        ],
        "clientGrants": [grant("bot", API), grant("bot", OTHER_API), grant("other", API), grant("other", OTHER_API)],
    })
}

fn tenant_with(of_api: Value, of_client: Value) -> MockTenant {
    super::tenant_with(&[story(of_api, of_client)])
}

fn ask(tenant: &MockTenant, client_id: &str, audience: &str) -> Result<Token, TokenRefused> {
    let client = Application::new(client_id, "secret");
    tenant.token(&client).audience(audience).request()
}

/// The plan in the tokens of both clients for both APIs.
fn plans(tenant: &MockTenant) -> [Value; 4] {
    let requests = [("bot", API), ("bot", OTHER_API), ("other", API), ("other", OTHER_API)];
    requests.map(|(client, audience)| ask(tenant, client, audience).unwrap().claims[PLAN].clone())
}

fn plan(plan: &str) -> Value {
    json!({ "custom_claims": { PLAN: plan } })
}

fn with(mut action: Value, key: &str, value: &str) -> Value {
    action[key] = value.into();
    action
}

#[test]
fn actions_of_a_client_run_for_its_tokens() {
    let tenant = tenant_with(json!([]), json!([plan("gold")]));
    assert_eq!(plans(&tenant), [json!("gold"), json!("gold"), Value::Null, Value::Null]);
}

#[test]
fn actions_of_an_api_run_for_every_token_for_it() {
    let tenant = tenant_with(json!([plan("gold")]), json!([]));
    assert_eq!(plans(&tenant), [json!("gold"), Value::Null, json!("gold"), Value::Null]);
}

#[test]
fn each_may_name_the_other() {
    let only = [json!("gold"), Value::Null, Value::Null, Value::Null];
    for client in ["Bot", "bot"] {
        assert_eq!(plans(&tenant_with(json!([with(plan("gold"), "client_id", client)]), json!([]))), only);
    }
    assert_eq!(plans(&tenant_with(json!([]), json!([with(plan("gold"), "audience", API)]))), only);
}

#[test]
fn a_client_has_the_last_word_over_an_api() {
    let tenant = tenant_with(json!([plan("silver")]), json!([plan("bronze"), plan("gold")]));
    assert_eq!(plans(&tenant), [json!("gold"), json!("gold"), json!("silver"), Value::Null]);
}

#[test]
fn a_denial_is_that_of_an_action() {
    let deny = json!([{ "audience": API, "deny": { "code": "invalid_scope", "reason": "Not here." } }]);
    let tenant = tenant_with(json!([]), deny);
    let refusal = ask(&tenant, "bot", API).unwrap_err();
    assert_eq!(
        (refusal.status, refusal.error.as_str(), refusal.description.as_str()),
        (400, "invalid_scope", "Not here.")
    );
    assert_eq!(refusal.rules, ["T12"]);
    assert!(
        refusal.why.starts_with(r#"an Action that the seed declares denied the token of client "Bot" (bot) for API "#),
        "{refusal}"
    );
    assert!(ask(&tenant, "bot", OTHER_API).is_ok() && ask(&tenant, "other", API).is_ok());
}

#[test]
fn scopes_are_removed_and_added() {
    let tenant = tenant_with(json!([{ "remove_target_scopes": ["book:trips", "read:trips"] }]), json!([]));
    let token = ask(&tenant, "bot", API).unwrap();
    assert_eq!((token.scopes.len(), token.rules.last()), (0, Some(&"ACT2")));
    let back = json!([{ "add_target_scopes": ["book:trips", "delete:trips"] }]);
    let tenant = tenant_with(json!([{ "remove_target_scopes": ["book:trips"] }]), back);
    assert_eq!(ask(&tenant, "bot", API).unwrap().scopes, ["read:trips", "book:trips"]);
}

#[test]
fn they_run_before_the_actions_of_the_test() {
    let seed = Seed::parse(&story(json!([plan("gold")]), json!([])).to_string(), "seed.json").unwrap();
    let tenant = MockTenant::builder()
        .on_credentials_exchange(|event, api| match event.access_token.custom_claims.get(PLAN) {
            Some(_) => api.access_token().set_custom_claim(PLAN, "platinum"),
            None => api.access().deny(DenyCode::InvalidRequest, "no plan"),
        })
        .seed(seed)
        .start();
    assert_eq!(ask(&tenant, "bot", API).unwrap().claims[PLAN], "platinum");
    assert_eq!(ask(&tenant, "bot", OTHER_API).unwrap_err().description, "no plan");
}

#[test]
fn they_go_with_their_client_or_api_and_come_back_with_a_reset() {
    let tenant = tenant_with(json!([plan("silver")]), json!([with(plan("gold"), "audience", OTHER_API)]));
    let both = [json!("silver"), json!("gold"), json!("silver"), Value::Null];
    assert_eq!(plans(&tenant), both);

    for api in [API, OTHER_API] {
        let path = format!("/resource-servers/{}", api.replace('/', "%2F"));
        tenant.perform(Method::DELETE, &path, Value::Null).unwrap();
        let api = tenant.api(api).create();
        for client_id in ["bot", "other"] {
            let client = Application::new(client_id, "");
            tenant.client_grant(&client, &api).create();
        }
    }
    assert_eq!(plans(&tenant), [Value::Null, Value::Null, Value::Null, Value::Null]);

    tenant.reset();
    assert_eq!(plans(&tenant), both);
    tenant.perform(Method::DELETE, "/clients/bot", Value::Null).unwrap();
    let bot = tenant.application("Bot").client_id("bot").client_secret("secret").create();
    let api = m2mock::Api::new("", OTHER_API);
    tenant.client_grant(&bot, &api).create();
    assert_eq!(ask(&tenant, "bot", OTHER_API).unwrap().claims.get(PLAN), None);
}

#[cfg(feature = "yaml")]
#[test]
fn yaml_declares_them_as_well() {
    let text = "
resourceServers: [{ identifier: https://travel0.example/api }]
clients:
  - name: Bot
    x-m2mock:
      client_id: bot
      client_secret: secret
      credentials_exchange:
        - custom_claims: { https://travel0.example/plan: gold, seats: 12 }
clientGrants: [{ client_id: Bot, audience: https://travel0.example/api, scope: [] }]
";
    let tenant = MockTenant::builder().seed(Seed::parse(text, "tenant.yaml").unwrap()).start();
    let claims = ask(&tenant, "bot", API).unwrap().claims;
    assert_eq!((&claims[PLAN], &claims["seats"]), (&json!("gold"), &json!(12)));
}
