//! Streams of log entries and events to other services, and the verification of credentials from wallets.

mod event_deliveries;
mod event_streams;
mod events;
mod log_streams;
mod verification_templates;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[
    event_deliveries::FAMILY,
    event_streams::FAMILY,
    events::FAMILY,
    log_streams::FAMILY,
    verification_templates::FAMILY,
];
