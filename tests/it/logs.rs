//! The tenant's log, beyond the scenarios: omitted operations, the form of entries, bounds, and order.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use m2mock::internal::{Config, Pins, Tenant};
use m2mock::{Clock, LogEntry, MockTenant, http};
use serde_json::{Value, json};

use crate::caller::{Caller, message};

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;
const HOST: &str = "travel0.localhost";
const SECRET: &str = "a-secret-that-nobody-should-ever-read-in-any-log-of-any-tenant";

fn tenant(config: Config) -> Tenant {
    let tenant = Tenant::new(Config { clock: Clock::fixed(NOON), ..config });
    let api = json!({ "identifier": "https://travel0.example/api", "scopes": [{ "value": "read:trips" }] });
    tenant.perform(Method::POST, "/resource-servers", api, Pins::default()).expect("a right body");
    tenant
}

fn call(tenant: &Tenant, method: &str, path: &str, scopes: &[&str], body: Value) -> Response<Bytes> {
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/v2{path}"))
        .header(header::HOST, HOST)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, "travel-desk/1.0")
        .header(header::AUTHORIZATION, format!("Bearer {}", tenant.management_token(HOST, scopes)));
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    tenant.answer(request.body(body).expect("a request"))
}

fn ask(tenant: &Tenant, parameters: Value) -> Response<Bytes> {
    let request = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/json");
    tenant.answer(request.body(parameters.to_string().into()).expect("a request"))
}

fn last(tenant: &Tenant) -> LogEntry {
    tenant.logs().pop().expect("an entry")
}

fn kinds(tenant: &Tenant) -> Vec<String> {
    tenant.logs().into_iter().map(|entry| entry.kind).collect()
}

#[test]
fn the_log_has_neither_reads_nor_operations_of_the_owner() {
    let tenant = tenant(Config::default());
    call(&tenant, "GET", "/clients", &["read:clients"], Value::Null);
    call(&tenant, "GET", "/clients/nobody", &["read:clients"], Value::Null);
    call(&tenant, "GET", "/clients", &[], Value::Null);
    tenant.perform(Method::POST, "/clients", json!({ "name": "bot" }), Pins::default()).expect("a right body");
    assert_eq!(kinds(&tenant), [""; 0]);
}

#[test]
fn the_log_has_no_operation_without_a_valid_token() {
    let tenant = tenant(Config::default());
    let request = Request::post("/api/v2/clients").header(header::AUTHORIZATION, "Bearer a.b.c");
    let answer = tenant.answer(request.body(Bytes::from("{}")).expect("a request"));
    assert_eq!((answer.status().as_u16(), kinds(&tenant)), (401, vec![]));
}

#[test]
fn a_change_that_the_scopes_do_not_allow_is_written_down_as_failed() {
    let tenant = tenant(Config::default());
    call(&tenant, "POST", "/clients", &["read:clients"], json!({ "name": "bot" }));
    let entry = last(&tenant);
    assert_eq!((entry.kind.as_str(), &entry.client_id), ("fapi", &Some(tenant.management_client().0)));
    assert_eq!(entry.description, "Insufficient scope, expected any of: create:clients");
}

#[test]
fn a_change_is_written_down_with_all_that_belongs_to_it() {
    let tenant = tenant(Config::default());
    let scopes = ["create:organizations", "read:organizations"];
    call(&tenant, "POST", "/organizations?", &scopes, json!({ "name": "acme" }));
    let mut entry = Value::Object(last(&tenant).document);
    for id in ["/client_id", "/_id", "/log_id", "/details/response/body/id"] {
        *entry.pointer_mut(id).expect("an id") = "…".into();
    }
    insta::assert_json_snapshot!(entry, @r#"
    {
      "_id": "…",
      "client_id": "…",
      "client_name": "",
      "date": "2026-06-01T12:00:00.000Z",
      "description": "Create an Organization",
      "details": {
        "request": {
          "auth": {
            "credentials": {
              "scopes": [
                "create:organizations",
                "read:organizations"
              ]
            },
            "strategy": "jwt",
            "user": {}
          },
          "body": {
            "name": "acme"
          },
          "channel": "api",
          "ip": "127.0.0.1",
          "method": "post",
          "path": "/api/v2/organizations",
          "query": {},
          "userAgent": "travel-desk/1.0"
        },
        "response": {
          "body": {
            "id": "…",
            "is_app_entitlement_active": false,
            "name": "acme",
            "third_party_client_access": "block"
          },
          "statusCode": 201
        }
      },
      "environment_name": "local-1",
      "ip": "127.0.0.1",
      "isMobile": false,
      "log_id": "…",
      "tenant_name": "travel0",
      "type": "sapi",
      "user_agent": "travel-desk/1.0"
    }
    "#);
}

/// What the vendor publishes of the entries that m2mock writes.
fn published() -> Value {
    serde_json::from_str(include_str!("../../fixtures/log-entries.json")).expect("the file is JSON")
}

fn validator(schema: Value) -> jsonschema::Validator {
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a right schema")
}

/// Entries of every kind, with as much and as little as each can have.
fn there_is_one_entry_of_each_kind() -> Tenant {
    let tenant = tenant(Config::default());
    let create = |path: &str, body: Value| {
        let pins = Pins { secret: Some(SECRET.to_owned()), ..Pins::default() };
        tenant.perform(Method::POST, path, body, pins).expect("a right body")
    };
    let audience = "https://travel0.example/api";
    let quota = json!({ "client_credentials": { "per_hour": 1 } });
    let bot = create("/clients", json!({ "name": "bot", "token_quota": quota }));
    let bot = bot["client_id"].as_str().expect("an id").to_owned();
    let acme = create("/organizations", json!({ "name": "acme", "token_quota": quota }));
    let grant = json!({ "client_id": bot, "audience": audience, "scope": ["read:trips"], "organization_usage": "allow",
        "allow_any_organization": true });
    create("/client-grants", grant);
    let right =
        json!({ "grant_type": "client_credentials", "client_id": bot, "client_secret": SECRET, "audience": audience });
    let with = |changes: Value| {
        let mut parameters = right.clone();
        for (name, value) in changes.as_object().expect("an object") {
            parameters[name] = value.clone();
        }
        parameters
    };
    for parameters in [
        with(json!({ "organization": acme["id"] })),
        right.clone(), // beyond the quota
        json!({ "grant_type": "client_credentials" }),
        with(json!({ "client_id": "nobody" })),
        with(json!({ "client_secret": "guessed" })),
        with(json!({ "audience": null })),
        with(json!({ "audience": "urn:elsewhere" })),
        with(json!({ "organization": "org_0123456789abcdef" })),
        with(json!({ "organization": acme["id"], "scope": "delete:trips" })),
        with(json!({ "client_secret": null, "client_assertion": "a.b.c",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" })),
    ] {
        ask(&tenant, parameters);
    }
    create(
        "/rate-limit-policies",
        json!({
            "resource": "oauth_authentication_api", "consumer": "client", "consumer_selector": "default",
            "configuration": { "action": "log", "limit": 0 },
        }),
    );
    ask(&tenant, right);
    let scopes = ["create:clients", "delete:clients"];
    for (method, path, body) in [
        ("POST", "/clients?", json!({ "name": "desk" })),
        ("POST", "/clients", json!({ "colour": "green" })),
        ("POST", "/clients", json!("no object")),
        ("PATCH", "/clients/nobody?a=1", json!({ "name": "desk" })),
        ("DELETE", "/clients/nobody", Value::Null),
    ] {
        call(&tenant, method, path, &scopes, body);
    }
    tenant
}

// The issue that asked for it: the entries of the log validate against the vendor's schemas.
#[test]
fn every_entry_has_the_published_form_of_its_kind() {
    let published = published();
    let kinds = published["kinds"].as_object().expect("an object");
    let mut written = BTreeSet::new();
    for entry in there_is_one_entry_of_each_kind().logs() {
        let mut schema = kinds.get(&entry.kind).unwrap_or_else(|| panic!("{} is not described", entry.kind)).clone();
        schema["shared"] = published["shared"].clone();
        let document = Value::Object(entry.document);
        let faults: Vec<String> = validator(schema)
            .iter_errors(&document)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{faults:?} in {document:#}");
        written.insert(entry.kind);
    }
    assert_eq!(
        written,
        kinds.keys().cloned().collect(),
        "entries of every described kind are written, and of no other"
    );
}

// The answers of `GET /logs` have a schema of their own in the published document.
#[test]
fn every_entry_has_the_form_of_the_published_answer() {
    let published = published();
    let answer = validator(published["answer"].clone());
    let mut seen = 0;
    for entry in there_is_one_entry_of_each_kind().logs() {
        let document = Value::Object(entry.document);
        assert!(answer.is_valid(&document), "{:?} in {document:#}", answer.iter_errors(&document).next());
        assert_eq!(
            document.get("user_agent").is_some(),
            matches!(&*entry.kind, "sapi" | "fapi"),
            "only `call` names one"
        );
        seen += 1;
    }
    assert!(seen >= 15, "{seen}");
}

#[test]
fn secrets_are_covered_wherever_they_stand() {
    let tenant = tenant(Config::default());
    let scopes = ["create:clients", "update:clients", "update:client_keys", "create:connections"];
    call(&tenant, "POST", "/clients", &scopes, json!({ "name": "bot" }));
    let id = last(&tenant).document["details"]["response"]["body"]["client_id"].as_str().expect("an id").to_owned();
    let rotated = call(&tenant, "POST", &format!("/clients/{id}/rotate-secret"), &scopes, Value::Null);
    call(&tenant, "PATCH", &format!("/clients/{id}"), &scopes, json!({ "client_secret": SECRET }));
    let options = json!({ "client_id": "x", "client_secret": SECRET, "nested": [{ "api_key": SECRET }] });
    let connection = json!({ "name": "partners", "strategy": "oauth2", "options": options });
    call(&tenant, "POST", "/connections", &scopes, connection);
    let options = json!({ "enabledDatabaseCustomization": true, "configuration": { "DATABASE_URL": SECRET } });
    let connection = json!({ "name": "database", "strategy": "auth0", "options": options });
    call(&tenant, "POST", "/connections", &scopes, connection);
    ask(&tenant, json!({ "grant_type": "client_credentials", "client_id": id, "client_secret": SECRET }));
    let refusal = json!({ "name": "bot", "addons": { "samlp": { "signingKey": [SECRET] } } });
    call(&tenant, "POST", &format!("/clients?access_token={SECRET}"), &scopes, refusal);
    assert_eq!(kinds(&tenant), ["sapi", "sapi", "sapi", "sapi", "sapi", "feccft", "fapi"]);
    let view = json!(tenant.logs().into_iter().map(|entry| entry.document).collect::<Vec<_>>()).to_string();
    let rotated: Value = serde_json::from_slice(rotated.body()).expect("JSON");
    for secret in [SECRET, rotated["client_secret"].as_str().expect("a secret")] {
        assert!(!view.contains(secret), "{view}");
    }
    assert!(view.contains(r#""client_secret":"*****""#), "{view}");
}

#[test]
fn a_token_request_that_is_about_something_else_is_not_written_down() {
    let tenant = tenant(Config::default());
    for parameters in [json!({}), json!({ "grant_type": "password" }), json!({ "grant_type": 1 }), json!([])] {
        ask(&tenant, parameters);
    }
    assert_eq!(kinds(&tenant), [""; 0]);
    ask(&tenant, json!({ "grant_type": "client_credentials" }));
    let entry = last(&tenant);
    assert_eq!((entry.kind.as_str(), entry.description.as_str()), ("feccft", "Missing client_id"));
    assert_eq!(entry.client_id, None);
}

#[test]
fn texts_without_end_do_not_fill_the_log() {
    let tenant = tenant(Config::default());
    let long = "x".repeat(500_000);
    ask(&tenant, json!({ "grant_type": "client_credentials", "client_id": long, "audience": long, "scope": long }));
    let scopes = ["create:organizations"];
    call(&tenant, "POST", "/organizations", &scopes, json!({ "name": long }));
    let view = json!(tenant.logs().into_iter().map(|entry| entry.document).collect::<Vec<_>>()).to_string();
    assert!(view.len() < 20_000, "{}", view.len());
}

#[test]
fn a_full_log_forgets_its_oldest_entries() {
    let tenant = tenant(Config { log_capacity: 3, ..Config::default() });
    for number in 0..5 {
        ask(&tenant, json!({ "grant_type": "client_credentials", "client_id": number.to_string() }));
    }
    let clients: Vec<Option<String>> = tenant.logs().into_iter().map(|entry| entry.client_id).collect();
    assert_eq!(clients, ["2", "3", "4"].map(|client| Some(client.to_owned())));
}

#[test]
fn a_reset_empties_the_log() {
    let tenant = tenant(Config::default());
    ask(&tenant, json!({ "grant_type": "client_credentials", "client_id": "x" }));
    let id = last(&tenant).id;
    tenant.reset();
    assert_eq!(kinds(&tenant), [""; 0]);
    let answer = call(&tenant, "GET", &format!("/logs/{id}"), &["read:logs"], Value::Null);
    assert_eq!(answer.status(), 404);
}

/// A tenant with three refused requests, an hour between each two, by clients whose names do not stand in that order.
fn three() -> (Caller, Clock) {
    let clock = Clock::fixed(NOON);
    let mut caller = Caller::of(MockTenant::builder().clock(clock.clone()).start());
    for name in ["b", "c", "a"] {
        let client = caller.create("/clients", json!({ "name": name }), "client_id");
        caller.ask_for_token(&client, "wrong");
        clock.advance(Duration::from_secs(3600));
    }
    caller.limit_to(&["read:logs"]);
    (caller, clock)
}

fn names(answered: &(u16, Value)) -> Vec<&str> {
    let items = answered.1.as_array().expect("a list");
    items.iter().map(|item| item["client_name"].as_str().unwrap_or_default()).collect()
}

#[test]
fn the_log_is_sorted_by_date_by_default() {
    let (caller, _) = three();
    let read = |query: &str| caller.get(&format!("/logs?q=type:feccft{query}"));
    assert_eq!(names(&read("")), ["a", "c", "b"]);
    assert_eq!(names(&read("&sort=date:1")), ["b", "c", "a"]);
    assert_eq!(names(&read("&sort=date:-1")), ["a", "c", "b"]);
    assert_eq!(names(&read("&sort=client_name:1")), ["a", "b", "c"]);
    assert_eq!(names(&read("&sort=client_name:-1&per_page=2")), ["c", "b"]);
    assert_eq!(names(&read("&sort=client_name:-1&per_page=2&page=1")), ["a"]);
    assert_eq!(read("&sort=log_id:1").0, 400);
}

#[test]
fn a_date_is_searched_by_moments_of_utc() {
    let (caller, _) = three();
    let read = |range: &str| caller.get(&format!("/logs?q=type:feccft%20AND%20date:{range}"));
    assert_eq!(names(&read("%5B2026-06-01T13%20TO%20*%5D")), ["a", "c"]);
    assert_eq!(names(&read("%5B2026-06-01%20TO%202026-06-01T13:00:00%7D")), ["b"]);
    assert_eq!(names(&read("%5B2026-06-01%20TO%202026-06-01%5D")), [""; 0]);
}

#[test]
fn the_published_name_of_the_query_works_too() {
    let (caller, _) = three();
    assert_eq!(names(&caller.get("/logs?search=client_name:c")), ["c"]);
}

#[test]
fn take_without_from_is_ignored() {
    let (caller, _) = three();
    assert_eq!(names(&caller.get("/logs?q=type:feccft&take=1")).len(), 3);
}

#[test]
fn checkpoints_lead_through_the_whole_log_and_on() {
    let (caller, clock) = three();
    let all = caller.get("/logs?sort=date:1").1;
    let ids: Vec<&str> = all.as_array().expect("a list").iter().map(|item| item["log_id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted() && ids.len() == 6, "{ids:?}");

    let mut at = ids[0].to_owned();
    let mut seen = vec![at.clone()];
    loop {
        let page = caller.get(&format!("/logs?from={at}&take=2&q=ignored:x&include_totals=true")).1;
        let page = page.as_array().expect("a bare list").clone();
        let Some(newest) = page.last() else { break };
        at = newest["log_id"].as_str().expect("an id").to_owned();
        seen.extend(page.iter().map(|item| item["log_id"].as_str().expect("an id").to_owned()));
    }
    assert_eq!(seen, ids);

    // A later entry comes later, independent of the clock.
    clock.set(NOON);
    caller.ask_for_token("nobody", "wrong");
    let next = caller.get(&format!("/logs?from={at}&take=2")).1;
    assert_eq!(next[0]["client_id"], "nobody");
}

#[test]
fn the_link_to_the_next_page_is_in_a_header() {
    let tenant = tenant(Config::default());
    ask(&tenant, json!({ "grant_type": "client_credentials", "client_id": "x" }));
    let id = last(&tenant).id;
    let answer = call(&tenant, "GET", &format!("/logs?from={id}&take=10"), &["read:logs_users"], Value::Null);
    let link = answer.headers()[header::LINK].to_str().expect("a text");
    assert_eq!(link, format!("<https://{HOST}/api/v2/logs?from={id}&take=10>; rel=\"next\""));
}

#[test]
fn the_log_requires_its_scopes() {
    let mut caller = Caller::start();
    caller.limit_to(&["read:clients"]);
    let refusal = caller.get("/logs");
    assert_eq!((refusal.0, message(&refusal)), (403, "Insufficient scope, expected any of: read:logs,read:logs_users"));
    caller.limit_to(&["read:logs_users"]);
    assert_eq!(caller.get("/logs").0, 200);
}

#[test]
fn the_searchable_fields_are_the_published_ones() {
    let (caller, _) = three();
    let (status, body) = caller.get("/logs?fields=type,client_name&per_page=1");
    assert_eq!((status, body), (200, json!([{ "type": "feccft", "client_name": "a" }])));
    let (_, without) = caller.get("/logs?fields=details,type&include_fields=false&per_page=1");
    let first = without[0].as_object().expect("an entry");
    assert!(!first.contains_key("type") && !first.contains_key("details") && first.contains_key("log_id"));
    assert_eq!(caller.get("/logs?fields=client_secret").0, 400);
}
