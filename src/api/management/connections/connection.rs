//! `/connections`: the sources of users (resources 6), and the clients that may use them.
//!
//! m2mock has no logins. It stores the options of a connection, completed by strategy, and calls no identity provider.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::defaults::{complete, complete_options};
use super::encrypted_options::conceal;
use super::key::create_first_if_used;
use crate::api::addressed::Addressed::{self, Link};
use crate::api::call::{Call, Reply};
use crate::api::error::clients::INEXISTENT_CLIENT;
use crate::api::error::connections::INEXISTENT_CONNECTION;
use crate::api::error::{ApiError, Refusal};
use crate::api::fields::{Fields, fields_of};
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Paging, checkpoint_items};
use crate::api::timestamp::timestamp;
use crate::domain::{IdShape, Names};
use crate::schema::Schemas;
use crate::store::document::{patch as apply, text, texts};
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("connection.schema.json")));

const ADDRESSED: &[Addressed] = &[Link("provisioning_ticket_url"), Link("connections.provisioning_ticket_url")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/connections", &["read:connections"], list).query("List").addressed(ADDRESSED),
        Operation::post("/connections", &["create:connections"], create).body("Create").addressed(ADDRESSED),
        Operation::get("/connections/{id}", &["read:connections"], get).query("Get").addressed(ADDRESSED),
        Operation::patch("/connections/{id}", &["update:connections"], patch).body("Patch").addressed(ADDRESSED),
        Operation::delete("/connections/{id}", &["delete:connections"], delete).success(202),
        Operation::get("/connections/{id}/status", &["read:connections"], status),
        Operation::delete("/connections/{id}/users", &["delete:users"], delete_users).query("DeleteUsers"),
        Operation::get("/connections/{id}/clients", &["read:connections"], list_clients).query("ListClients"),
        Operation::patch("/connections/{id}/clients", &["update:connections"], patch_clients)
            .body("PatchClients")
            .success(204),
        Operation::get(
            "/clients/{id}/connections",
            &["read:connections", "read:clients", "read:client_summary"],
            list_of_client,
        )
        .query("ListOfClient")
        .addressed(ADDRESSED),
    ],
};

/// The options of a database connection contradict each other (r).
const CONTRADICTORY_OPTIONS: Refusal = Refusal::invalid_body("Cannot set both options.attributes and options.{}");

/// No attribute of a database connection identifies a user (r).
const NO_ACTIVE_IDENTIFIER: Refusal = Refusal::invalid_body("attributes must contain one active identifier");

/// A required attribute that a sign-up does not require (r).
const ATTRIBUTE_NOT_REQUIRED_ON_SIGNUP: Refusal = Refusal::invalid_body("attribute {} must also be required on signup");

/// A change of an existing database connection that lets users share an email (r).
const EMAIL_MADE_NON_UNIQUE: Refusal = Refusal::invalid_body("cannot add non-unique email attribute");

/// A connection as a requesting app whose strategy does not support this (r).
const REQUESTING_APP_NOT_SUPPORTED: Refusal = Refusal::new(
    400,
    "operation_not_supported",
    "Cross App Access Requesting App is not supported for this connection.",
);

/// A connection with a name that is taken (d).
const CONNECTION_EXISTS: Refusal = Refusal::plain(409, "A connection with the same name already exists");

/// A connection whose connector is offline (a 404 is documented for this state; sentence assumed).
const CONNECTION_OFFLINE: Refusal = Refusal::plain(404, "The connection is offline");

/// A deletion of users by email in a connection that is no database (p).
const NOT_A_DATABASE_CONNECTION: Refusal = Refusal::plain(400, "Connection must be a database connection");

/// The default number of connections on a page (documented).
const DEFAULT_PAGE: usize = 100;

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::with_pages_of(DEFAULT_PAGE, call)?;
    let fields = Fields::of(call);
    let connections = &call.state[Kind::Connection];
    let show = |connection: &Document| view(fields.as_ref(), connection);
    let positions = of_strategies(call, call.query_text("name").map(|name| ("name", name)));
    Ok(paging.reply("connections", connections, &positions, show))
}

/// Lists the connections that are enabled for a client. The caller needs a scope for connections and a scope for clients
/// (documented).
fn list_of_client(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    for scopes in [&["read:connections"][..], &["read:clients", "read:client_summary"]] {
        call.require_any(scopes)?;
    }
    let id = call.parameter("id");
    if !call.state[Kind::Client].contains(id) {
        return Err(INEXISTENT_CLIENT.into());
    }
    let paging = Paging::checkpoint(call)?;
    let fields = Fields::of(call);
    let connections = &call.state[Kind::Connection];
    let positions = of_strategies(call, Some(("enabled_clients", id)));
    // This list does not show the clients of each connection (recorded 2025-06).
    let show = |connection: &Document| {
        let mut connection = Map::clone(&view(fields.as_ref(), connection));
        connection.remove("enabled_clients");
        connection
    };
    Ok(paging.reply("connections", connections, &positions, show))
}

/// The connections with this member, and with one of the strategies in the query, if it has any.
fn of_strategies<'a>(call: &'a Call<'_>, member: Option<(&str, &str)>) -> Cow<'a, [Seq]> {
    let strategies: Vec<&str> = texts(&call.query, "strategy").collect();
    call.state[Kind::Connection].matching_any(member.as_slice(), "strategy", &strategies)
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let connection = call.entity(Kind::Connection, INEXISTENT_CONNECTION)?;
    Ok(Reply::json(&view(Fields::of(call).as_ref(), connection)))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let connection = std::mem::take(&mut call.body);
    let (connection, transient) = create_from(call, connection)?;
    Ok(Reply::json(&with_transient(connection, transient)))
}

/// Creates a connection with these members. Also returns the options that only the answer to this request has.
pub(in crate::api) fn create_from(
    call: &mut Call<'_>,
    mut connection: Map<String, Value>,
) -> Result<(Document, Map<String, Value>), ApiError> {
    check(&connection)?;
    if call.state[Kind::Connection].find("name", text(&connection, "name").unwrap_or_default()).is_some() {
        return Err(CONNECTION_EXISTS.into());
    }
    connection.retain(|_, value| !value.is_null());
    remove_duplicate_clients(&mut connection);
    let from_document = connection.get("options").is_some_and(|options| options.get("metadataXml").is_some());
    complete(&mut connection, call.names, &mut call.state.random);
    let transient = match connection.get_mut("options") {
        Some(Value::Object(options)) => {
            conceal(options, None, &mut call.state.random);
            take_transient(options, from_document)
        }
        _ => Map::new(),
    };
    let id = call.new_id(Kind::Connection, IdShape::CONNECTION)?;
    connection.insert("id".to_owned(), id.clone().into());
    let connection = call.state[Kind::Connection].insert(&id, connection);
    create_first_if_used(call, &connection)?;
    Ok((connection, transient))
}

/// The default database of every tenant ("Auth0 Default Connections"). The databases of the recorded tenants are older than the
/// newest defaults, which require passwords of 14 characters.
pub(in crate::api) fn database(names: &Names, id: &str, random: &mut fastrand::Rng) -> Map<String, Value> {
    let mut database = crate::api::json::object(json!({
        "name": "Username-Password-Authentication",
        "options": { "passwordPolicy": "good" },
        "strategy": "auth0",
    }));
    complete(&mut database, names, random);
    database.insert("id".to_owned(), id.into());
    database
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (id, changes) = (call.id(), std::mem::take(&mut call.body));
    let (connection, transient) = change(call, &id, changes)?;
    Ok(Reply::json(&with_transient(connection, transient)))
}

/// Changes a connection. New options replace all old options (recorded). Also returns the options that only the answer to this
/// request has.
pub(in crate::api) fn change(
    call: &mut Call<'_>,
    id: &str,
    mut changes: Map<String, Value>,
) -> Result<(Document, Map<String, Value>), ApiError> {
    let before = call.state[Kind::Connection].get(id).cloned().ok_or(INEXISTENT_CONNECTION)?;
    let mut connection = Map::clone(&before);
    for (member, empty) in [("options", json!({})), ("enabled_clients", json!([]))] {
        if let Some(value @ Value::Null) = changes.get_mut(member) {
            *value = empty;
        }
    }
    let mut transient = Map::new();
    if let Some(Value::Object(options)) = changes.get_mut("options") {
        if makes_email_non_unique(&before, options) {
            return Err(EMAIL_MADE_NON_UNIQUE.into());
        }
        complete_options(options, &before, call.names);
        transient = take_transient(options, false);
    }
    apply(&mut connection, changes);
    remove_duplicate_clients(&mut connection);
    check(&connection)?;
    if let Some(Value::Object(options)) = connection.get_mut("options") {
        conceal(options, before.get("options"), &mut call.state.random);
    }
    let connection = call.state[Kind::Connection].replace(id, connection);
    create_first_if_used(call, &connection)?;
    Ok((connection, transient))
}

/// Removes the options that only the answer to this request has, and returns them (recorded): addresses of `null`, and some options
/// of a SAML connection with a metadata document.
fn take_transient(options: &mut Map<String, Value>, from_document: bool) -> Map<String, Value> {
    let addresses =
        ["authorizationURL", "tokenURL"].into_iter().filter(|option| options.get(*option) == Some(&Value::Null));
    let of_document =
        ["bindingMethod", "idpinitiated", "recipientUrl", "thumbprints"].into_iter().filter(|_| from_document);
    let transient: Vec<&str> = addresses.chain(of_document).collect();
    transient.into_iter().filter_map(|option| options.remove_entry(option)).collect()
}

/// Adds these options to a connection.
fn with_transient(mut connection: Document, transient: Map<String, Value>) -> Document {
    if !transient.is_empty()
        && let Some(Value::Object(options)) = Document::make_mut(&mut connection).get_mut("options")
    {
        options.extend(transient);
    }
    connection
}

/// Deletes a connection at once. The live service deletes it later. A missing connection is no error (recorded).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    Ok(match call.state.remove(Kind::Connection, &id) {
        Some(_) => Reply::json(&json!({ "deleted_at": timestamp(call.clock.now()) })),
        None => Reply::empty().status(204),
    })
}

/// Answers that the connector of a directory is offline: m2mock has none.
fn status(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let connection = call.entity(Kind::Connection, INEXISTENT_CONNECTION)?;
    match text(connection, "strategy") {
        Some("ad" | "auth0-adldap") => Err(CONNECTION_OFFLINE.into()),
        _ => Ok(Reply::empty()),
    }
}

/// Deletes the users of a database with this email. A missing user is no error (documented).
fn delete_users(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let connection = call.entity(Kind::Connection, INEXISTENT_CONNECTION)?;
    if text(connection, "strategy") != Some("auth0") {
        return Err(NOT_A_DATABASE_CONNECTION.into());
    }
    let name = text(connection, "name").unwrap_or_default().to_owned();
    let email = call.query_text("email").unwrap_or_default().to_owned();
    call.state.remove_users_of_connection(&name, Some(&email));
    Ok(Reply::empty())
}

/// Lists the clients for which a connection is enabled.
fn list_clients(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let connection = call.entity(Kind::Connection, INEXISTENT_CONNECTION)?;
    let clients: Vec<Value> =
        texts(connection, "enabled_clients").map(|client| json!({ "client_id": client })).collect();
    checkpoint_items(call, "clients", &clients)
}

fn patch_clients(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    let mut connection = Map::clone(call.state[Kind::Connection].get(&id).ok_or(INEXISTENT_CONNECTION)?);
    let clients = connection.entry("enabled_clients").or_insert_with(|| json!([]));
    if let Value::Array(clients) = clients {
        // The last item of a client counts.
        let client = |item: &Value| item.get("client_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let last: HashMap<String, usize> = call.items.iter().map(client).zip(0..).collect();
        clients.retain(|client| client.as_str().is_none_or(|client| !last.contains_key(client)));
        for (index, item) in call.items.iter().enumerate() {
            let client = client(item);
            if item.get("status") == Some(&Value::Bool(true)) && last.get(&client) == Some(&index) {
                clients.push(client.into());
            }
        }
    }
    call.state[Kind::Connection].replace(&id, connection);
    Ok(Reply::empty())
}

/// Removes duplicate clients.
fn remove_duplicate_clients(connection: &mut Map<String, Value>) {
    if let Some(Value::Array(clients)) = connection.get_mut("enabled_clients") {
        let mut distinct = HashSet::new();
        clients.retain(|client| client.as_str().is_some_and(|client| distinct.insert(client.to_owned())));
    }
}

/// The view of a connection with the selected members. Four members are in every selection (recorded).
fn view(fields: Option<&Fields>, connection: &Document) -> Document {
    let mut view = fields_of(fields, connection);
    if fields.is_some_and(Fields::include) {
        let view = Document::make_mut(&mut view);
        for member in ["id", "is_domain_connection", "authentication", "connected_accounts"] {
            view.extend(connection.get(member).map(|value| (member.to_owned(), value.clone())));
        }
    }
    view
}

/// The rules between a connection's members.
fn check(connection: &Map<String, Value>) -> Result<(), ApiError> {
    let is_requesting_app = connection.get("cross_app_access_requesting_app").and_then(|app| app.get("active"));
    let strategy = text(connection, "strategy").unwrap_or_default();
    // Only these two strategies are recorded.
    if is_requesting_app == Some(&Value::Bool(true)) && !["oidc", "okta"].contains(&strategy) {
        return Err(REQUESTING_APP_NOT_SUPPORTED.into());
    }
    match connection.get("options") {
        Some(Value::Object(options)) if strategy == "auth0" => check_database(options),
        _ => Ok(()),
    }
}

/// The rules of a database connection about the attributes of its users (recorded).
fn check_database(options: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(Value::Object(attributes)) = options.get("attributes") else { return Ok(()) };
    if options.get("validation").is_some_and(|validation| !validation.is_null()) {
        return Err(CONTRADICTORY_OPTIONS.with(&[&"validation"]));
    }
    if options.get("requires_username") == Some(&Value::Bool(true)) {
        return Err(CONTRADICTORY_OPTIONS.with(&[&"requires_username"]));
    }
    let is = |attribute: &Value, path: &str| attribute.pointer(path) == Some(&Value::Bool(true));
    if !attributes.values().any(|attribute| is(attribute, "/identifier/active")) {
        return Err(NO_ACTIVE_IDENTIFIER.into());
    }
    for (name, attribute) in attributes {
        let status = attribute.pointer("/signup/status").and_then(Value::as_str);
        if is(attribute, "/profile_required") && status.is_some_and(|status| status != "required") {
            return Err(ATTRIBUTE_NOT_REQUIRED_ON_SIGNUP.with(&[&name]));
        }
    }
    Ok(())
}

/// Whether new options let users share an email that they could not share before.
fn makes_email_non_unique(before: &Map<String, Value>, options: &Map<String, Value>) -> bool {
    let unique = |options: Option<&Value>| options.and_then(|attributes| attributes.pointer("/email/unique")).cloned();
    let before = unique(before.get("options").and_then(|options| options.get("attributes")));
    unique(options.get("attributes")) == Some(Value::Bool(false)) && before != Some(Value::Bool(false))
}
