//! `/organizations/{id}/roles/{role_id}`: the members and groups with a role. It is in early access at the live service.

use std::sync::LazyLock;

use serde_json::Value;

use super::member_view::MemberFields;
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::organization_members::ORGANIZATION_OF_MEMBERS_NOT_FOUND;
use crate::api::error::roles::ROLE_NOT_FOUND;
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Paging, checkpoint, checkpoint_reply};
use crate::schema::Schemas;
use crate::store::{Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("roles.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(
            "/organizations/{id}/roles/{role_id}/members",
            &["read:roles", "read:organization_members"],
            list_members,
        )
        .query("ListMembers"),
        Operation::get(
            "/organizations/{id}/roles/{role_id}/groups",
            &["read:roles", "read:organization_groups"],
            list_groups,
        )
        .query("ListGroups"),
    ],
};

/// Lists the members with a direct assignment of the role.
fn list_members(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::checkpoint(call)?;
    let fields = MemberFields::of(call)?;
    let (organization, role) = pair(call)?;
    let state = &*call.state;
    let holders = state.member_roles.holders(role, organization).as_slice();
    Ok(paging.reply("members", &state[Kind::User], holders, |user| fields.view(state, organization, user)))
}

/// Answers an empty list of groups with the role, because m2mock has no groups.
fn list_groups(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    checkpoint(call)?;
    pair(call)?;
    Ok(checkpoint_reply::<Value>("groups", std::iter::empty(), None))
}

/// The sequence numbers of the organization and of the role in the path.
fn pair(call: &Call<'_>) -> Result<(Seq, Seq), ApiError> {
    let organization = call.seq(Kind::Organization, ORGANIZATION_OF_MEMBERS_NOT_FOUND)?;
    let role = call.state[Kind::Role].seq(call.parameter("role_id"));
    Ok((organization, role.ok_or(ROLE_NOT_FOUND)?))
}
