//! The end of memberships in the organization of a path.

use crate::api::call::{Call, Reply};
use crate::api::delivery::objects;
use crate::api::error::ApiError;
use crate::api::error::organization_members::ORGANIZATION_OF_MEMBERS_NOT_FOUND;
use crate::store::Kind;
use crate::store::document::texts;

/// Removes the members in the body. A missing member is no error (recorded).
pub(in crate::api) fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.seq(Kind::Organization, ORGANIZATION_OF_MEMBERS_NOT_FOUND)?;
    let body = std::mem::take(&mut call.body);
    for id in texts(&body, "members") {
        let user = call.state[Kind::User].seq(id).filter(|user| call.state.members.holds(organization, *user));
        if let Some(user) = user {
            call.state.remove_member(organization, user);
            call.raise("organization.member.deleted", |state| objects::member(state, organization, user));
        }
    }
    Ok(Reply::empty())
}
