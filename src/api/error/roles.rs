//! Refusals about roles and what belongs to them.

use super::Refusal;

/// Unknown role (r).
pub(crate) const ROLE_NOT_FOUND: Refusal = Refusal::plain(404, "The role does not exist.");

/// More permissions than a role or a user may have (limit documented, sentence assumed).
pub(crate) const TOO_MANY_PERMISSIONS: Refusal =
    Refusal::new(403, "too_many_entities", "You reached the limit of {} permissions.");

/// A role for a user who has all the roles that a user may have (limit documented, sentence assumed: that of members
/// of organizations).
pub(crate) const NO_MORE_ROLES: Refusal = Refusal::plain(409, "No more roles can be assigned to this user.");
