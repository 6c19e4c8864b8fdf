//! Assertions at the token endpoint: which are valid, and the log entries of the others.
//!
//! The private half of the client's key is public, so that each assertion here is wrong in one thing only.

use std::sync::Barrier;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Method, Request, header};
use m2mock::TokenDecision;
use m2mock::internal::{Config, Pins, Tenant};
use m2mock::{Clock, http};
use proptest::prelude::*;
use ring::signature::{
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RsaEncoding,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::forge::Forger::{self, Hmac, Nobody, Rsa};
use crate::forge::{changed, forge};

pub const NOON: i64 = 1_780_315_200;
pub const HOST: &str = "127.0.0.1:4000";
pub const API: &str = "https://travel0.example/api";
pub const BOT: &str = "travel0PartnerBot000000000000001";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub const PEM: &str = include_str!("../../fixtures/credentials/public-key.pem");
pub const KEY: &[u8] = include_bytes!("../../fixtures/keys/key-4.der");
const ANOTHER_KEY: &[u8] = include_bytes!("../../fixtures/keys/key-3.der");
pub const KID: &str = "LY5nOII1n92WfxgvZFa7KL5Q6uYatrH7BaPNU6r2-6s";

/// A bot whose key signs in this way, and an API that it may ask for.
fn tenant_with(algorithm: &str) -> Tenant {
    let tenant = Tenant::new(Config { clock: Clock::fixed(NOON.unsigned_abs()), ..Config::default() });
    let credential = json!({ "credential_type": "public_key", "pem": PEM, "alg": algorithm });
    let methods = json!({ "private_key_jwt": { "credentials": [credential] } });
    create(&tenant, "/resource-servers", json!({ "identifier": API }), None);
    create(&tenant, "/clients", json!({ "name": "Partner bot", "client_authentication_methods": methods }), Some(BOT));
    create(&tenant, "/client-grants", json!({ "client_id": BOT, "audience": API, "scope": [] }), None);
    tenant
}

pub fn tenant() -> Tenant {
    tenant_with("RS256")
}

pub fn create(tenant: &Tenant, path: &str, body: Value, id: Option<&str>) -> Value {
    let pins = Pins { id: id.map(str::to_owned), secret: None };
    tenant.perform(Method::POST, path, body, pins).expect("a right body")
}

pub fn change(tenant: &Tenant, path: &str, body: Value) -> Value {
    tenant.perform(Method::PATCH, path, body, Pins::default()).expect("a right body")
}

pub fn rs256() -> Forger {
    Rsa(&RSA_PKCS1_SHA256, KEY)
}

/// A right assertion with these members of header and claims changed; `null` takes one away.
pub fn assertion(header: Value, claims: Value, forger: &Forger) -> String {
    let right = json!({
        "iss": BOT, "sub": BOT, "aud": "https://travel0.localhost/", "iat": NOON, "exp": NOON + 60, "jti": "one"
    });
    forge(&changed(json!({ "alg": "RS256", "typ": "JWT" }), &header), &changed(right, &claims), forger)
}

pub fn right(id: &str) -> String {
    assertion(json!({}), json!({ "jti": id }), &rs256())
}

/// The parameters of a request with an assertion.
pub fn parameters(assertion: &str) -> Value {
    json!({
        "grant_type": "client_credentials",
        "audience": API,
        "client_assertion_type": TYPE,
        "client_assertion": assertion,
    })
}

fn ask_with(tenant: &Tenant, parameters: &Value, authorization: Option<&str>) -> (u16, Value, TokenDecision) {
    let mut request = Request::post("/oauth/token").header(header::HOST, HOST);
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Bytes::from(parameters.to_string())).expect("a request");
    let (response, entry) = tenant.answer_and_tell(&request);
    let body = serde_json::from_slice(response.body()).expect("JSON");
    (response.status().as_u16(), body, entry.token.expect("a decision"))
}

pub fn ask(tenant: &Tenant, assertion: &str) -> (u16, Value, TokenDecision) {
    ask_with(tenant, &parameters(assertion), None)
}

pub fn is_granted(tenant: &Tenant, assertion: &str) -> bool {
    ask(tenant, assertion).0 == 200
}

/// What the tenant's log says of a refused assertion; the wire never says more than this.
pub fn cause((status, body, decision): (u16, Value, TokenDecision)) -> String {
    let vague = json!({ "error": "invalid_client", "error_description": "Client authentication failed" });
    assert_eq!((status, body), (401, vague), "{decision}");
    assert_eq!(decision.rules, ["T2"]);
    let sentence = decision.client_authentication_error.clone().expect("a sentence");
    assert!(decision.why.ends_with(&*sentence), "{decision}");
    sentence.into()
}

#[rstest]
#[case::rs256("RS256", &RSA_PKCS1_SHA256)]
#[case::rs384("RS384", &RSA_PKCS1_SHA384)]
#[case::ps256("PS256", &RSA_PSS_SHA256)]
fn an_assertion_with_the_algorithm_of_its_credential_gets_a_token(
    #[case] algorithm: &str,
    #[case] encoding: &'static dyn RsaEncoding,
) {
    let tenant = tenant_with(algorithm);
    let (status, body, decision) =
        ask(&tenant, &assertion(json!({ "alg": algorithm, "kid": KID }), json!({}), &Rsa(encoding, KEY)));
    assert_eq!((status, decision.client_authentication_error.as_deref()), (200, None), "{body}");
    let claims = body["access_token"].as_str().and_then(|token| token.split('.').nth(1)).expect("claims");
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64url")).expect("JSON");
    assert_eq!(claims["sub"], format!("{BOT}@clients"));
}

#[rstest]
#[case::its_key_is_named(json!({ "kid": KID }), json!({}))]
#[case::the_tenant_by_the_name_that_is_asked(json!({}), json!({ "aud": "http://127.0.0.1:4000/" }))]
#[case::the_token_endpoint(json!({}), json!({ "aud": "https://travel0.localhost/oauth/token" }))]
#[case::one_audience_of_several(json!({}), json!({ "aud": ["https://elsewhere.example/", "https://travel0.localhost/"] }))]
#[case::it_does_not_say_since_when(json!({}), json!({ "iat": null }))]
#[case::the_clients_clock_is_ahead(json!({}), json!({ "iat": NOON + 10, "nbf": NOON + 10 }))]
#[case::five_minutes(json!({}), json!({ "exp": NOON + 300 }))]
#[case::fractions_of_seconds(json!({}), json!({ "iat": NOON as f64 - 0.5, "exp": NOON as f64 + 59.5 }))]
#[case::a_long_name(json!({}), json!({ "jti": "é".repeat(64) }))]
#[case::more_members(json!({ "x": 1 }), json!({ "scope": "admin", "client_id": "other" }))]
fn a_right_assertion_gets_a_token(#[case] header: Value, #[case] claims: Value) {
    let tenant = tenant();
    assert!(is_granted(&tenant, &assertion(header, claims, &rs256())), "{:?}", tenant.requests());
}

// proves T2
#[rstest]
#[case::no_algorithm(json!({ "alg": null }), json!({}), rs256(), "'alg' header is missing")]
#[case::an_algorithm_that_is_no_text(json!({ "alg": 256 }), json!({}), rs256(), "'alg' header must be a string")]
#[case::a_long_algorithm(
    json!({ "alg": "RS256RS256RS256RS" }), json!({}), rs256(), "'alg' header must have no more than 16 characters"
)]
#[case::none(json!({ "alg": "none" }), json!({}), Nobody, "'alg' header must be that of the credential, RS256: none")]
#[case::an_hmac_with_the_public_key(
    json!({ "alg": "HS256" }), json!({}), Hmac(PEM.as_bytes().to_vec()),
    "'alg' header must be that of the credential, RS256: HS256"
)]
#[case::another_algorithm_of_the_same_key(
    json!({ "alg": "PS256" }), json!({}), Rsa(&RSA_PSS_SHA256, KEY),
    "'alg' header must be that of the credential, RS256: PS256"
)]
#[case::one_that_no_credential_has(
    json!({ "alg": "RS512" }), json!({}), Rsa(&RSA_PKCS1_SHA512, KEY),
    "'alg' header must be that of the credential, RS256: RS512"
)]
#[case::another_algorithm_than_it_says(
    json!({}), json!({}), Rsa(&RSA_PSS_SHA384, KEY), "the signature is not that of a credential of the client"
)]
#[case::no_signature(json!({}), json!({}), Nobody, "the signature is not that of a credential of the client")]
#[case::another_key(
    json!({}), json!({}), Rsa(&RSA_PKCS1_SHA256, ANOTHER_KEY), "the signature is not that of a credential of the client"
)]
#[case::another_key_under_the_right_id(
    json!({ "kid": KID }), json!({}), Rsa(&RSA_PKCS1_SHA256, ANOTHER_KEY),
    "the signature is not that of a credential of the client"
)]
#[case::an_unknown_key_id(
    json!({ "kid": "key" }), json!({}), rs256(), "'kid' header must be that of a credential of the client: key"
)]
#[case::an_extension_that_must_be_understood(
    json!({ "crit": ["b64"], "b64": false }), json!({}), rs256(), "'crit' header must not be there: no extension is supported"
)]
#[case::a_key_id_that_is_no_text(json!({ "kid": [KID] }), json!({}), rs256(), "'kid' header must be a string")]
#[case::no_issuer(json!({}), json!({ "iss": null }), rs256(), "'iss' claim is missing")]
#[case::an_empty_issuer(json!({}), json!({ "iss": "" }), rs256(), "'iss' claim is missing")]
#[case::no_subject(json!({}), json!({ "sub": null }), rs256(), "'sub' claim is missing")]
#[case::another_issuer(
    json!({}), json!({ "iss": "other" }), rs256(), "'iss' claim and 'sub' claim must both be the client_id"
)]
#[case::another_subject(
    json!({}), json!({ "sub": "other" }), rs256(), "'iss' claim and 'sub' claim must both be the client_id"
)]
#[case::nobody(
    json!({}), json!({ "iss": "nobody", "sub": "nobody" }), rs256(), "'sub' claim must be the client_id of a client"
)]
#[case::a_long_issuer(
    json!({}), json!({ "iss": "x".repeat(65) }), rs256(), "'iss' claim must have no more than 64 characters"
)]
#[case::a_long_subject(
    json!({}), json!({ "sub": "x".repeat(65) }), rs256(), "'sub' claim must have no more than 64 characters"
)]
#[case::no_audience(json!({}), json!({ "aud": null }), rs256(), "'aud' claim is missing")]
#[case::an_audience_that_is_no_text(
    json!({}), json!({ "aud": [7] }), rs256(), "'aud' claim must be a string, or an array of strings"
)]
#[case::an_audience_without_a_slash(
    json!({}), json!({ "aud": "https://travel0.localhost" }), rs256(),
    "'aud' claim must be the URL of the tenant, with a slash at its end: https://travel0.localhost"
)]
#[case::no_audience_of_none(
    json!({}), json!({ "aud": [] }), rs256(), "'aud' claim must be the URL of the tenant, with a slash at its end: "
)]
#[case::a_tenant_on_another_port(
    json!({}), json!({ "aud": "http://127.0.0.1:4001/" }), rs256(),
    "'aud' claim must be the URL of the tenant, with a slash at its end: http://127.0.0.1:4001/"
)]
#[case::the_tenant_by_a_scheme_it_never_has(
    json!({}), json!({ "aud": "http://travel0.localhost/" }), rs256(),
    "'aud' claim must be the URL of the tenant, with a slash at its end: http://travel0.localhost/"
)]
#[case::the_tenant_in_other_letters(
    json!({}), json!({ "aud": "https://Travel0.localhost/" }), rs256(),
    "'aud' claim must be the URL of the tenant, with a slash at its end: https://Travel0.localhost/"
)]
#[case::no_end(json!({}), json!({ "exp": null }), rs256(), "'exp' claim is missing")]
#[case::an_end_that_is_a_text(
    json!({}), json!({ "exp": "1780315260" }), rs256(), "'exp' claim must be a number of seconds"
)]
#[case::expired(
    json!({}), json!({ "iat": NOON - 60, "exp": NOON }), rs256(),
    "'exp' claim must specify a time in the future: 1780315200"
)]
#[case::too_long_a_life(
    json!({}), json!({ "exp": NOON + 301 }), rs256(),
    "'exp' claim must specify a time that is no more than 5 minutes after 'iat': 1780315501"
)]
#[case::too_long_a_life_from_now(
    json!({}), json!({ "iat": null, "exp": NOON + 301 }), rs256(),
    "'exp' claim must specify a time that is no more than 5 minutes from now, without 'iat': 1780315501"
)]
#[case::made_in_the_future(
    json!({}), json!({ "iat": NOON + 11 }), rs256(),
    "'iat' claim must specify a time that is no more than 10 seconds from now: 1780315211"
)]
#[case::not_yet_valid(
    json!({}), json!({ "nbf": NOON + 11 }), rs256(),
    "'nbf' claim must specify a time that is no more than 10 seconds from now: 1780315211"
)]
#[case::no_name(json!({}), json!({ "jti": null }), rs256(), "'jti' claim is missing")]
#[case::an_empty_name(json!({}), json!({ "jti": "" }), rs256(), "'jti' claim is missing")]
#[case::a_name_that_is_no_text(json!({}), json!({ "jti": 1 }), rs256(), "'jti' claim must be a string")]
#[case::a_long_name(
    json!({}), json!({ "jti": "x".repeat(65) }), rs256(), "'jti' claim must have no more than 64 characters"
)]
fn an_assertion_with_one_mistake_is_refused(
    #[case] header: Value,
    #[case] claims: Value,
    #[case] forger: Forger,
    #[case] sentence: &str,
) {
    let tenant = tenant();
    assert_eq!(cause(ask(&tenant, &assertion(header, claims, &forger))), sentence);
    // And its name is still good for a right one.
    assert!(is_granted(&tenant, &right("one")));
}

#[rstest]
#[case::no_type(json!({ "client_assertion_type": null }), None,
    "client_assertion_type must be sent, with the value urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
#[case::another_type(json!({ "client_assertion_type": "saml2" }), None,
    "client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer: saml2")]
#[case::a_secret_beside_it(json!({ "client_secret": "secret" }), None,
    "a client secret must not be sent with a client assertion")]
#[case::http_basic_beside_it(json!({}), Some("Basic YTpi"), "a client secret must not be sent with a client assertion")]
#[case::another_client(json!({ "client_id": "other" }), None, "'sub' claim must be the client_id of the request")]
#[case::no_token(json!({ "client_assertion": "a.b.c" }), None,
    "the assertion must be a JSON Web Token in the compact form")]
fn a_request_with_one_mistake_is_refused(
    #[case] changes: Value,
    #[case] authorization: Option<&str>,
    #[case] sentence: &str,
) {
    let tenant = tenant();
    let request = changed(parameters(&right("one")), &changes);
    assert_eq!(cause(ask_with(&tenant, &request, authorization)), sentence);
    assert!(is_granted(&tenant, &right("one")));
}

#[test]
fn the_request_may_name_the_client_as_well() {
    let request = changed(parameters(&right("one")), &json!({ "client_id": BOT, "client_secret": "" }));
    assert_eq!(ask_with(&tenant(), &request, None).0, 200);
}

#[test]
fn an_assertion_has_two_thousand_and_forty_eight_bytes_at_most() {
    let padded = |length: usize| assertion(json!({}), json!({ "x": "x".repeat(length) }), &rs256());
    let longest = (0..2000).rev().find(|length| padded(*length).len() <= 2048).expect("a length");
    assert!(is_granted(&tenant(), &padded(longest)));
    let longer = padded(longest + 1);
    let sentence = format!("the assertion must have no more than 2048 bytes: {}", longer.len());
    assert_eq!(cause(ask(&tenant(), &longer)), sentence);
}

// One use.

#[test]
fn an_assertion_is_good_once() {
    let tenant = tenant();
    assert!(is_granted(&tenant, &right("one")));
    assert_eq!(cause(ask(&tenant, &right("one"))), "'jti' claim must not have been used before: one");
    let same_name = assertion(json!({}), json!({ "exp": NOON + 120 }), &rs256());
    assert_eq!(cause(ask(&tenant, &same_name)), "'jti' claim must not have been used before: one");
    assert!(is_granted(&tenant, &right("two")));
}

#[test]
fn a_reset_forgets_used_assertions() {
    let tenant = tenant();
    tenant.keep_as_initial();
    for _ in 0..2 {
        assert!(is_granted(&tenant, &right("one")));
        assert!(!is_granted(&tenant, &right("one")));
        tenant.reset();
    }
}

#[test]
fn a_name_can_be_used_again_when_the_assertion_has_expired() {
    let tenant = tenant();
    assert!(is_granted(&tenant, &right("one")));
    tenant.clock().advance(std::time::Duration::from_secs(60));
    let later = assertion(json!({}), json!({ "iat": NOON + 60, "exp": NOON + 120 }), &rs256());
    assert!(is_granted(&tenant, &later));
}

#[test]
fn an_assertion_is_used_up_even_if_the_token_is_refused() {
    let tenant = tenant();
    let elsewhere = changed(parameters(&right("one")), &json!({ "audience": "https://nowhere.example/" }));
    assert_eq!(ask_with(&tenant, &elsewhere, None).0, 403);
    assert_eq!(cause(ask(&tenant, &right("one"))), "'jti' claim must not have been used before: one");
}

#[test]
fn concurrent_requests_with_the_same_assertion_get_one_token() {
    const THREADS: usize = 8;
    let tenant = tenant();
    let assertion = right("one");
    let barrier = Barrier::new(THREADS);
    let granted = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    is_granted(&tenant, &assertion)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).filter(|granted| *granted).count()
    });
    assert_eq!(granted, 1);
}

// What is written down.

#[test]
fn no_assertion_is_written_down() {
    let tenant = tenant();
    let assertions = [right("one"), right("one"), assertion(json!({ "kid": "x" }), json!({}), &rs256())];
    for assertion in &assertions {
        ask(&tenant, assertion);
        ask(&tenant, &assertion[1..]);
    }
    let journal = serde_json::to_string(&tenant.requests()).expect("JSON");
    for part in assertions.iter().flat_map(|assertion| assertion.split('.')) {
        assert!(!journal.contains(part), "{journal}");
    }
}

#[test]
fn the_journal_has_the_cause() {
    let tenant = tenant();
    ask(&tenant, &assertion(json!({}), json!({ "exp": NOON + 301 }), &rs256()));
    let journal = serde_json::to_value(tenant.requests()).expect("JSON");
    insta::assert_json_snapshot!(journal[0]["token"], @r#"
    {
      "audience": "https://travel0.example/api",
      "client_authentication_error": "'exp' claim must specify a time that is no more than 5 minutes after 'iat': 1780315501",
      "client_id": "travel0PartnerBot000000000000001",
      "facts": {
        "client": {
          "by": "client_assertion",
          "found": {
            "id": "travel0PartnerBot000000000000001",
            "name": "Partner bot"
          },
          "value": "travel0PartnerBot000000000000001"
        }
      },
      "granted": false,
      "rules": [
        "T2"
      ],
      "why": "the assertion of client \"Partner bot\" (travel0PartnerBot000000000000001) is refused: 'exp' claim must specify a time that is no more than 5 minutes after 'iat': 1780315501"
    }
    "#);
}

/// What a stranger could make of an assertion that passes by.
fn damaged() -> impl Strategy<Value = (usize, u8)> {
    (0..1000_usize, 1..=127_u8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn an_assertion_with_any_byte_changed_is_refused(damages in proptest::collection::vec(damaged(), 1..4)) {
        let tenant = tenant();
        let right = right("one");
        let mut bytes = right.clone().into_bytes();
        for (place, flip) in damages {
            let place = place % bytes.len();
            bytes[place] ^= flip;
        }
        let damaged = String::from_utf8(bytes).expect("ASCII");
        prop_assume!(damaged != right);
        prop_assert!(!is_granted(&tenant, &damaged), "{damaged}");
        prop_assert!(is_granted(&tenant, &right));
    }

    #[test]
    fn arbitrary_texts_are_refused_and_never_more(parts in proptest::collection::vec("[A-Za-z0-9_=.{}\":,\\[\\]-]{0,40}", 0..5)) {
        let tenant = tenant();
        let encoded: Vec<String> = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
        for text in [parts.join("."), encoded.join("."), STANDARD.encode(parts.concat())] {
            prop_assume!(!text.is_empty());
            prop_assert_eq!(ask(&tenant, &text).0, 401);
        }
    }
}
