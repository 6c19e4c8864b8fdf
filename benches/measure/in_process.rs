//! A tenant in this process, asked without a socket: bearer token, validation and all.

use bytes::Bytes;
use http::{Method, Request};
use m2mock::api::{Config, Pins, Tenant};
use serde_json::Value;

use super::milliseconds;

/// Requests in one measurement: one alone is too short for the clock.
pub const TURN: usize = 20;

/// A tenant and a token for it.
pub struct InProcess {
    tenant: Tenant,
    bearer: String,
}

impl InProcess {
    /// An empty tenant, and a token with these scopes.
    pub fn with(scopes: &[&str]) -> InProcess {
        let tenant = Tenant::new(Config::default());
        let bearer = format!("Bearer {}", tenant.management_token("localhost", scopes));
        InProcess { tenant, bearer }
    }

    /// Creates something as the tenant's owner.
    pub fn create(&self, path: &str, body: Value) -> Value {
        let created = self.tenant.perform(Method::POST, path, body, Pins::default());
        created.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// What a path answers.
    pub fn get(&self, path: &str) -> Bytes {
        let request = Request::get(format!("/api/v2{path}")).header("authorization", &self.bearer);
        let response = self.tenant.answer(request.body(Bytes::new()).expect("a request"));
        assert_eq!(response.status(), 200, "{path}: {}", String::from_utf8_lossy(response.body()));
        response.into_body()
    }

    /// The cursor that continues a list after so many entities.
    pub fn cursor_after(&self, path: &str, count: usize) -> String {
        let mut cursor = String::new();
        let mut seen = 0;
        while seen < count {
            let take = (count - seen).min(50);
            let page = self.get(&format!("{path}?take={take}{cursor}"));
            let page: Value = serde_json::from_slice(&page).expect("JSON");
            cursor = format!("&from={}", text(&page["next"]));
            seen += take;
        }
        cursor.trim_start_matches("&from=").to_owned()
    }

    /// Milliseconds that a turn of requests takes.
    pub fn turn(&self, path: &str) -> f64 {
        milliseconds(|| (0..TURN).map(|_| self.get(path)).collect::<Vec<_>>())
    }
}

/// The text of a member.
pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
