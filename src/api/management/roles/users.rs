//! `/roles/{id}/users`: the users who have a role.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::roles::{NO_MORE_ROLES, ROLE_NOT_FOUND};
use crate::api::error::users::INEXISTENT_USER;
use crate::api::management::roles::limits::MOST_ROLES_OF_USER;
use crate::api::operation::{Family, Operation};
use crate::api::paging::Paging;
use crate::schema::Schemas;
use crate::store::document::texts;
use crate::store::{Document, Kind, Link, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("users.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/roles/{id}/users", &["read:users", "read:roles", "read:role_members"], list).query("List"),
        Operation::post("/roles/{id}/users", &["update:roles", "create:role_members"], add).body("Add").success(200),
    ],
};

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let role = call.seq(Kind::Role, ROLE_NOT_FOUND)?;
    let paging = Paging::of(call)?;
    let state = &*call.state;
    Ok(paging.reply("users", &state[Kind::User], state[Link::UserRoles].of_right(role).as_slice(), view))
}

/// Assigns the role to all users or to none. A user who already has the role is no error. Answers an empty object (recorded).
fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let role = call.seq(Kind::Role, ROLE_NOT_FOUND)?;
    let state = &*call.state;
    let seq = |id: &str| state[Kind::User].seq(id).ok_or(INEXISTENT_USER);
    let users: Vec<Seq> = texts(&call.body, "users").map(seq).collect::<Result<_, _>>()?;
    let is_full = |user: &Seq| {
        let existing = state[Link::UserRoles].of_left(*user);
        !existing.contains(role) && existing.len() >= MOST_ROLES_OF_USER
    };
    if users.iter().any(is_full) {
        return Err(NO_MORE_ROLES.into());
    }
    for user in users {
        call.state[Link::UserRoles].join(user, role);
    }
    Ok(Reply::json(&json!({})))
}

/// The view of a user in the list.
fn view(user: &Document) -> Map<String, Value> {
    let members = ["user_id", "email", "picture", "name"];
    members.into_iter().filter_map(|key| Some((key.to_owned(), user.get(key)?.clone()))).collect()
}
