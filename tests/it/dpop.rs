//! Tokens that are bound to a key of the client by a DPoP proof: which proofs are valid, and what the tenant writes down.
//!
//! The keys are public, so that each proof here is wrong in one thing only.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Method, Request, header};
use m2mock::TokenDecision;
use m2mock::internal::{Config, Pins, Tenant};
use m2mock::{Clock, http};
use ring::rsa;
use ring::signature::RSA_PKCS1_SHA256;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client_assertion::{API, BOT, HOST, KEY, NOON, change, create};
use crate::forge::Forger::{self, Ec, Hmac, Nobody, Rsa};
use crate::forge::{PROOF_KEY, changed, ec_jwk, forge, forge_text, thumbprint};

const URL: &str = "http://127.0.0.1:4000/oauth/token";
const SECRET: &str = "the-secret-of-the-partner-bot-0000000000";

/// A bot, and an API with this `proof_of_possession`, that it may ask for.
fn tenant_with(config: Config, proof_of_possession: Value) -> Tenant {
    let tenant = Tenant::new(Config { clock: Clock::fixed(NOON.unsigned_abs()), ..config });
    let api = json!({ "identifier": API, "signing_alg": "HS256", "proof_of_possession": proof_of_possession });
    create(&tenant, "/resource-servers", api, None);
    let pins = Pins { id: Some(BOT.to_owned()), secret: Some(SECRET.to_owned()) };
    tenant.perform(Method::POST, "/clients", json!({ "name": "Partner bot" }), pins).expect("a right body");
    create(&tenant, "/client-grants", json!({ "client_id": BOT, "audience": API, "scope": [] }), None);
    tenant
}

/// An API that gives bound tokens only.
fn tenant() -> Tenant {
    tenant_with(Config::default(), json!({ "mechanism": "dpop", "required": true }))
}

/// A right proof with these members of header and claims changed; `null` takes one away.
fn proof(header: Value, claims: Value, forger: &Forger) -> String {
    let (header, claims) = (changed(right_header(), &header), changed(right_claims(), &claims));
    forge(&header, &claims, forger)
}

fn right_header() -> Value {
    json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": ec_jwk(PROOF_KEY) })
}

fn right_claims() -> Value {
    json!({ "jti": "one", "htm": "POST", "htu": URL, "iat": NOON })
}

fn right(id: &str) -> String {
    proof(json!({}), json!({ "jti": id }), &Ec(PROOF_KEY))
}

/// The public half of the RSA key of these tests.
fn rsa_jwk() -> Value {
    let pair = rsa::KeyPair::from_der(KEY).expect("a key");
    let components = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
    json!({ "e": URL_SAFE_NO_PAD.encode(components.e), "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(components.n) })
}

fn rs256_proof(jwk: Value) -> String {
    proof(json!({ "alg": "RS256", "jwk": jwk }), json!({}), &Rsa(&RSA_PKCS1_SHA256, KEY))
}

fn ask_at(tenant: &Tenant, host: &str, proofs: &[&str]) -> (u16, Value, TokenDecision) {
    let mut request = Request::post("/oauth/token").header(header::HOST, host);
    for proof in proofs {
        request = request.header("DPoP", *proof);
    }
    let body = json!({
        "grant_type": "client_credentials", "audience": API, "client_id": BOT, "client_secret": SECRET,
    });
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Bytes::from(body.to_string()));
    let (response, entry) = tenant.answer_and_tell(&request.expect("a request"));
    let decision = entry.token.expect("a decision");
    (response.status().as_u16(), serde_json::from_slice(response.body()).expect("JSON"), decision)
}

fn ask(tenant: &Tenant, proofs: &[&str]) -> (u16, Value, TokenDecision) {
    ask_at(tenant, HOST, proofs)
}

fn claims(answer: &Value) -> Value {
    let token = answer["access_token"].as_str().expect("a token");
    let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("claims")).expect("base64url");
    serde_json::from_slice(&part).expect("JSON")
}

// proves POP3, DPOP5
#[rstest]
#[case::es256(right("one"), ec_jwk(PROOF_KEY))]
#[case::rs256(rs256_proof(rsa_jwk()), rsa_jwk())]
fn a_token_is_bound_to_the_key_of_the_proof(#[case] proof: String, #[case] jwk: Value) {
    let (status, answer, decision) = ask(&tenant(), &[&proof]);
    assert_eq!((status, &answer["token_type"]), (200, &json!("DPoP")), "{decision}");
    let key = thumbprint(&jwk);
    assert_eq!(claims(&answer)["cnf"], json!({ "jkt": key }));
    assert!(decision.rules.contains(&"POP3"), "{decision}");
    assert!(decision.why.ends_with(&format!("; the token is bound to the key {key}")), "{decision}");
}

/// A proof of another mechanism is none, and one that has no effect is not read.
// proves POP1, POP2, POP4, POP5, POP6, POP7
#[rstest]
#[case::no_mechanism(Value::Null, false, None, "Bearer", &[])]
#[case::no_mechanism_and_a_proof(Value::Null, false, Some("no proof at all"), "Bearer", &[])]
#[case::offered(json!({ "mechanism": "dpop", "required": false }), false, None, "Bearer", &[])]
#[case::required(json!({ "mechanism": "dpop", "required": true }), false, None, "", &["POP4", "T17"])]
#[case::for_public_clients(
    json!({ "mechanism": "dpop", "required": true, "required_for": "public_clients" }), false, None, "Bearer", &[]
)]
#[case::by_certificate(json!({ "mechanism": "mtls", "required": false }), false, Some("no proof"), "Bearer", &[])]
#[case::required_by_certificate(
    json!({ "mechanism": "mtls", "required": true }), false, Some("no proof"), "", &["POP4", "T17"]
)]
#[case::no_mechanism_for_a_client_that_requires_it(Value::Null, true, Some("no proof"), "", &["POP6", "T17"])]
#[case::offered_to_a_client_that_requires_it(
    json!({ "mechanism": "dpop", "required": false }), true, None, "", &["POP5", "T17"]
)]
fn a_request_without_a_proof(
    #[case] proof_of_possession: Value,
    #[case] client_requires: bool,
    #[case] sent: Option<&str>,
    #[case] token_type: &str,
    #[case] rules: &[&str],
) {
    let tenant = tenant_with(Config::default(), proof_of_possession);
    change(&tenant, &format!("/clients/{BOT}"), json!({ "require_proof_of_possession": client_requires }));
    let (status, answer, decision) = ask(&tenant, sent.as_slice());
    if rules.is_empty() {
        assert_eq!((status, answer["token_type"].as_str()), (200, Some(token_type)), "{decision}");
        assert_eq!(claims(&answer)["cnf"], Value::Null);
    } else {
        let refused = json!({ "error": "invalid_request", "error_description": "Proof of possession is required" });
        assert_eq!((status, answer), (400, refused));
        assert_eq!(decision.rules, rules, "{decision}");
    }
}

/// No attack passes, each has its cause in the journal, and none uses up a proof.
// proves T16, DPOP1, DPOP2, DPOP3, DPOP4
#[rstest]
#[case::no_token("proof".to_owned(), "DPOP1", "it is no JSON Web Token")]
#[case::no_type(proof(json!({ "typ": null }), json!({}), &Ec(PROOF_KEY)), "DPOP1", "typ is missing")]
#[case::another_type(proof(json!({ "typ": "at+jwt" }), json!({}), &Ec(PROOF_KEY)), "DPOP1", "typ is at+jwt")]
#[case::no_signature(proof(json!({ "alg": "none" }), json!({}), &Nobody), "DPOP1", "alg is none")]
#[case::an_hmac_with_the_public_key(
    proof(json!({ "alg": "HS256" }), json!({}), &Hmac(ec_jwk(PROOF_KEY).to_string().into())), "DPOP1", "alg is HS256"
)]
#[case::an_hmac_with_a_key_in_the_header(
    proof(json!({ "alg": "HS256", "jwk": { "kty": "oct", "k": "AAAA" } }), json!({}), &Hmac(vec![0; 3])),
    "DPOP1", "alg is HS256"
)]
#[case::another_algorithm_of_the_key(
    proof(json!({ "alg": "RS256" }), json!({}), &Ec(PROOF_KEY)), "DPOP1", "jwk is no public key for RS256"
)]
#[case::a_stripped_signature(proof(json!({}), json!({}), &Nobody), "DPOP1", "its signature is not")]
#[case::a_signature_of_zeros(
    format!("{}{}", proof(json!({}), json!({}), &Nobody), "A".repeat(86)), "DPOP1", "its signature is not"
)]
#[case::another_key(
    proof(json!({ "jwk": changed(ec_jwk(PROOF_KEY), &json!({ "x": ec_jwk(PROOF_KEY)["y"] })) }), json!({}), &Ec(PROOF_KEY)),
    "DPOP1", "its signature is not"
)]
#[case::an_rsa_key_of_another(
    rs256_proof(changed(rsa_jwk(), &json!({ "e": "Aw" }))), "DPOP1", "its signature is not"
)]
#[case::no_key(proof(json!({ "jwk": null }), json!({}), &Ec(PROOF_KEY)), "DPOP1", "jwk is missing")]
#[case::a_private_key(
    proof(json!({ "jwk": changed(ec_jwk(PROOF_KEY), &json!({ "d": "AAAA" })) }), json!({}), &Ec(PROOF_KEY)),
    "DPOP1", "jwk has the member d"
)]
#[case::an_extension(proof(json!({ "crit": ["b64"] }), json!({}), &Ec(PROOF_KEY)), "DPOP1", "its header has crit")]
#[case::a_member_twice(
    forge_text(
        &right_header().to_string(),
        &right_claims().to_string().replacen('{', r#"{"htm":"GET","#, 1),
        &Ec(PROOF_KEY),
    ),
    "DPOP1", "it is no JSON Web Token"
)]
#[case::too_long(proof(json!({}), json!({ "note": "x".repeat(4096) }), &Ec(PROOF_KEY)), "DPOP1", "more than 4096")]
#[case::another_method(proof(json!({}), json!({ "htm": "GET" }), &Ec(PROOF_KEY)), "DPOP2", "htm is GET")]
#[case::no_url(proof(json!({}), json!({ "htu": null }), &Ec(PROOF_KEY)), "DPOP1", "htu is missing")]
#[case::another_tenant(
    proof(json!({}), json!({ "htu": "https://other.localhost/oauth/token" }), &Ec(PROOF_KEY)), "DPOP2", "htu is https://o"
)]
#[case::an_api(proof(json!({}), json!({ "htu": API }), &Ec(PROOF_KEY)), "DPOP2", "htu is https://travel0.example/api")]
#[case::old(proof(json!({}), json!({ "iat": NOON - 301 }), &Ec(PROOF_KEY)), "DPOP3", "more than 300 seconds ago")]
#[case::of_the_future(proof(json!({}), json!({ "iat": NOON + 31 }), &Ec(PROOF_KEY)), "DPOP3", "30 seconds from now")]
#[case::no_time(proof(json!({}), json!({ "iat": "noon" }), &Ec(PROOF_KEY)), "DPOP1", "iat has the wrong type")]
#[case::no_id(proof(json!({}), json!({ "jti": null }), &Ec(PROOF_KEY)), "DPOP1", "jti is missing")]
#[case::a_long_id(proof(json!({}), json!({ "jti": "x".repeat(129) }), &Ec(PROOF_KEY)), "DPOP4", "jti has more than")]
fn a_wrong_proof_gives_no_token(#[case] proof: String, #[case] rule: &str, #[case] why: &str) {
    let tenant = tenant();
    let (status, answer, decision) = ask(&tenant, &[&proof]);
    let refused = json!({ "error": "invalid_dpop_proof", "error_description": "DPoP proof is invalid" });
    assert_eq!((status, answer), (400, refused), "{decision}");
    assert_eq!(decision.rules, [rule, "T16"], "{decision}");
    assert!(decision.why.starts_with("the DPoP proof is refused: ") && decision.why.contains(why), "{decision}");
    assert_eq!(ask(&tenant, &[&right("one")]).0, 200);
}

#[test]
fn a_request_has_one_proof() {
    let tenant = tenant();
    for proofs in [[right("one"), right("two")], [right("one"), right("one")], [right("one"), String::new()]] {
        let (status, answer, decision) = ask(&tenant, &[&proofs[0], &proofs[1]]);
        assert_eq!((status, &answer["error"]), (400, &json!("invalid_dpop_proof")));
        assert!(decision.why.contains("more than one DPoP header"), "{decision}");
    }
    assert_eq!(ask(&tenant, &[&format!("{},{}", right("one"), right("two"))]).0, 400, "as a proxy joins them");
    assert_eq!(ask(&tenant, &[""]).0, 400);
}

#[test]
fn a_proof_is_valid_once_while_it_is_valid() {
    let tenant = tenant();
    let proof = right("one");
    assert_eq!(ask(&tenant, &[&proof]).0, 200);
    let (status, answer, decision) = ask(&tenant, &[&proof]);
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_dpop_proof")));
    assert_eq!(&*decision.why, "the DPoP proof is refused: it was used before");
    // The last second of its life.
    tenant.clock().advance(Duration::from_secs(300));
    assert!(ask(&tenant, &[&proof]).2.why.ends_with("it was used before"));
    tenant.clock().advance(Duration::from_secs(1));
    assert!(ask(&tenant, &[&proof]).2.why.ends_with("more than 300 seconds ago"));
}

#[test]
fn of_requests_at_the_same_time_one_uses_the_proof() {
    const THREADS: usize = 8;
    let tenant = tenant();
    let (proof, barrier) = (right("one"), Barrier::new(THREADS));
    let granted = thread::scope(|scope| {
        let request = || {
            barrier.wait();
            ask(&tenant, &[&proof]).0 == 200
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(request)).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).filter(|granted| *granted).count()
    });
    assert_eq!(granted, 1);
}

#[test]
fn two_keys_may_use_the_same_id() {
    let tenant = tenant();
    assert_eq!(ask(&tenant, &[&right("one")]).0, 200);
    assert_eq!(ask(&tenant, &[&rs256_proof(rsa_jwk())]).0, 200);
}

#[test]
fn a_request_uses_the_proof_only_if_it_comes_as_far_as_the_quotas() {
    let tenant = tenant();
    let path = format!("/clients/{BOT}");
    change(&tenant, &path, json!({ "grant_types": ["authorization_code"] }));
    assert_eq!(ask(&tenant, &[&right("one")]).0, 403);
    let quota = json!({ "client_credentials": { "per_hour": 1 } });
    change(&tenant, &path, json!({ "grant_types": ["client_credentials"], "token_quota": quota }));
    assert_eq!(ask(&tenant, &[&right("zero")]).0, 200);
    assert_eq!(ask(&tenant, &[&right("one")]).0, 429, "it was not used before");
    assert_eq!(ask(&tenant, &[&right("one")]).0, 400, "now it was");
}

// proves DPOP2
#[rstest]
#[case::its_own_port(HOST, URL)]
#[case::another_local_name(HOST, "http://localhost:4000/oauth/token")]
#[case::the_domain(HOST, "https://travel0.localhost/oauth/token")]
#[case::the_domain_by_its_name("travel0.localhost", "https://travel0.localhost:443/oauth/token")]
#[case::the_domain_with_a_port("travel0.localhost:4000", "http://travel0.localhost:4000/oauth/token")]
#[case::a_custom_domain("login.travel0.example", "https://login.travel0.example/oauth/token")]
#[case::the_issuer(HOST, "https://issuer.example/oauth/token")]
fn htu_has_any_name_of_the_tenant(#[case] host: &str, #[case] url: &str) {
    let config = Config { issuer: Some("https://issuer.example/".to_owned()), ..Config::default() };
    let tenant = tenant_with(config, json!({ "mechanism": "dpop", "required": true }));
    let domain = json!({ "domain": "login.travel0.example", "type": "auth0_managed_certs" });
    let domain = create(&tenant, "/custom-domains", domain, None);
    let id = domain["custom_domain_id"].as_str().expect("an id");
    create(&tenant, &format!("/custom-domains/{id}/verify"), Value::Null, None);
    let proof = proof(json!({}), json!({ "htu": url }), &Ec(PROOF_KEY));
    let (status, _, decision) = ask_at(&tenant, host, &[&proof]);
    assert_eq!(status, 200, "{decision}");
}

#[test]
fn no_proof_is_written_down() {
    let tenant = tenant();
    let wrong = proof(json!({}), json!({ "htm": "GET" }), &Ec(PROOF_KEY));
    let proofs = [right("one"), right("one"), wrong];
    for proof in &proofs {
        ask(&tenant, &[proof]);
    }
    let journal = serde_json::to_string(&tenant.requests()).expect("JSON");
    let logs = tenant.perform(Method::GET, "/logs", Value::Null, Pins::default());
    let written = journal + &logs.expect("the log").to_string();
    for proof in &proofs {
        for part in proof.split('.') {
            assert!(!written.contains(part), "{written}");
        }
    }
}

#[test]
fn an_export_has_the_used_proofs() {
    let tenant = tenant();
    assert_eq!(ask(&tenant, &[&right("one")]).0, 200);
    let export = tenant.export();
    tenant.reset();
    tenant.import(export.as_bytes()).expect("an export");
    assert!(ask(&tenant, &[&right("one")]).2.why.ends_with("it was used before"));
}
