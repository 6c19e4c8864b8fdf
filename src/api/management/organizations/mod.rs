//! Organizations with their members, connections, clients, grants, invitations and domains.

mod client_grants;
mod clients;
mod connection_association;
mod connections;
mod discovery_domains;
mod groups;
mod invitations;
mod member_roles;
mod member_view;
mod members;
mod organization;
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
