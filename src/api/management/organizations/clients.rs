//! `/organizations/{id}/clients`: the applications that an organization may use (resources 5). It is in early access at the live
//! service, and has no effect on client credentials.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::organizations::{OWNING_ORGANIZATION_NOT_FOUND, UNKNOWN_CLIENT};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::Paging;
use crate::schema::Schemas;
use crate::store::document::{text, texts};
use crate::store::{Document, Kind, Link, Seq, State};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("clients.schema.json")));

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

/// An application that the organization does not have (a).
const ORGANIZATION_CLIENT_NOT_FOUND: Refusal = Refusal::plain(404, "No client found by that id");

/// An application that the organization already has (a).
const ORGANIZATION_CLIENT_EXISTS: Refusal =
    Refusal::plain(409, "The client has already been added to this organization.");

/// More than the maximum number of applications (limit documented, sentence assumed).
const TOO_MANY_ORGANIZATION_CLIENTS: Refusal =
    Refusal::plain(409, "Quota exceeded; cannot add more than {} clients to a single organization");

/// The maximum number of applications of an organization ("Grant per-application access", documented). The schema
/// limits a call to ten.
const MOST_CLIENTS: usize = 100;
/// The member of an association of a client.
const MEMBER_ACCESS: &str = "use_for_member_access";
/// Lists the clients in the order of their creation. The live service orders them by id (recorded).
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.seq(Kind::Organization, OWNING_ORGANIZATION_NOT_FOUND)?;
    let paging = Paging::checkpoint(call)?;
    let state = &*call.state;
    let positions = state[Link::OrganizationClients].of_left(organization).as_slice();
    Ok(paging.reply("clients", &state[Kind::Client], positions, |client| view(state, organization, client)))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (organization, client) = pair(call)?;
    Ok(reply(call.state, organization, client))
}

/// Adds all clients or none.
fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.seq(Kind::Organization, OWNING_ORGANIZATION_NOT_FOUND)?;
    let mut added: Vec<(Seq, bool)> = Vec::new();
    let entries = call.body.get("clients").and_then(Value::as_array);
    for entry in entries.into_iter().flatten().filter_map(Value::as_object) {
        let id = text(entry, "client_id").unwrap_or_default();
        let client = call.state[Kind::Client].seq(id).ok_or(UNKNOWN_CLIENT)?;
        if call.state[Link::OrganizationClients].holds(organization, client)
            || added.iter().any(|(seq, _)| *seq == client)
        {
            return Err(ORGANIZATION_CLIENT_EXISTS.into());
        }
        added.push((client, entry.get(MEMBER_ACCESS) == Some(&Value::Bool(true))));
    }
    if call.state[Link::OrganizationClients].of_left(organization).len() + added.len() > MOST_CLIENTS {
        return Err(TOO_MANY_ORGANIZATION_CLIENTS.with(&[&MOST_CLIENTS]));
    }
    for (client, member_access) in &added {
        call.state[Link::OrganizationClients].join(organization, *client);
        use_for_member_access(call.state, organization, *client, *member_access);
    }
    let clients = added.iter().filter_map(|(client, _)| call.state[Kind::Client].at(*client));
    Ok(Reply::json(&clients.map(|client| view(call.state, organization, client)).collect::<Vec<_>>()))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (organization, client) = pair(call)?;
    if let Some(Value::Bool(member_access)) = call.body.get(MEMBER_ACCESS) {
        use_for_member_access(call.state, organization, client, *member_access);
    }
    Ok(reply(call.state, organization, client))
}

/// Removes clients. A missing client is no error (assumed from the sibling deletes).
fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.seq(Kind::Organization, OWNING_ORGANIZATION_NOT_FOUND)?;
    for id in texts(&call.body, "clients") {
        if let Some(client) = call.state[Kind::Client].seq(id) {
            call.state.unlink(Link::OrganizationClients, organization, client);
        }
    }
    Ok(Reply::empty())
}

/// The sequence numbers of the organization and of its client in the path.
fn pair(call: &Call<'_>) -> Result<(Seq, Seq), ApiError> {
    let organization = call.seq(Kind::Organization, OWNING_ORGANIZATION_NOT_FOUND)?;
    let client = call.state[Kind::Client].seq(call.parameter("client_id"));
    let client = client.filter(|client| call.state[Link::OrganizationClients].holds(organization, *client));
    Ok((organization, client.ok_or(ORGANIZATION_CLIENT_NOT_FOUND)?))
}

fn use_for_member_access(state: &mut State, organization: Seq, client: Seq, member_access: bool) {
    if member_access {
        state[Link::OrganizationMemberAccess].join(organization, client);
    } else {
        state.unlink(Link::OrganizationMemberAccess, organization, client);
    }
}

fn reply(state: &State, organization: Seq, client: Seq) -> Reply {
    state[Kind::Client].at(client).map_or_else(Reply::empty, |client| Reply::json(&view(state, organization, client)))
}

/// The view of a client of an organization, with some members of the application itself (recorded).
fn view(state: &State, organization: Seq, client: &Document) -> Value {
    let id = text(client, "client_id").unwrap_or_default();
    let member_access = state[Kind::Client]
        .seq(id)
        .is_some_and(|client| state[Link::OrganizationMemberAccess].holds(organization, client));
    let members = ["name", "is_first_party", "grant_types", "organization_usage"];
    let members = members.into_iter().filter_map(|key| Some((key.to_owned(), client.get(key)?.clone())));
    json!({ "client": Map::from_iter(members), "client_id": id, "use_for_member_access": member_access })
}
