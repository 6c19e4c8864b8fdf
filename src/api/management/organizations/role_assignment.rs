//! The roles of the member in a path: assignment and removal.

use crate::api::call::{Call, Reply};
use crate::api::delivery::objects;
use crate::api::error::organization_members::ORGANIZATION_OF_MEMBERS_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::store::document::{text, texts};
use crate::store::{Document, Kind, Seq};

/// A user that does not exist or is not a member of the organization (a).
const MEMBER_NOT_FOUND: Refusal = Refusal::plain(404, "No member found by that id");

/// More than the maximum number of roles (d).
const TOO_MANY_MEMBER_ROLES: Refusal =
    Refusal::plain(409, "No more roles can be assigned to this organization member.");

/// The maximum number of roles of a member in an organization (documented).
const MOST_ROLES: usize = 50;

/// Assigns all roles in a member of the body, or none. A role that the member already has is no error.
pub(in crate::api) fn assign(call: &mut Call<'_>, name: &str) -> Result<Reply, ApiError> {
    let (organization, user) = member(call)?;
    let state = &*call.state;
    let (mut added, mut unknown): (Vec<Seq>, Vec<&str>) = (Vec::new(), Vec::new());
    for id in texts(&call.body, name) {
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

/// Removes the roles in a member of the body. A role that the member does not have is no error (recorded).
pub(in crate::api) fn unassign(call: &mut Call<'_>, name: &str) -> Result<Reply, ApiError> {
    let organization = call.seq(Kind::Organization, ORGANIZATION_OF_MEMBERS_NOT_FOUND)?;
    let Some(user) = call.state[Kind::User].seq(call.parameter("user_id")) else { return Ok(Reply::empty()) };
    let body = std::mem::take(&mut call.body);
    for id in texts(&body, name) {
        let role = call.state[Kind::Role].seq(id);
        if let Some(role) = role.filter(|role| call.state.member_roles.unassign(organization, user, *role)) {
            call.raise("organization.member.role.deleted", |state| {
                objects::member_role(state, organization, user, role)
            });
        }
    }
    Ok(Reply::empty())
}

/// Whether members of this organization can have a role. They cannot have a role of another organization.
pub(in crate::api) fn serves(role: &Document, organization_id: &str) -> bool {
    text(role, "owner_id").is_none_or(|owner| owner == organization_id)
}

/// The sequence numbers of the organization and of its member in the path.
pub(in crate::api) fn member(call: &Call<'_>) -> Result<(Seq, Seq), ApiError> {
    let organization = call.seq(Kind::Organization, ORGANIZATION_OF_MEMBERS_NOT_FOUND)?;
    let user = call.state[Kind::User].seq(call.parameter("user_id"));
    let user = user.filter(|user| call.state.members.holds(organization, *user));
    Ok((organization, user.ok_or(MEMBER_NOT_FOUND)?))
}
