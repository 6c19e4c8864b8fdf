//! What a service does when its tenant fails, fault by fault: `cargo run --example fault_drill`.
//!
//! The service here tries three times, with a second's patience. Put your own in its place.

use std::error::Error;
use std::time::Duration;

use m2mock::MockTenant;
use serde_json::{Value, json};

struct Service {
    http: reqwest::Client,
    endpoint: String,
    request: Value,
}

impl Service {
    /// A token, at the third try at the latest.
    async fn token(&self) -> Result<String, String> {
        let mut last = String::new();
        for _ in 0..3 {
            match self.try_once().await {
                Ok(token) => return Ok(token),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn try_once(&self) -> Result<String, String> {
        let answer = self.http.post(&self.endpoint).json(&self.request).send().await;
        let answer = answer.and_then(|answer| answer.error_for_status()).map_err(|error| error.to_string())?;
        let answer: Value = answer.json().await.map_err(|error| error.to_string())?;
        answer["access_token"].as_str().map(str::to_owned).ok_or_else(|| "an answer without a token".to_owned())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();
    let service = Service {
        http: reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?,
        endpoint: tenant.uri() + "/oauth/token",
        request: json!({
            "grant_type": "client_credentials",
            "client_id": bot.client_id,
            "client_secret": bot.client_secret,
            "audience": api.identifier,
        }),
    };

    // Each goes wrong twice, and the third try succeeds.
    let twice = || tenant.faults().on_token().for_client(&bot).times(2);
    let drills: [(&str, &dyn Fn() -> u64); 6] = [
        ("too many requests", &|| twice().too_many_requests()),
        ("the service is down", &|| twice().unavailable()),
        ("the connection is reset", &|| twice().reset()),
        ("the answer breaks off", &|| twice().truncated()),
        ("the answer is no JSON", &|| twice().malformed_json()),
        ("a slow network", &|| twice().latency(Duration::from_millis(50)..=Duration::from_millis(100))),
    ];
    for (what, put_in) in drills {
        put_in();
        let asked = tenant.requests().tokens().count();
        let outcome = service.token().await;
        let tries = tenant.requests().tokens().count() - asked;
        println!("{what}: {} after {tries} tries", if outcome.is_ok() { "a token" } else { "no token" });
        assert!(outcome.is_ok(), "{what}: {outcome:?}");
        tenant.faults().clear();
    }

    // An outage that does not end: the service gives up, and says why.
    tenant.faults().on_token().unavailable();
    let error = service.token().await.expect_err("nothing answers with a token");
    println!("an outage: no token, {error}");
    assert!(error.contains("503"), "{error}");
    Ok(())
}
