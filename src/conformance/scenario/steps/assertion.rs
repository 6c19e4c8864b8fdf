//! Steps in which an application authenticates with a key instead of a secret.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cucumber::gherkin::Step;
use cucumber::{given, when};
use http::Method;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaEncoding};
use serde_json::{Map, Value, json};

use crate::conformance::scenario::steps::answer::rows;
use crate::conformance::scenario::steps::token::{ask, token_endpoint};
use crate::conformance::scenario::world::World;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The key pair of every application in these steps.
const PUBLIC_KEY: &str = include_str!("../../../../fixtures/credentials/public-key.pem");
const PRIVATE_KEY: &[u8] = include_bytes!("../../../../fixtures/keys/key-4.der");
/// A key of no application.
const OTHER_KEY: &[u8] = include_bytes!("../../../../fixtures/keys/key-3.der");

#[given(regex = r#"^an application "([^"]*)" with a key(?: for (\w+))?$"#)]
async fn an_application_with_a_key(world: &mut World, name: String, algorithm: String) {
    let algorithm = if algorithm.is_empty() { "RS256" } else { algorithm.as_str() };
    let credential = json!({ "credential_type": "public_key", "name": "key", "pem": PUBLIC_KEY, "alg": algorithm });
    let body = json!({
        "name": world.unique(&name),
        "app_type": "non_interactive",
        "client_authentication_methods": { "private_key_jwt": { "credentials": [credential] } },
    });
    world.create(&name, "/clients", body).await;
}

#[given(regex = r#"^"([^"]*)" proves itself with a key from now on$"#)]
async fn proves_itself_with_a_key(world: &mut World, client: String) {
    let path = format!("/clients/{}", world.get(&format!("{client}.client_id")));
    let credential = json!({ "credential_type": "public_key", "name": "key", "pem": PUBLIC_KEY });
    world.call(Method::POST, &format!("{path}/credentials"), Some(credential)).await;
    let id = world.get("answer.id");
    let methods = json!({ "private_key_jwt": { "credentials": [{ "id": id }] } });
    let change = json!({ "token_endpoint_auth_method": null, "client_authentication_methods": methods });
    world.call(Method::PATCH, &path, Some(change)).await;
    assert!(world.last().status == 200, "the change answered {}", world.last());
}

/// Members of the assertion's header. Other names in a table are claims or, with a dot in front, parameters.
const HEADER: [&str; 2] = ["alg", "kid"];

/// A request as documented, with a valid assertion. A table below the step changes header, claims and, with a dot in front, the
/// parameters of the request; "(left out)" removes a member, and "now + 60" is a time.
#[when(regex = r#"^"([^"]*)" asks for a token for "([^"]*)" with an assertion( by a strange key)?(?: that has)?$"#)]
async fn asks_with_an_assertion(world: &mut World, client: String, api: String, strange: String, step: &Step) {
    let client_id = world.get(&format!("{client}.client_id"));
    let number = world.next_number();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut header = Map::from_iter([("alg".to_owned(), json!("RS256")), ("typ".to_owned(), json!("JWT"))]);
    let mut claims: Map<String, Value> = Map::from_iter([
        ("iss".to_owned(), json!(client_id)),
        ("sub".to_owned(), json!(client_id)),
        ("aud".to_owned(), json!(world.get("tenant.issuer"))),
        ("iat".to_owned(), json!(now)),
        ("exp".to_owned(), json!(now + 60)),
        ("jti".to_owned(), json!(world.unique(&number.to_string()))),
    ]);
    let mut changes = Vec::new();
    for [name, value] in rows(step) {
        let value = changed_value(world, value, now);
        match name.strip_prefix('.') {
            Some(parameter) => changes.push((parameter, value)),
            None if HEADER.contains(&name) => set(&mut header, name, value),
            None => set(&mut claims, name, value),
        }
    }
    let key = if strange.is_empty() { PRIVATE_KEY } else { OTHER_KEY };
    let mut parameters: Map<String, Value> = Map::from_iter([
        ("grant_type".to_owned(), json!("client_credentials")),
        ("audience".to_owned(), json!(world.get(&format!("{api}.identifier")))),
        ("client_assertion_type".to_owned(), json!(ASSERTION_TYPE)),
        ("client_assertion".to_owned(), json!(signed(&header, &claims, key))),
    ]);
    for (name, value) in changes {
        set(&mut parameters, name, value);
    }
    world.remember("request", Value::Object(parameters.clone()));
    let request = token_endpoint(world).form(texts(&parameters));
    ask(world, request).await;
}

#[when(regex = r"^the same request is sent again$")]
async fn the_same_request(world: &mut World) {
    let parameters: Map<String, Value> = serde_json::from_str(&world.get("request")).unwrap_or_default();
    let request = token_endpoint(world).form(texts(&parameters));
    ask(world, request).await;
}

/// The parameters of a form: texts only.
fn texts(parameters: &Map<String, Value>) -> impl Iterator<Item = (&str, &str)> {
    parameters.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

/// The value in a cell of a table: a time relative to now, or any JSON.
pub(super) fn changed_value(world: &World, cell: &str, now: u64) -> Value {
    match cell.strip_prefix("now").map(|shift| shift.replace(' ', "")) {
        Some(shift) => json!(now.saturating_add_signed(shift.parse().unwrap_or_default())),
        None => world.cell(cell),
    }
}

/// Sets a member, or removes it if it is left out.
pub(super) fn set(object: &mut Map<String, Value>, name: &str, value: Value) {
    if value == "(left out)" {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
}

/// The token with this header and these claims. With an algorithm other than these three it has no signature.
fn signed(header: &Map<String, Value>, claims: &Map<String, Value>, key: &[u8]) -> String {
    let encode = |part: &Map<String, Value>| BASE64_URL_SAFE_NO_PAD.encode(json!(part).to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let encoding: &dyn RsaEncoding = match header.get("alg").and_then(Value::as_str) {
        Some("RS256") => &RSA_PKCS1_SHA256,
        Some("RS384") => &RSA_PKCS1_SHA384,
        Some("PS256") => &RSA_PSS_SHA256,
        _ => return message + ".",
    };
    let pair = KeyPair::from_der(key).unwrap_or_else(|error| panic!("not a key: {error}"));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .unwrap_or_else(|error| panic!("no signature: {error}"));
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}
