//! The association of a connection with an organization, for `/organizations` and `/organizations/{id}/connections`.

use serde_json::{Map, Value, json};

use crate::api::error::organizations::{
    ORGANIZATION_CONNECTION_EXISTS, TOO_MANY_ORGANIZATION_CONNECTIONS, UNKNOWN_CONNECTION,
};
use crate::api::error::{ApiError, Refusal};
use crate::store::document::text;
use crate::store::{Document, Kind, Seq, State};

/// A signup setting for a connection that is not a database (V4, p).
const SIGNUP_WITHOUT_DATABASE: Refusal = Refusal::invalid_body("Only database connections support is_signup_enabled");

/// A signup setting that the connection does not support (r).
const SIGNUP_NEEDS_MEMBERSHIP: Refusal = Refusal::invalid_body(
    "Only database connections with assign_membership_on_login = true support is_signup_enabled = true.",
);

/// Access to a connection without a name in the organization (documented; sentence assumed).
const ACCESS_WITHOUT_CONNECTION_NAME: Refusal =
    Refusal::invalid_body("organization_connection_name must be set when organization_access_level is not none");

/// The maximum number of connections of an organization (entity limits, documented).
pub(in crate::api) const MOST_CONNECTIONS: usize = 10;

/// Adds the defaults (recorded; the default of `is_enabled` is assumed).
pub(in crate::api) fn complete(connection: &mut Map<String, Value>) {
    for (member, default) in [
        ("assign_membership_on_login", json!(false)),
        ("is_enabled", json!(true)),
        ("is_signup_enabled", json!(false)),
        ("organization_access_level", json!("none")),
        ("show_as_button", json!(true)),
    ] {
        connection.entry(member).or_insert(default);
    }
}

/// Checks that the connection exists and supports the association. `request` has the members of the request.
pub(in crate::api) fn check(
    state: &State,
    association: &Map<String, Value>,
    request: &Map<String, Value>,
) -> Result<(), ApiError> {
    let id = text(association, "connection_id").unwrap_or_default();
    let target = state[Kind::Connection].get(id).ok_or(UNKNOWN_CONNECTION)?;
    let is = |member: &str| association.get(member) == Some(&Value::Bool(true));
    // The member is refused with any value (V4).
    if request.contains_key("is_signup_enabled") && !is_database(target) {
        return Err(SIGNUP_WITHOUT_DATABASE.into());
    }
    if is("is_signup_enabled") && !is("assign_membership_on_login") {
        return Err(SIGNUP_NEEDS_MEMBERSHIP.into());
    }
    // The organization manages the connection under its own name for it ("My Organization API").
    let is_open = text(association, "organization_access_level").is_some_and(|level| level != "none");
    if is_open && text(association, "organization_connection_name").is_none_or(str::is_empty) {
        return Err(ACCESS_WITHOUT_CONNECTION_NAME.into());
    }
    Ok(())
}

/// The view of an association, with name and strategy of the connection, and with `is_signup_enabled` only for a database
/// (recorded). With `all` it has all members, else the members of `enabled_connections`.
pub(super) fn view(state: &State, connection: &Document, all: bool) -> Map<String, Value> {
    let mut view = Map::clone(connection);
    view.remove(OWNER);
    let id = text(connection, "connection_id").unwrap_or_default();
    if let Some(target) = state[Kind::Connection].get(id) {
        view.insert("connection".to_owned(), json!({ "name": target.get("name"), "strategy": target.get("strategy") }));
        if !is_database(target) {
            view.remove("is_signup_enabled");
        }
    }
    if !all {
        for member in ["is_enabled", "organization_access_level", "organization_connection_name"] {
            view.remove(member);
        }
    }
    view
}

/// Checks the connections of a new organization.
pub(super) fn check_new(state: &State, list: Option<&Value>) -> Result<(), ApiError> {
    let connections: Vec<&Map<String, Value>> = objects(list).collect();
    for (index, connection) in connections.iter().enumerate() {
        check(state, connection, connection)?;
        let id = connection.get("connection_id");
        if connections[..index].iter().any(|other| other.get("connection_id") == id) {
            return Err(ORGANIZATION_CONNECTION_EXISTS.into());
        }
    }
    if connections.len() > MOST_CONNECTIONS {
        return Err(TOO_MANY_ORGANIZATION_CONNECTIONS.with(&[&MOST_CONNECTIONS]));
    }
    Ok(())
}

/// Stores the connections of a new organization. Returns the organization for the answer, with its connections if the request has
/// any (recorded).
pub(super) fn store_new(state: &mut State, list: Option<&Value>, mut organization: Document) -> Document {
    if list.is_some_and(Value::is_array) {
        let id = text(&organization, "id").unwrap_or_default();
        let mut added = Vec::new();
        for connection in objects(list) {
            let mut connection = connection.clone();
            complete(&mut connection);
            added.push(store(state, id, connection));
        }
        let view: Vec<_> = added.iter().map(|connection| Value::Object(view(state, connection, false))).collect();
        Document::make_mut(&mut organization).insert("enabled_connections".to_owned(), view.into());
    }
    organization
}

fn objects(list: Option<&Value>) -> impl Iterator<Item = &Map<String, Value>> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// Stores the association of an organization, and replaces an earlier version.
pub(in crate::api) fn store(state: &mut State, organization_id: &str, mut connection: Map<String, Value>) -> Document {
    let id = id_of(organization_id, text(&connection, "connection_id").unwrap_or_default());
    connection.insert(OWNER.to_owned(), organization_id.into());
    if state[Kind::OrganizationConnection].contains(&id) {
        state[Kind::OrganizationConnection].replace(&id, connection)
    } else {
        state[Kind::OrganizationConnection].insert(&id, connection)
    }
}

/// The association of an organization with a connection.
pub(in crate::api) fn find<'a>(state: &'a State, organization_id: &str, connection_id: &str) -> Option<&'a Document> {
    state[Kind::OrganizationConnection].get(&id_of(organization_id, connection_id))
}

/// Removes a connection from an organization. Returns whether the organization had it.
pub(in crate::api) fn remove(state: &mut State, organization_id: &str, connection_id: &str) -> bool {
    state.remove(Kind::OrganizationConnection, &id_of(organization_id, connection_id)).is_some()
}

/// The associations of an organization, sorted by the ids of the connections, ignoring case (recorded). There are few.
pub(in crate::api) fn in_order(state: &State, organization_id: &str) -> Vec<Seq> {
    let connections = &state[Kind::OrganizationConnection];
    let mut positions = connections.having(OWNER, organization_id).as_slice().to_vec();
    positions.sort_by_cached_key(|seq| connections.id_at(*seq).map(str::to_ascii_lowercase));
    positions
}

/// The member with the organization. No answer shows it.
const OWNER: &str = "organization_id";

/// The id of the association in its collection.
fn id_of(organization_id: &str, connection_id: &str) -> String {
    format!("{organization_id}/{connection_id}")
}

fn is_database(connection: &Document) -> bool {
    text(connection, "strategy") == Some("auth0")
}
