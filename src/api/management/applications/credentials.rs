//! `/clients/{client_id}/credentials`: the keys with which a client authenticates (resources 3).

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::credential_view::{check_new, find, is_named, normal, read, shown, store};
use crate::api::call::{Call, Reply};
use crate::api::error::clients::CLIENT_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::timestamp::timestamp;
use crate::schema::Schemas;
use crate::store::Kind;
use crate::store::document::patch as apply;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("credentials.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/clients/{client_id}/credentials", &["read:client_credentials"], list).query("List"),
        Operation::post("/clients/{client_id}/credentials", &["create:client_credentials"], create).body("Create"),
        Operation::get("/clients/{client_id}/credentials/{credential_id}", &["read:client_credentials"], get),
        // 200, although the published document says 201 (recorded).
        Operation::patch("/clients/{client_id}/credentials/{credential_id}", &["update:client_credentials"], patch)
            .body("Patch"),
        Operation::delete("/clients/{client_id}/credentials/{credential_id}", &["delete:client_credentials"], delete),
    ],
};

/// Unknown credential of a client (d).
const CREDENTIAL_NOT_FOUND: Refusal = Refusal::plain(404, "Credential does not exist");

/// The deletion of a credential that the client still names ("Rotate Credentials": it must be removed from the client
/// before; answer assumed).
const CREDENTIAL_IN_USE: Refusal =
    Refusal::new(400, "operation_not_supported", "The credential is in use by the client and cannot be deleted");

/// Lists all credentials, the newest first, in a bare array even if the query requests totals (recorded).
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let client_id = client(call)?;
    let credentials = &call.state[Kind::ClientCredential];
    let places = credentials.having("client_id", &client_id).as_slice().iter().rev();
    let shown: Vec<Map<String, Value>> = places.filter_map(|place| credentials.at(*place)).map(shown).collect();
    Ok(Reply::json(&shown))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let client_id = client(call)?;
    let credential = read(std::mem::take(&mut call.body))?;
    check_new(call.state, &client_id, &credential)?;
    Ok(Reply::json(&shown(&store(call, &client_id, credential)?)))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let client_id = client(call)?;
    let credential = find(call.state, &client_id, call.parameter("credential_id"));
    Ok(Reply::json(&shown(credential.ok_or(CREDENTIAL_NOT_FOUND)?)))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let client_id = client(call)?;
    let id = call.parameter("credential_id").to_owned();
    let held = find(call.state, &client_id, &id).ok_or(CREDENTIAL_NOT_FOUND)?;
    let mut credential = Map::clone(held);
    let mut changes = std::mem::take(&mut call.body);
    if let Some(Value::String(moment)) = changes.get_mut("expires_at") {
        *moment = normal(moment)?;
    }
    apply(&mut credential, changes);
    credential.insert("updated_at".to_owned(), timestamp(call.clock.now()).into());
    Ok(Reply::json(&shown(&call.state[Kind::ClientCredential].replace(&id, credential))))
}

/// Deletes a credential that the client does not name. A missing one is no error (recorded).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (client_id, id) = (call.parameter("client_id"), call.parameter("credential_id").to_owned());
    if find(call.state, client_id, &id).is_some() {
        if call.state[Kind::Client].get(client_id).is_some_and(|client| is_named(client, &id)) {
            return Err(CREDENTIAL_IN_USE.into());
        }
        call.state.remove(Kind::ClientCredential, &id);
    }
    Ok(Reply::empty())
}

/// The id of the client that the path names.
fn client(call: &Call<'_>) -> Result<String, ApiError> {
    let id = call.parameter("client_id");
    if call.state[Kind::Client].contains(id) { Ok(id.to_owned()) } else { Err(CLIENT_NOT_FOUND.into()) }
}
