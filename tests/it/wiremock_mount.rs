//! A tenant behind a `wiremock` server.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use m2mock::{MockTenant, OrganizationUsage};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::wire;

const API: &str = "https://travel0.example/api";

/// Asks for a token at this address: status and body.
async fn ask(uri: &str, id: &str, secret: &str, more: Value) -> (u16, Value) {
    let mut body = json!({ "grant_type": "client_credentials", "client_id": id, "client_secret": secret });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = wire::client().post(format!("{uri}/oauth/token")).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn get(uri: &str, path: &str, token: &str) -> (u16, String) {
    let answer = wire::client().get(format!("{uri}{path}")).bearer_auth(token).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn decoded(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).unwrap()
}

#[tokio::test]
async fn a_mock_replaces_one_route_and_the_others_work() {
    let server = MockServer::start().await;
    let tenant = MockTenant::start();
    tenant.mount(&server).await;
    let (id, secret) = tenant.management_client();
    let broken = Mock::given(method("GET")).and(path("/api/v2/organizations")).respond_with(ResponseTemplate::new(500));
    broken.expect(1).mount(&server).await;

    let audience = json!({ "audience": tenant.management_audience() });
    let (status, answer) = ask(&server.uri(), &id, &secret, audience).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["access_token"].as_str().unwrap();

    assert_eq!(get(&server.uri(), "/api/v2/organizations", token).await, (500, String::new()));
    assert_eq!(get(&server.uri(), "/api/v2/clients?per_page=1", token).await.0, 200);
    let made = wire::client()
        .post(server.uri() + "/api/v2/organizations")
        .bearer_auth(token)
        .json(&json!({ "name": "granite-tours" }));
    assert_eq!(made.send().await.unwrap().status(), 201);

    // What the mock answered, the tenant never saw.
    assert_eq!(tenant.requests().operation("GET /organizations").count(), 0);
    assert_eq!(tenant.requests().operation("POST /organizations").for_client(id).count(), 1);
}

#[tokio::test]
async fn a_token_fetched_through_the_mock_server_verifies_with_the_keys_found_there() {
    let server = MockServer::start().await;
    let tenant = MockTenant::start();
    let there = tenant.mount(&server).await;
    let api = tenant.api(API).scopes(["read:trips"]).create();
    let bot = tenant.application("Partner bot").create();
    let granite = tenant.organization("granite-tours").create();
    let grant = tenant.client_grant(&bot, &api).organization_usage(OrganizationUsage::Require).create();
    tenant.associate(&granite, &grant);

    let more = json!({ "audience": API, "organization": granite.id });
    let (status, answer) = ask(&server.uri(), &bot.client_id, &bot.client_secret, more).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["access_token"].as_str().unwrap();
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let read = |part: &str| serde_json::from_slice::<Value>(&decoded(part)).unwrap();

    let issuer = read(claims)["iss"].as_str().unwrap().to_owned();
    assert_eq!((issuer.as_str(), there.issuer()), (&*format!("{}/", server.uri()), issuer.clone()));
    assert_eq!(read(claims)["org_id"], granite.id);
    let document = get(&server.uri(), "/.well-known/openid-configuration", "").await.1;
    let jwks = serde_json::from_str::<Value>(&document).unwrap()["jwks_uri"].as_str().unwrap().to_owned();
    assert_eq!(jwks, server.uri() + "/.well-known/jwks.json");

    let keys: Value = wire::client().get(jwks).send().await.unwrap().json().await.unwrap();
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == read(header)["kid"]).unwrap();
    let [n, e] = ["n", "e"].map(|member| decoded(key[member].as_str().unwrap()));
    let verified = RsaPublicKeyComponents { n, e }.verify(
        &RSA_PKCS1_2048_8192_SHA256,
        format!("{header}.{claims}").as_bytes(),
        &decoded(signature),
    );
    assert!(verified.is_ok());
}

#[tokio::test]
async fn answers_equal_those_of_the_tenants_own_port_including_headers() {
    let server = MockServer::start().await;
    let tenant = MockTenant::builder().allow_unmodelled_operations().start();
    tenant.mount(&server).await;
    let answers = async |uri: &str, path: &str| {
        let answer = wire::client().get(format!("{uri}{path}")).send().await.unwrap();
        let names: BTreeSet<String> = answer.headers().keys().map(ToString::to_string).collect();
        (answer.status(), names, answer.text().await.unwrap())
    };
    for path in ["/.well-known/jwks.json", "/api/v2/clients?q=a%20b", "/api/v2/nothing", "/oauth/token"] {
        assert_eq!(answers(&server.uri(), path).await, answers(&tenant.uri(), path).await, "{path}");
    }
}

#[tokio::test]
async fn a_management_token_for_the_mock_server_is_good_there_and_not_at_the_own_port() {
    let server = MockServer::start().await;
    let tenant = MockTenant::start();
    let token = tenant.mount(&server).await.management_token(&["read:clients"]);
    assert_eq!(get(&server.uri(), "/api/v2/clients", &token).await.0, 200);
    assert_eq!(get(&tenant.uri(), "/api/v2/clients", &token).await.0, 401);
}

#[tokio::test]
async fn a_mock_can_respond_with_the_tenant_and_count() {
    let server = MockServer::start().await;
    let tenant = MockTenant::start();
    let keys = Mock::given(path("/.well-known/jwks.json")).respond_with(tenant.responder());
    let guard = server.register_as_scoped(keys.expect(1)).await;
    assert_eq!(get(&server.uri(), "/.well-known/jwks.json", "").await.0, 200);
    assert_eq!(get(&server.uri(), "/.well-known/openid-configuration", "").await.0, 404);
    drop(guard);
    assert_eq!(tenant.requests().count(), 1);
}

#[tokio::test]
async fn expectations_count_requests_through_the_mock_server() {
    let server = MockServer::start().await;
    let tenant = MockTenant::start();
    tenant.mount(&server).await;
    tenant.expect_operation("GET /.well-known/jwks.json", 1);
    assert_eq!(get(&server.uri(), "/.well-known/jwks.json", "").await.0, 200);
    tenant.verify();
}

/// A known fault of wiremock 0.6.5, which the documentation of `mount` tells of: it remembers a scoped mock by its place
/// among all, and sorts them by priority at each request.
#[tokio::test]
async fn a_scoped_mock_ends_the_tenant_in_its_place() {
    let server = MockServer::start().await;
    let tenant = MockTenant::start();
    let token = tenant.mount(&server).await.management_token(&["read:organizations"]);
    let outage = Mock::given(path("/api/v2/organizations")).respond_with(ResponseTemplate::new(500));
    let outage = outage.mount_as_scoped(&server).await;
    let status = async || get(&server.uri(), "/api/v2/organizations", &token).await.0;
    assert_eq!(status().await, 500);

    drop(outage);
    assert_eq!(status().await, 500);
    assert_eq!(get(&server.uri(), "/.well-known/jwks.json", &token).await.0, 404);
}
