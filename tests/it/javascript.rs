//! Deployed Actions that are bound to `credentials-exchange`: their code runs, with the documented `event` and `api`.

use std::time::Duration;

use m2mock::http::Method;
use m2mock::{Application, Clock, MockTenant, Token, TokenRefused};
use rstest::rstest;
use serde_json::{Value, json};

use crate::actions::{API, start};
use crate::wire;

const PLAN: &str = "https://travel0.example/plan";
const BINDINGS: &str = "/actions/triggers/credentials-exchange/bindings";

/// The code of an Action with this body.
fn handler(body: &str) -> String {
    format!("exports.onExecuteCredentialsExchange = async (event, api) => {{ {body} }};")
}

/// A deployed Action with further members.
fn deploy(tenant: &MockTenant, name: &str, code: &str, members: Value) -> String {
    let triggers = json!([{ "id": "credentials-exchange" }]);
    let mut action = json!({ "name": name, "code": code, "supported_triggers": triggers, "deploy": true });
    let members = members.as_object().cloned().unwrap_or_default();
    action.as_object_mut().expect("an object").extend(members);
    let action = tenant.perform(Method::POST, "/actions/actions", action).expect("a right body");
    action["id"].as_str().expect("an id").to_owned()
}

fn bind(tenant: &MockTenant, names: &[&str]) {
    let bindings: Vec<Value> =
        names.iter().map(|name| json!({ "ref": { "type": "action_name", "value": name } })).collect();
    tenant.perform(Method::PATCH, BINDINGS, json!({ "bindings": bindings })).expect("a right body");
}

/// A tenant with one Action with this body.
fn tenant(body: &str) -> MockTenant {
    tenant_with(body, json!({}))
}

fn tenant_with(body: &str, members: Value) -> MockTenant {
    let tenant = start(MockTenant::builder());
    deploy(&tenant, "Plan", &handler(body), members);
    bind(&tenant, &["Plan"]);
    tenant
}

fn ask(tenant: &MockTenant) -> Result<Token, TokenRefused> {
    ask_for(tenant, &[])
}

fn ask_for(tenant: &MockTenant, parameters: &[(&str, &str)]) -> Result<Token, TokenRefused> {
    let bot = Application::new("bot", "secret");
    let request = tenant.token(&bot).audience(API);
    parameters.iter().fold(request, |request, (name, value)| request.with(name, *value)).request()
}

/// The console of the last request, without the name of the Action.
fn console(tenant: &MockTenant) -> Vec<String> {
    let decision = tenant.requests().pop().expect("an entry").token.expect("a decision");
    decision.console.iter().map(|line| line.strip_prefix("Plan: ").expect("the name").to_owned()).collect()
}

#[test]
fn an_action_changes_claims_and_scopes() {
    let tenant = tenant(
        "api.accessToken.setCustomClaim('https://travel0.example/plan', { name: 'gold' });
         api.accessToken.setCustomClaim('sub', 'somebody else');
         api.transaction.removeTargetScope('book:trips');
         api.transaction.addTargetScope('delete:trips');",
    );
    let token = ask(&tenant).unwrap();
    assert_eq!((&token.claims[PLAN], &token.claims["sub"]), (&json!({ "name": "gold" }), &json!("bot@clients")));
    assert_eq!(token.scopes, ["read:trips"]);
    assert_eq!(token.rules, ["R13", "R52", "R74", "ACT1", "ACT2", "ACT3"]);
    let effects = token.why.split_once("; Actions add").expect("what they add").1;
    assert_eq!(
        effects,
        " the claims https://travel0.example/plan; the claim sub is left out because the service keeps this name for itself; \
         Actions set the target scopes \"read:trips delete:trips\", of which the grant holds \"read:trips\"; \
         Actions that ran: Plan"
    );
}

#[rstest]
#[case::with_a_reason("api.access.deny('invalid_scope', 'Not today.')", 400, "invalid_scope", "Not today.")]
#[case::without_one("api.access.deny('server_error')", 500, "server_error", "")]
fn an_action_denies_a_token(#[case] body: &str, #[case] status: u16, #[case] error: &str, #[case] description: &str) {
    let tenant = tenant(body);
    let refusal = ask(&tenant).unwrap_err();
    assert_eq!((refusal.status, refusal.error.as_str(), refusal.description.as_str()), (status, error, description));
    assert_eq!(refusal.rules, ["T12"]);
    assert_eq!(
        refusal.why,
        format!(
            r#"Action "Plan" denied the token of client "Partner bot" (bot) for API {API}: {error} {description:?}"#
        )
    );
}

// proves ACT3
#[test]
fn actions_run_in_the_order_of_their_bindings_until_one_denies() {
    let tenant = start(MockTenant::builder());
    for name in ["first", "second", "third"] {
        let body = format!(
            "const before = event.accessToken.customClaims.order ?? [];
             api.accessToken.setCustomClaim('order', [...before, '{name}']);
             console.log(event.transaction.target_scopes.join());
             api.transaction.clearTargetScopes();
             if (event.request.body.deny === '{name}') api.access.deny('invalid_request', '{name}');"
        );
        deploy(&tenant, name, &handler(&body), json!({}));
    }
    bind(&tenant, &["third", "first", "second"]);
    let token = ask(&tenant).unwrap();
    assert_eq!(token.claims["order"], json!(["third", "first", "second"]));
    let console = tenant.requests().pop().expect("an entry").token.expect("a decision").console;
    assert_eq!(console, ["third: read:trips,book:trips", "first: ", "second: "]);

    let refusal = ask_for(&tenant, &[("deny", "first")]).unwrap_err();
    assert_eq!(refusal.description, "first");
    let console = tenant.requests().pop().expect("an entry").token.expect("a decision").console;
    assert_eq!(console, ["third: read:trips,book:trips", "first: "]);

    bind(&tenant, &[]);
    assert_eq!(ask(&tenant).unwrap().claims.get("order"), None);
}

#[test]
fn the_draft_of_an_action_does_not_run() {
    let tenant = tenant("api.accessToken.setCustomClaim('version', 1)");
    let actions = tenant.perform(Method::GET, "/actions/actions", Value::Null).expect("a list");
    let path = format!("/actions/actions/{}", actions["actions"][0]["id"].as_str().expect("an id"));
    let change = json!({ "code": handler("api.accessToken.setCustomClaim('version', 2)") });
    tenant.perform(Method::PATCH, &path, change).expect("a right body");
    assert_eq!(ask(&tenant).unwrap().claims["version"], 1);
    tenant.perform(Method::POST, &format!("{path}/deploy"), Value::Null).expect("it is built");
    assert_eq!(ask(&tenant).unwrap().claims["version"], 2);
}

#[test]
fn the_event_has_its_documented_members() {
    let tenant = tenant("api.accessToken.setCustomClaim('event', event)");
    let path = "/clients/bot";
    tenant.perform(Method::PATCH, path, json!({ "client_metadata": { "plan": "gold" } })).expect("a right body");
    let granite = tenant.organization("granite-tours").create();
    let form = format!(
        "grant_type=client_credentials&client_id=bot&client_secret=secret&audience={API}&scope=read:trips\
         &organization={}&extra=1",
        granite.id
    );
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nuser-agent: a test\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    let answer = wire::send(&tenant.uri(), request.as_bytes());
    let answer: Value = serde_json::from_str(&answer.body).expect("an object");
    let token = answer["access_token"].as_str().expect("a token");
    let event = claims(token)["event"].clone();
    assert_eq!(
        event,
        json!({
            "accessToken": { "customClaims": {}, "scope": ["read:trips"] },
            "client": { "client_id": "bot", "name": "Partner bot", "metadata": { "plan": "gold" } },
            "organization": {
                "id": granite.id, "name": "granite-tours", "metadata": {},
            },
            "request": {
                "body": {
                    "grant_type": "client_credentials", "client_id": "bot", "audience": API, "scope": "read:trips",
                    "organization": granite.id, "extra": "1",
                },
                "geoip": {}, "hostname": "localhost", "ip": "127.0.0.1", "method": "POST", "user_agent": "a test",
            },
            "resource_server": { "identifier": API },
            "secrets": {},
            "tenant": { "id": "travel0" },
            "transaction": { "requested_scopes": ["read:trips"], "target_scopes": ["read:trips"] },
        })
    );
}

fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).expect("a payload");
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).expect("base64");
    serde_json::from_slice(&payload).expect("an object")
}

// proves ACT4
#[test]
fn an_action_has_its_secrets_and_its_modules() {
    let tenant = start(MockTenant::builder());
    let module = json!({
        "name": "plans", "code": "exports.plan = (name) => `${name} of ${actions.secrets.REGION}`;",
        "secrets": [{ "name": "REGION", "value": "north" }], "publish": true,
    });
    let module = tenant.perform(Method::POST, "/actions/modules", module).expect("a right body");
    let body = "api.accessToken.setCustomClaim('plan', require('actions:plans').plan(event.secrets.PLAN))";
    let members = json!({
        "secrets": [{ "name": "PLAN", "value": "gold" }], "modules": [{ "module_id": module["id"] }],
    });
    deploy(&tenant, "Plan", &handler(body), members);
    bind(&tenant, &["Plan"]);
    assert_eq!(ask(&tenant).unwrap().claims["plan"], "gold of north");

    // A later version of the module is no part of the deployed Action.
    let path = format!("/actions/modules/{}", module["id"].as_str().expect("an id"));
    tenant.perform(Method::PATCH, &path, json!({ "code": "" })).expect("a right body");
    tenant.perform(Method::POST, &format!("{path}/versions"), Value::Null).expect("a changed draft");
    assert_eq!(ask(&tenant).unwrap().claims["plan"], "gold of north");
}

// proves ACT5
#[test]
fn the_cache_follows_the_clock_of_the_tenant() {
    let tenant = start(MockTenant::builder().clock(Clock::fixed(1_780_315_200)));
    let body = "const cached = api.cache.get('count')?.value ?? '0';
        console.log(cached, new Date().toISOString());
        api.cache.set('count', String(Number(cached) + 1), { ttl: 60000 });";
    deploy(&tenant, "Plan", &handler(body), json!({}));
    bind(&tenant, &["Plan"]);
    // A reset goes back to the Action.
    let tenant = MockTenant::builder().import(tenant.export()).start();
    let ask = || {
        ask(&tenant).unwrap();
        console(&tenant).join("; ")
    };
    assert_eq!(ask(), "0 2026-06-01T12:00:00.000Z");
    assert_eq!(ask(), "1 2026-06-01T12:00:00.000Z");
    tenant.clock().advance(Duration::from_secs(60));
    assert_eq!(ask(), "0 2026-06-01T12:01:00.000Z");
    tenant.reset();
    assert_eq!(ask(), "0 2026-06-01T12:00:00.000Z", "a reset empties the cache");
}

#[rstest]
#[case::an_error("throw new Error('no plan')", "Error: no plan (at ")]
#[case::a_package("require('lodash')", "Error: Cannot find module 'lodash': m2mock has no packages")]
#[case::a_file("require('fs').readFileSync('/etc/passwd')", "Error: Cannot find module 'fs'")]
#[case::the_network("await fetch('http://127.0.0.1')", "ReferenceError: fetch is not defined")]
#[case::a_promise_that_never_settles("await new Promise(() => {})", "it waits for a promise that nothing can settle")]
#[case::too_much_memory("const all = []; for (;;) all.push(new Array(10000).fill(0))", "InternalError: out of memory")]
#[case::recursion("const f = () => f() + 1; f()", "RangeError: Maximum call stack size exceeded")]
fn an_action_that_fails_refuses_the_token(#[case] body: &str, #[case] reason: &str) {
    let tenant = tenant(body);
    let refusal = ask(&tenant).unwrap_err();
    assert_eq!(
        (refusal.status, refusal.error.as_str(), refusal.description.as_str()),
        (500, "server_error", "An Action failed")
    );
    let start = format!(r#"Action "Plan" failed for client "Partner bot" (bot) and API {API}: {reason}"#);
    assert!(refusal.why.starts_with(&start), "{}", refusal.why);
    let denied = tenant.logs().pop().expect("an entry");
    assert_eq!((denied.kind.as_str(), denied.description.as_str()), ("feccft", "An Action failed"));

    bind(&tenant, &[]);
    ask(&tenant).expect("nothing is left of it");
}

#[test]
fn an_action_that_never_ends_reaches_the_time_limit() {
    let tenant = start(MockTenant::builder().action_time_limit(Duration::from_millis(50)));
    deploy(&tenant, "Plan", &handler("for (;;) {}"), json!({}));
    bind(&tenant, &["Plan"]);
    let refusal = ask(&tenant).unwrap_err();
    assert!(refusal.why.ends_with(": it reached the time limit of its trigger"), "{}", refusal.why);
}

#[test]
fn the_memory_of_an_action_is_configurable() {
    let body = "const all = []; for (let i = 0; i < 1e5; i += 1) all.push({ i }); console.log(all.length)";
    let tenant = tenant(body);
    ask(&tenant).expect("it fits");
    let tenant = start(MockTenant::builder().action_memory_limit(2 << 20));
    deploy(&tenant, "Plan", &handler(body), json!({}));
    bind(&tenant, &["Plan"]);
    let why = ask(&tenant).unwrap_err().why;
    assert!(why.contains("memory"), "{why}");
}

#[test]
fn an_added_tenant_has_the_limits_of_the_first_one() {
    let body = "const all = []; for (let i = 0; i < 1e5; i += 1) all.push({ i })";
    let of_added = |first: &MockTenant| {
        let added = json!({
            "domain": "acme.localhost", "port": 0,
            "seed": {
                "resourceServers": [{ "name": "Trips", "identifier": API }],
                "clients": [{ "name": "Bot", "app_type": "non_interactive", "grant_types": ["client_credentials"] }],
                "clientGrants": [{ "client_id": "Bot", "audience": API, "scope": [] }],
                "actions": [{
                    "name": "Plan", "code": handler(body), "deployed": true,
                    "supported_triggers": [{ "id": "credentials-exchange", "version": "v2" }],
                }],
                "triggers": { "credentials-exchange": [{ "action_name": "Plan", "display_name": "Plan" }] },
            },
        });
        let added = wire::post_json(&first.uri(), "/__admin/v1/tenants", &added);
        assert_eq!(added.status, 201, "{}", added.body);
        let added: Value = serde_json::from_str(&added.body).expect("JSON");
        // The management application is subject to the Action, too.
        let management = &added["management"];
        let request = json!({
            "grant_type": "client_credentials", "client_id": management["client_id"],
            "client_secret": management["client_secret"], "audience": management["audience"],
        });
        wire::post_json(added["base_url"].as_str().expect("an address"), "/oauth/token", &request).status
    };
    assert_eq!(of_added(&MockTenant::start()), 200);
    assert_eq!(of_added(&MockTenant::builder().action_memory_limit(2 << 20).start()), 500);
}

#[cfg(feature = "cli")]
#[test]
fn the_command_has_an_option_for_each_limit() {
    let tenant = tenant("const all = []; for (let i = 0; i < 1e5; i += 1) all.push({ i })");
    let state = crate::serve::scratch("action-limits.json");
    std::fs::write(&state, tenant.export()).expect("a file");
    let state = state.to_str().expect("a path of UTF-8");
    let request = json!({
        "grant_type": "client_credentials", "client_id": "bot", "client_secret": "secret", "audience": API,
    });
    let status = |name: &str, options: &[&str]| {
        let served = crate::serve::Served::start(name, &[&["--import", state], options].concat());
        wire::post_json(served.uri(), "/oauth/token", &request).status
    };
    assert_eq!(status("action-limits-default", &["--action-time-limit", "3600"]), 200);
    assert_eq!(status("action-limits-small", &["--action-memory-limit", "2"]), 500);
}

#[test]
fn no_secret_of_an_action_is_recorded() {
    let body = "const { KEY } = event.secrets;
        console.log(KEY, { KEY }, `key=${KEY}`);
        api.accessToken.setCustomClaim('claim-' + KEY, KEY);
        api.transaction.addTargetScope('scope-' + KEY);
        if (event.request.body.deny) api.access.deny('invalid_request', 'Denied: ' + KEY);
        if (event.request.body.fail) throw new Error('failed with ' + KEY);";
    let tenant = tenant_with(body, json!({ "secrets": [{ "name": "KEY", "value": "quite \"hidden\"" }] }));
    let token = ask(&tenant).unwrap();
    assert_eq!(token.claims["claim-quite \"hidden\""], "quite \"hidden\"");
    assert!(token.why.contains("claim-…") && token.why.contains("scope-…"), "{}", token.why);
    assert_eq!(console(&tenant), [r#"… {"KEY":"…"} key=…"#]);
    let denied = ask_for(&tenant, &[("deny", "1")]).unwrap_err();
    assert_eq!(denied.description, "Denied: quite \"hidden\"", "the answer is the Action's");
    let failed = ask_for(&tenant, &[("fail", "1")]).unwrap_err();
    assert!(failed.why.contains("Error: failed with …"), "{}", failed.why);

    let recorded = [
        json!(tenant.requests()).to_string(),
        format!("{:?}", tenant.requests()),
        format!("{:?}", tenant.logs()),
        tenant.snapshot().to_string(),
        json!(tenant.snapshot()).to_string(),
    ];
    for text in recorded {
        assert!(!text.contains("hidden"), "{text}");
    }
    assert!(tenant.export().contains("hidden"), "a tenant that imports the export runs the Action");
}

#[test]
fn an_export_carries_actions_with_their_secrets() {
    let body = "api.accessToken.setCustomClaim('plan', event.secrets.PLAN)";
    let tenant = tenant_with(body, json!({ "secrets": [{ "name": "PLAN", "value": "gold" }] }));
    let copy = MockTenant::builder().import(tenant.export()).start();
    assert_eq!(ask(&copy).unwrap().claims["plan"], "gold");
}

#[test]
fn actions_of_the_test_run_after_the_deployed_ones() {
    let builder = MockTenant::builder().on_credentials_exchange(|event, api| {
        let order = event.access_token.custom_claims.get("order").cloned();
        api.access_token().set_custom_claim("closure", order.unwrap_or_default());
    });
    let tenant = start(builder);
    deploy(&tenant, "Plan", &handler("api.accessToken.setCustomClaim('order', 'first')"), json!({}));
    bind(&tenant, &["Plan"]);
    assert_eq!(ask(&tenant).unwrap().claims["closure"], "first");
}

#[test]
fn random_numbers_of_a_deterministic_tenant_are_equal_in_each_run() {
    let run = || {
        let tenant = start(MockTenant::builder().deterministic(7));
        deploy(&tenant, "Plan", &handler("console.log(Math.random())"), json!({}));
        bind(&tenant, &["Plan"]);
        ask(&tenant).unwrap();
        console(&tenant)
    };
    assert_eq!(run(), run());
}

#[test]
fn a_large_console_leaves_a_small_entry() {
    let tenant = start(MockTenant::builder());
    let names: Vec<String> = (0..20).map(|number| format!("{number}-{}", "n".repeat(2000))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for name in &names {
        deploy(&tenant, name, &handler("for (let i = 0; i < 50; i += 1) console.log('x'.repeat(1e4))"), json!({}));
    }
    bind(&tenant, &names);
    ask(&tenant).unwrap();
    let entry = tenant.requests().pop().expect("an entry");
    assert!(json!(entry).to_string().len() < 12_000, "{entry:?}");
}

#[test]
fn the_event_has_the_custom_domain_of_the_request() {
    let tenant = tenant("console.log(event.custom_domain ?? 'none', event.request.hostname)");
    let domain =
        json!({ "domain": "login.acme.example", "type": "self_managed_certs", "domain_metadata": { "plan": "gold" } });
    tenant.perform(Method::POST, "/custom-domains", domain).expect("a right body");
    ask(&tenant).unwrap();
    assert_eq!(console(&tenant), ["none 127.0.0.1"]);
    let form = format!("grant_type=client_credentials&client_id=bot&client_secret=secret&audience={API}");
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nhost: Login.acme.example:8443\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    assert_eq!(wire::send(&tenant.uri(), request.as_bytes()).status, 200);
    assert_eq!(
        console(&tenant),
        [r#"{"domain":"login.acme.example","domain_metadata":{"plan":"gold"}} Login.acme.example"#]
    );
}

#[test]
fn the_event_has_the_agent_of_the_client() {
    let tenant = tenant("console.log(event.agent ?? 'none')");
    ask(&tenant).unwrap();
    assert_eq!(console(&tenant), ["none"]);
    let agent = json!({ "name": "Planner", "metadata": { "team": "north" } });
    let agent = tenant.perform(Method::POST, "/agents", agent).expect("a right body");
    let id = agent["agent_id"].as_str().expect("an id");
    tenant.perform(Method::PATCH, "/clients/bot", json!({ "agent_id": id })).expect("a right body");
    ask(&tenant).unwrap();
    let expected = json!({ "agent_id": id, "agent_metadata": { "team": "north" }, "name": "Planner" });
    assert_eq!(serde_json::from_str::<Value>(&console(&tenant)[0]).expect("an object"), expected);
}

#[test]
fn an_action_sees_no_client_secret() {
    let tenant = tenant("console.log(Object.keys(event.request.body).sort().join())");
    ask_for(&tenant, &[("extra", "1")]).unwrap();
    assert_eq!(console(&tenant), ["audience,client_id,extra,grant_type"]);
}
