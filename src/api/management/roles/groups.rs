//! `/roles/{id}/groups` and `/groups/{id}/roles`: the roles of all members of a group. Groups come from
//! directories, which m2mock does not have, so no role has a group.

use std::sync::LazyLock;

use serde_json::Value;

use crate::api::call::{Call, Reply};
use crate::api::error::roles::ROLE_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::{checkpoint, checkpoint_reply};
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("groups.schema.json")));

const OF_ROLE: &str = "/roles/{id}/groups";
const OF_GROUP: &str = "/groups/{id}/roles";
const READ: &[&str] = &["read:group_roles"];
const CREATE: &[&str] = &["create:group_roles"];
const DELETE: &[&str] = &["delete:group_roles"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(OF_ROLE, READ, list).query("List"),
        Operation::post(OF_ROLE, CREATE, add).success(204).body("Groups"),
        Operation::delete(OF_ROLE, DELETE, remove).body("Groups"),
        Operation::get(OF_GROUP, READ, group_not_found).query("List").parameters("Group"),
        Operation::post(OF_GROUP, CREATE, group_not_found).success(204).body("Roles").parameters("Group"),
        Operation::delete(OF_GROUP, DELETE, group_not_found).body("Roles").parameters("Group"),
    ],
};

/// A group that does not exist (d).
const GROUP_NOT_FOUND: Refusal = Refusal::plain(404, "Group not found.");

/// An unknown role in a request that adds groups (d).
const ROLE_OF_GROUPS_NOT_FOUND: Refusal = Refusal::plain(404, "Role not found.");

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.seq(Kind::Role, ROLE_NOT_FOUND)?;
    checkpoint(call)?;
    Ok(checkpoint_reply::<Value>("groups", std::iter::empty(), None))
}

fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.seq(Kind::Role, ROLE_OF_GROUPS_NOT_FOUND)?;
    Err(GROUP_NOT_FOUND.into())
}

/// A group that does not have the role is no error (assumed from the sibling deletes).
fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.seq(Kind::Role, ROLE_NOT_FOUND)?;
    Ok(Reply::empty())
}

fn group_not_found(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Err(GROUP_NOT_FOUND.into())
}
