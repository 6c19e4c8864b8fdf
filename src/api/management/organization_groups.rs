//! `/organizations/{organization_id}/groups`: always empty, because groups come from directories that do not exist here.

use std::sync::LazyLock;

use serde_json::Value;

use super::crud::{checkpoint, checkpoint_reply};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("organization_groups.schema.json")));

const ROLES: &str = "/organizations/{organization_id}/groups/{group_id}/roles";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{organization_id}/groups", &["read:organization_groups"], list).query("List"),
        Operation::get(ROLES, &["read:organization_group_roles"], no_such_group).query("ListRoles"),
        Operation::post(ROLES, &["create:organization_group_roles"], no_such_group).success(204).body("Roles"),
        Operation::delete(ROLES, &["delete:organization_group_roles"], no_such_group).body("Roles"),
    ],
};

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    checkpoint(call)?;
    check_organization(call)?;
    Ok(checkpoint_reply::<Value>("groups", std::iter::empty(), None))
}

fn no_such_group(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    check_organization(call)?;
    Err(ApiError::organization_group_not_found())
}

fn check_organization(call: &Call<'_>) -> Result<(), ApiError> {
    let known = call.state[Kind::Organization].contains(call.parameter("organization_id"));
    if known { Ok(()) } else { Err(ApiError::organization_of_directory_not_found()) }
}
