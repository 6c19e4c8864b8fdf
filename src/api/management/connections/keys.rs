//! `/connections/{id}/keys`: the keys with which a connection authenticates at Okta or an OpenID provider.

use std::sync::LazyLock;

use super::key::{create_first, has_keys, keys_of, rotate, view};
use crate::api::call::{Call, Reply};
use crate::api::error::connections::INEXISTENT_CONNECTION;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("keys.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/connections/{id}/keys", &["read:connections_keys"], list),
        Operation::post("/connections/{id}/keys", &["create:connections_keys"], create).body("Create"),
        Operation::post(
            "/connections/{id}/keys/rotate",
            &["create:connections_keys", "update:connections_keys"],
            rotate_keys,
        )
        .body("Rotate"),
    ],
};

/// A connection of a strategy without keys (documented: Okta and OIDC have keys; refusal assumed).
const KEYS_NOT_SUPPORTED: Refusal =
    Refusal::new(400, "operation_not_supported", "Connection keys are only supported for Okta and OIDC connections.");

/// First keys for a connection that has keys (status documented, sentence assumed).
const CONNECTION_KEYS_EXIST: Refusal = Refusal::plain(409, "The connection already has keys");

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let connection = connection(call)?;
    Ok(views(call, &connection))
}

/// Creates the first keys of a connection before their first use (documented).
fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let connection = connection(call)?;
    if !keys_of(call.state, text(&connection, "id").unwrap_or_default()).is_empty() {
        return Err(CONNECTION_KEYS_EXIST.into());
    }
    let algorithm = text(&call.body, "signing_alg").map(str::to_owned);
    create_first(call, &connection, algorithm.as_deref())?;
    Ok(views(call, &connection))
}

/// Answers with the new next key (recorded).
fn rotate_keys(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let connection = connection(call)?;
    let algorithm = text(&call.body, "signing_alg").map(str::to_owned);
    Ok(Reply::json(&view(&rotate(call, &connection, algorithm.as_deref())?)))
}

/// The connection in the path, if it can have keys.
fn connection(call: &Call<'_>) -> Result<Document, ApiError> {
    let connection = call.entity(Kind::Connection, INEXISTENT_CONNECTION)?;
    if has_keys(connection) { Ok(Document::clone(connection)) } else { Err(KEYS_NOT_SUPPORTED.into()) }
}

fn views(call: &Call<'_>, connection: &Document) -> Reply {
    let keys = keys_of(call.state, text(connection, "id").unwrap_or_default());
    Reply::json(&keys.into_iter().map(view).collect::<Vec<_>>())
}
