//! `/users/{id}/roles`, and the newer `effective-roles`, which include the roles of groups (documented in 2026). m2mock
//! has no groups, so the user has every role directly.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::roles::{NO_MORE_ROLES, ROLE_NOT_FOUND};
use crate::api::error::users::INEXISTENT_USER;
use crate::api::management::roles::limits::MOST_ROLES_OF_USER;
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Offset, Paging, checkpoint_reply};
use crate::schema::Schemas;
use crate::store::document::{text, texts};
use crate::store::{Document, Kind, Link, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("roles.schema.json")));

const READ: &[&str] = &["read:users", "read:roles", "read:role_members"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/users/{id}/roles", READ, list).query("List"),
        Operation::post("/users/{id}/roles", &["update:users", "create:role_members"], add).body("Roles").success(204),
        Operation::delete("/users/{id}/roles", &["update:users", "delete:role_members"], remove).body("Roles"),
        Operation::get("/users/{id}/effective-roles", &["read:user_effective_roles"], list_effective)
            .query("ListEffective"),
        Operation::get("/users/{id}/effective-roles/sources/groups", &["read:user_role_source_groups"], list_groups)
            .query("ListGroups"),
    ],
};

/// Lists the roles of a user by name (recorded). The list of an unknown user is empty, because no 404 is published.
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let offset = Offset::of(call)?;
    let state = &*call.state;
    let mut positions = match state[Kind::User].seq(call.parameter("id")) {
        Some(user) => state[Link::UserRoles].of_left(user).as_slice().to_vec(),
        None => Vec::new(),
    };
    positions.sort_by_key(|seq| state[Kind::Role].at(*seq).and_then(|role| text(role, "name")));
    Ok(offset.reply("roles", &state[Kind::Role], positions.iter().copied(), positions.len(), view))
}

/// Adds all roles or none. A role that the user already has is no error.
fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.seq(Kind::User, INEXISTENT_USER)?;
    let state = &*call.state;
    let seq = |id: &str| state[Kind::Role].seq(id).ok_or(ROLE_NOT_FOUND);
    let mut roles: Vec<Seq> = texts(&call.body, "roles").map(seq).collect::<Result<_, _>>()?;
    let existing = state[Link::UserRoles].of_left(user);
    roles.retain(|role| !existing.contains(*role));
    roles.sort_unstable();
    roles.dedup();
    if existing.len() + roles.len() > MOST_ROLES_OF_USER {
        return Err(NO_MORE_ROLES.into());
    }
    for role in roles {
        call.state[Link::UserRoles].join(user, role);
    }
    Ok(Reply::empty())
}

/// Removes roles. A role that the user does not have is no error (assumed from the sibling deletes).
fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.seq(Kind::User, INEXISTENT_USER)?;
    let roles: Vec<Seq> = texts(&call.body, "roles").filter_map(|id| call.state[Kind::Role].seq(id)).collect();
    for role in roles {
        call.state.unlink(Link::UserRoles, user, role);
    }
    Ok(Reply::empty())
}

fn list_effective(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.seq(Kind::User, INEXISTENT_USER)?;
    let paging = Paging::checkpoint(call)?;
    let show = |role: &Document| {
        let mut role = view(role);
        role.insert("sources".to_owned(), json!(["direct"]));
        role
    };
    Ok(paging.reply("roles", &call.state[Kind::Role], call.state[Link::UserRoles].of_left(user).as_slice(), show))
}

/// Answers an empty list of the groups from which a user has a role.
fn list_groups(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.seq(Kind::User, INEXISTENT_USER)?;
    Ok(checkpoint_reply("groups", std::iter::empty::<()>(), None))
}

/// The view of a user's role: without `type` and owner (recorded).
fn view(role: &Document) -> Map<String, Value> {
    let members = ["id", "name", "description"];
    members.into_iter().filter_map(|key| Some((key.to_owned(), role.get(key)?.clone()))).collect()
}
