//! A caller of one tenant's Management API over the wire.

use std::time::Duration;

use m2mock::{Clock, MockTenant};
use serde_json::Value;

use crate::wire;

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;

/// A tenant whose clock is stopped at noon, and a token for it.
pub struct Caller {
    tenant: MockTenant,
    token: String,
}

/// What came back: status, and the body read as JSON (`null` if it is empty).
pub type Answered = (u16, Value);

impl Caller {
    /// With every scope.
    pub fn start() -> Caller {
        Caller::of(MockTenant::builder().clock(Clock::fixed(NOON)).start())
    }

    /// The same for a tenant that is there already.
    pub fn of(tenant: MockTenant) -> Caller {
        let rows = m2mock::internal::operations();
        let scopes: Vec<&str> = rows.iter().flat_map(|row| row.scopes).copied().collect();
        let token = tenant.management_token(&scopes);
        Caller { tenant, token }
    }

    /// Where the tenant answers, which is the beginning of each link to it.
    pub fn uri(&self) -> String {
        self.tenant.uri()
    }

    /// From now on with these scopes only.
    pub fn limit_to(&mut self, scopes: &[&str]) {
        self.token = self.tenant.management_token(scopes);
    }

    pub fn get(&self, path: &str) -> Answered {
        self.send("GET", path, &Value::Null)
    }

    pub fn post(&self, path: &str, body: Value) -> Answered {
        self.send("POST", path, &body)
    }

    pub fn patch(&self, path: &str, body: Value) -> Answered {
        self.send("PATCH", path, &body)
    }

    pub fn put(&self, path: &str, body: Value) -> Answered {
        self.send("PUT", path, &body)
    }

    pub fn delete(&self, path: &str) -> Answered {
        self.send("DELETE", path, &Value::Null)
    }

    pub fn delete_with(&self, path: &str, body: Value) -> Answered {
        self.send("DELETE", path, &body)
    }

    /// Creates something and gives back this member of the answer.
    pub fn create(&self, path: &str, body: Value, member: &str) -> String {
        let (status, answer) = self.post(path, body);
        assert_eq!(status, 201, "{answer}");
        answer[member].as_str().expect("a text").to_owned()
    }

    /// Sends a form with these parts.
    pub fn post_form(&self, path: &str, parts: &[(&str, &str)]) -> Answered {
        let part = |(name, value): &(&str, &str)| {
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body: String = parts.iter().map(part).collect();
        self.send_as("multipart/form-data; boundary=b", "POST", path, &(body + "--b--\r\n"))
    }

    /// Moves the tenant's clock ahead.
    pub fn wait(&self, seconds: u64) {
        self.tenant.clock().advance(Duration::from_secs(seconds));
    }

    /// Asks for a token with client credentials.
    pub fn ask_for_token(&self, client_id: &str, client_secret: &str) -> u16 {
        let uri = self.tenant.uri();
        let body = format!("grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}");
        let request = format!(
            "POST /oauth/token HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            wire::address(&uri),
            body.len()
        );
        wire::send(&uri, request.as_bytes()).status
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Answered {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send_as("application/json", method, path, &body)
    }

    fn send_as(&self, content_type: &str, method: &str, path: &str, body: &str) -> Answered {
        let uri = self.tenant.uri();
        let request = format!(
            "{method} /api/v2{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             content-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            wire::address(&uri),
            self.token,
            body.len()
        );
        let answer = wire::send(&uri, request.as_bytes());
        let body = if answer.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON: {}", answer.body))
        };
        (answer.status, body)
    }
}

/// The sentence of a refusal.
pub fn message(answered: &Answered) -> &str {
    answered.1["message"].as_str().unwrap_or_default()
}
