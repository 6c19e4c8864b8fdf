//! Organizations with their members, connections, clients, grants, invitations and domains.

mod client_grants;
mod clients;
pub(in crate::api) mod connection_association;
mod connections;
mod discovery_domains;
pub(in crate::api) mod domain_proof;
mod groups;
pub(in crate::api) mod invitation;
mod invitations;
mod member_roles;
pub(in crate::api) mod member_view;
mod members;
pub(in crate::api) mod membership;
mod organization;
pub(in crate::api) mod role_assignment;
mod roles;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[
    client_grants::FAMILY,
    clients::FAMILY,
    connections::FAMILY,
    discovery_domains::FAMILY,
    groups::FAMILY,
    invitations::FAMILY,
    member_roles::FAMILY,
    members::FAMILY,
    organization::FAMILY,
    roles::FAMILY,
];
