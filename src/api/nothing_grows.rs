//! Tests that answers, journal entries and log entries have a bounded size for every request.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, header};
use serde_json::{Value, json};

use super::{Config, Tenant};

/// A megabyte, as long as the server lets a body be.
const MEGABYTE: usize = 1 << 20;
/// As long as the server lets a line or a header of a request be.
const LONG_LINE: usize = 60_000;

/// An answer has a sentence of at most 16 KiB, of which JSON escapes some characters.
const LONGEST_ANSWER: usize = 40 * 1024;
/// Ten texts of a kilobyte each and two bodies of four, shown with escapes.
const LARGEST_ENTRY: usize = 32 * 1024;

struct Attack {
    tenant: Tenant,
    token: String,
    sent: AtomicUsize,
}

impl Attack {
    fn new() -> Self {
        let tenant = Tenant::new(Config::default());
        let scopes: Vec<&str> =
            super::management::operations().iter().flat_map(|operation| operation.scopes).copied().collect();
        let token = tenant.management_token("127.0.0.1:4000", &scopes);
        Attack { tenant, token, sent: AtomicUsize::new(0) }
    }

    /// Sends a request, and gives the answer after a look at its length.
    fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(header::HeaderName, &str)],
        body: impl Into<Bytes>,
    ) -> Value {
        let mut request = Request::builder().method(method).uri(target).header(header::HOST, "127.0.0.1:4000");
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let answer = self.tenant.answer(request.body(body.into()).expect("a request"));
        self.sent.fetch_add(1, Ordering::Relaxed);
        assert!(answer.body().len() <= LONGEST_ANSWER, "{method}: an answer of {} bytes", answer.body().len());
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }

    fn management(&self, method: &str, target: &str, body: &Value) -> Value {
        let bearer = format!("Bearer {}", self.token);
        let headers = [(header::AUTHORIZATION, bearer.as_str()), (header::CONTENT_TYPE, "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, &format!("/api/v2{target}"), &headers, body)
    }

    fn token(&self, body: &Value) -> Value {
        self.send("POST", "/oauth/token", &[(header::CONTENT_TYPE, "application/json")], body.to_string())
    }

    /// Everything that is kept of the requests, entry by entry.
    fn assert_bounded(&self) {
        let journal = self.tenant.requests();
        assert_eq!(journal.len(), self.sent.load(Ordering::Relaxed), "requests in the journal");
        for entry in journal {
            let size = format!("{entry:?}").len();
            assert!(size <= LARGEST_ENTRY, "an entry of the journal of {size} bytes: {entry}");
        }
        for event in self.tenant.log.entries().oldest_first() {
            let size = format!("{event:?}").len();
            assert!(size <= LARGEST_ENTRY, "an entry of the log of {size} bytes");
        }
    }
}

#[test]
fn a_refused_token_request_leaves_no_more_than_its_bound() {
    let attack = Attack::new();
    let (client_id, client_secret) = attack.tenant.management_client();
    let usual = json!({
        "grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret,
        "audience": attack.tenant.management_audience(), "scope": "read:clients"
    });
    let long = "x".repeat(MEGABYTE);
    let members = ["grant_type", "client_id", "client_secret", "audience", "scope", "organization", "client_assertion"];
    for member in members {
        let mut body = usual.clone();
        body[member] = long.as_str().into();
        let answer = attack.token(&body);
        assert!(answer["error"].is_string(), "{member}");
    }
    let form = format!("grant_type=client_credentials&client_id={long}");
    attack.send("POST", "/oauth/token", &[], form);
    attack.send("POST", &format!("/oauth/token?client_id={}", "q".repeat(LONG_LINE)), &[], "");
    let line = "h".repeat(LONG_LINE);
    let headers = [(header::USER_AGENT, line.as_str()), (header::CONTENT_TYPE, "application/json")];
    attack.send("POST", "/oauth/token", &headers, usual.to_string());
    attack.assert_bounded();
}

#[test]
fn a_refused_management_request_leaves_no_more_than_its_bound() {
    let attack = Attack::new();
    let long = "x".repeat(MEGABYTE);
    let line = "p".repeat(LONG_LINE);
    for body in [
        json!({ "name": "x", "callbacks": (0..140_000).collect::<Vec<u32>>() }),
        json!({ "name": 1, long.as_str(): 1 }),
        json!({ "name": "x", "app_type": long }),
        json!({ "name": "x", "app_type": vec![long.as_str(); 3] }),
        json!({ "name": "x", "client_metadata": { long.as_str(): { long.as_str(): 1 } } }),
        Value::Object((0..40_000).map(|number| (format!("unknown{number}"), Value::Null)).collect()),
    ] {
        assert_eq!(attack.management("POST", "/clients", &body)["statusCode"], 400);
    }
    let beyond_the_bound_of_a_parsed_body = json!({ "name": "x", "callbacks": vec![0; 400_000] });
    assert_eq!(attack.management("POST", "/clients", &beyond_the_bound_of_a_parsed_body)["statusCode"], 413);
    for target in [
        format!("/clients/{line}"),
        format!("/{line}"),
        format!("/clients?{line}=1"),
        format!("/clients?fields={line}&page=x"),
        format!("/users?q={line}&search_engine=v3"),
        format!("/clients?q={line}"),
        format!("/organizations?{}", "page=x&".repeat(LONG_LINE / 7)),
    ] {
        attack.management("GET", &target, &Value::Null);
        attack.management("POST", &target, &json!({}));
        attack.management("DELETE", &target, &Value::Null);
    }
    attack.send(&"M".repeat(1000), &format!("/{line}"), &[], "");
    attack.send("GET", "/api/v2/clients", &[(header::AUTHORIZATION, &format!("Bearer a.{line}.c"))], "");
    attack.assert_bounded();
}

#[test]
fn a_long_name_that_the_state_holds_is_not_copied_into_each_entry() {
    let attack = Attack::new();
    let client = attack.tenant.perform(
        http::Method::POST,
        "/clients",
        json!({ "name": "x".repeat(MEGABYTE / 2) }),
        super::Pins::default(),
    );
    let client = client.expect("a client with a long name");
    for _ in 0..3 {
        let secret = &client["client_secret"];
        attack.token(&json!({
            "grant_type": "client_credentials", "client_id": client["client_id"], "client_secret": secret,
            "audience": attack.tenant.management_audience()
        }));
    }
    attack.assert_bounded();
}
