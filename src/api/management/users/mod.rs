//! Users with their accounts, roles, permissions, authentication methods and sessions.

mod account;
pub(in crate::api) mod account_connection;
mod authentication_methods;
mod blocks;
mod connected_accounts;
pub(super) mod enrollment;
mod identities;
pub(in crate::api) mod import;
mod logs;
mod multifactor;
mod organizations;
mod permissions;
mod roles;
mod search;
mod sessions;
mod user;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[
    authentication_methods::FAMILY,
    blocks::FAMILY,
    connected_accounts::FAMILY,
    identities::FAMILY,
    logs::FAMILY,
    multifactor::FAMILY,
    organizations::FAMILY,
    permissions::FAMILY,
    roles::FAMILY,
    sessions::FAMILY,
    user::FAMILY,
];
