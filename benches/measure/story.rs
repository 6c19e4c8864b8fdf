//! The story that a test of machine-to-machine access tells: API, application, organization, grant, association, token.
//!
//! None of its names stand in the sample story that `m2mock serve` starts with.

use serde_json::{Value, json};

use super::http::{Answer, Connection};

/// What a bearer token needs for the story.
pub const SCOPES: &[&str] = &[
    "create:resource_servers",
    "create:clients",
    "create:organizations",
    "create:client_grants",
    "create:organization_client_grants",
];

/// Creates all of it over HTTP and gives back the body of the token request that it is for.
pub fn tell(connection: &mut Connection, bearer: &str) -> Value {
    let mut create = |path: &str, body: Value| created(&connection.ask("POST", path, Some(bearer), Some(&body)), path);

    let audience = "https://weather.example/api";
    let scopes = json!([
        { "value": "read:forecasts", "description": "Read forecasts" },
        { "value": "create:forecasts", "description": "Create forecasts" },
    ]);
    create("/api/v2/resource-servers", json!({ "name": "Weather", "identifier": audience, "scopes": scopes }));
    let client = create(
        "/api/v2/clients",
        json!({ "name": "Forecast reader", "app_type": "non_interactive", "grant_types": ["client_credentials"] }),
    );
    let organization = create("/api/v2/organizations", json!({ "name": "north-coast" }));
    let grant = create(
        "/api/v2/client-grants",
        json!({
            "client_id": client["client_id"],
            "audience": audience,
            "scope": ["read:forecasts", "create:forecasts"],
            "organization_usage": "require",
        }),
    );
    let associations =
        format!("/api/v2/organizations/{}/client-grants", organization["id"].as_str().expect("an organization id"));
    create(&associations, json!({ "grant_id": grant["id"] }));

    json!({
        "grant_type": "client_credentials",
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "audience": audience,
        "organization": organization["id"],
    })
}

/// Creates a further client with a grant for the same API, and returns the body of its token request. The grant is for no
/// organization, because an organization takes a hundred grants.
pub fn further_client(connection: &mut Connection, bearer: &str, first: &Value) -> Value {
    let mut create = |path: &str, body: Value| created(&connection.ask("POST", path, Some(bearer), Some(&body)), path);
    let client = create(
        "/api/v2/clients",
        json!({ "name": "Forecast reader", "app_type": "non_interactive", "grant_types": ["client_credentials"] }),
    );
    create(
        "/api/v2/client-grants",
        json!({
            "client_id": client["client_id"],
            "audience": first["audience"],
            "scope": ["read:forecasts", "create:forecasts"],
        }),
    );
    json!({
        "grant_type": "client_credentials",
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "audience": first["audience"],
    })
}

/// Asks for a token.
pub fn token(connection: &mut Connection, body: &Value) -> String {
    let answer = connection.ask("POST", "/oauth/token", None, Some(body));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["access_token"].as_str().expect("an access token").to_owned()
}

fn created(answer: &Answer, path: &str) -> Value {
    assert_eq!(answer.status, 201, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}
