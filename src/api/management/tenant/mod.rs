//! The tenant itself: settings, keys, logs, jobs, tickets and statistics.

mod custom_signing_keys;
mod encryption_keys;
mod jobs;
pub(in crate::api) mod log_entry;
mod log_titles;
mod logs;
mod network_acl_keys;
pub(in crate::api) mod new_tenant;
mod settings;
pub(in crate::api) mod signing_key_view;
mod signing_keys;
mod stats;
mod tickets;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[
    custom_signing_keys::FAMILY,
    encryption_keys::FAMILY,
    jobs::FAMILY,
    logs::FAMILY,
    network_acl_keys::FAMILY,
    settings::FAMILY,
    signing_keys::FAMILY,
    stats::FAMILY,
    tickets::FAMILY,
];
