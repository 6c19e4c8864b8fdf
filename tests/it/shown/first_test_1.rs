use m2mock::MockTenant;
use serde_json::{Value, json};

/// The service under test, in short.
async fn token(issuer: &str, client_id: &str, client_secret: &str) -> Result<Value, reqwest::Error> {
    let body = json!({
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "audience": "https://travel0.example/api",
    });
    let answer = reqwest::Client::new().post(format!("{issuer}oauth/token")).json(&body).send().await?;
    answer.error_for_status()?.json().await
}

#[tokio::test]
async fn the_bot_gets_the_scopes_of_its_grant() {
    let tenant = MockTenant::start(); // on a thread of m2mock, so a plain `#[test]` works as well
    let api = tenant.api("https://travel0.example/api").scopes(["read:trips"]).create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).scopes(["read:trips"]).create();

    let granted = token(&tenant.issuer(), &bot.client_id, &bot.client_secret).await.unwrap();
    assert_eq!(granted["scope"], "read:trips");
}
