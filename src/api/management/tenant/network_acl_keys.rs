//! `/keys/network-acls`: keys with which network access control lists check signatures. m2mock stores the fingerprint
//! of a key, not the key.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::api::call::Call;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, List, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;
use crate::token::digest;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("network_acl_keys.schema.json")));

const READ: &[&str] = &["read:network_acl_keys"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/keys/network-acls", READ, &KEY),
        Operation::create("/keys/network-acls", &["create:network_acl_keys"], &KEY).body("Create"),
        Operation::read("/keys/network-acls/{id}", READ, &KEY),
        Operation::remove("/keys/network-acls/{id}", &["delete:network_acl_keys"], &KEY),
    ],
};

static KEY: Resource = Resource {
    list: List::whole("keys"),
    unique: Some(Unique::new("name", KEY_EXISTS)),
    stamps: Stamps::Milliseconds,
    missing: KEY_NOT_FOUND,
    complete: Some(replace_with_fingerprint),
    ..Resource::new(Kind::NetworkAclKey, Identity::new(IdShape::UUID))
};

/// A key that does not exist (a).
const KEY_NOT_FOUND: Refusal = Refusal::plain(404, "Network ACL key not found.");

/// A name that another key has (status d, sentence a).
const KEY_EXISTS: Refusal = Refusal::plain(409, "A network ACL key with this name already exists.");

/// A key that is not base64, or empty (a).
const KEY_NOT_BASE64: Refusal = Refusal::invalid_body("The key value must be base64 encoded.");

/// Replaces the key with its fingerprint: SHA-256 in hexadecimal digits (a).
fn replace_with_fingerprint(_: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let key = STANDARD.decode(draft.text("value")).ok().filter(|key| !key.is_empty()).ok_or(KEY_NOT_BASE64)?;
    draft.entity.remove("value");
    draft.entity.insert("fingerprint".to_owned(), digest(&key).into());
    Ok(())
}
