//! The Management API refuses forged, expired and foreign tokens, each with its own body.
//!
//! The private halves of the tenant's keys are public, so the forger here has them: what is refused is refused for the
//! one thing that is wrong with it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Method, Request, header};
use m2mock::internal::{Config, Pins, Tenant};
use m2mock::{Clock, http};
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256};
use rstest::rstest;
use serde_json::{Value, json};

use crate::forge::Forger::{self, Hmac, Nobody, Rsa};
use crate::forge::{changed, forge, forge_text};

const NOON: u64 = 1_780_315_200;
const HOST: &str = "127.0.0.1:4000";

const CURRENT: &[u8] = include_bytes!("../../fixtures/keys/key-1.der");
/// Ships with the crate; no tenant publishes it before it rotates its keys.
const SPARE: &[u8] = include_bytes!("../../fixtures/keys/key-3.der");
const CERTIFICATE: &[u8] = include_bytes!("../../fixtures/keys/certificate-1.der");

const SIGNATURE: &str = "Invalid signature received for JSON Web Token validation";
const EXPIRED: &str = "Expired token received for JSON Web Token validation";
const INVALID: &str = "Invalid token";

fn tenant() -> Tenant {
    Tenant::new(Config { clock: Clock::fixed(NOON), ..Config::default() })
}

fn right_token(tenant: &Tenant) -> String {
    tenant.management_token(HOST, &["read:clients"])
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// A right token with these members of header and claims changed; `null` takes one away.
fn forged(header: Value, claims: Value, forger: &Forger) -> (Tenant, String) {
    let tenant = tenant();
    let right = right_token(&tenant);
    let token = forge(&changed(part(&right, 0), &header), &changed(part(&right, 1), &claims), forger);
    (tenant, token)
}

fn open(tenant: &Tenant, token: &str) -> (u16, Value) {
    let request = Request::get("/api/v2/clients")
        .header(header::HOST, HOST)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Bytes::new());
    let answer = tenant.answer(request.expect("a request"));
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).expect("JSON"))
}

fn refusal(message: &str) -> (u16, Value) {
    let attributes = json!({ "error": message });
    (401, json!({ "statusCode": 401, "error": "Unauthorized", "message": message, "attributes": attributes }))
}

fn rs256() -> Forger {
    Rsa(&RSA_PKCS1_SHA256, CURRENT)
}

/// A text in PEM, with the line breaks that belong to it.
fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n")).into_bytes()
}

/// The public key in the forms in which it lies about.
fn public_keys() -> Vec<Vec<u8>> {
    let pair = KeyPair::from_der(CURRENT).expect("a key");
    let der = ring::signature::KeyPair::public_key(&pair).as_ref().to_vec();
    let components = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
    let number = URL_SAFE_NO_PAD.encode(&components.n).into_bytes();
    vec![pem("RSA PUBLIC KEY", &der), der, pem("CERTIFICATE", CERTIFICATE), CERTIFICATE.to_vec(), components.n, number]
}

#[test]
fn a_token_of_the_forger_without_a_mistake_is_accepted() {
    let (tenant, token) = forged(json!({}), json!({}), &rs256());
    assert_eq!(open(&tenant, &token).0, 200);
}

#[rstest]
#[case::no_algorithm(json!({ "alg": "none" }), json!({}), Nobody, SIGNATURE)]
#[case::no_algorithm_in_other_letters(json!({ "alg": "nOnE" }), json!({}), Nobody, SIGNATURE)]
#[case::no_algorithm_with_a_right_signature(json!({ "alg": "none" }), json!({}), rs256(), SIGNATURE)]
#[case::an_empty_algorithm(json!({ "alg": "" }), json!({}), rs256(), SIGNATURE)]
#[case::a_stripped_signature(json!({}), json!({}), Nobody, SIGNATURE)]
#[case::an_hmac_with_an_empty_key(json!({ "alg": "HS256" }), json!({}), Hmac(Vec::new()), SIGNATURE)]
#[case::an_hmac_that_says_it_is_rsa(json!({}), json!({}), Hmac(CERTIFICATE.to_vec()), SIGNATURE)]
#[case::ps256(json!({ "alg": "PS256" }), json!({}), Rsa(&RSA_PSS_SHA256, CURRENT), SIGNATURE)]
#[case::ps256_that_says_it_is_rs256(json!({}), json!({}), Rsa(&RSA_PSS_SHA256, CURRENT), SIGNATURE)]
#[case::rs512(json!({ "alg": "RS512" }), json!({}), Rsa(&RSA_PKCS1_SHA512, CURRENT), SIGNATURE)]
#[case::rs512_that_says_it_is_rs256(json!({}), json!({}), Rsa(&RSA_PKCS1_SHA512, CURRENT), SIGNATURE)]
#[case::rs256_that_says_it_is_ps256(json!({ "alg": "PS256" }), json!({}), rs256(), SIGNATURE)]
#[case::a_key_that_is_not_published(json!({ "kid": "t_8nYHTAAi0a4yK7dQqHh" }), json!({}), Rsa(&RSA_PKCS1_SHA256, SPARE), SIGNATURE)]
#[case::another_key_under_the_right_id(json!({}), json!({}), Rsa(&RSA_PKCS1_SHA256, SPARE), SIGNATURE)]
#[case::the_right_key_under_the_next_id(json!({ "kid": "XbtYf_A0XrMwL4GOxMTMs" }), json!({}), rs256(), SIGNATURE)]
#[case::an_unknown_key_id(json!({ "kid": "../../dev/null" }), json!({}), rs256(), SIGNATURE)]
#[case::no_key_id(json!({ "kid": null }), json!({}), rs256(), SIGNATURE)]
#[case::a_key_that_the_token_brings(
    json!({ "kid": null, "jwk": { "kty": "RSA" }, "jku": "http://127.0.0.1:1/" }), json!({}), rs256(), SIGNATURE
)]
#[case::oversized(json!({}), json!({ "scope": "x".repeat(1_000_000) }), Nobody, SIGNATURE)]
#[case::expired(json!({}), json!({ "exp": NOON }), rs256(), EXPIRED)]
#[case::without_an_end(json!({}), json!({ "exp": null }), rs256(), EXPIRED)]
#[case::an_end_that_is_a_text(json!({}), json!({ "exp": "9999999999" }), rs256(), EXPIRED)]
#[case::not_yet_valid(json!({}), json!({ "nbf": NOON + 1 }), rs256(), INVALID)]
#[case::not_yet_valid_by_a_fraction(json!({}), json!({ "nbf": NOON as f64 + 0.5 }), rs256(), INVALID)]
#[case::a_beginning_with_a_fraction(json!({}), json!({ "nbf": NOON as f64 + 3600.25 }), rs256(), INVALID)]
#[case::a_beginning_in_the_past_that_is_a_text(json!({}), json!({ "nbf": "1" }), rs256(), INVALID)]
#[case::a_beginning_that_is_a_list(json!({}), json!({ "nbf": [] }), rs256(), INVALID)]
#[case::a_beginning_beyond_all_numbers(json!({}), json!({ "nbf": 1e300 }), rs256(), INVALID)]
#[case::made_at_a_text(json!({}), json!({ "iat": "now" }), rs256(), INVALID)]
#[case::expired_by_a_fraction(json!({}), json!({ "exp": NOON as f64 + 0.5 }), rs256(), EXPIRED)]
#[case::an_end_that_is_true(json!({}), json!({ "exp": true }), rs256(), EXPIRED)]
#[case::a_critical_header(json!({ "crit": ["exp"] }), json!({}), rs256(), INVALID)]
#[case::an_empty_critical_header(json!({ "crit": [] }), json!({}), rs256(), INVALID)]
#[case::a_critical_header_that_is_no_list(json!({ "crit": "b64" }), json!({}), rs256(), INVALID)]
#[case::a_body_that_is_not_encoded(json!({ "b64": false }), json!({}), rs256(), INVALID)]
#[case::another_kind(json!({ "typ": "dpop+jwt" }), json!({}), rs256(), INVALID)]
#[case::a_kind_that_is_a_number(json!({ "typ": 1 }), json!({}), rs256(), INVALID)]
#[case::an_algorithm_that_is_a_list(json!({ "alg": ["RS256"] }), json!({}), rs256(), SIGNATURE)]
#[case::a_key_id_that_is_a_number(json!({ "kid": 1 }), json!({}), rs256(), SIGNATURE)]
#[case::scopes_that_are_a_list(json!({}), json!({ "scope": ["read:clients"] }), rs256(), INVALID)]
#[case::a_client_that_is_a_number(json!({}), json!({ "azp": 1 }), rs256(), INVALID)]
#[case::issuers(json!({}), json!({ "iss": ["https://travel0.localhost/"] }), rs256(), INVALID)]
#[case::a_foreign_tenant(json!({}), json!({ "iss": "https://granite-tours.localhost/" }), rs256(), INVALID)]
#[case::no_issuer(json!({}), json!({ "iss": null }), rs256(), INVALID)]
fn a_token_with_one_mistake_is_refused(
    #[case] header: Value,
    #[case] claims: Value,
    #[case] forger: Forger,
    #[case] message: &str,
) {
    let (tenant, token) = forged(header, claims, &forger);
    assert_eq!(open(&tenant, &token), refusal(message));
}

/// Of two members with one name, two readers may believe different ones.
#[test]
fn a_token_with_a_repeated_member_is_refused() {
    let tenant = tenant();
    let right = right_token(&tenant);
    let twice = |part: &Value, member: &str| {
        let text = part.to_string();
        format!("{{\"{member}\":{},{}", part[member], &text[1..])
    };
    let (header, claims) = (part(&right, 0), part(&right, 1));
    for (header, claims) in [(twice(&header, "alg"), claims.to_string()), (header.to_string(), twice(&claims, "exp"))] {
        assert_eq!(open(&tenant, &forge_text(&header, &claims, &rs256())), refusal(SIGNATURE));
    }
    assert_eq!(open(&tenant, &forge_text(&header.to_string(), &claims.to_string(), &rs256())).0, 200);
}

#[test]
fn the_journal_has_the_reason_of_a_refused_token() {
    let (tenant, token) = forged(json!({ "crit": [] }), json!({}), &rs256());
    open(&tenant, &token);
    assert_eq!(tenant.requests()[0].refusal.as_deref(), Some("Invalid token: the header has crit or b64"));
}

#[test]
fn an_hmac_keyed_with_the_public_key_does_not_open_it() {
    for key in public_keys() {
        let (tenant, token) = forged(json!({ "alg": "HS256" }), json!({}), &Hmac(key));
        assert_eq!(open(&tenant, &token), refusal(SIGNATURE));
    }
}

#[rstest]
#[case::another_api(json!("https://travel0.example/api"), "Bad audience: https://travel0.example/api")]
#[case::nothing(Value::Null, "Bad audience: ")]
#[case::several(json!(["https://travel0.example/api", "b"]), "Bad audience: https://travel0.example/api,b")]
#[case::none_of_several(json!([]), "Bad audience: ")]
#[case::a_number(json!(1), "Bad audience: ")]
#[case::a_number_in_a_list(json!(["https://travel0.localhost/api/v2/", 1]), "Bad audience: ")]
fn a_token_for_something_else_does_not_open_it(#[case] audience: Value, #[case] message: &str) {
    let (tenant, token) = forged(json!({}), json!({ "aud": audience }), &rs256());
    let body = json!({ "statusCode": 401, "error": "Unauthorized", "message": message });
    assert_eq!(open(&tenant, &token), (401, body));
}

#[test]
fn an_apis_signing_secret_does_not_open_it() {
    let secret = "travel0-signing-secret";
    let api = json!({ "identifier": "https://travel0.example/api", "signing_alg": "HS256", "signing_secret": secret });
    for kid in [json!(null), json!("0vL0PdFw8riOLQfCfgrxN")] {
        let forger = Hmac(secret.as_bytes().to_vec());
        let (tenant, token) = forged(json!({ "alg": "HS256", "kid": kid }), json!({}), &forger);
        tenant.perform(Method::POST, "/resource-servers", api.clone(), Pins::default()).expect("an API");
        assert_eq!(open(&tenant, &token), refusal(SIGNATURE));
    }
}

#[test]
fn a_token_of_the_previous_key_opens_it_until_that_key_is_revoked() {
    let tenant = tenant();
    let old = right_token(&tenant);
    let perform = |method: Method, path: &str| tenant.perform(method, path, Value::Null, Pins::default());
    perform(Method::POST, "/keys/signing/rotate").expect("a further key");
    let new = right_token(&tenant);
    assert_eq!((open(&tenant, &old).0, open(&tenant, &new).0), (200, 200));

    perform(Method::PUT, "/keys/signing/0vL0PdFw8riOLQfCfgrxN/revoke").expect("a previous key");
    assert_eq!(open(&tenant, &old), refusal(SIGNATURE));
    assert_eq!(open(&tenant, &new).0, 200);
    // A forger who has the revoked key does not get further with the id of the new one.
    let header = changed(part(&old, 0), &json!({ "kid": part(&new, 0)["kid"] }));
    assert_eq!(open(&tenant, &forge(&header, &part(&old, 1), &rs256())), refusal(SIGNATURE));

    tenant.reset();
    // The key of the other one is the next key again, and published as such.
    assert_eq!((open(&tenant, &old).0, open(&tenant, &new).0), (200, 200));
}
