//! A cache of tokens meets the end of a token's life: `cargo run --example token_cache`.
//!
//! Nothing waits: the tenant's clock is moved, and the service reads the same clock.

use std::error::Error;
use std::time::Duration;

use m2mock::{Clock, MockTenant};
use serde_json::{Value, json};

/// Asks for a token when there is none that is good for another minute.
struct TokenCache {
    http: reqwest::Client,
    endpoint: String,
    request: Value,
    clock: Clock,
    kept: Option<(String, i64)>,
}

impl TokenCache {
    const MARGIN: i64 = 60;

    async fn token(&mut self) -> Result<String, reqwest::Error> {
        let now = self.clock.unix();
        if let Some((token, good_until)) = &self.kept
            && now + TokenCache::MARGIN < *good_until
        {
            return Ok(token.clone());
        }
        let answer = self.http.post(&self.endpoint).json(&self.request).send().await?;
        let answer: Value = answer.error_for_status()?.json().await?;
        let token = answer["access_token"].as_str().unwrap_or_default().to_owned();
        let good_until = now + answer["expires_in"].as_i64().unwrap_or_default();
        self.kept = Some((token.clone(), good_until));
        Ok(token)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tenant = MockTenant::start();
    let (client_id, client_secret) = tenant.management_client();
    let mut cache = TokenCache {
        http: reqwest::Client::new(),
        endpoint: tenant.uri() + "/oauth/token",
        request: json!({
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "audience": tenant.management_audience(),
        }),
        clock: tenant.clock().clone(),
        kept: None,
    };
    // The API that the token is for can tell whether it is still good.
    let http = reqwest::Client::new();
    let list = async |token: &str| {
        let answer = http.get(tenant.uri() + "/api/v2/organizations").bearer_auth(token).send().await;
        answer.map(|answer| answer.status().as_u16())
    };
    tenant.expect_tokens(2).for_client(&client_id).named("one token a day");

    let monday = cache.token().await?;
    println!("in the morning: a token, and the API answers {}", list(&monday).await?);

    tenant.clock().advance(Duration::from_secs(23 * 60 * 60));
    let in_the_night = cache.token().await?;
    println!("23 hours later: the same token, and the API answers {}", list(&in_the_night).await?);
    assert_eq!(in_the_night, monday);

    tenant.clock().advance(Duration::from_secs(60 * 60));
    println!("a day later: for the old token the API answers {}", list(&monday).await?);
    assert_eq!(list(&monday).await?, 401);
    let tuesday = cache.token().await?;
    println!("             but the cache has a new one, and the API answers {}", list(&tuesday).await?);
    assert_ne!(tuesday, monday);
    assert_eq!(list(&tuesday).await?, 200);
    Ok(())
}
