//! Connections, their keys and their provisioning.

pub(in crate::api) mod connection;
mod defaults;
mod directory_provisionings;
mod encrypted_options;
mod groups;
mod identity_provider_certificate;
mod key;
mod keys;
mod openid_discovery;
mod provisioning;
pub(in crate::api) mod scim_configurations;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] =
    &[connection::FAMILY, directory_provisionings::FAMILY, groups::FAMILY, keys::FAMILY, scim_configurations::FAMILY];
