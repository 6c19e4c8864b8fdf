//! `/device-credentials`: the public keys of devices. The live service also lists refresh tokens here; m2mock has no
//! logins and so no refresh tokens.

use std::sync::LazyLock;

use serde_json::Map;

use crate::api::error::Refusal;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Identity, List, Removal, Resource, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("device_credentials.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/device-credentials", &["read:device_credentials"], &CREDENTIAL).query("List"),
        Operation::create("/device-credentials", &["create:current_user_device_credentials"], &CREDENTIAL)
            .body("Create"),
        Operation::remove(
            "/device-credentials/{id}",
            &["delete:device_credentials", "delete:current_user_device_credentials"],
            &CREDENTIAL,
        )
        .parameters("Delete"),
    ],
};

static CREDENTIAL: Resource = Resource {
    list: List::offset("device_credentials").filters(&["user_id", "client_id", "type"]),
    unique: Some(Unique { and: &["client_id"], ..Unique::new("device_id", DEVICE_CREDENTIAL_EXISTS) }),
    removal: Removal::Ignore, // no 404 is published
    // No answer shows the key, so it is not stored. A client credentials token has no user, so neither has the credential
    // // (assumed).
    complete: Some(|_, draft| {
        draft.entity.retain(|key, _| matches!(key.as_str(), "client_id" | "device_id" | "device_name" | "type"));
        Ok(())
    }),
    // The answer has only the id (recorded).
    stored: Some(|_, _, credential| {
        Document::new(Map::from_iter(credential.get_key_value("id").map(|(id, value)| (id.clone(), value.clone()))))
    }),
    ..Resource::new(Kind::DeviceCredential, Identity::new(IdShape::DEVICE_CREDENTIAL))
};

/// A second key of one device for one client (status documented, sentence assumed).
const DEVICE_CREDENTIAL_EXISTS: Refusal = Refusal::plain(409, "A device credential for this device already exists.");
