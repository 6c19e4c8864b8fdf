//! Refusals of `/keys/signing`.

use super::ApiError;
use crate::token::KeyRing;

impl ApiError {
    /// No further rotation is possible (limit documented for a day, here for a tenant; own text).
    pub(crate) fn no_further_signing_key() -> Self {
        let sentence = format!(
            "m2mock has {} signing keys, and all of them have had their turn. The live service rotates {} times a day \
             at most; here this is all until the tenant is reset.",
            KeyRing::KEYS,
            KeyRing::KEYS - 2
        );
        Self::new(429, "too_many_requests", sentence)
    }
}
