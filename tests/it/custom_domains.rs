//! A tenant at its custom domains: tokens, discovery, assertions and the Management API.

use bytes::Bytes;
use http::{Method, Request, header};
use m2mock::http;
use m2mock::internal::{Config, Pins, Tenant};
use serde_json::{Map, Value, json};

use crate::client_assertion::{self, API, BOT, PEM, assertion, create, rs256};

const DOMAIN: &str = "login.travel0.example";
const ISSUER: &str = "https://login.travel0.example/";
const TENANT: &str = "https://travel0.localhost/";
const MANAGEMENT: &str = "https://travel0.localhost/api/v2/";

/// A custom domain that waits for its verification: its path.
fn add(tenant: &Tenant, domain: &str) -> String {
    let domain = create(tenant, "/custom-domains", json!({ "domain": domain, "type": "auth0_managed_certs" }), None);
    format!("/custom-domains/{}", domain["custom_domain_id"].as_str().expect("an id"))
}

fn verify(tenant: &Tenant, path: &str) {
    create(tenant, &format!("{path}/verify"), Value::Null, None);
}

fn at_domain(tenant: &Tenant) -> String {
    let path = add(tenant, DOMAIN);
    verify(tenant, &path);
    path
}

fn send(tenant: &Tenant, host: &str, method: Method, path: &str, bearer: &str, body: &Value) -> (u16, Value) {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
    if !bearer.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let response = tenant.answer(request.body(body).expect("a request"));
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
}

fn get(tenant: &Tenant, host: &str, path: &str, bearer: &str) -> (u16, Value) {
    send(tenant, host, Method::GET, path, bearer, &Value::Null)
}

/// The answer to a token request of the management application.
fn ask(tenant: &Tenant, host: &str, audience: Option<&str>) -> (u16, Value) {
    let (client_id, client_secret) = tenant.management_client();
    let mut body =
        json!({ "grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret });
    if let Some(audience) = audience {
        body["audience"] = audience.into();
    }
    send(tenant, host, Method::POST, "/oauth/token", "", &body)
}

fn token(tenant: &Tenant, host: &str) -> String {
    let (status, answer) = ask(tenant, host, Some(MANAGEMENT));
    assert_eq!(status, 200, "{answer}");
    answer["access_token"].as_str().expect("a token").to_owned()
}

fn claims(token: &str) -> Map<String, Value> {
    m2mock::internal::verified(token).expect("a signed token")
}

// proves T15
#[test]
fn a_token_has_the_verified_custom_domain_of_its_request_as_issuer() {
    let tenant = Tenant::new(Config::default());
    let path = add(&tenant, DOMAIN);
    let issuer = |host: &str| claims(&token(&tenant, host))["iss"].clone();
    assert_eq!(issuer(DOMAIN), TENANT, "the domain is not verified");

    verify(&tenant, &path);
    assert_eq!(issuer(DOMAIN), ISSUER);
    assert_eq!(issuer("LOGIN.travel0.example"), ISSUER);
    assert_eq!(issuer("login.travel0.example:4000"), "http://login.travel0.example:4000/");
    assert_eq!(issuer("travel0.localhost"), TENANT);
    assert_eq!(issuer("login.travel0.example.other.example"), TENANT);

    tenant.perform(Method::DELETE, &path, Value::Null, Pins::default()).expect("it is deleted");
    assert_eq!(issuer(DOMAIN), TENANT, "the domain is deleted");
}

#[test]
fn the_published_documents_of_a_custom_domain_are_there() {
    let tenant = Tenant::new(Config::default());
    at_domain(&tenant);
    let (status, discovery) = get(&tenant, DOMAIN, "/.well-known/openid-configuration", "");
    assert_eq!(status, 200);
    for (member, path) in [("issuer", ""), ("token_endpoint", "oauth/token"), ("jwks_uri", ".well-known/jwks.json")] {
        assert_eq!(discovery[member], format!("{ISSUER}{path}"));
    }
    let keys = |host| get(&tenant, host, "/.well-known/jwks.json", "");
    assert_eq!(keys(DOMAIN), keys("travel0.localhost"));
    assert_eq!(keys(DOMAIN).0, 200);
}

// proves SYS8
#[test]
fn the_management_api_keeps_its_identifier_at_a_custom_domain() {
    let tenant = Tenant::new(Config::default());
    at_domain(&tenant);
    let (status, refused) = ask(&tenant, DOMAIN, Some("https://login.travel0.example/api/v2/"));
    assert_eq!(status, 403, "{refused}");
    let token = token(&tenant, DOMAIN);
    assert_eq!(claims(&token)["aud"], MANAGEMENT);

    let settings = json!({ "default_audience": MANAGEMENT });
    let (status, settings) = send(&tenant, DOMAIN, Method::PATCH, "/api/v2/tenants/settings", &token, &settings);
    assert_eq!((status, &settings["default_audience"]), (200, &json!(MANAGEMENT)));
    let (_, answer) = ask(&tenant, DOMAIN, None);
    let by_default = claims(answer["access_token"].as_str().expect("a token"));
    assert_eq!((&by_default["iss"], &by_default["aud"]), (&json!(ISSUER), &json!(MANAGEMENT)));

    let path = "/api/v2/resource-servers/https%3A%2F%2Ftravel0.localhost%2Fapi%2Fv2%2F";
    assert_eq!(get(&tenant, DOMAIN, path, &token).1["identifier"], MANAGEMENT);
}

// proves SYS9
#[test]
fn a_management_token_of_a_custom_domain_is_for_that_domain() {
    let tenant = Tenant::new(Config::default());
    at_domain(&tenant);
    verify(&tenant, &add(&tenant, "other.travel0.example"));
    let status = |host: &str, token: &str| get(&tenant, host, "/api/v2/clients", token).0;
    let of_domain = token(&tenant, DOMAIN);
    assert_eq!(status(DOMAIN, &of_domain), 200);
    assert_eq!(status("login.travel0.example:4000", &of_domain), 200);
    for other in ["travel0.localhost", "localhost:4000", "other.travel0.example", "elsewhere.example"] {
        assert_eq!(status(other, &of_domain), 401, "{other}");
    }
    assert_eq!(status(DOMAIN, &token(&tenant, "travel0.localhost")), 200);
}

#[test]
fn an_assertion_names_the_custom_domain_of_its_request() {
    let tenant = Tenant::new(Config { clock: m2mock::Clock::fixed(1_780_315_200), ..Config::default() });
    at_domain(&tenant);
    let credential = json!({ "credential_type": "public_key", "pem": PEM, "alg": "RS256" });
    let methods = json!({ "private_key_jwt": { "credentials": [credential] } });
    create(&tenant, "/resource-servers", json!({ "identifier": API }), None);
    create(&tenant, "/clients", json!({ "name": "Partner bot", "client_authentication_methods": methods }), Some(BOT));
    create(&tenant, "/client-grants", json!({ "client_id": BOT, "audience": API, "scope": [] }), None);

    let status = |host: &str, audience: &str| {
        let id = format!("{host} {audience}");
        let signed = assertion(json!({}), json!({ "aud": audience, "jti": id }), &rs256());
        send(&tenant, host, Method::POST, "/oauth/token", "", &client_assertion::parameters(&signed)).0
    };
    for audience in [ISSUER, "https://login.travel0.example/oauth/token", TENANT] {
        assert_eq!(status(DOMAIN, audience), 200, "{audience}");
    }
    assert_eq!(status(DOMAIN, "https://other.travel0.example/"), 401);
    assert_eq!(status("travel0.localhost", ISSUER), 401);
}

#[test]
fn one_issuer_for_every_name_is_that_of_a_custom_domain_too() {
    let issuer = Some("https://sign-in.example".to_owned());
    let tenant = Tenant::new(Config { issuer, ..Config::default() });
    at_domain(&tenant);
    let token = token(&tenant, DOMAIN);
    assert_eq!(claims(&token)["iss"], "https://sign-in.example/");
    assert_eq!(get(&tenant, "travel0.localhost", "/api/v2/clients", &token).0, 200);
}
