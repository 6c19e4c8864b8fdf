//! `/organizations/{id}/members/{user_id}/roles` and `.../effective-roles` (resources 5).
//!
//! Members have roles directly. m2mock has no groups, the other published source of roles.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::member_view::role_view;
use super::role_assignment::{assign, member, unassign};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Offset, checkpoint, checkpoint_reply};
use crate::schema::Schemas;
use crate::store::{Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("member_roles.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{id}/members/{user_id}/roles", &["read:organization_member_roles"], list)
            .query("List")
            .parameters("Organization"),
        Operation::post("/organizations/{id}/members/{user_id}/roles", &["create:organization_member_roles"], |call| {
            assign(call, "roles")
        })
        .success(204)
        .body("Roles")
        .parameters("Organization"),
        Operation::delete(
            "/organizations/{id}/members/{user_id}/roles",
            &["delete:organization_member_roles"],
            |call| unassign(call, "roles"),
        )
        .body("Roles")
        .parameters("Organization"),
        Operation::get(
            "/organizations/{id}/members/{user_id}/effective-roles",
            &["read:organization_member_effective_roles"],
            list_effective,
        )
        .query("ListEffective")
        .parameters("Organization"),
        Operation::get(
            "/organizations/{id}/members/{user_id}/effective-roles/sources/groups",
            &["read:organization_member_role_source_groups"],
            list_source_groups,
        )
        .query("ListSourceGroups")
        .parameters("Organization"),
    ],
};

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Offset::of(call)?;
    let (organization, user) = member(call)?;
    let roles: Vec<Seq> = call.state.member_roles.of_member(organization, user).collect();
    Ok(paging.reply("roles", &call.state[Kind::Role], roles.iter().copied(), roles.len(), role_view))
}

fn list_effective(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let page = checkpoint(call)?;
    let (organization, user) = member(call)?;
    let roles: Vec<Seq> = call.state.member_roles.of_member(organization, user).collect();
    let (roles, next) = page.of(&call.state[Kind::Role], &roles);
    let views = roles.into_iter().map(|role| {
        let mut view = role_view(role);
        view.insert("sources".to_owned(), json!(["direct"]));
        view
    });
    Ok(checkpoint_reply("roles", views, next))
}

/// Answers an empty list of the groups from which a member has a role.
fn list_source_groups(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    checkpoint(call)?;
    member(call)?;
    Ok(checkpoint_reply::<Value>("groups", std::iter::empty(), None))
}
