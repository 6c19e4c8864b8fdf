//! `/flows/vault/connections`: the credentials of flows for other services. m2mock does not store the credentials, only whether a
//! connection has some.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::Call;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, List, Resource, Stamps};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::{Document, Kind};

/// The published body of an update is a `oneOf` of kinds of credentials. Here it is an `anyOf`, because several kinds overlap.
static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("vault_connections.schema.json")));

const ALL: &str = "/flows/vault/connections";
const BY_ID: &str = "/flows/vault/connections/{id}";
const READ: &[&str] = &["read:flows_vault_connections"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &CONNECTION).query("List"),
        Operation::create(ALL, &["create:flows_vault_connections"], &CONNECTION).body("Create"),
        Operation::read(BY_ID, READ, &CONNECTION).parameters("ById"),
        Operation::update(BY_ID, &["update:flows_vault_connections"], &CONNECTION).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:flows_vault_connections"], &CONNECTION).parameters("ById"),
    ],
};

static CONNECTION: Resource = Resource {
    list: List::offset("connections"),
    defaults: Some(&DEFAULTS),
    stamps: Stamps::Milliseconds,
    missing: CONNECTION_NOT_FOUND,
    in_use: Some(CONNECTION_IN_USE),
    prepare: Some(prepare),
    stored: Some(|_, _, connection| {
        let mut view = Map::clone(&connection);
        view.insert("refreshed_at".to_owned(), Value::Null); // recorded; a read does not have it
        Document::new(view)
    }),
    ..Resource::new(Kind::VaultConnection, Identity::new(IdShape::VAULT_CONNECTION))
};

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "ready": false })));

/// A connection that does not exist (recorded).
const CONNECTION_NOT_FOUND: Refusal = Refusal::plain(404, "Connection not found");

/// A connection that a flow uses (a).
const CONNECTION_IN_USE: Refusal = Refusal::plain(409, "The connection is in use by a flow and cannot be deleted.");

/// Sets the fingerprint, which is different after each change (recorded).
fn prepare(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    if draft.entity.remove("setup").is_some() {
        draft.entity.insert("ready".to_owned(), true.into());
    }
    let fingerprint = IdShape::FINGERPRINT.draw(&mut call.state.random);
    draft.entity.insert("fingerprint".to_owned(), fingerprint.into());
    Ok(())
}
