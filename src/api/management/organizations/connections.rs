//! `/organizations/{id}/connections` and its older twin `/organizations/{id}/enabled_connections` (resources 5).
//!
//! Both show the same associations. The older path shows only enabled connections, with fewer members.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::connection_association::{
    MOST_CONNECTIONS, check, complete, find, in_order, remove as remove_association, store, view,
};
use crate::api::call::{Call, Reply};
use crate::api::delivery::objects;
use crate::api::error::organizations::{ORGANIZATION_CONNECTION_EXISTS, TOO_MANY_ORGANIZATION_CONNECTIONS};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::Offset;
use crate::schema::Schemas;
use crate::store::document::{patch as apply, text};
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("connections.schema.json")));

const READ: &[&str] = &["read:organization_connections"];
const CREATE: &[&str] = &["create:organization_connections"];
const UPDATE: &[&str] = &["update:organization_connections"];
const DELETE: &[&str] = &["delete:organization_connections"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{id}/connections", READ, |call| list(call, View::All))
            .query("List")
            .parameters("Organization"),
        Operation::post("/organizations/{id}/connections", CREATE, |call| add(call, View::All))
            .body("Create")
            .parameters("Organization"),
        Operation::get("/organizations/{id}/connections/{connection_id}", READ, |call| get(call, View::All))
            .parameters("Connection"),
        Operation::patch("/organizations/{id}/connections/{connection_id}", UPDATE, |call| patch(call, View::All))
            .body("Patch")
            .parameters("Connection"),
        Operation::delete("/organizations/{id}/connections/{connection_id}", DELETE, |call| remove(call, View::All))
            .parameters("Connection"),
        Operation::get("/organizations/{id}/enabled_connections", READ, |call| list(call, View::Enabled))
            .query("ListEnabled")
            .parameters("Organization"),
        Operation::post("/organizations/{id}/enabled_connections", CREATE, |call| add(call, View::Enabled))
            .body("CreateEnabled")
            .parameters("Organization"),
        Operation::get("/organizations/{id}/enabled_connections/{connectionId}", READ, |call| get(call, View::Enabled))
            .parameters("Connection"),
        Operation::patch("/organizations/{id}/enabled_connections/{connectionId}", UPDATE, |call| {
            patch(call, View::Enabled)
        })
        .body("PatchEnabled")
        .parameters("Connection"),
        Operation::delete("/organizations/{id}/enabled_connections/{connectionId}", DELETE, |call| {
            remove(call, View::Enabled)
        })
        .parameters("Connection"),
    ],
};

/// An unknown organization in the path of connections (d).
const ORGANIZATION_OF_CONNECTIONS_NOT_FOUND: Refusal = Refusal::plain(404, "The organization does not exist.");

/// A connection that the organization does not have (r).
const ORGANIZATION_CONNECTION_NOT_FOUND: Refusal = Refusal::plain(404, "No connection found by that id");

/// One of the two views of the associations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    All,
    Enabled,
}

impl View {
    /// The name of the list in its envelope.
    fn key(self) -> &'static str {
        match self {
            View::All => "connections",
            View::Enabled => "enabled_connections",
        }
    }

    /// The path parameter that names a connection.
    fn parameter(self) -> &'static str {
        match self {
            View::All => "connection_id",
            View::Enabled => "connectionId",
        }
    }

    /// Whether the view contains a connection.
    fn contains(self, connection: &Document) -> bool {
        self == View::All || connection.get("is_enabled") == Some(&Value::Bool(true))
    }

    fn view(self, call: &Call<'_>, connection: &Document) -> Map<String, Value> {
        view(call.state, connection, self == View::All)
    }
}

fn list(call: &mut Call<'_>, view_kind: View) -> Result<Reply, ApiError> {
    let paging = Offset::of(call)?;
    let organization = organization(call)?;
    let connections = &call.state[Kind::OrganizationConnection];
    let is_enabled = call.query_flag("is_enabled");
    let matches = |seq: &Seq| {
        connections.at(*seq).is_some_and(|connection| {
            view_kind.contains(connection)
                && is_enabled.is_none_or(|flag| connection.get("is_enabled") == Some(&Value::Bool(flag)))
        })
    };
    let positions: Vec<Seq> = in_order(call.state, &organization).into_iter().filter(matches).collect();
    let total = positions.len();
    Ok(paging.reply(view_kind.key(), connections, positions.into_iter(), total, |connection| {
        view_kind.view(call, connection)
    }))
}

fn get(call: &mut Call<'_>, view_kind: View) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    Ok(Reply::json(&view_kind.view(call, visible(call, view_kind, &organization)?)))
}

fn add(call: &mut Call<'_>, view_kind: View) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    let mut connection = std::mem::take(&mut call.body);
    check(call.state, &connection, &connection)?;
    complete(&mut connection);
    let id = text(&connection, "connection_id").unwrap_or_default();
    if find(call.state, &organization, id).is_some() {
        return Err(ORGANIZATION_CONNECTION_EXISTS.into());
    }
    if in_order(call.state, &organization).len() >= MOST_CONNECTIONS {
        return Err(TOO_MANY_ORGANIZATION_CONNECTIONS.with(&[&MOST_CONNECTIONS]));
    }
    let connection = store(call.state, &organization, connection);
    call.raise("organization.connection.added", |state| objects::connection(state, &organization, &connection));
    Ok(Reply::json(&view_kind.view(call, &connection)))
}

fn patch(call: &mut Call<'_>, view_kind: View) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    let changes = std::mem::take(&mut call.body);
    let mut connection = Map::clone(visible(call, view_kind, &organization)?);
    apply(&mut connection, changes.clone());
    complete(&mut connection);
    check(call.state, &connection, &changes)?;
    let connection = store(call.state, &organization, connection);
    call.raise("organization.connection.updated", |state| objects::connection(state, &organization, &connection));
    Ok(Reply::json(&view_kind.view(call, &connection)))
}

/// Removes a connection. A missing connection is no error (recorded).
fn remove(call: &mut Call<'_>, view_kind: View) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    let connection = call.parameter(view_kind.parameter()).to_owned();
    if remove_association(call.state, &organization, &connection) {
        call.raise("organization.connection.removed", |state| {
            objects::removed_connection(state, &organization, &connection)
        });
    }
    Ok(Reply::empty())
}

/// The id of the organization in the path.
fn organization(call: &Call<'_>) -> Result<String, ApiError> {
    let id = call.id();
    if call.state[Kind::Organization].contains(&id) {
        Ok(id)
    } else {
        Err(ORGANIZATION_OF_CONNECTIONS_NOT_FOUND.into())
    }
}

/// The connection in the path, if the view contains it.
fn visible<'a>(call: &'a Call<'_>, view_kind: View, organization: &str) -> Result<&'a Document, ApiError> {
    let connection = find(call.state, organization, call.parameter(view_kind.parameter()));
    connection
        .filter(|connection| view_kind.contains(connection))
        .ok_or_else(|| ORGANIZATION_CONNECTION_NOT_FOUND.into())
}
