//! Streams of log entries and events to services outside the tenant.

mod log_streams;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[log_streams::FAMILY];
