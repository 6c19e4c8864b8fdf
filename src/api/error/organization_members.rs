//! Refusals about the members of organizations and their roles.

use super::{ApiError, Sentence};

impl ApiError {
    /// Above its members (d).
    pub fn organization_of_members_not_found() -> Self {
        Self::new(404, None, "The organization does not exist.")
    }

    /// Users that are to become members and that do not exist (a; after the sentence for roles).
    pub fn unknown_members(ids: &[&str]) -> Self {
        let ids = Sentence::joined(ids, ", ");
        let sentence = format!("One or more of the specified users do not exist: {ids}");
        Self::new(400, "invalid_body", sentence)
    }

    /// More members than an organization may have (limit documented, answer assumed).
    pub fn too_many_members(limit: usize) -> Self {
        Self::new(403, "too_many_entities", format!("You reached the limit of {limit} members for this organization."))
    }

    /// A user that does not exist, or is no member of the organization (a).
    pub fn member_not_found() -> Self {
        Self::new(404, None, "No member found by that id")
    }

    /// Roles that someone is to have and that do not exist (d for invitations).
    pub fn unknown_roles(ids: &[&str]) -> Self {
        let ids = Sentence::joined(ids, ", ");
        let sentence = format!("One or more of the specified roles do not exist: {ids}");
        Self::new(400, "invalid_body", sentence)
    }

    /// One role more than a member may have (d).
    pub fn too_many_member_roles() -> Self {
        Self::new(409, None, "No more roles can be assigned to this organization member.")
    }

    /// A group of an organization (a).
    pub fn organization_group_not_found() -> Self {
        Self::new(404, None, "Group not found.")
    }
}
