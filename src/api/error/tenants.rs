//! Refusals about the settings of the tenant.

use super::ApiError;

impl ApiError {
    /// `enable_sso` of a tenant that cannot change it (V5, p; code assumed).
    pub fn flag_enable_sso_is_locked() -> Self {
        Self::invalid_body("Updating the enable_sso flag is not allowed.")
    }

    /// `enforce_client_authentication_on_passwordless_start` of a tenant that cannot change it (V6, p; code assumed).
    pub fn flag_of_passwordless_start_is_locked() -> Self {
        Self::invalid_body(
            "Updating the enforce_client_authentication_on_passwordless_start flag is not allowed. Please contact us if \
             you need additional information.",
        )
    }
}
