//! Refusals about users.

use super::ApiError;

impl ApiError {
    /// Unknown user (r).
    pub fn inexistent_user() -> Self {
        Self::new(404, "inexistent_user", "The user does not exist.")
    }
}
