//! `/organizations/{organization_id}/groups`: the groups of an organization. Groups come from directories, which m2mock does not
//! have, so the list is empty.

use std::sync::LazyLock;

use serde_json::Value;

use crate::api::call::{Call, Reply};
use crate::api::error::organization_discovery_domains::ORGANIZATION_OF_DIRECTORY_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::{checkpoint, checkpoint_reply};
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("groups.schema.json")));

const ROLES: &str = "/organizations/{organization_id}/groups/{group_id}/roles";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{organization_id}/groups", &["read:organization_groups"], list).query("List"),
        Operation::get(ROLES, &["read:organization_group_roles"], group_not_found).query("ListRoles"),
        Operation::post(ROLES, &["create:organization_group_roles"], group_not_found).success(204).body("Roles"),
        Operation::delete(ROLES, &["delete:organization_group_roles"], group_not_found).body("Roles"),
    ],
};

/// An unknown group of an organization (a).
const ORGANIZATION_GROUP_NOT_FOUND: Refusal = Refusal::plain(404, "Group not found.");

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    checkpoint(call)?;
    check_organization(call)?;
    Ok(checkpoint_reply::<Value>("groups", std::iter::empty(), None))
}

fn group_not_found(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    check_organization(call)?;
    Err(ORGANIZATION_GROUP_NOT_FOUND.into())
}

fn check_organization(call: &Call<'_>) -> Result<(), ApiError> {
    let exists = call.state[Kind::Organization].contains(call.parameter("organization_id"));
    if exists { Ok(()) } else { Err(ORGANIZATION_OF_DIRECTORY_NOT_FOUND.into()) }
}
