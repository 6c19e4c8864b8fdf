//! Refusals of `/keys/signing`.

use super::{ApiError, repeated};
use crate::token::KeyRing;

impl ApiError {
    /// No key of the tenant has this id (a).
    pub fn signing_key_not_found(kid: &str) -> Self {
        Self::new(404, None, format!("No signing key has the key id {}.", repeated(kid)))
    }

    /// No previously used key has this id: the current key and the next one cannot be revoked (d; status and text a).
    pub fn previous_signing_key_not_found(kid: &str) -> Self {
        Self::new(404, None, format!("No previously used signing key has the key id {}.", repeated(kid)))
    }

    /// The last rotation has been (limit documented for a day, here for a tenant; text of our own).
    pub fn no_further_signing_key() -> Self {
        let sentence = format!(
            "m2mock has {} signing keys, and all of them have had their turn. The live service rotates {} times a day \
             at most; here this is all until the tenant is reset.",
            KeyRing::KEYS,
            KeyRing::KEYS - 2
        );
        Self::new(429, "too_many_requests", sentence)
    }
}
