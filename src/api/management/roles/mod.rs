//! Roles, their permissions and their users.

pub(in crate::api) mod permission_view;
mod permissions;
mod role;
mod users;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[permissions::FAMILY, role::FAMILY, users::FAMILY];

/// Roles that a user may have (entity limits, documented).
pub(in crate::api) const MOST_ROLES_OF_USER: usize = 50;
