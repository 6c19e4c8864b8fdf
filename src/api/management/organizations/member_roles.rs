//! `/organizations/{id}/members/{user_id}/roles` and `.../effective-roles` (resources 5).
//!
//! Members have roles directly. m2mock has no groups, the other published source of roles.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::member_view::role_view;
use crate::api::call::{Call, Reply};
use crate::api::delivery::objects;
use crate::api::error::organization_members::ORGANIZATION_OF_MEMBERS_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Offset, checkpoint, checkpoint_reply};
use crate::schema::Schemas;
use crate::store::document::{text, texts};
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("member_roles.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{id}/members/{user_id}/roles", &["read:organization_member_roles"], list)
            .query("List")
            .parameters("Organization"),
        Operation::post("/organizations/{id}/members/{user_id}/roles", &["create:organization_member_roles"], assign)
            .success(204)
            .body("Roles")
            .parameters("Organization"),
        Operation::delete(
            "/organizations/{id}/members/{user_id}/roles",
            &["delete:organization_member_roles"],
            unassign,
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

/// A user that does not exist or is not a member of the organization (a).
const MEMBER_NOT_FOUND: Refusal = Refusal::plain(404, "No member found by that id");

/// More than the maximum number of roles (d).
const TOO_MANY_MEMBER_ROLES: Refusal =
    Refusal::plain(409, "No more roles can be assigned to this organization member.");

/// The maximum number of roles of a member in an organization (documented).
const MOST_ROLES: usize = 50;

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Offset::of(call)?;
    let (organization, user) = member(call)?;
    let roles: Vec<Seq> = call.state.member_roles.of_member(organization, user).collect();
    Ok(paging.reply("roles", &call.state[Kind::Role], roles.iter().copied(), roles.len(), role_view))
}

/// Assigns all roles or none. A role that the member already has is no error.
fn assign(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (organization, user) = member(call)?;
    let state = &*call.state;
    let (mut added, mut unknown): (Vec<Seq>, Vec<&str>) = (Vec::new(), Vec::new());
    for id in texts(&call.body, "roles") {
        match state[Kind::Role].get(id).filter(|role| serves(role, call.parameter("id"))).and(state[Kind::Role].seq(id))
        {
            Some(role) if state.member_roles.holds(organization, user, role) => {}
            Some(role) => added.push(role),
            None => unknown.push(id),
        }
    }
    if !unknown.is_empty() {
        return Err(ApiError::unknown_roles(&unknown));
    }
    added.sort_unstable();
    added.dedup();
    if state.member_roles.of_member(organization, user).count() + added.len() > MOST_ROLES {
        return Err(TOO_MANY_MEMBER_ROLES.into());
    }
    for role in added {
        call.state.member_roles.assign(organization, user, role);
        call.raise("organization.member.role.assigned", |state| objects::member_role(state, organization, user, role));
    }
    Ok(Reply::empty())
}

/// Removes roles. A role that the member does not have is no error (recorded).
fn unassign(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.seq(Kind::Organization, ORGANIZATION_OF_MEMBERS_NOT_FOUND)?;
    let Some(user) = call.state[Kind::User].seq(call.parameter("user_id")) else { return Ok(Reply::empty()) };
    let body = std::mem::take(&mut call.body);
    for id in texts(&body, "roles") {
        let role = call.state[Kind::Role].seq(id);
        if let Some(role) = role.filter(|role| call.state.member_roles.unassign(organization, user, *role)) {
            call.raise("organization.member.role.deleted", |state| {
                objects::member_role(state, organization, user, role)
            });
        }
    }
    Ok(Reply::empty())
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

/// Whether members of this organization can have a role. They cannot have a role of another organization.
fn serves(role: &Document, organization_id: &str) -> bool {
    text(role, "owner_id").is_none_or(|owner| owner == organization_id)
}

/// The sequence numbers of the organization and of its member in the path.
fn member(call: &Call<'_>) -> Result<(Seq, Seq), ApiError> {
    let organization = call.seq(Kind::Organization, ORGANIZATION_OF_MEMBERS_NOT_FOUND)?;
    let user = call.state[Kind::User].seq(call.parameter("user_id"));
    let user = user.filter(|user| call.state.members.holds(organization, *user));
    Ok((organization, user.ok_or(MEMBER_NOT_FOUND)?))
}
