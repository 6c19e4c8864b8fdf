//! The vendor's rate limits, which a test turns on.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use m2mock::Seed;
use m2mock::internal::{Config, Tenant};
use m2mock::{Clock, MockTenant, http};
use serde_json::{Value, json};

const NOON: u64 = 1_780_315_200;

fn tenant() -> Tenant {
    Tenant::new(Config { rate_limits: true, clock: Clock::fixed(NOON), ..Config::default() })
}

fn ask(tenant: &Tenant, path: &str) -> Response<Bytes> {
    let method = if path == "/oauth/token" { "POST" } else { "GET" };
    tenant.answer(Request::builder().method(method).uri(path).body(Bytes::new()).unwrap())
}

/// Limit, rest and end, as the headers tell.
fn limits(answer: &Response<Bytes>) -> Option<[u64; 3]> {
    let header = |name: &str| answer.headers().get(name)?.to_str().ok()?.parse().ok();
    Some([header("x-ratelimit-limit")?, header("x-ratelimit-remaining")?, header("x-ratelimit-reset")?])
}

fn body(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

// proves T11
#[test]
fn a_token_request_beyond_the_limit_is_refused() {
    let tenant = tenant();
    for left in (0..30).rev() {
        let answer = ask(&tenant, "/oauth/token");
        // It names no grant type; it counts all the same.
        assert_eq!((answer.status().as_u16(), limits(&answer)), (400, Some([30, left, NOON + 1])));
    }
    let refusal = ask(&tenant, "/oauth/token");
    assert_eq!((refusal.status().as_u16(), limits(&refusal)), (429, Some([30, 0, NOON + 1])));
    assert_eq!(refusal.headers()["content-type"], "application/json");
    assert_eq!(
        body(&refusal),
        json!({ "error": "too_many_requests", "error_description": "Rate limit exceeded. Please retry after some time." })
    );
    let decision = tenant.requests().pop().unwrap().token.unwrap();
    assert_eq!(
        (decision.rules, decision.why.as_str()),
        (vec!["T11"], "the rate limit of /oauth/token is reached: 30 at once")
    );
}

#[test]
fn the_management_api_has_its_own_limit_and_words() {
    let tenant = tenant();
    assert_eq!(limits(&ask(&tenant, "/api/v2/clients")), Some([2, 1, NOON + 1]));
    ask(&tenant, "/api/v2/organizations");
    // Before the bearer token is looked at.
    let refusal = ask(&tenant, "/api/v2/clients");
    assert_eq!((refusal.status().as_u16(), limits(&refusal)), (429, Some([2, 0, NOON + 1])));
    assert_eq!(
        body(&refusal),
        json!({
            "statusCode": 429, "error": "Too Many Requests", "message": "Global limit has been reached",
            "errorCode": "too_many_requests"
        })
    );
    assert_eq!(ask(&tenant, "/.well-known/jwks.json").status(), 200);
}

#[test]
fn the_limit_recovers_with_the_clock_of_the_tenant() {
    let tenant = tenant();
    let passing = || (0..100).take_while(|_| ask(&tenant, "/.well-known/jwks.json").status() == 200).count();
    assert_eq!((passing(), passing()), (20, 0));
    tenant.clock().advance(Duration::from_millis(500));
    assert_eq!(passing(), 10);
    tenant.clock().set(0);
    assert_eq!(passing(), 20);
}

#[test]
fn a_reset_fills_the_buckets() {
    let tenant = tenant();
    for _ in 0..3 {
        ask(&tenant, "/api/v2/clients");
    }
    tenant.reset();
    assert_eq!(limits(&ask(&tenant, "/api/v2/clients")), Some([2, 1, NOON + 1]));
}

#[test]
fn a_tenant_has_no_rate_limits_by_default() {
    let tenant = Tenant::new(Config::default());
    for _ in 0..50 {
        let answer = ask(&tenant, "/.well-known/jwks.json");
        assert_eq!((answer.status().as_u16(), limits(&answer)), (200, None));
    }
}

#[test]
fn a_seed_can_set_rate_limits() {
    let seed = Seed::parse(r#"{ "x-m2mock": { "rate_limits": true } }"#, "seed.json").unwrap();
    let tenant = MockTenant::builder().seed(seed).clock(Clock::fixed(NOON)).start();
    // What a test sets up is no request.
    for name in ["a1", "b2", "c3"] {
        tenant.organization(name).create();
    }
    let get = || crate::wire::get(&tenant.uri(), "/api/v2/clients").status;
    assert_eq!([get(), get(), get()], [401, 401, 429]);
}
