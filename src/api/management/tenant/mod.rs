//! The tenant itself: settings, signing keys, logs, jobs, tickets and statistics.

mod jobs;
pub(in crate::api) mod log_entry;
mod log_titles;
mod logs;
pub(in crate::api) mod new_tenant;
mod settings;
pub(in crate::api) mod signing_key_view;
mod signing_keys;
mod stats;
mod tickets;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] =
    &[jobs::FAMILY, logs::FAMILY, settings::FAMILY, signing_keys::FAMILY, stats::FAMILY, tickets::FAMILY];
