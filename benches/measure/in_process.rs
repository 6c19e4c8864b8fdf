//! Requests to a tenant in process, without a socket, with bearer token and validation.

use bytes::Bytes;
use http::{Method, Request};
use m2mock::internal::{Config, Pins, Tenant};
use serde_json::Value;

use super::{Pair, head, milliseconds, rounds, row};

/// Requests in one measurement: one alone is too short for the clock.
const TURN: usize = 20;

/// How much longer the same page may take in the larger tenant.
const GOAL: f64 = 1.5;

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
    fn turn(&self, path: &str) -> f64 {
        milliseconds(|| (0..TURN).map(|_| self.get(path)).collect::<Vec<_>>())
    }
}

/// A tenant that was filled with so many things of the kind that its lists are about.
pub trait Filled {
    /// How many.
    fn count(&self) -> usize;

    /// The tenant itself.
    fn tenant(&self) -> &InProcess;
}

/// A page: what it is, and where it is in a tenant.
pub type Page<F> = (&'static str, fn(&F) -> String);

/// Prints what the same pages cost in a large tenant and in a small one, asked in turn.
pub fn at_two_sizes<F: Filled>(large: &F, small: &F, pages: &[Page<F>]) {
    let column = |filled: &F| format!("at {}, µs", filled.count());
    head(&["GET", &column(large), &column(small), "ratio", "goal"]);
    for (what, path) in pages {
        let (of_large, of_small) = (path(large), path(small));
        let pair = Pair::measure(rounds(201, 1), || large.tenant().turn(&of_large), || small.tenant().turn(&of_small));
        let microseconds = |milliseconds: f64| format!("{:.1}", milliseconds * 1e3 / TURN as f64);
        let ratio = format!("{:.2}", pair.ratio());
        row(&[what, &microseconds(pair.ours()), &microseconds(pair.rival()), &ratio, &format!("<= {GOAL}")]);
    }
}

/// The text of a member.
pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
