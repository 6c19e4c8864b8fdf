//! `/organizations/{id}/connections` and its older twin `/organizations/{id}/enabled_connections` (resources 5).
//!
//! Both stand over one set. The older one shows the enabled ones only, in the fewer members that it knows.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::connection_association::{MOST_CONNECTIONS, check, complete, in_order, shown};
use super::crud::Paging;
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;
use crate::store::document::{patch as apply, text};
use crate::store::{Collection, Document, Seq};

static SCHEMAS: LazyLock<Schemas> =
    LazyLock::new(|| Schemas::parse(include_str!("organization_connections.schema.json")));

const READ: &[&str] = &["read:organization_connections"];
const CREATE: &[&str] = &["create:organization_connections"];
const UPDATE: &[&str] = &["update:organization_connections"];
const DELETE: &[&str] = &["delete:organization_connections"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{id}/connections", READ, list).query("List").parameters("List"),
        Operation::post("/organizations/{id}/connections", CREATE, add).body("Create").parameters("Create"),
        Operation::get("/organizations/{id}/connections/{connection_id}", READ, get).parameters("Get"),
        Operation::patch("/organizations/{id}/connections/{connection_id}", UPDATE, patch)
            .body("Patch")
            .parameters("Patch"),
        Operation::delete("/organizations/{id}/connections/{connection_id}", DELETE, remove).parameters("Delete"),
        Operation::get("/organizations/{id}/enabled_connections", READ, list_enabled)
            .query("ListEnabled")
            .parameters("ListEnabled"),
        Operation::post("/organizations/{id}/enabled_connections", CREATE, add_enabled)
            .body("CreateEnabled")
            .parameters("CreateEnabled"),
        Operation::get("/organizations/{id}/enabled_connections/{connectionId}", READ, get_enabled)
            .parameters("GetEnabled"),
        Operation::patch("/organizations/{id}/enabled_connections/{connectionId}", UPDATE, patch_enabled)
            .body("PatchEnabled")
            .parameters("PatchEnabled"),
        Operation::delete("/organizations/{id}/enabled_connections/{connectionId}", DELETE, remove_enabled)
            .parameters("DeleteEnabled"),
    ],
};

/// Which of the two looks at the set is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    All,
    Enabled,
}

impl Look {
    /// The list's name in its envelope.
    fn key(self) -> &'static str {
        match self {
            Look::All => "connections",
            Look::Enabled => "enabled_connections",
        }
    }

    /// The path parameter that names a connection.
    fn parameter(self) -> &'static str {
        match self {
            Look::All => "connection_id",
            Look::Enabled => "connectionId",
        }
    }

    /// Whether a connection of the organization can be seen.
    fn sees(self, connection: &Document) -> bool {
        self == Look::All || connection.get("is_enabled") == Some(&Value::Bool(true))
    }

    fn shown(self, call: &Call<'_>, connection: &Document) -> Map<String, Value> {
        shown(call.state, connection, self == Look::All)
    }
}

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    list_by(Look::All, call)
}

fn list_enabled(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    list_by(Look::Enabled, call)
}

fn list_by(look: Look, call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::of(call)?;
    let Some(connections) = held(call)? else {
        return Ok(paging.reply(look.key(), &Collection::default(), &[], Document::clone));
    };
    let wanted = call.query_flag("is_enabled");
    let fits = |seq: &Seq| {
        connections.at(*seq).is_some_and(|connection| {
            look.sees(connection)
                && wanted.is_none_or(|wanted| connection.get("is_enabled") == Some(&Value::Bool(wanted)))
        })
    };
    let places: Vec<Seq> = in_order(connections).into_iter().filter(fits).collect();
    let listing = paging.page.of_ordered(connections, places.iter().copied(), places.len());
    Ok(paging.envelope(look.key(), listing, |connection| look.shown(call, connection)))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    get_by(Look::All, call)
}

fn get_enabled(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    get_by(Look::Enabled, call)
}

fn get_by(look: Look, call: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(&look.shown(call, find(look, call)?)))
}

fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    add_by(Look::All, call)
}

fn add_enabled(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    add_by(Look::Enabled, call)
}

fn add_by(look: Look, call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.id();
    let count = held(call)?.map_or(0, Collection::len);
    let mut connection = std::mem::take(&mut call.body);
    complete(&mut connection);
    check(call.state, &connection)?;
    let id = text(&connection, "connection_id").unwrap_or_default().to_owned();
    if held(call)?.is_some_and(|connections| connections.contains(&id)) {
        return Err(ApiError::organization_connection_exists());
    }
    if count >= MOST_CONNECTIONS {
        return Err(ApiError::too_many_organization_connections(MOST_CONNECTIONS));
    }
    let connections = call.state.organization_connections.entry(organization).or_default();
    let connection = connections.insert(&id, connection);
    Ok(Reply::json(&look.shown(call, &connection)))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    patch_by(Look::All, call)
}

fn patch_enabled(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    patch_by(Look::Enabled, call)
}

fn patch_by(look: Look, call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.id();
    let changes = std::mem::take(&mut call.body);
    let mut connection = Map::clone(find(look, call)?);
    apply(&mut connection, changes);
    complete(&mut connection);
    check(call.state, &connection)?;
    let id = text(&connection, "connection_id").unwrap_or_default().to_owned();
    let connections = call.state.organization_connections.entry(organization).or_default();
    let connection = connections.replace(&id, connection);
    Ok(Reply::json(&look.shown(call, &connection)))
}

fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    remove_by(Look::All, call)
}

fn remove_enabled(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    remove_by(Look::Enabled, call)
}

/// Removes a connection; one that is not there is no error (recorded).
fn remove_by(look: Look, call: &mut Call<'_>) -> Result<Reply, ApiError> {
    held(call)?;
    let (organization, id) = (call.id(), call.parameter(look.parameter()).to_owned());
    if let Some(connections) = call.state.organization_connections.get_mut(&organization) {
        connections.remove(&id);
    }
    Ok(Reply::empty())
}

/// The connections of the organization that the path names, if it ever had one.
fn held<'a>(call: &'a Call<'_>) -> Result<Option<&'a Collection>, ApiError> {
    let id = call.parameter("id");
    if !call.state.organizations.contains(id) {
        return Err(ApiError::organization_of_connections_not_found());
    }
    Ok(call.state.organization_connections.get(id))
}

fn find<'a>(look: Look, call: &'a Call<'_>) -> Result<&'a Document, ApiError> {
    let connection = held(call)?.and_then(|connections| connections.get(call.parameter(look.parameter())));
    connection.filter(|connection| look.sees(connection)).ok_or_else(ApiError::organization_connection_not_found)
}
