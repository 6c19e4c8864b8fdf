//! Roles, their permissions, their users and their groups.

mod groups;
pub(in crate::api) mod limits;
pub(in crate::api) mod permission;
mod permissions;
mod role;
mod users;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[groups::FAMILY, permissions::FAMILY, role::FAMILY, users::FAMILY];
