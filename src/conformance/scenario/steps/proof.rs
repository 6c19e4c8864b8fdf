//! Steps in which an application proves the possession of a key (DPoP), so that its token is bound to the key.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cucumber::gherkin::Step;
use cucumber::{then, when};
use http::HeaderName;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Map, Value, json};

use crate::conformance::scenario::steps::answer::rows;
use crate::conformance::scenario::steps::assertion::{changed_value, set};
use crate::conformance::scenario::steps::token::{ask, token_endpoint, token_part};
use crate::conformance::scenario::world::World;

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The key of every proof.
const PROOF_KEY: &[u8] = include_bytes!("../../../../fixtures/keys/proof-key.der");

/// Members of the proof's header. Other names in a table are claims.
const HEADER: [&str; 3] = ["typ", "alg", "jwk"];

/// A request as documented, with a valid proof in the header `DPoP`. A table below the step changes header and claims of the
/// proof; "(left out)" removes a member, and "now + 60" is a time.
#[when(regex = r#"^"([^"]*)" asks for a token for "([^"]*)" with a DPoP proof(?: that has)?$"#)]
async fn asks_with_a_proof(world: &mut World, client: String, api: String, step: &Step) {
    let number = world.next_number();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let key = key();
    let mut header: Map<String, Value> = Map::from_iter([
        ("typ".to_owned(), json!("dpop+jwt")),
        ("alg".to_owned(), json!("ES256")),
        ("jwk".to_owned(), jwk(&key)),
    ]);
    let mut claims: Map<String, Value> = Map::from_iter([
        ("htm".to_owned(), json!("POST")),
        ("htu".to_owned(), json!(format!("{}oauth/token", world.get("tenant.issuer")))),
        ("iat".to_owned(), json!(now)),
        ("jti".to_owned(), json!(world.unique(&number.to_string()))),
    ]);
    for [name, value] in rows(step) {
        let value = changed_value(world, value, now);
        set(if HEADER.contains(&name) { &mut header } else { &mut claims }, name, value);
    }
    let encode = |part: Map<String, Value>| BASE64_URL_SAFE_NO_PAD.encode(Value::Object(part).to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(&SystemRandom::new(), message.as_bytes());
    let signature = signature.unwrap_or_else(|error| panic!("the proof cannot be signed: {error}"));
    let proof = format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
    world.remember("proof", json!(proof));
    send(world, &client, &api).await;
}

#[when(regex = r#"^"([^"]*)" asks for a token for "([^"]*)" with the same DPoP proof$"#)]
async fn asks_with_the_same_proof(world: &mut World, client: String, api: String) {
    send(world, &client, &api).await;
}

#[then(regex = r"^a token that is bound to the key of the proof is granted$")]
async fn a_bound_token_is_granted(world: &mut World) {
    let answer = world.last();
    assert!(answer.status == 200, "no token but {answer}");
    assert!(answer.body["token_type"] == "DPoP", "token_type is not DPoP in {answer}");
    let claims = token_part(&world.token(), 1);
    // The members are those of RFC 7638, in their order.
    let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, jwk(&key()).to_string().as_bytes()));
    assert!(claims["cnf"]["jkt"] == *thumbprint, "cnf.jkt is not {thumbprint} in {claims}");
}

/// Sends a token request with the proof that the scenario made last.
async fn send(world: &mut World, client: &str, api: &str) {
    let parameters = [
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", world.get(&format!("{client}.client_id"))),
        ("client_secret", world.get(&format!("{client}.client_secret"))),
        ("audience", world.get(&format!("{api}.identifier"))),
    ];
    let form = parameters.iter().map(|(name, value)| (*name, value.as_str()));
    let request = token_endpoint(world).form(form).header(DPOP, &world.get("proof"));
    ask(world, request).await;
}

fn key() -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, PROOF_KEY, &SystemRandom::new())
        .unwrap_or_else(|error| panic!("not a key: {error}"))
}

/// The public half of a key.
fn jwk(key: &EcdsaKeyPair) -> Value {
    let [x, y] = [1..33, 33..65].map(|range| BASE64_URL_SAFE_NO_PAD.encode(&key.public_key().as_ref()[range]));
    json!({ "crv": "P-256", "kty": "EC", "x": x, "y": y })
}
