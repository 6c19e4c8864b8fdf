//! Actions of the trigger `credentials-exchange`: their input, their effects, and their entries in the journal.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use m2mock::Application;
use m2mock::action::{Action, Api, Event};
use m2mock::http::{Method, header};
use m2mock::internal::{Config, Pins, Tenant};
use m2mock::{DenyCode, MockTenant, MockTenantBuilder, OrganizationUsage, Token, TokenRefused};
use rstest::rstest;
use serde_json::{Value, json};

use crate::wire;

/// The identifier of the API.
pub const API: &str = "https://travel0.example/api";
const PLAN: &str = "https://travel0.example/plan";

/// A tenant with these Actions, an API with three scopes, and a bot that is granted two of them.
fn tenant_with(actions: Vec<Action>) -> MockTenant {
    let mut builder = MockTenant::builder();
    for action in actions {
        builder = builder.on_credentials_exchange(move |event, api| action.run(event, api));
    }
    start(builder)
}

/// A tenant with an API with three scopes, and a bot that is granted two of them.
pub fn start(builder: MockTenantBuilder) -> MockTenant {
    let tenant = builder.start();
    let api = tenant.api(API).scopes(["read:trips", "book:trips", "delete:trips"]).create();
    let bot = tenant.application("Partner bot").client_id("bot").client_secret("secret").create();
    tenant
        .client_grant(&bot, &api)
        .scopes(["read:trips", "book:trips"])
        .organization_usage(OrganizationUsage::Allow)
        .allow_any_organization(true)
        .create();
    tenant
}

fn tenant(action: impl Fn(&Event, &mut Api) + Send + Sync + 'static) -> MockTenant {
    tenant_with(vec![Action::new(action)])
}

fn ask(tenant: &MockTenant) -> Result<Token, TokenRefused> {
    ask_for(tenant, &[])
}

fn ask_for(tenant: &MockTenant, parameters: &[(&str, &str)]) -> Result<Token, TokenRefused> {
    let bot = Application::new("bot", "secret");
    let request = tenant.token(&bot).audience(API);
    parameters.iter().fold(request, |request, (name, value)| request.with(name, *value)).request()
}

// proves T12
#[rstest]
#[case::a_scope(DenyCode::InvalidScope, 400, "invalid_scope")]
#[case::a_request(DenyCode::InvalidRequest, 400, "invalid_request")]
#[case::an_error(DenyCode::ServerError, 500, "server_error")]
fn an_action_denies_a_token_with_its_code_and_its_reason(
    #[case] code: DenyCode,
    #[case] status: u16,
    #[case] error: &str,
) {
    let tenant = tenant(move |_, api| api.access().deny(code, "Not today."));
    let refusal = ask(&tenant).unwrap_err();
    assert_eq!((refusal.status, refusal.error.as_str(), refusal.description.as_str()), (status, error, "Not today."));
    assert_eq!(refusal.rules, ["T12"]);
    let why = format!(
        r#"an Action of the test denied the token of client "Partner bot" (bot) for API {API}: {error} "Not today.""#
    );
    assert_eq!(refusal.why, why);
    assert_eq!(tenant.requests().pop().expect("an entry").token.expect("a decision").why, why);
}

// proves ACT1
#[rstest]
#[case::of_the_vendor("access_token")]
#[case::of_the_vendor_with_permissions("access_token_authz")]
#[case::of_rfc_9068("rfc9068_profile")]
#[case::of_rfc_9068_with_permissions("rfc9068_profile_authz")]
fn custom_claims_are_in_tokens_of_every_dialect(#[case] dialect: &str) {
    let tenant = tenant(|_, api| {
        api.access_token().set_custom_claim(PLAN, json!({ "name": "gold" }));
        api.access_token().set_custom_claim("seats", 12);
        api.access_token().set_custom_claim("sub", "somebody else");
        api.access_token().set_custom_claim("scope", "delete:trips");
        api.access_token().set_custom_claim("https://tenant.auth0.com/plan", "gold");
    });
    let path = format!("/resource-servers/{}", API.replace('/', "%2F"));
    let change = json!({ "token_dialect": dialect, "enforce_policies": true });
    tenant.perform(Method::PATCH, &path, change).expect("a right body");

    let token = ask(&tenant).unwrap();
    assert_eq!((&token.claims[PLAN], &token.claims["seats"]), (&json!({ "name": "gold" }), &json!(12)));
    assert_eq!(
        (&token.claims["sub"], &token.claims["scope"]),
        (&json!("bot@clients"), &json!("read:trips book:trips"))
    );
    assert_eq!(token.claims.get("https://tenant.auth0.com/plan"), None);
    assert_eq!(token.rules, ["R13", "R52", "R74", "ACT1"]);
    let message = token.why.split_once("; Actions add").expect("what they add").1;
    assert_eq!(
        message,
        " the claims https://travel0.example/plan, seats; \
         the claim sub is left out because the service keeps this name for itself; \
         the claim scope is left out because the service keeps this name for itself; \
         the claim https://tenant.auth0.com/plan is left out because the namespace is one of the service's own"
    );
}

#[test]
fn the_values_of_custom_claims_are_not_recorded() {
    let tenant = tenant(|_, api| api.access_token().set_custom_claim(PLAN, "TOPSECRET"));
    assert_eq!(ask(&tenant).unwrap().claims[PLAN], "TOPSECRET");
    assert!(!json!(tenant.requests()).to_string().contains("TOPSECRET"));
}

#[test]
fn claims_beyond_the_limit_are_dropped() {
    let tenant = tenant(|_, api| {
        api.access_token().set_custom_claim("first", "a".repeat(60_000));
        api.access_token().set_custom_claim("second", "b".repeat(60_000));
        api.access_token().set_custom_claim("first", "a");
        api.access_token().set_custom_claim("third", "c".repeat(60_000));
    });
    let token = ask(&tenant).unwrap();
    assert_eq!(token.claims["first"], "a");
    assert!(token.claims.get("second").is_none() && token.claims.get("third").is_some());
    assert!(token.why.contains("the claim second is left out because custom claims take 100 KB at most"), "{token:?}");
}

#[test]
fn a_management_token_accepts_only_claims_with_a_url_namespace() {
    let tenant = tenant(|_, api| {
        api.access_token().set_custom_claim(PLAN, "gold");
        api.access_token().set_custom_claim("seats", 12);
    });
    let grant = json!({ "client_id": "bot", "audience": tenant.management_audience(), "scope": ["read:clients"] });
    tenant.perform(Method::POST, "/client-grants", grant).expect("a right body");
    let token = ask_for(&tenant, &[("audience", &tenant.management_audience())]).unwrap();
    assert_eq!((&token.claims[PLAN], token.claims.get("seats")), (&json!("gold"), None));
}

// proves ACT2
#[rstest]
#[case::taken_away("", |api: &mut Api| api.transaction().remove_target_scope("book:trips"), &["read:trips"])]
#[case::added("read:trips", |api: &mut Api| api.transaction().add_target_scope("book:trips"), &["read:trips", "book:trips"])]
#[case::added_beyond_the_grant("", |api: &mut Api| api.transaction().add_target_scope("delete:trips"), &["read:trips", "book:trips"])]
#[case::replaced("", |api: &mut Api| api.transaction().set_target_scopes(["book:trips", "openid"]), &["book:trips"])]
#[case::cleared("", |api: &mut Api| api.transaction().clear_target_scopes(), &[])]
fn the_scopes_of_a_token(#[case] requested: &str, #[case] change: fn(&mut Api), #[case] granted: &[&str]) {
    let tenant = tenant(move |_, api| change(api));
    let token = ask_for(&tenant, &[("scope", requested)]).unwrap();
    assert_eq!(token.scopes, granted);
    assert_eq!(token.claims.get("scope").and_then(Value::as_str).unwrap_or_default(), granted.join(" "));
    assert_eq!(token.rules.last(), Some(&"ACT2"));
}

#[test]
fn the_journal_has_the_target_scopes_of_the_grant() {
    let tenant = tenant(|_, api| api.transaction().set_target_scopes(["book:trips", "delete:trips"]));
    let why = ask(&tenant).unwrap().why;
    let message = r#"; Actions set the target scopes "book:trips delete:trips", of which the grant holds "book:trips""#;
    assert!(why.ends_with(message), "{why}");
}

/// An Action that stores its events, and the list of these events.
fn watcher() -> (Action, Arc<Mutex<Vec<Event>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let action = {
        let seen = Arc::clone(&seen);
        Action::new(move |event, _| seen.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone()))
    };
    (action, seen)
}

#[test]
fn an_action_gets_the_facts_of_the_request() {
    let (action, seen) = watcher();
    let tenant = tenant_with(vec![action]);
    let metadata = json!({ "client_metadata": { "plan": "gold" } });
    tenant.perform(Method::PATCH, "/clients/bot", metadata).expect("a right body");
    let granite = tenant.organization("granite-tours").with("metadata", json!({ "tier": "1" })).create();
    ask_for(&tenant, &[("organization", &granite.id), ("scope", "read:trips"), ("trace", "7")]).unwrap();

    let event = seen.lock().unwrap()[0].clone();
    assert_eq!((event.client.client_id.as_str(), event.client.name.as_str()), ("bot", "Partner bot"));
    assert_eq!(event.client.metadata["plan"], "gold");
    assert_eq!((event.resource_server.identifier.as_str(), event.tenant.id.as_str()), (API, "travel0"));
    assert_eq!((event.access_token.scope, event.access_token.custom_claims.len()), (vec!["read:trips".to_owned()], 0));
    assert_eq!(event.transaction.requested_scopes, ["read:trips"]);
    assert_eq!(event.transaction.target_scopes, ["read:trips"]);
    let organization = event.organization.expect("one applies");
    assert_eq!((organization.id, organization.name), (granite.id.clone(), "granite-tours".to_owned()));
    assert_eq!((&organization.metadata["tier"], organization.display_name), (&json!("1"), None));
    assert_eq!((event.request.method.as_str(), event.request.hostname.as_deref()), ("POST", Some("127.0.0.1")));
    assert_eq!(
        Value::Object(event.request.body),
        json!({
            "grant_type": "client_credentials", "client_id": "bot", "audience": API,
            "organization": granite.id, "scope": "read:trips", "trace": "7",
        })
    );
}

#[tokio::test]
async fn an_action_sees_a_form_as_it_sees_json() {
    let (action, seen) = watcher();
    let tenant = tenant_with(vec![action]);
    let request = wire::client().post(tenant.uri() + "/oauth/token").header(header::USER_AGENT, "bot/1.0");
    let form = format!("grant_type=client_credentials&audience={API}&client_assertion=&trace=7");
    let form = request
        .basic_auth("bot", Some("secret"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form);
    assert_eq!(form.send().await.unwrap().status(), 200);

    let event = seen.lock().unwrap()[0].clone();
    assert_eq!(event.request.user_agent.as_deref(), Some("bot/1.0"));
    assert_eq!(event.organization, None);
    let body = json!({ "grant_type": "client_credentials", "audience": API, "trace": "7" });
    assert_eq!(Value::Object(event.request.body), body);
}

#[test]
fn actions_run_in_order_and_see_the_effects_of_earlier_ones() {
    let first = Action::new(|_, api| {
        api.access_token().set_custom_claim(PLAN, "gold");
        api.transaction().remove_target_scope("book:trips");
    });
    let (second, seen) = watcher();
    let tenant = tenant_with(vec![first, second]);
    ask(&tenant).unwrap();

    let event = seen.lock().unwrap()[0].clone();
    assert_eq!(event.access_token.custom_claims[PLAN], "gold");
    assert_eq!(event.transaction.target_scopes, ["read:trips"]);
    assert_eq!(event.access_token.scope, ["read:trips", "book:trips"]);
}

#[test]
fn a_denial_stops_the_following_actions() {
    let deny = Action::new(|_, api| api.access().deny(DenyCode::InvalidRequest, "no"));
    let (second, seen) = watcher();
    assert!(ask(&tenant_with(vec![deny, second])).is_err());
    assert!(seen.lock().unwrap().is_empty());
}

#[test]
fn no_action_runs_for_a_refused_request() {
    let (action, seen) = watcher();
    let tenant = tenant_with(vec![action]);
    for (parameter, value) in [
        ("client_secret", "wrong"),
        ("audience", "https://nowhere.example"),
        ("organization", "org_0000000000000000"),
        ("scope", "delete:trips"),
    ] {
        assert!(ask_for(&tenant, &[(parameter, value)]).is_err(), "{parameter}");
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[test]
fn a_used_quota_refuses_before_actions_run_and_a_denied_token_is_not_counted() {
    let runs = Arc::new(AtomicUsize::new(0));
    let tenant = {
        let runs = Arc::clone(&runs);
        tenant(move |_, api| {
            // The first run denies.
            if runs.fetch_add(1, Ordering::Relaxed) == 0 {
                api.access().deny(DenyCode::InvalidRequest, "no");
            }
        })
    };
    let quota = json!({ "token_quota": { "client_credentials": { "per_day": 1 } } });
    tenant.perform(Method::PATCH, "/clients/bot", quota).expect("a right body");

    assert_eq!(ask(&tenant).unwrap_err().rules, ["T12"]);
    assert!(ask(&tenant).is_ok());
    assert_eq!(ask(&tenant).unwrap_err().rules[0], "R100");
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[test]
fn an_action_may_use_its_tenant() {
    let own = Arc::new(OnceLock::<MockTenant>::new());
    let seen_from_inside = Arc::downgrade(&own);
    let tenant = tenant(move |event, api| {
        let own = seen_from_inside.upgrade().expect("it is still there");
        let tenant = own.get().expect("it was put there");
        let path = format!("/clients/{}", event.client.client_id);
        let client = tenant.perform(Method::GET, &path, Value::Null).expect("the client that asks");
        api.access_token().set_custom_claim("app_type", client["app_type"].clone());
        // Over its own address, too: the answer comes while this request is waiting.
        let keys = wire::get(&tenant.uri(), "/.well-known/jwks.json");
        api.access_token().set_custom_claim("keys", keys.status);
    });
    let tenant = own.get_or_init(|| tenant);

    assert_eq!(ask(tenant).unwrap().claims["app_type"], "non_interactive");
    let body = json!({
        "grant_type": "client_credentials", "client_id": "bot", "client_secret": "secret", "audience": API,
    });
    let body = body.to_string();
    let head = "POST /oauth/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json";
    let request = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    assert_eq!(wire::send(&tenant.uri(), request.as_bytes()).status, 200);
}

#[test]
fn an_action_can_delete_its_client() {
    let own = Arc::new(OnceLock::<MockTenant>::new());
    let seen_from_inside = Arc::downgrade(&own);
    let tenant = tenant(move |event, _| {
        let own = seen_from_inside.upgrade().expect("it is still there");
        let tenant = own.get().expect("it was put there");
        let path = format!("/clients/{}", event.client.client_id);
        tenant.perform(Method::DELETE, &path, Value::Null).expect("it goes");
    });
    let tenant = own.get_or_init(|| tenant);
    let quota = json!({ "token_quota": { "client_credentials": { "per_day": 1 } } });
    tenant.perform(Method::PATCH, "/clients/bot", quota).expect("a right body");
    assert!(ask(tenant).is_ok(), "the token was as good as given");
    assert_eq!(ask(tenant).unwrap_err().rules, ["T1"]);

    // Another client of the same id has its own quota.
    let bot = tenant.application("Second bot").client_id("bot").client_secret("secret");
    let bot = bot.with("token_quota", json!({ "client_credentials": { "per_day": 1 } })).create();
    let api = m2mock::Api::new("", API);
    tenant.client_grant(&bot, &api).create();
    assert!(ask(tenant).is_ok());
}

#[test]
fn an_action_that_panics_costs_its_own_request_only() {
    let runs = AtomicUsize::new(0);
    let tenant = tenant(move |_, api| {
        api.access_token().set_custom_claim(PLAN, "gold");
        assert!(runs.fetch_add(1, Ordering::Relaxed) > 0, "this is the first time");
    });
    let refusal = ask(&tenant).unwrap_err();
    assert_eq!((refusal.status, refusal.error.as_str()), (500, "server_error"));
    assert_eq!((refusal.description.as_str(), refusal.rules.as_slice()), ("An Action failed", ["T12"].as_slice()));
    assert_eq!(refusal.why, "an Action of the test panicked: this is the first time");
    assert_eq!(ask(&tenant).unwrap().claims[PLAN], "gold");
}

#[test]
fn a_tenant_without_a_server_has_actions_too() {
    let deny = Action::new(|_, api| api.access().deny(DenyCode::InvalidScope, "no"));
    let tenant = Tenant::new(Config { actions: vec![deny], ..Config::default() });
    let (client_id, client_secret) = tenant.management_client();
    let body = json!({
        "grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret,
        "audience": tenant.management_audience(),
    });
    let request = m2mock::http::Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/json");
    let answer = tenant.answer(request.body(body.to_string().into()).expect("a request"));
    assert_eq!(answer.status(), 400);
    assert!(tenant.perform(Method::GET, "/clients", Value::Null, Pins::default()).is_ok());
}

/// Without this reason, a test could rely on the code of an Action that never runs.
#[cfg(not(feature = "javascript"))]
#[test]
fn without_the_feature_the_journal_says_that_bound_actions_are_not_run() {
    let tenant = tenant_with(Vec::new());
    assert!(!ask(&tenant).unwrap().why.contains("is not run"));
    let triggers = json!([{ "id": "credentials-exchange" }]);
    let action = json!({ "name": "a", "supported_triggers": triggers, "deploy": true });
    let action = tenant.perform(Method::POST, "/actions/actions", action).expect("a right body");
    let bindings = json!({ "bindings": [{ "ref": { "type": "action_id", "value": action["id"] } }] });
    let path = "/actions/triggers/credentials-exchange/bindings";
    tenant.perform(Method::PATCH, path, bindings).expect("a right body");
    let why = ask(&tenant).unwrap().why;
    assert!(why.contains("Actions bound to credentials-exchange, whose code is not run: 1"), "{why}");
}
