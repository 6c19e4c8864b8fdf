//! A bot uses up its token quota and waits for the next hour: `cargo run --example quota_exhaustion`.
//!
//! Quotas go by the tenant's clock, so the hour passes in a line.

use std::error::Error;
use std::time::Duration;

use m2mock::{Clock, MockTenant};
use serde_json::json;

/// Noon of a day in 2026: the hour of the quota begins now.
const NOON: u64 = 1_780_315_200;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tenant = MockTenant::builder().clock(Clock::fixed(NOON)).start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant
        .application("Partner bot")
        .with("token_quota", json!({ "client_credentials": { "per_hour": 3, "enforce": true } }))
        .create();
    tenant.client_grant(&bot, &api).create();

    let http = reqwest::Client::new();
    let ask = async || {
        let body = json!({
            "grant_type": "client_credentials",
            "client_id": bot.client_id,
            "client_secret": bot.client_secret,
            "audience": api.identifier,
        });
        http.post(tenant.uri() + "/oauth/token").json(&body).send().await
    };

    for number in 1..=3 {
        let answer = ask().await?;
        let quota = answer.headers()["auth0-client-quota-limit"].to_str()?.to_owned();
        println!("token {number}: {}, {quota}", answer.status());
        assert_eq!(answer.status(), 200);
    }

    let refused = ask().await?;
    let wait: u64 = refused.headers()["retry-after"].to_str()?.parse()?;
    println!("token 4: {}, {}", refused.status(), refused.text().await?);
    println!("         come again in {wait} seconds");
    assert_eq!(wait, 3600);

    // A service that keeps to `retry-after` gets its token; one that comes a second earlier does not.
    tenant.clock().advance(Duration::from_secs(wait - 1));
    assert_eq!(ask().await?.status(), 429);
    tenant.clock().advance(Duration::from_secs(1));
    let answer = ask().await?;
    println!("an hour later: {}", answer.status());
    assert_eq!(answer.status(), 200);

    // The people who run the tenant saw it coming.
    let warnings = tenant.logs().into_iter().filter(|entry| entry.kind == "token_quota_consumption_warning").count();
    println!("warnings in the tenant's log: {warnings}");
    assert!(warnings >= 1);
    Ok(())
}
