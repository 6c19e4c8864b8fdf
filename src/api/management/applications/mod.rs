//! Applications, APIs, the grants between them, and the agents that applications act for.

mod agents;
pub(in crate::api) mod client_grant_view;
mod client_grants;
mod client_metadata;
mod client_rules;
pub(in crate::api) mod clients;
mod credential_view;
mod credentials;
mod device_credentials;
mod grants;
mod resource_servers;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[
    agents::FAMILY,
    client_grants::FAMILY,
    clients::FAMILY,
    credentials::FAMILY,
    device_credentials::FAMILY,
    grants::FAMILY,
    resource_servers::FAMILY,
];
