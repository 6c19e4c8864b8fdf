//! `/keys/custom-signing`: public keys of the tenant's owner. m2mock stores them and verifies no signature with them.

use std::sync::LazyLock;

use crate::api::error::Refusal;
use crate::api::operation::{Family, Operation};
use crate::api::setting::{Absent, Setting};
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("custom_signing_keys.schema.json")));

const PATH: &str = "/keys/custom-signing";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::read_setting(PATH, &["read:custom_signing_keys"], &KEYS),
        Operation::replace_setting(PATH, &["create:custom_signing_keys", "update:custom_signing_keys"], &KEYS)
            .body("Put"),
        Operation::remove_setting(PATH, &["delete:custom_signing_keys"], &KEYS),
    ],
};

static KEYS: Setting = Setting::new(Absent::Refuse(NO_KEYS));

/// A read before the first key exists (d).
const NO_KEYS: Refusal =
    Refusal::plain(404, "No custom signing keys found for this tenant. Upload custom signing keys first.");
