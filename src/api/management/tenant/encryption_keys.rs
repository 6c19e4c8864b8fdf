//! `/keys/encryption`: the hierarchy of keys that encrypts the tenant's data. m2mock encrypts nothing; it stores the
//! states of the keys.
//!
//! A root key protects the tenant's master key. The root is a key of the environment until the tenant's owner imports
//! another one.

use std::sync::LazyLock;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, List, Resource, Stamps};
use crate::api::timestamp::timestamp;
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind, State};
use crate::token::pem::Pem;
use crate::token::shipped;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("encryption_keys.schema.json")));

const ALL: &str = "/keys/encryption";
const BY_ID: &str = "/keys/encryption/{kid}";
const CREATE: &[&str] = &["create:encryption_keys"];
const READ: &[&str] = &["read:encryption_keys"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &KEY).query("List"),
        Operation::create(ALL, CREATE, &KEY).body("Create"),
        Operation::post("/keys/encryption/rekey", &["create:encryption_keys", "update:encryption_keys"], rekey)
            .success(204),
        Operation::read(BY_ID, READ, &KEY),
        Operation::post(BY_ID, &["update:encryption_keys"], import).body("Import"),
        Operation::delete(BY_ID, &["delete:encryption_keys"], destroy),
        Operation::post("/keys/encryption/{kid}/wrapping-key", CREATE, create_wrapping_key),
    ],
};

static KEY: Resource = Resource {
    list: List::offset("keys"),
    stamps: Stamps::Milliseconds,
    missing: KEY_NOT_FOUND,
    hidden: &[WRAPPING_KEY],
    // The newest key comes first (recorded).
    select: Some(|_, positions| Some(positions.iter().rev().copied().collect())),
    prepare: Some(complete),
    ..Resource::new(
        Kind::EncryptionKey,
        Identity::new(IdShape::UUID).member("kid").parameter("kid").malformed(MALFORMED_ID),
    )
};

/// An id that is not a UUID (d; code a).
const MALFORMED_ID: Refusal = Refusal::new(400, "invalid_uri", "Invalid UUID format in uri.");

/// A key that does not exist (d).
const KEY_NOT_FOUND: Refusal = Refusal::plain(404, "The key does not exist.");

/// An import of a key that does not exist (d; code a).
const IMPORTED_KEY_NOT_FOUND: Refusal = Refusal::invalid_body("The key ID was not found.");

/// A key that does not exist or that the operation does not apply to (d; code a).
const UNSUITABLE_KEY: Refusal = Refusal::new(400, "invalid_uri", "Invalid key id or unsupported key type.");

/// Another key while a key waits for its import (d; the state is assumed).
const KEY_EXISTS: Refusal = Refusal::plain(409, "Encryption key has already been created.");

/// A wrapping key for a key that has been imported (d).
const KEY_HAS_MATERIAL: Refusal =
    Refusal::plain(409, "Failed precondition. Create new encryption key without the key material first.");

/// An import without a wrapping key (d).
const NO_WRAPPING_KEY: Refusal = Refusal::plain(
    409,
    "Failed precondition. Key import not in progress or unable to find the wrapping key. Make sure you have followed all \
     the steps to import a key.",
);

/// An import of a value that is not a wrapped key (recorded).
const BAD_KEY_MATERIAL: Refusal =
    Refusal::invalid_body("Invalid input. Wrapped key material is invalid or unsupported key type.");

/// The member with the public wrapping key. No answer shows it.
const WRAPPING_KEY: &str = "wrapping_key";
/// The length of a key that is encrypted with an RSA key of 2048 bits. The material follows it, encrypted with that key.
const SHORTEST_WRAPPED_KEY: usize = 256;

const OF_ENVIRONMENT: &str = "environment-root-key";
const OF_OWNER: &str = "customer-provided-root-key";
const MASTER: &str = "tenant-master-key";
const WAITING: &str = "pre-activation";
const ACTIVE: &str = "active";
const DESTROYED: &str = "destroyed";

/// The keys of a new tenant.
pub(super) fn insert_first(state: &mut State, root: &str, master: &str, now: SystemTime) {
    // A list begins with the newest key, and the root precedes the master in it (recorded).
    insert(state, master, MASTER, Some(root), now);
    insert(state, root, OF_ENVIRONMENT, None, now);
}

fn insert(state: &mut State, kid: &str, kind: &str, parent: Option<&str>, now: SystemTime) {
    let now = timestamp(now);
    let key = json!({
        "kid": kid, "type": kind, "state": ACTIVE, "parent_kid": parent, "public_key": null,
        "created_at": now, "updated_at": now,
    });
    state[Kind::EncryptionKey].insert(kid, object(key));
}

/// Sets the state of a new key. A root key waits for its import; a key for data is active at once (assumed).
fn complete(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let kind = draft.text("type").to_owned();
    let (state, parent) =
        if kind == OF_OWNER { (WAITING, None) } else { (ACTIVE, active(call.state, &[MASTER]).pop()) };
    let keys = &call.state[Kind::EncryptionKey];
    if state == WAITING && !keys.matching(&[("type", OF_OWNER), ("state", WAITING)]).is_empty() {
        return Err(KEY_EXISTS.into());
    }
    draft.entity.retain(|member, _| ["type", "created_at", "updated_at"].contains(&member.as_str()));
    draft.entity.extend(object(json!({ "state": state, "parent_kid": parent, "public_key": null })));
    Ok(())
}

/// Replaces the master key and the keys under it (recorded for the master key).
fn rekey(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    if let Some(root) = active(call.state, &[OF_ENVIRONMENT, OF_OWNER]).pop() {
        replace_master(call, &root);
    }
    Ok(Reply::empty())
}

/// Activates a root key of the tenant's owner (recorded).
fn import(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let key = key_of_owner(call, IMPORTED_KEY_NOT_FOUND)?;
    if text(&key, "state") != Some(WAITING) || !key.contains_key(WRAPPING_KEY) {
        return Err(NO_WRAPPING_KEY.into());
    }
    let material = text(&call.body, "wrapped_key").and_then(|wrapped| STANDARD.decode(wrapped).ok());
    if material.is_none_or(|material| material.len() <= SHORTEST_WRAPPED_KEY) {
        return Err(BAD_KEY_MATERIAL.into());
    }
    let kid = call.parameter("kid").to_owned();
    let old_roots = active(call.state, &[OF_ENVIRONMENT, OF_OWNER]);
    change(call, &kid, |key| {
        key.remove(WRAPPING_KEY);
        key.insert("state".to_owned(), ACTIVE.into());
    });
    replace_master(call, &kid);
    old_roots.iter().for_each(|root| set_destroyed(call, root));
    let mut view = Map::clone(call.state[Kind::EncryptionKey].get(&kid).ok_or(KEY_NOT_FOUND)?);
    view.remove("public_key"); // recorded
    Ok(Reply::json(&view))
}

/// Destroys a root key of the tenant's owner. If it was in use, a new key of the environment takes its place (recorded).
fn destroy(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let key = key_of_owner(call, UNSUITABLE_KEY)?;
    if text(&key, "state") == Some(ACTIVE) {
        let root = call.state.draw_id(Kind::EncryptionKey, IdShape::UUID);
        insert(call.state, &root, OF_ENVIRONMENT, None, call.clock.now());
        replace_master(call, &root);
    }
    let kid = call.parameter("kid").to_owned();
    set_destroyed(call, &kid);
    Ok(Reply::empty())
}

/// Creates a public key that wraps the material of a root key. It replaces the previous wrapping key.
fn create_wrapping_key(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let key = key_of_owner(call, UNSUITABLE_KEY)?;
    if text(&key, "state") != Some(WAITING) {
        return Err(KEY_HAS_MATERIAL.into());
    }
    let certificate = Pem::read(shipped(call.state.random.usize(..1000)).certificate_pem());
    let public_key = certificate.as_ref().and_then(Pem::key).and_then(|key| key.pem());
    let kid = call.parameter("kid").to_owned();
    call.state[Kind::EncryptionKey].change(&kid, |key| key.insert(WRAPPING_KEY.to_owned(), json!(public_key)));
    Ok(Reply::object(vec![("public_key", json!(public_key)), ("algorithm", "CKM_RSA_AES_KEY_WRAP".into())]))
}

/// The root key of the tenant's owner in the path.
fn key_of_owner(call: &Call<'_>, missing: Refusal) -> Result<Document, ApiError> {
    let kid = call.parameter("kid");
    if !IdShape::UUID.fits(kid) {
        return Err(MALFORMED_ID.into());
    }
    let key = call.state[Kind::EncryptionKey].get(kid).ok_or(missing)?;
    let is_suitable = text(key, "type") == Some(OF_OWNER) && text(key, "state") != Some(DESTROYED);
    if is_suitable { Ok(Document::clone(key)) } else { Err(UNSUITABLE_KEY.into()) }
}

/// The ids of the active keys of these types, oldest first.
fn active(state: &State, kinds: &[&str]) -> Vec<String> {
    let keys = &state[Kind::EncryptionKey];
    let active = keys.matching_any(&[("state", ACTIVE)], "type", kinds);
    active.iter().filter_map(|seq| keys.id_at(*seq)).map(str::to_owned).collect()
}

/// Creates a new master key under this root. The old master keys get the same root and are destroyed (recorded).
fn replace_master(call: &mut Call<'_>, root: &str) {
    let old_masters = active(call.state, &[MASTER]);
    let master = call.state.draw_id(Kind::EncryptionKey, IdShape::UUID);
    insert(call.state, &master, MASTER, Some(root), call.clock.now());
    for kid in old_masters {
        set_destroyed(call, &kid);
        change(call, &kid, |key| key.insert("parent_kid".to_owned(), root.into()));
    }
    // The keys for data belong to the new master.
    for kid in active(call.state, &["tenant-encryption-key"]) {
        change(call, &kid, |key| key.insert("parent_kid".to_owned(), master.as_str().into()));
    }
}

fn set_destroyed(call: &mut Call<'_>, kid: &str) {
    change(call, kid, |key| {
        key.remove(WRAPPING_KEY);
        key.insert("state".to_owned(), DESTROYED.into())
    });
}

fn change<T>(call: &mut Call<'_>, kid: &str, change: impl FnOnce(&mut Map<String, Value>) -> T) {
    let now = timestamp(call.clock.now());
    call.state[Kind::EncryptionKey].change(kid, |key| {
        key.insert("updated_at".to_owned(), now.into());
        change(key)
    });
}
