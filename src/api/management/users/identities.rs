//! `/users/{id}/identities`: the accounts of one user. Linking an account deletes its separate user; unlinking creates it again.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::account::{profile_data, separate};
use crate::api::call::{Call, Reply};
use crate::api::delivery::objects;
use crate::api::error::users::{INEXISTENT_USER, MISSING_FROM_USER, NOT_THE_SUBJECT};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::timestamp::timestamp;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("identities.schema.json")));

const UPDATE: &[&str] = &["update:users", "update:current_user_identities"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::post("/users/{id}/identities", UPDATE, link).body("Link"),
        Operation::delete("/users/{id}/identities/{provider}/{user_id}", UPDATE, unlink)
            .parameters("Unlink")
            .success(200),
    ],
};

/// A user linked with itself (a).
const LINKED_WITH_ITSELF: Refusal = Refusal::invalid_body("Main account and account to be linked are the same.");

/// A token of the second account. m2mock issues no such tokens (a).
const UNREADABLE_LINK: Refusal = Refusal::invalid_body("The link_with token is not valid.");

/// Unlinking the main identity, or an identity that the user does not have (a).
const IDENTITY_NOT_LINKED: Refusal =
    Refusal::invalid_body("The specified identity is not a linked identity of the user.");

/// Links a second account and the accounts that are linked to it. Its metadata, roles and memberships are lost
/// (documented: they are not merged). Answers the identities.
fn link(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    let mut user = Map::clone(main(call, &id)?);
    let second = second(call)?;
    if text(&second, "user_id") == Some(&id) {
        return Err(LINKED_WITH_ITSELF.into());
    }
    let mut added = identities(&second).to_vec();
    if let Some(Value::Object(first)) = added.first_mut() {
        first.insert("profileData".to_owned(), profile_data(&second).into());
    }
    let linked = [identities(&user), &added].concat();
    call.state.remove(Kind::User, text(&second, "user_id").unwrap_or_default());
    let now = timestamp(call.clock.now());
    call.raise("user.deleted", |_| objects::deleted_user(&second, &now));
    Ok(Reply::json(&store(call, &id, &mut user, linked)))
}

/// The account in the body.
fn second(call: &Call<'_>) -> Result<Document, ApiError> {
    if call.body.contains_key("link_with") {
        return Err(UNREADABLE_LINK.into());
    }
    let provider = text(&call.body, "provider").ok_or_else(|| MISSING_FROM_USER.with(&[&"provider"]))?;
    let own_id = match call.body.get("user_id") {
        Some(Value::String(text)) => text.clone(),
        Some(number) => number.to_string(),
        None => return Err(MISSING_FROM_USER.with(&[&"user_id"])),
    };
    let users = &call.state[Kind::User];
    let user_id = format!("{provider}|{}", own_part(provider, &own_id));
    let second = users.get(&user_id).ok_or(INEXISTENT_USER)?;
    if let Some(connection) = text(&call.body, "connection_id") {
        let connection = call.state[Kind::Connection].get(connection).and_then(|connection| text(connection, "name"));
        let own_connection = identities(second).first().and_then(|identity| identity["connection"].as_str());
        if connection.is_none() || connection != own_connection {
            return Err(INEXISTENT_USER.into());
        }
    }
    Ok(Document::clone(second))
}

/// Unlinks an account, which becomes a separate user. Answers the remaining identities.
fn unlink(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    let mut user = Map::clone(main(call, &id)?);
    let provider = call.parameter("provider");
    let own_id = own_part(provider, call.parameter("user_id"));
    let mut linked = identities(&user).to_vec();
    let is_in_path = |identity: &Value| {
        identity["provider"] == *provider && identity["user_id"] == *own_id && identity.get("profileData").is_some()
    };
    let index = linked.iter().position(is_in_path).ok_or(IDENTITY_NOT_LINKED)?;
    let unlinked = linked.remove(index);
    let separated = separate(call.state, &timestamp(call.clock.now()), unlinked);
    call.raise("user.created", |_| objects::user(&separated));
    Ok(Reply::json(&store(call, &id, &mut user, linked)))
}

/// The user in the path. A scope for the token's own user is not enough.
fn main<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Document, ApiError> {
    if !call.caller.has_any(&["update:users"]) {
        return Err(NOT_THE_SUBJECT.into());
    }
    call.state[Kind::User].get(id).ok_or_else(|| INEXISTENT_USER.into())
}

/// The id of an account without its provider.
fn own_part<'a>(provider: &str, id: &'a str) -> &'a str {
    id.strip_prefix(provider).and_then(|rest| rest.strip_prefix('|')).unwrap_or(id)
}

fn identities(user: &Map<String, Value>) -> &[Value] {
    user.get("identities").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn store(call: &mut Call<'_>, id: &str, user: &mut Map<String, Value>, identities: Vec<Value>) -> Value {
    let identities = Value::Array(identities);
    user.insert("identities".to_owned(), identities.clone());
    user.insert("updated_at".to_owned(), timestamp(call.clock.now()).into());
    let user = call.state[Kind::User].replace(id, std::mem::take(user));
    call.raise("user.updated", |_| objects::user(&user));
    identities
}
