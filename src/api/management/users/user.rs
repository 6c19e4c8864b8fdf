//! `/users` and `/users-by-email`: the users of databases and passwordless connections.
//!
//! m2mock has no logins, so every user is created through the API. Passwords are not stored.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::account::{complete, create as create_account, lower_email};
use super::account_connection::{AccountConnection, IDENTIFIERS};
use super::search::find;
use crate::api::call::{Call, Caller, Reply};
use crate::api::delivery::objects;
use crate::api::error::users::{INEXISTENT_USER, NOT_THE_SUBJECT};
use crate::api::error::{ApiError, Refusal};
use crate::api::fields::{Fields, fields_of};
use crate::api::operation::{Family, Operation};
use crate::api::paging::Offset;
use crate::api::timestamp::timestamp;
use crate::schema::{Schemas, Sent};
use crate::store::document::{patch as apply, text};
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("user.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/users", &["read:users", "read:user_idp_tokens"], list).query("List"),
        Operation::post("/users", &["create:users"], create).body("Create"),
        Operation::get("/users-by-email", &["read:users"], list_by_email).query("ListByEmail"),
        Operation::get("/users/{id}", &["read:users", "read:current_user", "read:user_idp_tokens"], get).query("Get"),
        Operation::patch(
            "/users/{id}",
            &["update:users", "update:users_app_metadata", "update:current_user_metadata"],
            patch,
        )
        .body("Patch"),
        Operation::delete("/users/{id}", &["delete:users", "delete:current_user"], delete),
    ],
};

/// A change to an identifier that another user of the connection has (p for `email`; assumed for the others).
const IDENTIFIER_TAKEN: Refusal = Refusal::new(400, "auth0_idp_error", "The specified new {} already exists");

/// A change of an account in a connection where the user has no account (a).
const NOT_AN_IDENTITY_OF_CONNECTION: Refusal =
    Refusal::invalid_body("The user does not have an identity in the specified connection.");

/// Two members that one request cannot change together (p).
const NOT_SIMULTANEOUSLY: Refusal = Refusal::invalid_body("Cannot update {} and {} simultaneously");

/// A page of users beyond the first 1000 (p).
const USERS_BEYOND_REACH: Refusal =
    Refusal::new(400, "invalid_paging", "You can only page through the first 1000 records");

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let offset = Offset::of(call).map_err(|_| USERS_BEYOND_REACH)?.with_length();
    let fields = Fields::of(call);
    let show = |user: &Document| fields_of(fields.as_ref(), user);
    let users = &call.state[Kind::User];
    let connection = call.query_text("connection");
    let positions: Cow<'_, [Seq]> = match (call.query_text("q").filter(|q| !q.trim().is_empty()), connection) {
        (Some(q), connection) => find(call.state, q, connection)?.into(),
        (None, Some(connection)) => users.having("identities.connection", connection).as_slice().into(),
        (None, None) => users.order().as_slice().into(),
    };
    let total = positions.len();
    let in_order: Box<dyn Iterator<Item = Seq>> = match call.query_text("sort").and_then(|sort| sort.split_once(':')) {
        None | Some(("created_at", "1")) => Box::new(positions.iter().copied()),
        Some(("created_at", _)) => Box::new(positions.iter().rev().copied()),
        // For all users, an index has the order.
        Some((key, direction)) if total == users.len() && IDENTIFIERS.contains(&key) => {
            users.sorted(key, direction == "-1")
        }
        Some((key, direction)) => Box::new(sorted(call, &positions, key, direction == "-1").into_iter()),
    };
    Ok(offset.reply("users", users, in_order, total, show))
}

/// Sorts users by a member at any depth. Users without the member come first.
fn sorted(call: &Call<'_>, positions: &[Seq], key: &str, descending: bool) -> Vec<Seq> {
    let value = |seq: &Seq| {
        let user = call.state[Kind::User].at(*seq)?;
        let mut path = key.split('.');
        let member = user.get(path.next()?)?;
        let value = path.try_fold(member, |value, name| value.get(name))?;
        Some(match value {
            Value::String(text) => (0, text.clone()),
            Value::Number(number) => (number.as_i64().unwrap_or_default(), String::new()),
            other => (0, other.to_string()),
        })
    };
    let mut positions = positions.to_vec();
    positions.sort_by_cached_key(value);
    if descending {
        positions.reverse();
    }
    positions
}

/// Lists the users with this email address, in a bare array. Case matters (documented).
fn list_by_email(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let fields = Fields::of(call);
    let users = &call.state[Kind::User];
    let positions = users.having("email", call.query_text("email").unwrap_or_default()).iter();
    let views: Vec<Document> =
        positions.filter_map(|seq| users.at(seq)).map(|user| fields_of(fields.as_ref(), user)).collect();
    Ok(Reply::json(&views))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    require_scope_for_any_user(call.caller, &["read:users", "read:user_idp_tokens"])?;
    let user = call.entity(Kind::User, INEXISTENT_USER)?;
    Ok(Reply::json(&fields_of(Fields::of(call).as_ref(), user)))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = std::mem::take(&mut call.body);
    check_members(&user, &["user_id", "connection", "password", "verify_email"], call.sent)?;
    let user = create_account(call.state, &timestamp(call.clock.now()), user)?;
    call.raise("user.created", |_| objects::user(&user));
    Ok(Reply::json(&user))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    let current = Document::clone(call.state[Kind::User].get(&id).ok_or(INEXISTENT_USER)?);
    let mut changes = std::mem::take(&mut call.body);
    let account_members = ["connection", "client_id", "password", "verify_email", "verify_phone_number"];
    check_members(&changes, &account_members, call.sent)?;
    may_change(call.caller, &changes)?;
    check_pairs(&changes)?;

    let mut user = Map::clone(&current);
    change_account(call, &id, &mut user, &mut changes)?;
    for metadata in ["user_metadata", "app_metadata"] {
        if let Some(Value::Object(change)) = changes.remove(metadata) {
            merge_metadata(&mut user, metadata, change);
        }
    }
    changes.retain(|member, _| !account_members.contains(&member.as_str()));
    apply(&mut user, changes);
    complete(&mut user);
    user.insert("updated_at".to_owned(), timestamp(call.clock.now()).into());
    let user = call.state[Kind::User].replace(&id, user);
    call.raise("user.updated", |_| objects::user(&user));
    Ok(Reply::json(&user))
}

/// Deletes a user. A missing user is no error (recorded).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    require_scope_for_any_user(call.caller, &["delete:users"])?;
    let id = call.id();
    if let Some(user) = call.state.remove(Kind::User, &id) {
        let now = timestamp(call.clock.now());
        call.raise("user.deleted", |_| objects::deleted_user(&user, &now));
    }
    Ok(Reply::empty())
}

/// Refuses a caller that has only a scope for its own user. Such tokens come from logins, which m2mock does not have.
fn require_scope_for_any_user(caller: &Caller, scopes: &[&str]) -> Result<(), ApiError> {
    if caller.has_any(scopes) { Ok(()) } else { Err(NOT_THE_SUBJECT.into()) }
}

/// Members of a profile, in addition to the members of its account.
const PROFILE: [&str; 12] = [
    "app_metadata",
    "blocked",
    "email",
    "email_verified",
    "family_name",
    "given_name",
    "name",
    "nickname",
    "phone_number",
    "phone_verified",
    "picture",
    "user_metadata",
];

fn check_members(user: &Map<String, Value>, account_members: &[&str], sent: Sent<'_>) -> Result<(), ApiError> {
    let known = |member: &str| member == "username" || PROFILE.contains(&member) || account_members.contains(&member);
    let unknown: Vec<&str> = user.keys().map(String::as_str).filter(|member| !known(member)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(ApiError::unknown_user_members(&sent.last_first(unknown))) }
}

/// Checks that a caller may change these members: all with `update:users`, only metadata with the narrower scopes.
fn may_change(caller: &Caller, changes: &Map<String, Value>) -> Result<(), ApiError> {
    if caller.has_any(&["update:users"]) {
        return Ok(());
    }
    require_scope_for_any_user(caller, &["update:users_app_metadata"])?;
    let is_permitted = changes.keys().all(|member| member == "app_metadata");
    if is_permitted { Ok(()) } else { Err(ApiError::fields_beyond_the_scopes()) }
}

/// Checks the pairs of members that one request cannot change together.
fn check_pairs(changes: &Map<String, Value>) -> Result<(), ApiError> {
    const EXCLUSIVE: [(&str, &str); 5] = [
        ("password", "email"),
        ("password", "email_verified"),
        ("username", "password"),
        ("username", "email"),
        ("username", "email_verified"),
    ];
    let both = |(one, other): &(&str, &str)| changes.contains_key(*one) && changes.contains_key(*other);
    match EXCLUSIVE.into_iter().find(both) {
        Some((one, other)) => Err(NOT_SIMULTANEOUSLY.with(&[&one, &other])),
        None => Ok(()),
    }
}

/// Changes the identifiers of an account, in the identity of the connection in the request, or in the main identity.
fn change_account(
    call: &Call<'_>,
    id: &str,
    user: &mut Map<String, Value>,
    changes: &mut Map<String, Value>,
) -> Result<(), ApiError> {
    const OF_ACCOUNT: [&str; 5] = ["email", "email_verified", "phone_number", "phone_verified", "username"];
    lower_email(changes);
    let connection = text(changes, "connection").map(str::to_owned);
    let password = text(changes, "password").map(str::to_owned);
    let mut account_changes = Map::new();
    for member in OF_ACCOUNT {
        account_changes.extend(changes.remove(member).map(|value| (member.to_owned(), value)));
    }
    if account_changes.is_empty() && password.is_none() {
        return Ok(());
    }
    let connection_named = |name: &str| AccountConnection::named(call.state, name);
    let Some(Value::Array(identities)) = user.get_mut("identities") else { return Ok(()) };
    let index = match &connection {
        None => 0,
        Some(name) => {
            connection_named(name)?;
            let index = identities.iter().position(|identity| identity["connection"] == **name);
            index.ok_or(NOT_AN_IDENTITY_OF_CONNECTION)?
        }
    };
    let Some(identity) = identities.get_mut(index) else { return Ok(()) };
    let connection = connection_named(identity["connection"].as_str().unwrap_or_default())?;
    if let Some(password) = password {
        connection.check_password(&password)?;
    }
    let account = match identity.get_mut("profileData") {
        Some(Value::Object(profile)) => profile,
        _ => user,
    };
    if text(&account_changes, "email") != text(account, "email") && account_changes.contains_key("email") {
        account_changes.entry("email_verified").or_insert(Value::Bool(false));
    }
    let new_identifiers: Vec<&str> =
        IDENTIFIERS.into_iter().filter(|identifier| account_changes.contains_key(*identifier)).collect();
    apply(account, account_changes);
    if new_identifiers.is_empty() {
        return Ok(());
    }
    connection.check_identifiers(account)?;
    match connection.conflict(call.state, account, Some(id)) {
        Some(identifier) if new_identifiers.contains(&identifier) => Err(IDENTIFIER_TAKEN.with(&[&identifier])),
        _ => Ok(()),
    }
}

/// Merges the first level of metadata (documented). An empty object clears the metadata (recorded).
fn merge_metadata(user: &mut Map<String, Value>, metadata: &str, changes: Map<String, Value>) {
    let mut merged = match user.remove(metadata) {
        Some(Value::Object(existing)) if !changes.is_empty() => existing,
        _ => Map::new(),
    };
    apply(&mut merged, changes);
    user.insert(metadata.to_owned(), merged.into());
}
