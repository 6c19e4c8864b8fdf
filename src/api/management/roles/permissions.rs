//! `/roles/{id}/permissions`: the scopes of the users with a role.

use std::sync::LazyLock;

use super::permission::{self, view};
use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::roles::ROLE_NOT_FOUND;
use crate::api::operation::{Family, Operation};
use crate::api::paging::Offset;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("permissions.schema.json")));

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

fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let role = call.seq(Kind::Role, ROLE_NOT_FOUND)?;
    permission::add(call, role, |state| &mut state.role_permissions)
}

fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let role = call.seq(Kind::Role, ROLE_NOT_FOUND)?;
    Ok(permission::remove(call, role, |state| &mut state.role_permissions))
}
