//! `/device-credentials`: the public keys of devices. The live service has refresh tokens in this list as well; nobody
//! logs in here, so that there are none.

use std::sync::LazyLock;

use serde_json::json;

use super::crud::{Fields, Offset, fields_of};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;
use crate::store::document::text;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("device_credentials.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/device-credentials", &["read:device_credentials"], list).query("List"),
        Operation::post("/device-credentials", &["create:current_user_device_credentials"], create).body("Create"),
        Operation::delete(
            "/device-credentials/{id}",
            &["delete:device_credentials", "delete:current_user_device_credentials"],
            delete,
        )
        .parameters("Delete"),
    ],
};

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let offset = Offset::of(call)?;
    let credentials = &call.state[Kind::DeviceCredential];
    let asked = |key| call.query_text(key).map(|value| (key, value));
    let wanted: Vec<(&str, &str)> = ["user_id", "client_id", "type"].into_iter().filter_map(asked).collect();
    let places = credentials.matching(&wanted);
    let fields = Fields::of(call);
    let show = |credential: &_| fields_of(fields.as_ref(), credential);
    Ok(offset.reply("device_credentials", credentials, places.iter().copied(), places.len(), show))
}

/// Stores the key of a device, and answers its id alone (recorded). The key itself is in no answer, so it is not kept.
/// A token of client credentials has no user, so the credential has none either (assumed).
fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut credential = std::mem::take(&mut call.body);
    credential.retain(|key, _| matches!(key.as_str(), "client_id" | "device_id" | "device_name" | "type"));
    let credentials = &call.state[Kind::DeviceCredential];
    let device = text(&credential, "device_id").unwrap_or_default();
    let same_device = credentials.having("device_id", device).iter().filter_map(|seq| credentials.at(seq));
    if same_device.into_iter().any(|other| other.get("client_id") == credential.get("client_id")) {
        return Err(ApiError::device_credential_exists());
    }
    let id = call.new_id(Kind::DeviceCredential, IdShape::DEVICE_CREDENTIAL)?;
    credential.insert("id".to_owned(), id.clone().into());
    call.state[Kind::DeviceCredential].insert(&id, credential);
    Ok(Reply::json(&json!({ "id": id })))
}

/// Deletes a credential; one that is not there is no error: no 404 is published.
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    call.state.remove(Kind::DeviceCredential, &id);
    Ok(Reply::empty())
}
