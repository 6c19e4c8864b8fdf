//! Encrypted access tokens: only the owner of the API's key can read the signed token in them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use m2mock::MockTenant;
use m2mock::http::Method;
use m2mock::internal::verified;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rsa::PrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::sha2::{Sha256, Sha384, Sha512};
use rstest::rstest;
use serde_json::{Value, json};

use crate::client_assertion::{API, KEY, PEM};

const OTHER_KEY: &[u8] = include_bytes!("../../fixtures/keys/key-3.der");
/// A key of 1,024 bits.
const SHORT: &str = include_str!("../../fixtures/credentials/any-time-certificate.pem");

fn encryption(algorithm: &str, pem: &str, key_id: Option<&str>) -> Value {
    let mut key = json!({ "alg": algorithm, "pem": pem });
    if let Some(key_id) = key_id {
        key["kid"] = json!(key_id);
    }
    json!({ "format": "compact-nested-jwe", "encryption_key": key })
}

/// The answer for a client of an API with these members.
fn answered(members: &[(&str, Value)]) -> (MockTenant, Result<String, m2mock::TokenRefused>) {
    let tenant = MockTenant::start();
    let api = members.iter().fold(tenant.api(API), |api, (name, value)| api.with(name, value.clone())).create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();
    let token = tenant.token(&bot).audience(&api).request().map(|token| token.access_token);
    (tenant, token)
}

fn token(members: &[(&str, Value)]) -> String {
    answered(members).1.unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn header(token: &str) -> Value {
    let header = token.split('.').next().expect("a header");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON")
}

/// The content of a token, decrypted with this private key (RFC 7516, 5.2). `None` if the key is another one.
fn decrypted(token: &str, private_key: &[u8]) -> Option<String> {
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 5, "{token}");
    let decoded = |place: usize| URL_SAFE_NO_PAD.decode(parts[place]).expect("base64url");
    let key = PrivateKey::from_pkcs1_der(private_key).expect("a key");
    let encrypted_key = decoded(1);
    let content_key = match header(token)["alg"].as_str().expect("an algorithm") {
        "RSA-OAEP-256" => key.oaep_decrypt::<Sha256>(&encrypted_key),
        "RSA-OAEP-384" => key.oaep_decrypt::<Sha384>(&encrypted_key),
        "RSA-OAEP-512" => key.oaep_decrypt::<Sha512>(&encrypted_key),
        other => panic!("the algorithm {other}"),
    };
    let content_key = UnboundKey::new(&AES_256_GCM, &content_key.ok()?).expect("a key of 256 bits");
    let nonce = Nonce::try_assume_unique_for_key(&decoded(2)).expect("a nonce of 96 bits");
    let mut content = [decoded(3), decoded(4)].concat();
    let content = LessSafeKey::new(content_key).open_in_place(nonce, Aad::from(parts[0]), &mut content).ok()?;
    Some(String::from_utf8(content.to_vec()).expect("a token"))
}

// proves JWE1, JWE2
#[rstest]
#[case::sha_256("RSA-OAEP-256", None)]
#[case::sha_384("RSA-OAEP-384", Some("key-of-the-api"))]
#[case::sha_512("RSA-OAEP-512", Some("key-of-the-api"))]
fn the_key_of_the_api_opens_the_signed_token(#[case] algorithm: &str, #[case] key_id: Option<&str>) {
    let token = token(&[("token_encryption", encryption(algorithm, PEM, key_id))]);
    let mut expected = json!({ "alg": algorithm, "enc": "A256GCM", "cty": "JWT" });
    if let Some(key_id) = key_id {
        expected["kid"] = json!(key_id);
    }
    assert_eq!(header(&token), expected);
    let signed = decrypted(&token, KEY).expect("the key of the API");
    assert_eq!(verified(&signed).expect("a signed token")["aud"], API);
    assert_eq!(decrypted(&token, OTHER_KEY), None);
}

#[test]
fn a_changed_token_is_not_opened() {
    let token = token(&[("token_encryption", encryption("RSA-OAEP-256", PEM, None))]);
    let with_header = |header: Value| {
        let (_, rest) = token.split_once('.').expect("five parts");
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
    };
    assert_eq!(decrypted(&with_header(json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM" })), KEY), None);
}

#[test]
fn the_answer_is_that_of_a_plain_token() {
    let (tenant, _) = answered(&[("token_encryption", encryption("RSA-OAEP-256", PEM, None))]);
    let requests = tenant.requests().tokens();
    let decision = requests[0].token.as_ref().expect("a decision");
    assert!(decision.rules.contains(&"JWE1"), "{decision}");
    assert!(decision.why.ends_with("; the token is encrypted with RSA-OAEP-256"), "{decision}");
}

// proves JWE3
#[test]
fn an_encrypted_token_can_be_signed_with_a_secret_and_have_another_dialect() {
    let token = token(&[
        ("token_encryption", encryption("RSA-OAEP-256", PEM, None)),
        ("signing_alg", json!("HS256")),
        ("token_dialect", json!("rfc9068_profile")),
        ("proof_of_possession", json!({ "mechanism": "dpop", "required": false })),
    ]);
    assert_eq!(
        header(&decrypted(&token, KEY).expect("the key of the API")),
        json!({ "alg": "HS256", "typ": "at+jwt" })
    );
}

/// A token that is not encrypted is never the answer.
// proves JWE1
#[test]
fn a_key_that_is_too_short_gives_no_token() {
    let (tenant, refused) = answered(&[("token_encryption", encryption("RSA-OAEP-512", SHORT, None))]);
    let refused = refused.expect_err("no token");
    let reason = "encrypts its tokens, and its encryption_key is too short for the algorithm";
    assert_eq!((refused.status, refused.error.as_str()), (400, "invalid_request"));
    assert!(refused.description.ends_with(reason) && refused.why.ends_with(reason), "{refused}");
    assert_eq!(refused.rules, ["JWE1"]);

    let api = "/resource-servers/https%3A%2F%2Ftravel0.example%2Fapi";
    tenant.perform(Method::PATCH, api, json!({ "token_encryption": null })).expect("a change");
    assert_eq!(tenant.requests().granted().count(), 0);
}
