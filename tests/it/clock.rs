//! The tenant's clock: its effects, and `tenant.clock()` and the control API that move it.

use std::time::Duration;

use m2mock::http::Method;
use m2mock::{Clock, MockTenant};
use serde_json::{Value, json};

use crate::wire;

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;
const DAY: Duration = Duration::from_secs(86_400);

fn at_noon() -> MockTenant {
    MockTenant::builder().clock(Clock::fixed(NOON)).start()
}

fn send(tenant: &MockTenant, method: &str, path: &str, headers: &str, body: &str) -> (u16, Value) {
    let uri = tenant.uri();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        wire::address(&uri),
        body.len()
    );
    let answer = wire::send(&uri, request.as_bytes());
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
}

fn clock(tenant: &MockTenant) -> Value {
    send(tenant, "GET", "/__admin/clock", "", "").1
}

fn put(tenant: &MockTenant, body: &Value) -> (u16, Value) {
    send(tenant, "PUT", "/__admin/clock", "", &body.to_string())
}

fn read_clients(tenant: &MockTenant, token: &str) -> (u16, Value) {
    send(tenant, "GET", "/api/v2/clients", &format!("authorization: Bearer {token}\r\n"), "")
}

#[test]
fn a_token_carries_the_time_of_the_clock() {
    let tenant = at_noon();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();
    let token = || tenant.token(&bot).audience(&api).request().unwrap();

    let first = token();
    assert_eq!(first.claims["iat"], NOON);
    assert_eq!(first.claims["exp"].as_i64(), Some(1_780_315_200 + first.expires_in));

    tenant.clock().advance(DAY);
    let second = token();
    assert_eq!(second.claims["iat"], NOON + 86_400);
    assert_eq!(second.claims["exp"].as_i64(), Some(1_780_315_200 + 86_400 + second.expires_in));
}

#[test]
fn a_bearer_is_refused_from_the_second_in_which_it_expires() {
    let tenant = at_noon();
    let token = tenant.management_token(&["read:clients"]);
    tenant.clock().advance(DAY - Duration::from_secs(1));
    assert_eq!(read_clients(&tenant, &token).0, 200);

    tenant.clock().advance(Duration::from_secs(1));
    let (status, refused) = read_clients(&tenant, &token);
    assert_eq!(status, 401);
    assert_eq!(refused["message"], "Expired token received for JSON Web Token validation");

    tenant.clock().set(NOON);
    assert_eq!(read_clients(&tenant, &token).0, 200);
}

#[test]
fn documents_and_the_journal_are_dated_by_the_clock() {
    let tenant = at_noon();
    let connection = json!({ "name": "travel0-users", "strategy": "auth0" });
    let created = tenant.perform(Method::POST, "/connections", connection).unwrap();
    tenant.clock().advance(DAY);
    let path = format!("/connections/{}", created["id"].as_str().unwrap());
    let deleted = tenant.perform(Method::DELETE, &path, Value::Null).unwrap();
    assert_eq!(deleted["deleted_at"], "2026-06-02T12:00:00.000Z");

    wire::get(&tenant.uri(), "/.well-known/jwks.json");
    assert_eq!(tenant.requests().last().unwrap().at, "2026-06-02T12:00:00.000Z");
}

#[test]
fn the_clock_is_read_and_moved_over_http() {
    let tenant = MockTenant::start();
    let started = clock(&tenant);
    assert_eq!((&started["mode"], &started["ahead_seconds"]), (&json!("running"), &json!(0)));

    let frozen = |now: &str, unix: u64| (200, json!({ "now": now, "unix": unix, "mode": "frozen" }));
    let noon = json!({ "set": "2026-06-01T12:00:00Z" });
    assert_eq!(put(&tenant, &noon), frozen("2026-06-01T12:00:00.000Z", NOON));
    assert_eq!(put(&tenant, &json!({ "advance": "1h 30m" })), frozen("2026-06-01T13:30:00.000Z", NOON + 5400));
    assert_eq!(put(&tenant, &json!({ "advance": 30 })), frozen("2026-06-01T13:30:30.000Z", NOON + 5430));
    assert_eq!(put(&tenant, &json!({ "freeze": true })), frozen("2026-06-01T13:30:30.000Z", NOON + 5430));
    assert_eq!(put(&tenant, &json!({ "set": NOON })), frozen("2026-06-01T12:00:00.000Z", NOON));
    assert_eq!(clock(&tenant), frozen("2026-06-01T12:00:00.000Z", NOON).1);
    assert_eq!(tenant.clock().unix(), 1_780_315_200);

    let (_, released) = put(&tenant, &json!({ "release": true }));
    assert_eq!((&released["mode"], &released["ahead_seconds"]), (&json!("running"), &json!(0)));
    let (_, ahead) = put(&tenant, &json!({ "advance": "1d" }));
    assert_eq!((&ahead["mode"], &ahead["ahead_seconds"]), (&json!("running"), &json!(86_400)));
    // The journal does not record the control requests of the test.
    assert!(tenant.requests().is_empty());
}

#[test]
fn the_time_of_an_answer_can_be_set() {
    let tenant = MockTenant::start();
    let (_, frozen) = put(&tenant, &json!({ "freeze": true }));
    put(&tenant, &json!({ "release": true }));
    assert_eq!(put(&tenant, &json!({ "set": frozen["now"] })), (200, frozen));
}

#[test]
fn an_invalid_body_changes_nothing() {
    let tenant = at_noon();
    let before = clock(&tenant);
    for body in [
        "",
        "now",
        "{}",
        "[]",
        r#"{"freeze": false}"#,
        r#"{"release": true, "set": 0}"#,
        r#"{"set": "yesterday"}"#,
        r#"{"set": 1780315200000}"#,
        r#"{"advance": "-1h"}"#,
        r#"{"advance": null}"#,
    ] {
        let (status, refused) = send(&tenant, "PUT", "/__admin/clock", "", body);
        assert_eq!((status, &refused["error"]), (400, &json!("Bad Request")), "{body}");
        assert!(refused["message"].as_str().is_some_and(|sentence| sentence.ends_with('.')), "{refused}");
        assert_eq!(clock(&tenant), before, "{body}");
    }
    assert_eq!(send(&tenant, "POST", "/__admin/clock", "", r#"{"release": true}"#).0, 404);
    assert_eq!(clock(&tenant), before);
}

#[test]
fn two_tenants_have_two_clocks() {
    let (one, other) = (MockTenant::start(), MockTenant::start());
    one.clock().set(NOON);
    assert_eq!(clock(&one)["mode"], "frozen");
    assert_eq!(clock(&other)["mode"], "running");
}

#[test]
fn two_tenants_can_share_a_clock() {
    let shared = Clock::fixed(NOON);
    let tenant = || MockTenant::builder().clock(shared.clone()).start();
    let (one, other) = (tenant(), tenant());
    shared.advance(DAY);
    assert_eq!(clock(&one), clock(&other));
    assert_eq!(clock(&one)["unix"], NOON + 86_400);
}

#[test]
fn reset_puts_the_clock_back_to_how_it_went_at_the_start() {
    let (running, frozen) = (MockTenant::start(), at_noon());
    for tenant in [&running, &frozen] {
        tenant.clock().set(0);
    }
    running.reset();
    frozen.clock().release();
    assert_eq!(send(&frozen, "POST", "/__admin/reset", "", "").0, 204);

    assert_eq!((&clock(&running)["mode"], &clock(&running)["ahead_seconds"]), (&json!("running"), &json!(0)));
    assert_eq!((&clock(&frozen)["mode"], &clock(&frozen)["unix"]), (&json!("frozen"), &json!(NOON)));
}
