//! The control API `/__admin`, as a test in another language uses it.

use std::io::{Read, Write};
use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use m2mock::{CalibratedAnswers, Clock, MockTenant};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use crate::wire;

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;

/// Asks, and gives the status and the body: as JSON, or as null.
fn ask(tenant: &MockTenant, method: &str, path: &str, body: &str) -> (u16, Value) {
    ask_at(tenant, wire::address(&tenant.uri()), method, path, body)
}

/// The same at another name.
fn ask_at(tenant: &MockTenant, host: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let answer = wire::send(&tenant.uri(), request(host, method, path, "", body).as_bytes());
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
}

fn request(host: &str, method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-type: application/json\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn document(tenant: &MockTenant) -> Value {
    ask(tenant, "GET", "/__admin/openapi.json", "").1
}

/// Whether a value is as a schema of the document says.
fn assert_is(document: &Value, schema: &Value, value: &Value) {
    // Its references lead into the document.
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&whole).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{schema}: {}", errors.join("\n"));
}

/// A tenant in which every operation finds something to do.
fn prepared() -> MockTenant {
    let tenant = MockTenant::builder().clock(Clock::fixed(NOON)).start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    let _ = tenant.token(&bot).audience(&api).request();
    tenant.faults().on_token().times(2).too_many_requests();
    assert_eq!(ask(&tenant, "POST", "/__admin/tenants", r#"{"domain": "granite.localhost"}"#).0, 201);
    tenant
}

#[test]
fn each_operation_answers_as_documented() {
    let document = document(&MockTenant::start());
    let mut rows = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            rows += 1;
            let tenant = prepared();
            let path = format!("/__admin/v1{path}").replace("{id}", "1").replace("{domain}", "granite.localhost");
            let content = &operation["requestBody"]["content"]["application/json"];
            let body = match content.get("example") {
                Some(example) => example.to_string(),
                None if content.is_null() => String::new(),
                None => tenant.export(),
            };
            if !content.is_null() {
                assert_is(&document, &content["schema"], &serde_json::from_str(&body).unwrap());
            }
            let method = method.to_uppercase();
            let (status, answer) = ask(&tenant, &method, &path, &body);
            assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
            assert_answer(&document, operation, status, &answer);
            // Missing entities, and invalid bodies and queries.
            let again = path.replace("/1", "/2").replace("granite", "nobody");
            for (path, body) in [(again, "{"), (format!("{path}?nonsense=1"), body.as_str())] {
                let (status, answer) = ask(&tenant, &method, &path, body);
                assert_answer(&document, operation, status, &answer);
            }
        }
    }
    assert_eq!(rows, 15);
}

/// Also what only some requests have: a fault, the words of another tenant, an operation that is not modelled.
#[test]
fn each_entry_of_the_journal_has_the_documented_form() {
    let answers = json!({
        "token": { "R70": { "status": 403, "error": "access_denied", "error_description": "Not yours." } },
    });
    let answers = CalibratedAnswers::parse(&answers.to_string(), "answers.json").unwrap();
    let tenant = MockTenant::builder().answers(answers).allow_unmodelled_operations().start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    let ask_for_a_token = || tenant.token(&bot).audience(&api).organization("org_0000000000000000").request();
    assert_eq!(ask_for_a_token().unwrap_err().description, "Not yours.");
    tenant.faults().on_token().times(1).too_many_requests();
    assert_eq!(ask_for_a_token().unwrap_err().status, 429);
    tenant.client_grant(&bot, &api).create();
    tenant.token(&bot).audience(&api).request().unwrap();
    assert_eq!(wire::get(&tenant.uri(), "/api/v2/clients").status, 401);
    assert_eq!(wire::get(&tenant.uri(), "/api/v2/nothing").status, 404);

    let document = document(&tenant);
    let (_, entries) = ask(&tenant, "GET", "/__admin/requests", "");
    assert_is(&document, &document["components"]["schemas"]["Requests"], &entries);
    assert_eq!((&entries[0]["calibrated"], &entries[4]["unmodelled"]), (&json!(true), &json!(true)), "{entries}");
    let of_fault = tenant.requests()[1].to_string();
    assert_eq!(of_fault.matches("fault 1 answers 429").count(), 1, "{of_fault}");
}

fn assert_answer(document: &Value, operation: &Value, status: u16, answer: &Value) {
    let described = &operation["responses"][status.to_string()];
    assert!(!described.is_null(), "{}: {status} is not in the document", operation["operationId"]);
    match described.pointer("/content/application~1json/schema") {
        Some(schema) => assert_is(document, schema, answer),
        None => assert_eq!(answer, &Value::Null),
    }
}

/// The body of an operation by the document, with the formats that the document describes in words.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let span = |text: &str| humantime::parse_duration(text).is_ok();
    let short_span = |text: &str| humantime::parse_duration(text).is_ok_and(|span| span <= Duration::from_secs(300));
    let utc = |text: &str| humantime::parse_rfc3339(text).is_ok_and(|moment| moment >= UNIX_EPOCH);
    let operation = |text: &str| {
        let segments = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let is_row = |row: m2mock::internal::ModelledOperation| {
            let (row, named) =
                (segments(&format!("{} {}", row.method, row.path)), segments(&text.replace(" /api/v2/", " /")));
            row.len() == named.len()
                && row.iter().zip(&named).all(|(row, named)| row == named || row.starts_with('{') && !named.is_empty())
        };
        let others = ["token", "management", "POST /oauth/token", "GET /.well-known/jwks.json"];
        others.contains(&text) || m2mock::internal::operations().into_iter().any(is_row)
    };
    // Its references lead into the document.
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    jsonschema::options()
        .should_validate_formats(true)
        .with_format("span", span)
        .with_format("short-span", short_span)
        .with_format("utc", utc)
        .with_format("operation", operation)
        .build(&whole)
        .unwrap()
}

/// Values of every type, at the bounds of what members take.
fn leaf() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "a",
        "1h 30m",
        "250ms",
        "300s",
        "301s",
        "5m 1s",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.5Z",
        "1969-12-31T23:59:59Z",
        "2026-01-01",
        "2026-01-01T00:00:00+01:00",
        "2026-02-30T00:00:00Z",
        "token",
        "management",
        "GET /clients/{id}",
        "GET /clients/abc",
        "GET /nothing",
        "POST /api/v2/clients",
        "acme.localhost",
        "LOCALHOST",
        "localhost",
        "127.0.0.1",
        "a..b",
        "-a",
        "a_b",
        "acme.localhost:80",
        "travel0",
    ];
    let numbers = [
        json!(0),
        json!(1),
        json!(2.0),
        json!(0.5),
        json!(-1),
        json!(300),
        json!(300.5),
        json!(400),
        json!(429.0),
        json!(599),
        json!(600),
        json!(1e30),
        json!(4_294_967_295_u64),
        json!(4_294_967_296_u64),
        json!(253_402_300_799_u64),
        json!(253_402_300_800_u64),
        json!(u64::MAX),
    ];
    prop_oneof![
        1 => Just(Value::Null),
        3 => any::<bool>().prop_map(Value::from),
        6 => proptest::sample::select(texts.to_vec()).prop_map(Value::from),
        6 => proptest::sample::select(numbers.to_vec()),
    ]
}

fn body_of(members: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let range = proptest::collection::btree_map(proptest::sample::select(vec!["from", "to", "by"]), leaf(), 0..4);
    let value = prop_oneof![6 => leaf(), 1 => range.prop_map(|range| json!(range)), 1 => Just(json!([]))];
    let object = proptest::collection::btree_map(proptest::sample::select(members), value.clone(), 0..4);
    prop_oneof![20 => object.prop_map(|members| json!(members)), 1 => value]
}

/// A range whose first time is longer than its second. The schema cannot express this rule.
fn is_backwards(body: &Value) -> bool {
    let span = |value: &Value| match value {
        Value::String(text) => humantime::parse_duration(text).ok().map(|span| span.as_secs_f64()),
        other => other.as_f64(),
    };
    let range = body.get("latency").filter(|latency| latency.is_object());
    range.is_some_and(|range| span(&range["from"]) > span(&range["to"]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    /// What the document takes is taken, and nothing else is.
    #[test]
    fn a_body_is_accepted_if_the_document_has_one(
        clock in body_of(&["freeze", "release", "advance", "set", "rewind"]),
        fault in body_of(&["operation", "client_id", "times", "latency", "status", "reset", "truncated", "malformed_json", "slow", "stauts"]),
        tenant in body_of(&["domain", "management_client_id", "management_client_secret", "rate_limits", "without", "deterministic", "sed"]),
    ) {
        static MOCK: LazyLock<(MockTenant, Value)> = LazyLock::new(|| {
            let mock = MockTenant::builder().clock(Clock::fixed(NOON)).start();
            let document = document(&mock);
            (mock, document)
        });
        let (mock, document) = &*MOCK;
        for (method, path, body) in [("PUT", "clock", clock), ("POST", "faults", fault), ("POST", "tenants", tenant)] {
            let operation = &document["paths"][format!("/{path}")][method.to_lowercase()];
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let is_valid = validator(document, schema).is_valid(&body) && !is_backwards(&body);
            let (status, answer) = ask(mock, method, &format!("/__admin/{path}"), &body.to_string());
            // A name that is taken is refused for another reason.
            let is_taken = status < 300 || status == 409;
            prop_assert_eq!(is_taken, is_valid, "{} {}: {} {}", method, path, body, answer);
            if path == "faults" {
                ask(mock, "DELETE", "/__admin/faults", "");
            } else if path == "tenants" && status == 201 {
                ask(mock, "DELETE", &format!("/__admin/tenants/{}", answer["domain"].as_str().unwrap()), "");
            }
        }
    }
}

/// A refusal repeats what was sent, but for secrets.
#[test]
fn a_refusal_of_the_control_repeats_no_secret() {
    const MARKER: &str = "PLANTEDs3cretMarker";
    let tenant = MockTenant::start();
    let token = format!("eyJhbGciOiJub25lIn0.{MARKER}.c2ln");
    let seed = json!({ "clients": [{ "name": "bot", "app_type": { "client_secret": MARKER } }] });
    for (method, path, body) in [
        ("POST", "faults", json!({ "operation": token, "status": 503 })),
        ("POST", "faults", json!({ "operation": format!("client_secret={MARKER}"), "status": 503 })),
        ("POST", "faults", json!({ "status": 503, format!("client_secret={MARKER}"): 1 })),
        ("POST", "tenants", json!({ "domain": format!("{token}/") })),
        ("POST", "tenants", json!({ "domain": "acme.localhost", "seed": seed })),
        ("PUT", "state", json!({ "format": format!("client_secret={MARKER}"), "domain": "travel0.localhost" })),
    ] {
        let answer = ask(&tenant, method, &format!("/__admin/{path}"), &body.to_string());
        assert_eq!(answer.0, 400, "{body}");
        assert!(!answer.1.to_string().contains(MARKER), "{}", answer.1);
    }
}

#[test]
fn a_state_of_another_format_is_wrong_by_the_document_as_well() {
    let tenant = prepared();
    let document = document(&tenant);
    let mut state: Value = serde_json::from_str(&tenant.export()).unwrap();
    let schema = &document["paths"]["/state"]["put"]["requestBody"]["content"]["application/json"]["schema"];
    let validator = validator(&document, schema);
    assert!(validator.is_valid(&state));
    for (member, value) in [("format", json!("m2mock-state-2")), ("domain", json!(1)), ("clock", json!("now"))] {
        let right = std::mem::replace(&mut state[member], value);
        assert!(!validator.is_valid(&state), "{member}");
        assert_eq!(ask(&tenant, "PUT", "/__admin/state", &state.to_string()).0, 400, "{member}");
        state[member] = right;
    }
}

#[test]
fn the_document_is_openapi_and_has_a_version() {
    let document = document(&MockTenant::start());
    assert_eq!((&document["openapi"], &document["info"]["version"]), (&json!("3.1.0"), &json!("v1")));
    assert_eq!(document["servers"], json!([{ "url": "/__admin/v1" }]), "a path of the document goes right behind it");
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let mut ids: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "each has a name of its own");
}

#[test]
fn the_version_may_be_named_or_not() {
    let tenant = MockTenant::builder().clock(Clock::fixed(NOON)).start();
    assert_eq!(ask(&tenant, "GET", "/__admin/v1/clock", ""), ask(&tenant, "GET", "/__admin/clock", ""));
    assert_eq!(ask(&tenant, "GET", "/__admin/v2/clock", "").0, 404);
    for (path, there) in [("/__admin", "/__admin/"), ("/__admin/v1", "/__admin/v1/")] {
        let answer = wire::get(&tenant.uri(), path);
        assert_eq!(answer.status, 308);
        assert!(answer.head.contains(&format!("location: {there}\r\n")), "{}", answer.head);
    }
}

#[test]
fn the_page_needs_no_other_file() {
    let tenant = MockTenant::start();
    let page = wire::get(&tenant.uri(), "/__admin/");
    assert_eq!(page.status, 200);
    assert!(page.head.contains("content-type: text/html; charset=utf-8"), "{}", page.head);
    let policy = page.head.lines().find_map(|line| line.strip_prefix("content-security-policy: ")).unwrap();
    let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(policy.starts_with("default-src 'none';") && policy.contains("connect-src 'self'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.body.matches(&format!("nonce=\"{nonce}\"")).count(), 2, "the style and the script");
    for elsewhere in ["http:", "https:", "src=", "@import", "url(", "//"] {
        assert!(!page.body.contains(elsewhere), "{elsewhere}");
    }
    assert_ne!(wire::get(&tenant.uri(), "/__admin/").body, page.body, "the word is another one each time");
}

#[test]
fn the_filters_of_the_journal_have_the_names_of_the_rust_api() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let (bot, stranger) = (tenant.application("Partner bot").create(), tenant.application("Stranger").create());
    tenant.client_grant(&bot, &api).create();
    tenant.token(&bot).audience(&api).request().unwrap();
    let _ = tenant.token(&stranger).audience(&api).request();
    wire::get(&tenant.uri(), "/.well-known/jwks.json?a=b");
    wire::get(&tenant.uri(), "/api/v2/clients");

    let (bot, stranger) = (&bot.client_id, &stranger.client_id);
    for (query, numbers) in [
        (String::new(), vec![1, 2, 3, 4]),
        ("?tokens=true".to_owned(), vec![1, 2]),
        ("?granted=true".to_owned(), vec![1]),
        ("?refused=true".to_owned(), vec![2, 4]),
        ("?unmodelled".to_owned(), vec![]),
        ("?status=401".to_owned(), vec![4]),
        (format!("?client_id={bot}"), vec![1]),
        (format!("?client_id={stranger}&granted=true"), vec![]),
        ("?audience=https%3A%2F%2Ftravel0.example%2Fapi&refused=true".to_owned(), vec![2]),
        ("?organization=granite".to_owned(), vec![]),
        ("?operation=GET%20%2Fclients".to_owned(), vec![4]),
        ("?operation=POST+/oauth/token".to_owned(), vec![1, 2]),
        ("?path=/.well-known/jwks.json".to_owned(), vec![3]),
        ("?since=2".to_owned(), vec![3, 4]),
        ("?tokens=false".to_owned(), vec![3, 4]),
        ("?granted=false".to_owned(), vec![2, 3, 4]),
        ("?refused=false".to_owned(), vec![1, 3]),
        ("?unmodelled=false".to_owned(), vec![1, 2, 3, 4]),
        ("?limit=1".to_owned(), vec![4]),
        ("?since=1&limit=2".to_owned(), vec![3, 4]),
        ("?limit=2&refused=true".to_owned(), vec![2, 4]),
        ("?limit=99".to_owned(), vec![1, 2, 3, 4]),
        ("?limit=0".to_owned(), vec![]),
    ] {
        let (status, found) = ask(&tenant, "GET", &format!("/__admin/requests{query}"), "");
        let found: Vec<u64> = found.as_array().unwrap().iter().map(|entry| entry["number"].as_u64().unwrap()).collect();
        assert_eq!((status, found), (200, numbers), "{query}");
    }
    for query in ["?refused=no", "?status=many", "?since=-1", "?limit=", "?clientid=a"] {
        assert_eq!(ask(&tenant, "GET", &format!("/__admin/requests{query}"), "").0, 400, "{query}");
    }
    assert_eq!(ask(&tenant, "DELETE", "/__admin/requests", "").0, 204);
    assert_eq!(ask(&tenant, "GET", "/__admin/requests", "").1, json!([]));
}

#[test]
fn an_import_in_another_process_gives_the_same_export_and_accepts_old_tokens() {
    let tenant = prepared();
    tenant.clock().release();
    let token = tenant.management_token(&["read:clients", "create:clients"]);
    let state = wire::get(&tenant.uri(), "/__admin/state").body;
    assert_eq!(state, tenant.export());

    let other = MockTenant::start();
    assert_ne!(other.export(), state);
    assert_eq!(ask(&other, "PUT", "/__admin/state", &state), (204, Value::Null));
    assert_eq!(wire::get(&other.uri(), "/__admin/state").body, state);
    assert_eq!(other.management_client(), tenant.management_client());

    // With the same host name, as behind a load balancer, each tenant accepts the tokens of the other.
    let host = wire::address(&tenant.uri()).to_owned();
    let bearer = format!("authorization: Bearer {token}\r\n");
    let asked = request(&host, "GET", "/api/v2/clients", &bearer, "");
    let (here, there) = (wire::send(&tenant.uri(), asked.as_bytes()), wire::send(&other.uri(), asked.as_bytes()));
    assert_eq!((here.status, &here.body), (200, &there.body));
}

#[test]
fn a_reset_does_not_restore_an_import() {
    let tenant = MockTenant::start();
    let before = tenant.export();
    tenant.organization("granite-tours").create();
    let after = tenant.export();
    tenant.reset();
    assert_eq!(ask(&tenant, "PUT", "/__admin/state", &after).0, 204);
    assert_eq!(tenant.export(), after);
    tenant.reset();
    // But for the numbers that are drawn: what was drawn once does not come again.
    let without_random = |state: &str| {
        let mut state: Value = serde_json::from_str(state).unwrap();
        state["state"]["random"].take();
        state
    };
    assert_eq!(without_random(&tenant.export()), without_random(&before));
}

#[test]
fn a_reset_restores_the_state_that_a_tenant_began_with() {
    let tenant = MockTenant::builder().domain("granite.example").clock(Clock::fixed(NOON)).start();
    let granite = tenant.organization("granite-tours").create();
    let again = MockTenant::builder().import(tenant.export()).start();
    assert_eq!((again.domain(), again.clock().unix()), ("granite.example", 1_780_315_200));
    again.perform(m2mock::http::Method::DELETE, &format!("/organizations/{}", granite.id), Value::Null).unwrap();
    again.clock().release();
    again.reset();
    assert_eq!(again.clock().unix(), 1_780_315_200);
    assert!(again.perform(m2mock::http::Method::GET, "/organizations/name/granite-tours", Value::Null).is_ok());
}

#[test]
fn an_invalid_state_changes_nothing_and_its_error_has_the_position() {
    let tenant = prepared();
    let state = tenant.export();
    let held: Value = serde_json::from_str(&state).unwrap();
    let with = |place: &str, value: Value| {
        let mut state = held.clone();
        *state.pointer_mut(place).unwrap() = value;
        state.to_string()
    };
    let grant = "/state/collections/client_grants/entities/0/document/client_id";
    for (body, status, sentence) in [
        (String::new(), 400, "line 1 column 0"),
        ("[]".to_owned(), 400, "This is not a state of a tenant: "),
        (json!({ "domain": "a" }).to_string(), 400, "no `format`"),
        (with("/format", "m2mock-state-0".into()), 400, "only \"m2mock-state-1\" is read here"),
        (with("/domain", "granite.example".into()), 409, "is that of the tenant \"granite.example\""),
        (with("/clock", json!("noon")), 400, "line 1 column"),
        (with("/state/random", json!("hush")), 400, "state.random:"),
        (with("/state/signing_keys/since", json!([])), 400, "state.signing_keys: no key signs"),
        (with("/faults/listed/0/status", json!(200)), 400, "faults, entry 1: status takes 400 to 599"),
        (with("/state/collections/clients/last", json!(0)), 400, "state.collections.clients, `last`"),
        (with(grant, "nobody".into()), 400, "state.collections.client_grants, entity 1: its client_id \"nobody\""),
        (with("/state/relations/user_roles", json!([["a", "b"]])), 400, "state.relations.user_roles, entry 1: \"a\""),
        (state[..state.len() / 2].to_owned(), 400, "line 1 column"),
    ] {
        let (answered, refused) = ask(&tenant, "PUT", "/__admin/state", &body);
        assert_eq!(answered, status, "{refused}");
        assert!(refused["message"].as_str().unwrap().contains(sentence), "{sentence}: {refused}");
        assert_eq!(tenant.export(), state);
    }
}

#[test]
fn a_state_may_be_larger_than_other_bodies() {
    let tenant = MockTenant::start();
    let padding = " ".repeat(3 * 1024 * 1024);
    assert_eq!(ask(&tenant, "PUT", "/__admin/state", &(tenant.export() + &padding)).0, 204);
    assert_eq!(ask(&tenant, "PUT", "/__admin/clock", &format!("{{\"freeze\": true{padding}}}")).0, 413);
    let announced = "PUT /__admin/state HTTP/1.1\r\nhost: localhost\r\ncontent-length: 268435457\r\n\r\n{";
    assert_eq!(wire::send(&tenant.uri(), announced.as_bytes()).status, 413);
}

#[rstest]
#[case::at_a_name_that_leads_here("host: rebound.example:80", 403)]
#[case::from_another_page("host: localhost\r\norigin: https://evil.example", 403)]
#[case::without_an_origin("host: localhost\r\nsec-fetch-site: cross-site", 403)]
#[case::as_a_form("host: localhost\r\ncontent-type: application/x-www-form-urlencoded", 415)]
#[case::by_a_program("host: localhost", 204)]
fn a_foreign_page_does_not_drive_the_tenant(#[case] headers: &str, #[case] status: u16) {
    let tenant = MockTenant::start();
    tenant.organization("granite-tours").create();
    let request =
        format!("POST /__admin/reset HTTP/1.1\r\n{headers}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let answer = wire::send(&tenant.uri(), request.as_bytes());
    assert_eq!(answer.status, status);
    assert!(!answer.head.contains("access-control"), "{}", answer.head);
    let is_there = tenant.perform(m2mock::http::Method::GET, "/organizations/name/granite-tours", Value::Null).is_ok();
    assert_eq!(is_there, status != 204);
}

#[test]
fn without_it_its_paths_are_as_any_that_the_live_service_does_not_have() {
    let tenant = MockTenant::builder().without_admin().allow_unmodelled_operations().start();
    for (method, path) in [("GET", "/__admin/"), ("GET", "/__admin/state"), ("POST", "/__admin/v1/reset")] {
        let (status, answer) = ask(&tenant, method, path, "");
        assert_eq!((status, answer), ask(&tenant, method, "/nothing", ""), "{path}");
    }
    assert_eq!(tenant.requests().unmodelled().count(), 6);
}

#[test]
fn an_added_tenant_is_separate_from_the_first() {
    let first = MockTenant::builder().allow_unmodelled_operations().start();
    let acme = json!({
        "domain": "acme.localhost", "management_client_id": "an-id", "management_client_secret": "a-secret",
        "seed": { "organizations": [{ "name": "granite-tours" }] },
    });
    let (status, added) = ask(&first, "POST", "/__admin/tenants", &acme.to_string());
    let port = wire::address(&first.uri()).rsplit_once(':').unwrap().1.to_owned();
    let host = format!("acme.localhost:{port}");
    let issuer = format!("http://{host}/");
    assert_eq!(status, 201);
    assert_eq!((&added["issuer"], &added["base_url"]), (&json!(issuer), &json!(format!("http://{host}"))));
    let credentials =
        json!({ "client_id": "an-id", "client_secret": "a-secret", "audience": "https://acme.localhost/api/v2/" });
    assert_eq!(added["management"], credentials);

    // Its token is its own, and opens it under its name only.
    let mut grant = credentials;
    grant["grant_type"] = "client_credentials".into();
    let (status, token) = ask_at(&first, &host, "POST", "/oauth/token", &grant.to_string());
    assert_eq!(status, 200, "{token}");
    assert_eq!(ask(&first, "POST", "/oauth/token", &grant.to_string()).0, 401, "nobody knows it at the first tenant");
    let of_acme = token["access_token"].as_str().unwrap();
    let of_first = first.management_token(&["read:organizations"]);
    let names = [
        host.as_str(),
        wire::address(&first.uri()),
        &format!("localhost:{port}"),
        &format!("travel0.localhost:{port}"),
    ]
    .map(str::to_owned);
    for (token, opens) in [(of_acme, vec![true, false, false, false]), (&of_first, vec![false, true, true, true])] {
        let status = |host: &String| {
            let bearer = format!("authorization: Bearer {token}\r\n");
            wire::send(&first.uri(), request(host, "GET", "/api/v2/organizations", &bearer, "").as_bytes()).status
        };
        let statuses: Vec<u16> = names.iter().map(status).collect();
        let expected: Vec<u16> = opens.iter().map(|opens| if *opens { 200 } else { 401 }).collect();
        assert_eq!(statuses, expected);
    }
    // The Management API of one tenant is not an audience at the other.
    grant["audience"] = first.management_audience().into();
    assert_eq!(ask_at(&first, &host, "POST", "/oauth/token", &grant.to_string()).0, 403);

    // State, clock, faults, journal: all of it is apart.
    assert_eq!(ask_at(&first, &host, "PUT", "/__admin/clock", r#"{"set": 0}"#).0, 200);
    assert_ne!(first.clock().unix(), 0);
    let fault = r#"{"operation": "management", "status": 503}"#;
    assert_eq!(ask_at(&first, &host, "POST", "/__admin/faults", fault).0, 201);
    assert_eq!(ask(&first, "GET", "/__admin/faults", "").1, json!([]));
    let (_, journal) = ask_at(&first, &host, "GET", "/__admin/requests", "");
    assert!(journal.as_array().unwrap().iter().all(|entry| entry["number"].as_u64() < Some(6)), "{journal}");
    let (_, state) = ask_at(&first, &host, "GET", "/__admin/state", "");
    assert_eq!(state["domain"], "acme.localhost");
    assert!(state.to_string().contains("granite-tours") && !first.export().contains("granite-tours"));
    assert_eq!(ask(&first, "PUT", "/__admin/state", &state.to_string()).0, 409);
    first.reset();
    assert_eq!(ask_at(&first, &host, "GET", "/__admin/clock", "").1["unix"], 0);
    let (_, tenants) = ask(&first, "GET", "/__admin/tenants", "");
    let domains: Vec<&str> =
        tenants.as_array().unwrap().iter().map(|tenant| tenant["domain"].as_str().unwrap()).collect();
    assert_eq!(domains, ["travel0.localhost", "acme.localhost"]);
}

/// The token of the management application of the tenant at an address.
fn token_at(uri: &str, management: &Value) -> (u16, Value) {
    let body = json!({
        "grant_type": "client_credentials", "client_id": management["client_id"],
        "client_secret": management["client_secret"], "audience": management["audience"],
    });
    let request = request(wire::address(uri), "POST", "/oauth/token", "", &body.to_string());
    let answer = wire::send(uri, request.as_bytes());
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
}

/// The status of a request to the Management API with this token.
fn opened(uri: &str, token: &str) -> u16 {
    let bearer = format!("authorization: Bearer {token}\r\n");
    wire::send(uri, request(wire::address(uri), "GET", "/api/v2/organizations", &bearer, "").as_bytes()).status
}

#[test]
fn an_added_tenant_with_a_port_of_its_own_answers_there_under_any_name() {
    let first = MockTenant::start();
    let acme = r#"{"domain": "acme.localhost", "port": 0, "seed": {"organizations": [{"name": "granite-tours"}]}}"#;
    let (status, added) = ask(&first, "POST", "/__admin/tenants", acme);
    assert_eq!(status, 201, "{added}");
    let uri = added["base_url"].as_str().unwrap();
    assert_eq!((uri, &added["issuer"]), (&*format!("http://127.0.0.1:{}", added["port"]), &json!(format!("{uri}/"))));
    assert_eq!(ask(&first, "GET", "/__admin/tenants", "").1[1]["base_url"], uri);

    // Under the names of the machine, as a client that knows no other would ask.
    for name in ["127.0.0.1", "localhost"] {
        let host = format!("{name}:{}", added["port"]);
        let answer = wire::send(uri, request(&host, "GET", "/.well-known/openid-configuration", "", "").as_bytes());
        assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap()["issuer"], format!("http://{host}/"));
    }
    // It is a tenant apart: its tokens are good there and by its name, and nowhere else.
    let (status, token) = token_at(uri, &added["management"]);
    assert_eq!(status, 200, "{token}");
    let of_acme = token["access_token"].as_str().unwrap();
    assert_eq!((opened(uri, of_acme), opened(&first.uri(), of_acme)), (200, 401));
    assert_eq!(opened(uri, &first.management_token(&["read:organizations"])), 401);
    assert_eq!(token_at(&first.uri(), &added["management"]).0, 401);

    // Control at the port acts on it, and tells of all tenants.
    let control = |path: &str| wire::send(uri, request(wire::address(uri), "GET", path, "", "").as_bytes()).body;
    assert!(control("/__admin/state").contains("granite-tours"));
    assert!(control("/__admin/tenants").contains("travel0.localhost"));
}

#[test]
fn the_port_of_a_removed_tenant_closes() {
    let first = MockTenant::start();
    let acme = r#"{"domain": "acme.localhost", "port": 0}"#;
    let (_, added) = ask(&first, "POST", "/__admin/tenants", acme);
    let uri = added["base_url"].as_str().unwrap();
    let mut kept = wire::connect(uri);
    assert_eq!(ask(&first, "DELETE", "/__admin/tenants/acme.localhost", "").0, 204);
    // An open connection does not answer for another tenant.
    kept.write_all(request(wire::address(uri), "GET", "/.well-known/jwks.json", "", "").as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = kept.read_to_string(&mut answer);
    assert!(!answer.contains("200"), "{answer}");

    // The port is free again, as soon as the server's thread has let go of it.
    let port = added["port"].as_u64().unwrap();
    let again = json!({ "domain": "granite.localhost", "port": port }).to_string();
    let answered = std::iter::repeat_with(|| ask(&first, "POST", "/__admin/tenants", &again));
    let (status, added) = answered.take(10_000).find(|(status, _)| *status != 409).expect("a free port");
    assert_eq!((status, &added["port"]), (201, &json!(port)), "{added}");
}

#[rstest]
#[case::a_text(json!("8081"), 400)]
#[case::too_great(json!(65_536), 400)]
#[case::negative(json!(-1), 400)]
fn a_port_that_is_none_is_refused(#[case] port: Value, #[case] status: u16) {
    let first = MockTenant::start();
    let (answered, refusal) =
        ask(&first, "POST", "/__admin/tenants", &json!({ "domain": "acme.localhost", "port": port }).to_string());
    assert_eq!(answered, status);
    assert_eq!(refusal["message"], "port is a whole number up to 65535; 0 is any free port.");
}

#[test]
fn a_port_in_use_is_refused_and_adds_no_tenant() {
    let first = MockTenant::start();
    let port: u16 = first.uri().rsplit(':').next().unwrap().parse().unwrap();
    let acme = json!({ "domain": "acme.localhost", "port": port }).to_string();
    let (status, refusal) = ask(&first, "POST", "/__admin/tenants", &acme);
    assert_eq!((status, &refusal["message"]), (409, &json!(format!("Port {port} cannot be opened: address in use."))));
    assert_eq!(ask(&first, "GET", "/__admin/tenants", "").1.as_array().unwrap().len(), 1);
}

#[test]
fn a_hundred_tenants_have_a_port_and_no_more() {
    let first = MockTenant::start();
    let add = |number: usize| {
        let tenant = json!({ "domain": format!("t{number}.localhost"), "port": 0 }).to_string();
        ask(&first, "POST", "/__admin/tenants", &tenant).0
    };
    assert!((0..100).all(|number| add(number) == 201));
    assert_eq!(add(100), 409);
    assert_eq!(ask(&first, "DELETE", "/__admin/tenants/t7.localhost", "").0, 204);
    assert_eq!(add(100), 201);
}

#[cfg(feature = "tls")]
#[test]
fn a_separate_port_has_a_port_for_https() {
    let first = MockTenant::builder().tls().start();
    let (_, added) = ask(&first, "POST", "/__admin/tenants", r#"{"domain": "acme.localhost", "port": 0}"#);
    let uri = added["https_base_url"].as_str().expect("HTTPS");
    assert_eq!(uri, format!("https://{}", added["sdk_domain"].as_str().unwrap()));
    let mut stream = crate::tls::connect(uri, &[first.ca_der()], "localhost").unwrap();
    let asked = request(uri.trim_start_matches("https://"), "GET", "/.well-known/openid-configuration", "", "");
    stream.write_all(asked.as_bytes()).unwrap();
    let discovery: Value = serde_json::from_str(&wire::answer(&mut stream).body).unwrap();
    assert_eq!(discovery["issuer"], format!("{uri}/"));
    // A token is good at both of its ports.
    let (_, token) = token_at(added["base_url"].as_str().unwrap(), &added["management"]);
    let bearer = format!("authorization: Bearer {}\r\n", token["access_token"].as_str().unwrap());
    let mut stream = crate::tls::connect(uri, &[first.ca_der()], "acme.localhost").unwrap();
    let asked = request(uri.trim_start_matches("https://"), "GET", "/api/v2/organizations", &bearer, "");
    stream.write_all(asked.as_bytes()).unwrap();
    assert_eq!(wire::answer(&mut stream).status, 200);
}

#[test]
fn the_port_of_an_added_tenant_is_closed_when_the_first_tenant_is_dropped() {
    let first = MockTenant::start();
    let (status, added) = ask(&first, "POST", "/__admin/tenants", r#"{"domain": "acme.localhost", "port": 0}"#);
    assert_eq!(status, 201, "{added}");
    let mut open = wire::connect(&format!("http://127.0.0.1:{}", added["port"]));
    drop(first);
    // The connection that the tenant has accepted, or not yet accepted, ends.
    assert_eq!(open.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn a_tenant_that_rust_adds_has_its_port_and_its_name_until_it_is_dropped() {
    let first = MockTenant::start();
    let acme = first.add_tenant(MockTenant::builder().domain("acme.localhost"));
    let by_name = || ask_at(&first, "acme.localhost", "GET", "/.well-known/openid-configuration", "");
    assert_eq!(by_name().1["issuer"], "https://acme.localhost/");
    assert_eq!(ask(&first, "GET", "/__admin/tenants", "").1[1]["base_url"], acme.uri());
    assert_eq!(opened(&first.uri(), &acme.management_token(&["read:organizations"])), 401);
    assert_eq!(opened(&acme.uri(), &acme.management_token(&["read:organizations"])), 200);
    drop(acme);
    assert_eq!(by_name().0, 404);
    // The name is free again.
    let again = first.add_tenant(MockTenant::builder().domain("acme.localhost"));
    assert_eq!(by_name().0, 200);
    let taken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        first.add_tenant(MockTenant::builder().domain("acme.localhost"))
    }));
    assert!(taken.is_err());
    drop(again);
}

#[test]
fn a_removed_tenant_answers_no_more() {
    let first = MockTenant::start();
    let acme = r#"{"domain": "acme.localhost"}"#;
    assert_eq!(ask(&first, "POST", "/__admin/tenants", acme).0, 201);
    assert_eq!(ask(&first, "POST", "/__admin/tenants", acme).0, 409);
    assert_eq!(ask_at(&first, "acme.localhost", "GET", "/.well-known/jwks.json", "").0, 200);
    assert_eq!(ask(&first, "DELETE", "/__admin/tenants/acme.localhost", "").0, 204);
    let (status, gone) = ask_at(&first, "acme.localhost", "GET", "/.well-known/jwks.json", "");
    assert_eq!((status, &gone["message"]), (404, &json!("The tenant of this name was removed.")));
    assert_eq!(ask(&first, "DELETE", "/__admin/tenants/acme.localhost", "").0, 404);
    assert_eq!(ask(&first, "DELETE", "/__admin/tenants/travel0.localhost", "").0, 409);
    assert_eq!(ask(&first, "POST", "/__admin/tenants", acme).0, 201);
    assert_eq!(ask_at(&first, "acme.localhost", "GET", "/.well-known/jwks.json", "").0, 200);
}

#[rstest]
#[case::this_machine(json!({ "domain": "localhost" }), "a name of its own")]
#[case::an_address(json!({ "domain": "127.0.0.1" }), "a name of its own")]
#[case::a_port(json!({ "domain": "acme.localhost:80" }), "a name of its own")]
#[case::no_name(json!({ "domain": "not a name" }), "is not a host name")]
#[case::an_empty_secret(json!({ "domain": "a.localhost", "management_client_secret": "" }), "is empty")]
#[case::a_wrong_seed(json!({ "domain": "a.localhost", "seed": { "tents": [] } }), "no section")]
#[case::a_secret_in_a_seed_that_is_an_object(json!({ "domain": "a.localhost", "seed": { "clients": [{ "name": "Bot", "client_secret": { "a": "b" } }] } }), "client_secret: a text")]
#[case::a_refused_seed(json!({ "domain": "a.localhost", "seed": { "organizations": [{ "name": "" }] } }), "seed, organizations")]
fn a_tenant_that_cannot_be_is_refused_with_the_reason(#[case] body: Value, #[case] reason: &str) {
    let first = MockTenant::start();
    let (status, refused) = ask(&first, "POST", "/__admin/tenants", &body.to_string());
    assert_eq!(status, 400);
    assert!(refused["message"].as_str().unwrap().contains(reason), "{refused}");
    assert_eq!(ask(&first, "GET", "/__admin/tenants", "").1.as_array().unwrap().len(), 1);
}
