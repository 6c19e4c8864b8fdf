//! Refusals about the members of organizations and their roles.

use super::{ApiError, Refusal, Sentence};

/// The organization of members (d).
pub(crate) const ORGANIZATION_OF_MEMBERS_NOT_FOUND: Refusal = Refusal::plain(404, "The organization does not exist.");

impl ApiError {
    /// New members that do not exist as users (a; after the sentence for roles).
    pub(crate) fn unknown_members(ids: &[&str]) -> Self {
        let ids = Sentence::joined(ids, ", ");
        let sentence = format!("One or more of the specified users do not exist: {ids}");
        Self::new(400, "invalid_body", sentence)
    }

    /// Roles to assign that do not exist (d for invitations).
    pub(crate) fn unknown_roles(ids: &[&str]) -> Self {
        let ids = Sentence::joined(ids, ", ");
        let sentence = format!("One or more of the specified roles do not exist: {ids}");
        Self::new(400, "invalid_body", sentence)
    }
}
