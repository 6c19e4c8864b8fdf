//! What tokens are in each dialect and with each algorithm, checked without the crate's own verifier: by the numbers of
//! the published keys, or by the API's secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Method, Request, header};
use m2mock::http;
use m2mock::internal::{Config, Pins, Tenant};
use ring::hmac;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents,
};
use serde_json::{Value, json};

const API: &str = "https://travel0.example/api";
const BOT: &str = "travel0PartnerBot000000000000001";
const SECRET: &str = "partner-bot-secret";
const SIGNING_SECRET: &str = "travel0-signing-secret";

/// A tenant with this API and a bot that may ask it for two scopes.
fn tenant(api: Value) -> Tenant {
    let tenant = Tenant::new(Config::default());
    let create = |path: &str, body, pins| tenant.perform(Method::POST, path, body, pins).expect("a right body");
    create("/resource-servers", api, Pins::default());
    let pins = Pins { id: Some(BOT.to_owned()), secret: Some(SECRET.to_owned()) };
    create("/clients", json!({ "name": "Partner bot" }), pins);
    let grant = json!({ "client_id": BOT, "audience": API, "scope": ["read:trips", "create:trips"] });
    create("/client-grants", grant, Pins::default());
    tenant
}

fn send(tenant: &Tenant, request: http::request::Builder, body: &Value) -> (u16, Value) {
    let request = request.header(header::HOST, "127.0.0.1:4000").header(header::CONTENT_TYPE, "application/json");
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let answer = tenant.answer(request.body(body).expect("a request"));
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).expect("JSON"))
}

fn ask(tenant: &Tenant) -> (u16, Value) {
    let body =
        json!({ "grant_type": "client_credentials", "client_id": BOT, "client_secret": SECRET, "audience": API });
    send(tenant, Request::post("/oauth/token"), &body)
}

fn token(tenant: &Tenant) -> String {
    let (status, answer) = ask(tenant);
    assert_eq!(status, 200, "{answer}");
    answer["access_token"].as_str().expect("a token").to_owned()
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// Whether the signature of a token is what its header says.
fn is_signed(tenant: &Tenant, token: &str) -> bool {
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let header = part(token, 0);
    let rsa = |parameters: &RsaParameters| {
        let (_, jwks) = send(tenant, Request::get("/.well-known/jwks.json"), &Value::Null);
        let published = jwks["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == header["kid"]);
        let key = published.expect("the token's key is published");
        let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().expect("a number")).expect("base64url");
        let key = RsaPublicKeyComponents { n: number("n"), e: number("e") };
        key.verify(parameters, message.as_bytes(), &signature).is_ok()
    };
    match header["alg"].as_str().expect("an algorithm") {
        "RS256" => rsa(&RSA_PKCS1_2048_8192_SHA256),
        "RS512" => rsa(&RSA_PKCS1_2048_8192_SHA512),
        "PS256" => rsa(&RSA_PSS_2048_8192_SHA256),
        "HS256" => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, SIGNING_SECRET.as_bytes());
            hmac::verify(&key, message.as_bytes(), &signature).is_ok()
        }
        other => panic!("nobody asked for {other}"),
    }
}

fn api(alg: &str, dialect: &str) -> Value {
    let mut api = json!({ "identifier": API, "signing_alg": alg, "token_dialect": dialect, "enforce_policies": true });
    if alg == "HS256" {
        api["signing_secret"] = SIGNING_SECRET.into();
    }
    api
}

const ALGORITHMS: [&str; 4] = ["RS256", "RS512", "PS256", "HS256"];
const DIALECTS: [&str; 4] = ["access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"];

#[test]
fn another_verifier_accepts_every_dialect_with_every_algorithm() {
    for alg in ALGORITHMS {
        for dialect in DIALECTS {
            let tenant = tenant(api(alg, dialect));
            let token = token(&tenant);
            let header = part(&token, 0);
            assert_eq!(header["alg"], alg);
            assert_eq!(header["typ"], if dialect.starts_with("rfc9068") { "at+jwt" } else { "JWT" }, "{dialect}");
            assert_eq!(header.get("kid").is_none(), alg == "HS256", "{header}");
            assert!(is_signed(&tenant, &token), "{alg} {dialect}");
        }
    }
}

#[test]
fn a_dialect_decides_which_claims_there_are() {
    let common = ["aud", "exp", "iat", "iss", "scope", "sub"];
    for (dialect, others) in DIALECTS.into_iter().zip([
        &["azp", "gty"][..],
        &["azp", "gty", "permissions"],
        &["client_id", "jti"],
        &["client_id", "jti", "permissions"],
    ]) {
        let claims = part(&token(&tenant(api("RS256", dialect))), 1);
        let mut expected: Vec<&str> = common.iter().chain(others).copied().collect();
        expected.sort_unstable();
        let mut members: Vec<&str> = claims.as_object().expect("claims").keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, expected, "{dialect}");
    }
}

#[test]
fn a_token_has_permissions_only_if_its_api_enforces_policies() {
    let tenant = tenant(api("RS256", "access_token_authz"));
    assert_eq!(part(&token(&tenant), 1)["permissions"], json!(["read:trips", "create:trips"]));
    let path = format!("/resource-servers/{}", API.replace(':', "%3A").replace('/', "%2F"));
    let off = json!({ "enforce_policies": false });
    tenant.perform(Method::PATCH, &path, off, Pins::default()).expect("the API");
    assert!(part(&token(&tenant), 1).get("permissions").is_none());
}

#[test]
fn each_token_of_rfc_9068_has_an_id_of_its_own() {
    let tenant = tenant(api("RS256", "rfc9068_profile"));
    let id = || part(&token(&tenant), 1)["jti"].as_str().expect("an id").to_owned();
    let (first, second) = (id(), id());
    assert_eq!((first.len(), second.len()), (22, 22));
    assert_ne!(first, second);
}

#[test]
fn a_generated_secret_signs_tokens() {
    let mut api = api("HS256", "access_token");
    api.as_object_mut().expect("an object").remove("signing_secret");
    let tenant = tenant(api);
    assert!(!is_signed(&tenant, &token(&tenant)), "another secret signed it");
    let path = format!("/resource-servers/{}", API.replace(':', "%3A").replace('/', "%2F"));
    let secret = json!({ "signing_secret": SIGNING_SECRET });
    tenant.perform(Method::PATCH, &path, secret, Pins::default()).expect("the API");
    assert!(is_signed(&tenant, &token(&tenant)));
}

#[test]
fn the_signing_secret_is_not_written_down() {
    let tenant = tenant(api("HS256", "access_token"));
    let token = token(&tenant);
    let bearer = Request::get("/api/v2/clients").header(header::AUTHORIZATION, format!("Bearer {token}"));
    assert_eq!(send(&tenant, bearer, &Value::Null).0, 401);
    let journal = serde_json::to_string(&tenant.requests()).expect("JSON");
    assert!(!journal.contains(SIGNING_SECRET) && !journal.contains(&token), "{journal}");
}

#[cfg(not(feature = "jwe"))]
#[test]
fn a_build_that_encrypts_no_tokens_gives_none() {
    let pem = include_str!("../../fixtures/credentials/public-key.pem");
    let mut api = api("PS256", "rfc9068_profile");
    api["token_encryption"] =
        json!({ "format": "compact-nested-jwe", "encryption_key": { "alg": "RSA-OAEP-256", "pem": pem } });
    let refused = json!({
        "error": "invalid_request",
        "error_description": "The API encrypts its tokens, and this build of m2mock lacks the feature \"jwe\"",
    });
    assert_eq!(ask(&tenant(api)), (400, refused));
}
