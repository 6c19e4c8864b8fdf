//! The token endpoint with repeated, malformed and absent parameters, and the journal entries.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response, header};
use m2mock::internal::{Config, Pins, Tenant};
use m2mock::{LookupKey, http};
use serde_json::{Value, json};

const API: &str = "https://travel0.example/api";
const BOT: &str = "travel0PartnerBot000000000000001";
const SECRET: &str = "partner-bot-secret";

/// A tenant with an API, a bot and a grant between them that allows any organization.
fn tenant() -> Tenant {
    let tenant = Tenant::new(Config::default());
    create(&tenant, "/resource-servers", json!({ "identifier": API }), Pins::default());
    create(&tenant, "/clients", json!({ "name": "Partner bot" }), pins(BOT, Some(SECRET)));
    create(&tenant, "/organizations", json!({ "name": "granite-tours" }), pins("org_GraniteTours0001", None));
    let grant = json!({
        "client_id": BOT, "audience": API, "scope": ["read:trips"],
        "organization_usage": "allow", "allow_any_organization": true
    });
    create(&tenant, "/client-grants", grant, pins("cgr_PartnerBot000001", None));
    tenant
}

fn pins(id: &str, secret: Option<&str>) -> Pins {
    Pins { id: Some(id.to_owned()), secret: secret.map(str::to_owned) }
}

fn create(tenant: &Tenant, path: &str, body: Value, pins: Pins) -> Value {
    tenant.perform(Method::POST, path, body, pins).expect("a right body")
}

fn change(tenant: &Tenant, path: &str, body: Value) {
    tenant.perform(Method::PATCH, path, body, Pins::default()).expect("a right body");
}

fn ask(tenant: &Tenant, headers: &[(header::HeaderName, &str)], body: &str) -> Response<Bytes> {
    let mut request = Request::post("http://127.0.0.1:4000/oauth/token").header(header::HOST, "127.0.0.1:4000");
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    tenant.answer(request.body(Bytes::from(body.to_owned())).expect("a request"))
}

fn ask_json(tenant: &Tenant, body: &str) -> (u16, Value) {
    read(&ask(tenant, &[(header::CONTENT_TYPE, "application/json")], body))
}

fn ask_form(tenant: &Tenant, authorization: Option<&str>, body: &str) -> (u16, Value) {
    let mut headers = vec![(header::CONTENT_TYPE, "application/x-www-form-urlencoded")];
    headers.extend(authorization.map(|value| (header::AUTHORIZATION, value)));
    read(&ask(tenant, &headers, body))
}

fn read(response: &Response<Bytes>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_slice(response.body()).expect("JSON"))
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn right() -> Value {
    json!({ "grant_type": "client_credentials", "client_id": BOT, "client_secret": SECRET, "audience": API })
}

fn right_with(member: &str, value: &str) -> String {
    let mut body = right();
    body[member] = value.into();
    body.to_string()
}

#[test]
fn an_answer_has_a_single_content_type() {
    let answer = ask(&tenant(), &[(header::CONTENT_TYPE, "application/json")], &right().to_string());
    let types: Vec<_> = answer.headers().get_all(header::CONTENT_TYPE).iter().collect();
    assert_eq!(types, ["application/json"]);
}

#[test]
fn a_secret_in_both_places_must_be_the_same() {
    let tenant = tenant();
    let body =
        |secret: &str| format!("grant_type=client_credentials&audience={API}&client_id={BOT}&client_secret={secret}");
    assert_eq!(ask_form(&tenant, Some(&basic(BOT, SECRET)), &body(SECRET)).0, 200);
    assert_eq!(ask_form(&tenant, Some(&basic(BOT, SECRET)), &body("wrong")).0, 401);
    assert_eq!(ask_form(&tenant, Some(&basic("someone", SECRET)), &body(SECRET)).0, 401);
}

#[test]
fn an_unreadable_basic_header_is_not_passed_over() {
    let tenant = tenant();
    let body = format!("grant_type=client_credentials&audience={API}&client_id={BOT}&client_secret={SECRET}");
    for header in ["Basic !!!!", "Basic", "basic bm9jb2xvbg=="] {
        assert_eq!(ask_form(&tenant, Some(header), &body).0, 401, "{header}");
    }
    assert_eq!(ask_form(&tenant, Some("Bearer something"), &body).0, 200);
}

// proves R25
#[test]
fn a_repeated_known_parameter_is_refused() {
    let tenant = tenant();
    let twice = right().to_string().replacen('{', r#"{"client_secret":"wrong","#, 1);
    let (status, refused) = ask_json(&tenant, &twice);
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_request")));

    let form = format!("grant_type=client_credentials&audience={API}&client_id={BOT}&client_secret={SECRET}");
    assert_eq!(ask_form(&tenant, None, &format!("{form}&audience={API}")).0, 400);
    assert_eq!(ask_form(&tenant, None, &format!("{form}&resource=a&resource=b")).0, 200, "nobody reads it");
}

#[test]
fn an_assertion_names_its_client_itself() {
    let body = json!({ "grant_type": "client_credentials", "audience": API, "client_assertion": "a.b.c" });
    let (status, refused) = ask_json(&tenant(), &body.to_string());
    assert_eq!((status, &refused["error"]), (401, &json!("invalid_client")));
}

#[test]
fn entities_created_after_a_reset_have_new_ids() {
    let tenant = tenant();
    tenant.keep_as_initial();
    let id = || create(&tenant, "/organizations", json!({ "name": "harbour-travel" }), Pins::default())["id"].clone();
    let before = id();
    tenant.reset();
    assert_ne!(id(), before, "a stale id would be taken for the new organization's");
}

#[test]
fn many_scopes_are_no_reason_to_wait() {
    // Quadratic work on half a megabyte of scopes takes minutes: this test would not end.
    let scopes: Vec<String> = (0..80_000).map(|number| format!("s{number}")).collect();
    let (status, refused) = ask_json(&tenant(), &right_with("scope", &scopes.join(" ")));
    assert_eq!((status, &refused["error"]), (403, &json!("access_denied")));
}

#[test]
fn keys_and_discovery_answer_head_as_well() {
    let tenant = tenant();
    for path in ["/.well-known/jwks.json", "/.well-known/openid-configuration"] {
        let request = Request::head(path).body(Bytes::new()).expect("a request");
        assert_eq!(tenant.answer(request).status(), 200, "{path}");
    }
}

#[test]
fn the_journal_has_the_rules_of_a_decision() {
    let tenant = tenant();
    ask_json(&tenant, &right_with("organization", "org_GraniteTours0001"));
    ask_json(&tenant, "{");
    let decisions: Vec<_> = tenant.requests().into_iter().filter_map(|entry| entry.token).collect();
    assert_eq!(decisions[0].rules, ["R20", "R74"]);
    assert_eq!(decisions[1].to_string(), "refused: the body is not a JSON object");
}

#[test]
fn the_journal_does_not_record_the_query_of_a_token_request() {
    let tenant = tenant();
    let request = Request::post("/oauth/token?client_secret=TOPSECRET").body(Bytes::new()).expect("a request");
    tenant.answer(request);
    let entry = tenant.requests().pop().expect("an entry");
    assert!(!json!(entry).to_string().contains("TOPSECRET") && !entry.to_string().contains("TOPSECRET"));
}

#[test]
fn the_last_moment_of_the_clock_is_no_panic() {
    for moment in [253_402_300_800, u64::MAX] {
        let tenant = Tenant::new(Config { clock: m2mock::Clock::fixed(moment), ..Config::default() });
        let request = Request::get("/api/v2/clients").body(Bytes::new()).expect("a request");
        assert_eq!(tenant.answer(request).status(), 401);
    }
}

// proves AUD1, AUD4
#[test]
fn the_journal_says_that_resource_named_the_api() {
    let tenant = tenant();
    change(&tenant, "/tenants/settings", json!({ "resource_parameter_profile": "compatibility" }));
    let decision = |resource: &str| {
        let credentials = format!("grant_type=client_credentials&client_id={BOT}&client_secret={SECRET}");
        ask_form(&tenant, None, &format!("{credentials}&resource={resource}"));
        let decision = tenant.requests().pop().and_then(|entry| entry.token).expect("a decision");
        let api = decision.facts.api.expect("a look-up");
        (decision.rules, api.by, api.value.as_str() == resource, api.found.is_some())
    };
    let (rules, by, ..) = decision(API);
    assert!(rules.contains(&"AUD1"), "{rules:?}");
    assert_eq!(by, LookupKey::Resource);
    assert_eq!(decision("urn:nowhere"), (vec!["AUD4"], LookupKey::Resource, true, false));
}

/// The tenant setting `resource_parameter_profile` decides whether `resource` (RFC 8707) is read at all.
#[test]
fn a_fault_in_resource_counts_where_the_tenant_reads_it() {
    let tenant = tenant();
    let credentials = format!("grant_type=client_credentials&client_id={BOT}&client_secret={SECRET}");
    let twice = format!("{credentials}&resource={API}&resource={API}");
    let beside_an_audience = format!("{twice}&audience={API}");
    let number =
        json!({ "grant_type": "client_credentials", "client_id": BOT, "client_secret": SECRET, "resource": 5 });
    let no_audience = "Non-global clients are not allowed access to APIv1";
    assert_eq!(ask_form(&tenant, None, &twice).1["error_description"], no_audience);
    assert_eq!(ask_form(&tenant, None, &beside_an_audience).0, 200);

    change(&tenant, "/tenants/settings", json!({ "resource_parameter_profile": "compatibility" }));
    let sentence = "parameter resource must not be sent more than once";
    assert_eq!(
        ask_form(&tenant, None, &twice),
        (400, json!({ "error": "invalid_request", "error_description": sentence }))
    );
    assert_eq!(ask_form(&tenant, None, &beside_an_audience).0, 200);
    assert_eq!(ask_json(&tenant, &number.to_string()).1["error_description"], "parameter resource must be a string");
    // As every parameter, an empty one counts as not sent.
    assert_eq!(ask_form(&tenant, None, &format!("{credentials}&resource=")).1["error_description"], no_audience);
}
