//! One answer is broken by a mock, the rest of the tenant works: `cargo run --features wiremock --example beside_wiremock`.
//!
//! For a suite that has a `wiremock::MockServer`: the service under test keeps its one address.

use std::error::Error;

use m2mock::MockTenant;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = MockServer::start().await;
    // A mock that the suite has always had.
    Mock::given(path("/weather"))
        .respond_with(ResponseTemplate::new(200).set_body_string("sunny"))
        .mount(&server)
        .await;
    // The tenant answers what no mock takes.
    let tenant = MockTenant::start();
    tenant.mount(&server).await;

    let http = reqwest::Client::new();
    let (client_id, client_secret) = tenant.management_client();
    let body = json!({
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "audience": tenant.management_audience(),
    });
    let answer = http.post(server.uri() + "/oauth/token").json(&body).send().await?;
    let token: Value = answer.error_for_status()?.json().await?;
    let token = token["access_token"].as_str().unwrap_or_default();
    let get = async |path: &str| {
        let answer = http.get(server.uri() + path).bearer_auth(token).send().await?;
        Ok::<u16, reqwest::Error>(answer.status().as_u16())
    };

    let story = "the token comes from the tenant";
    println!("{story}: weather {}, organizations {}", get("/weather").await?, get("/api/v2/organizations").await?);
    assert_eq!((get("/weather").await?, get("/api/v2/organizations").await?), (200, 200));

    // One route fails for the next two requests.
    let outage = Mock::given(method("GET")).and(path("/api/v2/organizations")).respond_with(ResponseTemplate::new(500));
    outage.up_to_n_times(2).expect(2).mount(&server).await;
    println!("during the outage: organizations {}", get("/api/v2/organizations").await?);
    assert_eq!((get("/api/v2/organizations").await?, get("/api/v2/clients").await?), (500, 200));
    println!("after it: organizations {}", get("/api/v2/organizations").await?);
    assert_eq!(get("/api/v2/organizations").await?, 200);

    // The journal has what the tenant answered, and nothing else.
    assert_eq!(tenant.requests().operation("GET /organizations").count(), 4);
    Ok(())
}
