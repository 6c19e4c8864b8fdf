//! Refusals about the tenant's log.

use super::ApiError;

impl ApiError {
    /// GET of an unknown entry (d; code assumed).
    pub fn log_not_found() -> Self {
        Self::new(404, None, "Log not found.")
    }
}
