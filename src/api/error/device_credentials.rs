//! Refusals about device credentials.

use super::ApiError;

impl ApiError {
    /// A second key of one device for one client (status documented, sentence assumed).
    pub fn device_credential_exists() -> Self {
        Self::new(409, None, "A device credential for this device already exists.")
    }
}
