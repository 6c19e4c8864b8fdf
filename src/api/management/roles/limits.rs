//! The limits of roles.

/// The maximum number of roles of a user (entity limits, documented).
pub(in crate::api) const MOST_ROLES_OF_USER: usize = 50;
