//! `/clients/{client_id}/credentials`: the keys with which a client authenticates (resources 3).

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::credential_view::{check_new, find, is_in_use, normalized, read, store, view};
use crate::api::call::{Call, Reply};
use crate::api::error::clients::CLIENT_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::timestamp::timestamp;
use crate::schema::Schemas;
use crate::store::Kind;
use crate::store::document::patch as apply;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("credentials.schema.json")));

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

/// The deletion of a credential that the client still uses ("Rotate Credentials": it must be removed from the client before; answer
/// assumed).
const CREDENTIAL_IN_USE: Refusal =
    Refusal::new(400, "operation_not_supported", "The credential is in use by the client and cannot be deleted");

/// Lists all credentials, the newest first, in a bare array even if the query requests totals (recorded).
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let client_id = client(call)?;
    let credentials = &call.state[Kind::ClientCredential];
    let newest_first = credentials.having("client_id", &client_id).as_slice().iter().rev();
    let views: Vec<Map<String, Value>> = newest_first.filter_map(|seq| credentials.at(*seq)).map(view).collect();
    Ok(Reply::json(&views))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let client_id = client(call)?;
    let credential = read(std::mem::take(&mut call.body))?;
    check_new(call.state, &client_id, &credential)?;
    Ok(Reply::json(&view(&store(call, &client_id, credential)?)))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let client_id = client(call)?;
    let credential = find(call.state, &client_id, call.parameter("credential_id"));
    Ok(Reply::json(&view(credential.ok_or(CREDENTIAL_NOT_FOUND)?)))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let client_id = client(call)?;
    let id = call.parameter("credential_id").to_owned();
    let mut credential = Map::clone(find(call.state, &client_id, &id).ok_or(CREDENTIAL_NOT_FOUND)?);
    let mut changes = std::mem::take(&mut call.body);
    if let Some(Value::String(expiry)) = changes.get_mut("expires_at") {
        *expiry = normalized(expiry)?;
    }
    apply(&mut credential, changes);
    credential.insert("updated_at".to_owned(), timestamp(call.clock.now()).into());
    Ok(Reply::json(&view(&call.state[Kind::ClientCredential].replace(&id, credential))))
}

/// Deletes a credential that the client does not use. A missing credential is no error (recorded).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (client_id, id) = (call.parameter("client_id"), call.parameter("credential_id").to_owned());
    if find(call.state, client_id, &id).is_some() {
        if call.state[Kind::Client].get(client_id).is_some_and(|client| is_in_use(client, &id)) {
            return Err(CREDENTIAL_IN_USE.into());
        }
        call.state.remove(Kind::ClientCredential, &id);
    }
    Ok(Reply::empty())
}

/// The id of the client in the path.
fn client(call: &Call<'_>) -> Result<String, ApiError> {
    let id = call.parameter("client_id");
    if call.state[Kind::Client].contains(id) { Ok(id.to_owned()) } else { Err(CLIENT_NOT_FOUND.into()) }
}
