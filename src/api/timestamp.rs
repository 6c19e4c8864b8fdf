//! Timestamps in the format of the Management API.

use std::time::SystemTime;

/// A moment in UTC with milliseconds.
pub(super) fn timestamp(moment: SystemTime) -> String {
    humantime::format_rfc3339_millis(moment).to_string()
}
