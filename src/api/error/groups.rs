//! Refusals about groups.

use super::ApiError;

impl ApiError {
    /// Unknown group (status documented, sentence assumed).
    pub fn group_not_found() -> Self {
        Self::new(404, None, "The group does not exist.")
    }
}
