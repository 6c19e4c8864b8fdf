//! A service that calls an API with machine-to-machine tokens, under test: `cargo run --example service_under_test`.
//!
//! The service knows an address, a client id and a secret. That a mock stands there it does not know.

use std::error::Error;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use m2mock::MockTenant;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The service: it counts the trips that another team's API has.
struct TripCounter {
    issuer: String,
    trips_api: String,
    client_id: String,
    client_secret: String,
    http: reqwest::Client,
}

impl TripCounter {
    async fn count(&self) -> Result<usize, reqwest::Error> {
        let credentials = json!({
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "audience": "https://travel0.example/api",
        });
        let answer = self.http.post(format!("{}oauth/token", self.issuer)).json(&credentials).send().await?;
        let token: Value = answer.error_for_status()?.json().await?;
        let token = token["access_token"].as_str().unwrap_or_default();
        let trips = self.http.get(format!("{}/trips", self.trips_api)).bearer_auth(token).send().await?;
        Ok(trips.error_for_status()?.json::<Vec<String>>().await?.len())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // What the tenant holds: an API, an application, and a grant between them.
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").scopes(["read:trips"]).create();
    let counter = tenant.application("Trip counter").create();
    tenant.client_grant(&counter, &api).scopes(["read:trips"]).create();

    let service = TripCounter {
        issuer: tenant.issuer(),
        trips_api: trips_api().await?,
        client_id: counter.client_id.clone(),
        client_secret: counter.client_secret.clone(),
        http: reqwest::Client::new(),
    };

    // What the test says of the service beforehand; it is checked when the tenant is dropped.
    tenant.expect_tokens(1).for_client(&counter).audience(&api);

    let count = service.count().await?;
    println!("the service counts {count} trips");
    assert_eq!(count, 2);

    // A secret that was rotated under the feet of the service.
    let stale = TripCounter { client_secret: "the secret of last year".to_owned(), ..service };
    let error = stale.count().await.expect_err("a wrong secret gets no token");
    println!("with an old secret it fails: {}", error.status().unwrap_or_default());
    assert_eq!(error.status(), Some(reqwest::StatusCode::UNAUTHORIZED));

    println!("\nthe tenant was asked:\n{}", tenant.requests());
    Ok(())
}

/// The API of the other team, as small as it can be: it wants a token and does not look at it.
async fn trips_api() -> std::io::Result<String> {
    let list = async |headers: HeaderMap| match headers.contains_key("authorization") {
        true => (StatusCode::OK, json!(["Lisbon", "Oslo"]).to_string()),
        false => (StatusCode::UNAUTHORIZED, String::new()),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, Router::new().route("/trips", get(list))).into_future());
    Ok(format!("http://{address}"))
}
