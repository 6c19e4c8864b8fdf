//! Token quotas, beyond the scenarios: borders of time, parallel requests, the journal.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use m2mock::internal::{Config, Pins, Tenant};
use m2mock::{Clock, http};
use serde_json::{Value, json};

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;
const API: &str = "https://travel0.example/api";
const BOT: &str = "travel0PartnerBot000000000000001";
const SECRET: &str = "partner-bot-secret";
const ACME: &str = "org_Acme000000000001";
const CLIENT_LIMIT: &str = "auth0-client-quota-limit";
const ORGANIZATION_LIMIT: &str = "auth0-organization-quota-limit";

/// At noon: an API, a bot that may use it for any organization, and an organization.
fn tenant() -> Tenant {
    let tenant = Tenant::new(Config { clock: Clock::fixed(NOON), ..Config::default() });
    let create = |path: &str, body: Value, id: Option<&str>, secret: Option<&str>| {
        let pins = Pins { id: id.map(str::to_owned), secret: secret.map(str::to_owned) };
        tenant.perform(Method::POST, path, body, pins).expect("a right body");
    };
    create("/resource-servers", json!({ "identifier": API, "scopes": [{ "value": "read:trips" }] }), None, None);
    create("/clients", json!({ "name": "Partner bot" }), Some(BOT), Some(SECRET));
    create("/organizations", json!({ "name": "acme" }), Some(ACME), None);
    let grant = json!({
        "client_id": BOT, "audience": API, "scope": ["read:trips"],
        "organization_usage": "allow", "allow_any_organization": true
    });
    create("/client-grants", grant, None, None);
    tenant
}

fn patch(tenant: &Tenant, path: &str, body: Value) {
    tenant.perform(Method::PATCH, path, body, Pins::default()).expect("a right body");
}

/// Gives the bot a quota.
fn limit_bot(tenant: &Tenant, quota: Value) {
    patch(tenant, &format!("/clients/{BOT}"), json!({ "token_quota": { "client_credentials": quota } }));
}

fn limit_acme(tenant: &Tenant, quota: Value) {
    patch(tenant, &format!("/organizations/{ACME}"), json!({ "token_quota": { "client_credentials": quota } }));
}

/// Asks for a token with these parameters changed.
fn ask_with(tenant: &Tenant, changes: &[(&str, &str)]) -> Response<Bytes> {
    let mut body =
        json!({ "grant_type": "client_credentials", "client_id": BOT, "client_secret": SECRET, "audience": API });
    for (name, value) in changes {
        body[*name] = (*value).into();
    }
    let request = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/json");
    tenant.answer(request.body(Bytes::from(body.to_string())).expect("a request"))
}

fn ask(tenant: &Tenant) -> Response<Bytes> {
    ask_with(tenant, &[])
}

fn ask_for_acme(tenant: &Tenant) -> Response<Bytes> {
    ask_with(tenant, &[("organization", ACME)])
}

fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().expect("a text"))
}

fn left(answer: &Response<Bytes>) -> (u16, Option<&str>) {
    (answer.status().as_u16(), header(answer, CLIENT_LIMIT))
}

fn is_granted(answer: &Response<Bytes>) -> bool {
    answer.status() == 200
}

// proves R104
#[test]
fn a_thousand_parallel_requests_get_exactly_the_hundred_tokens_of_a_quota() {
    let tenant = tenant();
    limit_bot(&tenant, json!({ "per_hour": 100 }));
    let granted = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let answer = ask(&tenant);
                    match answer.status().as_u16() {
                        200 => _ = granted.fetch_add(1, Ordering::Relaxed),
                        status => assert_eq!(status, 429),
                    }
                }
            });
        }
    });
    assert_eq!(granted.into_inner(), 100);
}

// proves R99
#[test]
fn an_hour_is_over_at_the_full_hour_and_a_day_at_midnight() {
    let tenant = tenant();
    limit_bot(&tenant, json!({ "per_hour": 1, "per_day": 2 }));
    tenant.clock().set(NOON + 3_590);
    assert_eq!(left(&ask(&tenant)), (200, Some("b=per_hour;q=1;r=0;t=10,b=per_day;q=2;r=1;t=39610")));
    tenant.clock().advance(Duration::from_secs(9));
    assert_eq!(left(&ask(&tenant)).0, 429);
    tenant.clock().advance(Duration::from_secs(1));
    assert_eq!(left(&ask(&tenant)), (200, Some("b=per_hour;q=1;r=0;t=3600,b=per_day;q=2;r=0;t=39600")));

    tenant.clock().set(NOON + 43_199);
    assert_eq!(left(&ask(&tenant)), (429, Some("b=per_hour;q=1;r=1;t=1,b=per_day;q=2;r=0;t=1")));
    tenant.clock().advance(Duration::from_secs(1));
    assert_eq!(left(&ask(&tenant)), (200, Some("b=per_hour;q=1;r=0;t=3600,b=per_day;q=2;r=1;t=86400")));
}

// proves R102 R103
#[test]
fn a_refusal_has_the_used_quota_and_the_time_of_its_reset() {
    let tenant = tenant();
    limit_bot(&tenant, json!({ "per_hour": 1 }));
    tenant.clock().set(NOON + 60);
    ask(&tenant);
    let refusal = ask(&tenant);
    assert_eq!(left(&refusal), (429, Some("b=per_hour;q=1;r=0;t=3540")));
    assert_eq!(header(&refusal, ORGANIZATION_LIMIT), None);
    let message = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"];
    assert_eq!(message.map(|name| header(&refusal, name)), [Some("1"), Some("0"), Some("1780318800"), Some("3540")]);
}

#[test]
fn without_a_quota_there_is_no_quota_header() {
    let answer = ask_for_acme(&tenant());
    assert!(is_granted(&answer));
    assert_eq!([CLIENT_LIMIT, ORGANIZATION_LIMIT, "x-ratelimit-limit"].map(|name| header(&answer, name)), [None; 3]);
}

// proves R98 R100
#[test]
fn a_token_for_an_organization_counts_towards_both_quotas() {
    let tenant = tenant();
    limit_bot(&tenant, json!({ "per_day": 9 }));
    limit_acme(&tenant, json!({ "per_day": 1 }));
    let granted = ask_for_acme(&tenant);
    assert_eq!(left(&granted), (200, Some("b=per_day;q=9;r=8;t=43200")));
    assert_eq!(header(&granted, ORGANIZATION_LIMIT), Some("b=per_day;q=1;r=0;t=43200"));

    let refusal = ask_for_acme(&tenant);
    let body: Value = serde_json::from_slice(refusal.body()).expect("JSON");
    assert_eq!(body, json!({ "error": "too_many_requests", "error_description": "Organization quota exceeded" }));
    // What the organization refuses is not counted for the client either.
    assert_eq!(left(&refusal), (429, Some("b=per_day;q=9;r=8;t=43200")));
    assert_eq!(left(&ask(&tenant)), (200, Some("b=per_day;q=9;r=7;t=43200")));
}

// proves R101
#[test]
fn a_quota_that_is_not_enforced_counts_and_never_refuses() {
    let tenant = tenant();
    limit_bot(&tenant, json!({ "per_hour": 1, "enforce": false }));
    for _ in 0..3 {
        assert_eq!(left(&ask(&tenant)), (200, Some("b=per_hour;q=1;r=0;t=3600")));
    }
    limit_bot(&tenant, json!({ "per_hour": 4, "enforce": true }));
    assert_eq!(left(&ask(&tenant)), (200, Some("b=per_hour;q=4;r=0;t=3600")));
    assert_eq!(left(&ask(&tenant)).0, 429);
}

// proves R97
#[test]
fn the_default_quota_applies_to_entities_without_their_own() {
    let tenant = tenant();
    let quota = |per_hour: u32| json!({ "client_credentials": { "per_hour": per_hour } });
    let defaults = json!({ "default_token_quota": { "clients": quota(5), "organizations": quota(3) } });
    patch(&tenant, "/tenants/settings", defaults);
    let answer = ask_for_acme(&tenant);
    assert_eq!(header(&answer, CLIENT_LIMIT), Some("b=per_hour;q=5;r=4;t=3600"));
    assert_eq!(header(&answer, ORGANIZATION_LIMIT), Some("b=per_hour;q=3;r=2;t=3600"));

    // Its own replaces the default as a whole.
    limit_bot(&tenant, json!({ "per_day": 7 }));
    assert_eq!(left(&ask(&tenant)), (200, Some("b=per_day;q=7;r=5;t=43200")));
}

#[test]
fn a_refused_request_does_not_count() {
    let tenant = tenant();
    limit_bot(&tenant, json!({ "per_hour": 1 }));
    for (name, value) in [
        ("client_secret", "wrong"),
        ("audience", "https://nowhere.example"),
        ("organization", "org_0000000000000000"),
        ("scope", "delete:trips"),
    ] {
        let refusal = ask_with(&tenant, &[(name, value)]);
        assert!(!is_granted(&refusal) && header(&refusal, CLIENT_LIMIT).is_none(), "{name}");
    }
    assert!(is_granted(&ask(&tenant)));
}

#[test]
fn the_usage_is_deleted_with_the_quota_and_by_a_reset() {
    let tenant = tenant();
    limit_bot(&tenant, json!({ "per_hour": 1 }));
    tenant.keep_as_initial();
    ask(&tenant);
    assert!(!is_granted(&ask(&tenant)));
    tenant.reset();
    assert!(is_granted(&ask(&tenant)));

    patch(&tenant, &format!("/clients/{BOT}"), json!({ "token_quota": null }));
    limit_bot(&tenant, json!({ "per_hour": 1 }));
    assert!(is_granted(&ask(&tenant)));
}

#[test]
fn the_journal_names_the_rules_and_the_quota() {
    let tenant = tenant();
    limit_bot(&tenant, json!({ "per_hour": 1 }));
    ask(&tenant);
    ask(&tenant);
    let decisions: Vec<_> = tenant.requests().into_iter().filter_map(|entry| entry.token).collect();
    assert!(decisions[0].granted && decisions[0].rules.contains(&"R97"), "{}", decisions[0]);
    assert!(decisions[0].why.ends_with("; auth0-client-quota-limit: b=per_hour;q=1;r=0;t=3600"), "{}", decisions[0]);
    assert_eq!(
        decisions[1].to_string(),
        format!(
            "refused by R100, R97: client \"Partner bot\" ({BOT}) has used up its 1 tokens per_hour, for another 3600 seconds"
        )
    );
}
