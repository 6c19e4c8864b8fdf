//! `/roles/{id}/permissions`: the scopes of the users with a role.

use std::sync::LazyLock;

use serde_json::json;

use super::permission_view::{MOST_PERMISSIONS, to_add, to_remove, view};
use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::roles::{ROLE_NOT_FOUND, TOO_MANY_PERMISSIONS};
use crate::api::operation::{Family, Operation};
use crate::api::paging::Offset;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("permissions.schema.json")));

const ADDRESSED: &[Addressed] = &[Api("resource_server_identifier"), Api("permissions.resource_server_identifier")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/roles/{id}/permissions", &["read:roles"], list).query("List").addressed(ADDRESSED),
        Operation::post("/roles/{id}/permissions", &["update:roles"], add).body("Permissions").addressed(ADDRESSED),
        Operation::delete("/roles/{id}/permissions", &["update:roles"], remove)
            .body("Permissions")
            .addressed(ADDRESSED),
    ],
};

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let role = call.seq(Kind::Role, ROLE_NOT_FOUND)?;
    let offset = Offset::of(call)?;
    let state = &*call.state;
    let permissions = state.role_permissions.of(role);
    Ok(offset.reply_with("permissions", permissions.map(|(api, scope)| view(state, api, scope))))
}

/// Adds all permissions or none. A permission that the role already has is no error. Answers an empty object (recorded).
fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let role = call.seq(Kind::Role, ROLE_NOT_FOUND)?;
    let mut added = to_add(call)?;
    let existing = &call.state.role_permissions;
    added.retain(|(api, scope)| !existing.holds(role, *api, scope));
    added.sort_unstable();
    added.dedup();
    if existing.of(role).len() + added.len() > MOST_PERMISSIONS {
        return Err(TOO_MANY_PERMISSIONS.with(&[&MOST_PERMISSIONS]));
    }
    for (api, scope) in added {
        call.state.role_permissions.give(role, api, &scope);
    }
    Ok(Reply::json(&json!({})))
}

/// Removes permissions. A permission that the role does not have is no error (assumed from the sibling deletes).
fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let role = call.seq(Kind::Role, ROLE_NOT_FOUND)?;
    for (api, scope) in to_remove(call) {
        call.state.role_permissions.take(role, api, &scope);
    }
    Ok(Reply::empty())
}
