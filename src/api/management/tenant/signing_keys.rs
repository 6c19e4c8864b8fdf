//! `/keys/signing`: the keys with which the tenant signs, their rotation and their revocation ("Signing Keys").
//!
//! No recording has a complete answer; the members are from the published schema.

use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::signing_key_view::{certificate, of_clients};
use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::timestamp::timestamp;
use crate::domain::signing_keys::KeyState;
use crate::schema::Schemas;
use crate::store::State;
use crate::token::{KeyRing, SigningKey};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("signing_keys.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/keys/signing", &["read:signing_keys"], list),
        Operation::post("/keys/signing/rotate", &["create:signing_keys", "update:signing_keys"], rotate),
        Operation::get("/keys/signing/{kid}", &["read:signing_keys"], get),
        Operation::put("/keys/signing/{kid}/revoke", &["update:signing_keys"], revoke).success(200),
    ],
};

/// No key of the tenant has this id (a).
const SIGNING_KEY_NOT_FOUND: Refusal = Refusal::plain(404, "No signing key has the key id {}.");

/// No previous key has this id. The current key and the next key cannot be revoked (d; status and text a).
const PREVIOUS_SIGNING_KEY_NOT_FOUND: Refusal =
    Refusal::plain(404, "No previously used signing key has the key id {}.");

/// Lists the current key, the next key, the previous keys, and the latest revoked keys.
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let ring = KeyRing::of(&call.state.signing_keys);
    let keys: Vec<Map<String, Value>> =
        ring.listed().filter_map(|(number, key)| Some(view(key, call.state.signing_keys.state(number)?))).collect();
    Ok(Reply::json(&keys))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let kid = call.parameter("kid");
    let (_, key, state) = find(call.state, kid).ok_or_else(|| SIGNING_KEY_NOT_FOUND.with(&[&kid]))?;
    Ok(Reply::json(&view(key, state)))
}

/// Rotates the keys: the next key signs from now on. The answer has the new next key (documented).
fn rotate(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let keys = Arc::make_mut(&mut call.state.signing_keys);
    keys.rotate(call.clock.now(), KeyRing::KEYS).map_err(|_| ApiError::no_further_signing_key())?;
    let ring = KeyRing::of(&call.state.signing_keys);
    call.state.show_signing_keys(&of_clients(&ring));
    Ok(Reply::json(&certificate(ring.next())))
}

/// Revokes a previous key. Its tokens become invalid.
fn revoke(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let kid = call.parameter("kid").to_owned();
    let not_found = || PREVIOUS_SIGNING_KEY_NOT_FOUND.with(&[&kid]);
    let (number, key, _) = find(call.state, &kid).ok_or_else(not_found)?;
    let now = call.clock.now();
    Arc::make_mut(&mut call.state.signing_keys).revoke(number, now).map_err(|_| not_found())?;
    Ok(Reply::json(&certificate(key)))
}

/// The listed key with this id.
fn find(state: &State, kid: &str) -> Option<(usize, &'static SigningKey, KeyState)> {
    let (number, key) = KeyRing::of(&state.signing_keys).listed().find(|(_, key)| key.kid() == kid)?;
    Some((number, key, state.signing_keys.state(number)?))
}

fn view(key: &SigningKey, state: KeyState) -> Map<String, Value> {
    let (since, until, revoked) = match state {
        KeyState::Next => (None, None, None),
        KeyState::Current { since } => (Some(since), None, None),
        KeyState::Previous { since, until } => (Some(since), Some(until), None),
        KeyState::Revoked { since, until, at } => (Some(since), Some(until), Some(at)),
    };
    let mut view = certificate(key);
    view.extend(object(json!({
        "pkcs7": key.pkcs7_pem(),
        "current": matches!(state, KeyState::Current { .. }),
        "next": matches!(state, KeyState::Next),
        "previous": matches!(state, KeyState::Previous { .. }),
        "fingerprint": key.fingerprint(),
        "thumbprint": key.thumbprint(),
        "revoked": revoked.is_some(),
    })));
    let times = [("current_since", since), ("current_until", until), ("revoked_at", revoked)];
    let member = |(name, time): (&str, Option<SystemTime>)| Some((name.to_owned(), timestamp(time?).into()));
    view.extend(times.into_iter().filter_map(member));
    view
}
