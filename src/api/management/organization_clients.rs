//! `/organizations/{id}/clients`: the applications that an organization may use (resources 5). Early access of the live
//! service; without any effect on client credentials.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;
use crate::store::document::{patch as apply, text, texts};
use crate::store::{Collection, Document, State, page};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("organization_clients.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{id}/clients", &["read:organization_clients"], list).query("List"),
        Operation::post("/organizations/{id}/clients", &["create:organization_clients"], add).body("Create"),
        Operation::delete("/organizations/{id}/clients", &["delete:organization_clients"], remove).body("Delete"),
        Operation::get("/organizations/{id}/clients/{client_id}", &["read:organization_clients"], get),
        Operation::patch("/organizations/{id}/clients/{client_id}", &["update:organization_clients"], patch)
            .body("Patch"),
    ],
};

/// Applications that an organization may have ("Grant per-application access", documented). Ten a call: the schema.
const MOST_CLIENTS: usize = 100;
/// Applications on a page when the request does not say.
const DEFAULT_PAGE: usize = 50;

/// In the order of the ids, letters of either case alike (recorded).
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let held = held(call)?;
    let after = match call.query_text("from").filter(|cursor| !cursor.is_empty()) {
        None => None,
        Some(cursor) => Some(page::decode_id(cursor).ok_or_else(ApiError::invalid_cursor)?),
    };
    let take = call.query_number("take").unwrap_or(DEFAULT_PAGE);
    let place = |id: &str| (id.to_ascii_lowercase(), id.to_owned());
    let mut clients: Vec<&Document> = held.into_iter().flat_map(Collection::iter).collect();
    clients.sort_by_cached_key(|client| place(id_of(client)));
    let after = after.map(|after| place(&after));
    clients.retain(|client| after.as_ref().is_none_or(|after| place(id_of(client)) > *after));

    let more = clients.len() > take;
    clients.truncate(take);
    let shown: Vec<_> = clients.iter().map(|client| shown(call.state, client)).collect();
    let mut envelope = Map::from_iter([("clients".to_owned(), json!(shown))]);
    if let Some(last) = clients.last().filter(|_| more) {
        envelope.insert("next".to_owned(), page::encode_id(id_of(last)).into());
    }
    Ok(Reply::json(&envelope))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(&shown(call.state, find(call)?)))
}

/// Adds all of them or none.
fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let held = held(call)?;
    let mut added: Vec<Map<String, Value>> = Vec::new();
    let given = call.body.get("clients").and_then(Value::as_array);
    for client in given.into_iter().flatten().filter_map(Value::as_object) {
        let id = id_of(client);
        if !call.state.clients.contains(id) {
            return Err(ApiError::unknown_client());
        }
        if held.is_some_and(|held| held.contains(id)) || added.iter().any(|added| id_of(added) == id) {
            return Err(ApiError::organization_client_exists());
        }
        let mut client = client.clone();
        client.entry("use_for_member_access").or_insert(Value::Bool(false));
        added.push(client);
    }
    if held.map_or(0, Collection::len) + added.len() > MOST_CLIENTS {
        return Err(ApiError::too_many_organization_clients(MOST_CLIENTS));
    }
    let answer: Vec<_> = added.iter().map(|client| shown(call.state, client)).collect();
    let clients = call.state.organization_clients.entry(call.id()).or_default();
    for client in added {
        let id = id_of(&client).to_owned();
        clients.insert(&id, client);
    }
    Ok(Reply::json(&answer))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut client = Map::clone(find(call)?);
    apply(&mut client, std::mem::take(&mut call.body));
    let id = id_of(&client).to_owned();
    let clients = call.state.organization_clients.entry(call.id()).or_default();
    let client = clients.replace(&id, client);
    Ok(Reply::json(&shown(call.state, &client)))
}

/// Removes them; one that is not there is no error (assumed from the sibling deletes).
fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    held(call)?;
    let organization = call.id();
    if let Some(clients) = call.state.organization_clients.get_mut(&organization) {
        for id in texts(&call.body, "clients") {
            clients.remove(id);
        }
    }
    Ok(Reply::empty())
}

/// The applications of the organization that the path names, if it ever had one.
fn held<'a>(call: &'a Call<'_>) -> Result<Option<&'a Collection>, ApiError> {
    let id = call.parameter("id");
    if !call.state.organizations.contains(id) {
        return Err(ApiError::owning_organization_not_found());
    }
    Ok(call.state.organization_clients.get(id))
}

fn find<'a>(call: &'a Call<'_>) -> Result<&'a Document, ApiError> {
    let client = held(call)?.and_then(|clients| clients.get(call.parameter("client_id")));
    client.ok_or_else(ApiError::organization_client_not_found)
}

fn id_of(client: &Map<String, Value>) -> &str {
    text(client, "client_id").unwrap_or_default()
}

/// With some members of the application itself (recorded).
fn shown(state: &State, client: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = client.clone();
    if let Some(application) = state.clients.get(id_of(client)) {
        let members = ["name", "is_first_party", "grant_types", "organization_usage"];
        let members = members.into_iter().filter_map(|key| Some((key.to_owned(), application.get(key)?.clone())));
        shown.insert("client".to_owned(), Value::Object(members.collect()));
    }
    shown
}
