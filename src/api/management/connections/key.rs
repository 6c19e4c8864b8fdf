//! The keys with which a connection authenticates to its identity provider, for `/connections` and
//! `/connections/{id}/keys`: creation, storage and view.
//!
//! A connection has a current key, a next one and, after a rotation, a previous one. The keys sign nothing: answers
//! have the certificates of the crate in turn, each with a new `kid`.

use serde_json::{Map, Value, json};

use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::timestamp::timestamp;
use crate::domain::IdShape;
use crate::store::document::text;
use crate::store::{Document, Kind, State};
use crate::token::shipped;

/// Members that no answer shows.
const HIDDEN: &[&str] = &["connection_id", "made_at", "number"];
/// The states of keys, in the order of answers (recorded).
const STATES: [&str; 3] = ["current", "previous", "next"];

/// Whether connections of this strategy have keys ("Gets the connection keys for the Okta or OIDC connection strategy").
pub(super) fn has_keys(connection: &Document) -> bool {
    ["oidc", "okta"].contains(&text(connection, "strategy").unwrap_or_default())
}

/// The view of a key in answers.
pub(super) fn view(key: &Document) -> Map<String, Value> {
    let members = key.iter().filter(|(member, _)| !HIDDEN.contains(&member.as_str()));
    members.map(|(member, value)| (member.clone(), value.clone())).collect()
}

/// The keys of a connection: the current, the previous, the next.
pub(super) fn keys_of<'a>(state: &'a State, connection: &str) -> Vec<&'a Document> {
    let positions = state[Kind::ConnectionKey].having("connection_id", connection);
    let keys: Vec<&Document> = positions.iter().filter_map(|seq| state[Kind::ConnectionKey].at(seq)).collect();
    STATES.iter().flat_map(|state| keys.iter().copied().filter(move |key| key.contains_key(*state))).collect()
}

/// Creates the first two keys of a connection that authenticates with a key and has none.
pub(super) fn create_first_if_used(call: &mut Call<'_>, connection: &Document) -> Result<(), ApiError> {
    let method = connection.get("options").and_then(|options| options.get("token_endpoint_auth_method"));
    let is_used = has_keys(connection) && method.is_some_and(|method| method == "private_key_jwt");
    if is_used { create_first(call, connection, None) } else { Ok(()) }
}

/// Creates the first two keys of a connection that has none.
pub(super) fn create_first(
    call: &mut Call<'_>,
    connection: &Document,
    algorithm: Option<&str>,
) -> Result<(), ApiError> {
    if keys_of(call.state, text(connection, "id").unwrap_or_default()).is_empty() {
        let number = call.state.random.usize(..1000);
        create(call, connection, algorithm, "current", number)?;
        create(call, connection, algorithm, "next", number + 1)?;
    }
    Ok(())
}

/// Rotates the keys: the next key becomes the current one, the current one the previous one. Returns the new next key.
pub(super) fn rotate(
    call: &mut Call<'_>,
    connection: &Document,
    algorithm: Option<&str>,
) -> Result<Document, ApiError> {
    create_first(call, connection, algorithm)?;
    let mut number = 0;
    for key in keys_of(call.state, text(connection, "id").unwrap_or_default()).into_iter().cloned().collect::<Vec<_>>()
    {
        let kid = text(&key, "kid").unwrap_or_default().to_owned();
        if key.contains_key("previous") {
            call.state.remove(Kind::ConnectionKey, &kid);
            continue;
        }
        let mut key = Map::clone(&key);
        if key.remove("current").is_some() {
            key.remove("current_since");
            key.insert("previous".to_owned(), true.into());
        } else if key.remove("next").is_some() {
            number = key.get("number").and_then(Value::as_u64).map_or(0, |number| number as usize + 1);
            become_current(&mut key);
        }
        call.state[Kind::ConnectionKey].replace(&kid, key);
    }
    create(call, connection, algorithm, "next", number)
}

/// A key is current since its creation, not since the rotation (recorded).
fn become_current(key: &mut Map<String, Value>) {
    let since = key.get("made_at").cloned().unwrap_or_default();
    key.insert("current".to_owned(), true.into());
    key.insert("current_since".to_owned(), since);
}

fn create(
    call: &mut Call<'_>,
    connection: &Document,
    algorithm: Option<&str>,
    key_state: &str,
    number: usize,
) -> Result<Document, ApiError> {
    let option = |name: &str| connection.get("options").and_then(|options| options.get(name)).and_then(Value::as_str);
    let algorithm = algorithm.or_else(|| option("token_endpoint_auth_signing_alg")).unwrap_or("RS256");
    let certificate = shipped(number);
    let kid = call.new_id(Kind::ConnectionKey, IdShape::CONNECTION_KEY)?;
    let mut key = crate::api::json::object(json!({
        "kid": kid,
        "algorithm": algorithm,
        "key_use": "signing",
        "subject_dn": format!("/CN={}", text(connection, "name").unwrap_or_default()),
        "cert": certificate.certificate_pem(),
        "pkcs": certificate.pkcs7_pem(),
        "fingerprint": certificate.fingerprint(),
        "thumbprint": certificate.thumbprint(),
        "connection_id": text(connection, "id").unwrap_or_default(),
        "made_at": timestamp(call.clock.now()),
        "number": number,
    }));
    if key_state == "current" {
        become_current(&mut key);
    } else {
        key.insert(key_state.to_owned(), true.into());
    }
    Ok(call.state[Kind::ConnectionKey].insert(&kid, key))
}
