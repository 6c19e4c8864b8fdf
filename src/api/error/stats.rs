//! Refusals about statistics.

use super::ApiError;

impl ApiError {
    /// A day that its month does not have (a).
    pub fn no_such_day() -> Self {
        Self::new(400, "invalid_query_string", "from and to must be days of the calendar")
    }
}
