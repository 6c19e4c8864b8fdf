//! Takes the place of `jwe.rs` in a build without the feature `jwe`: no key can be used, so no token is issued that should have
//! been encrypted.

use super::encryption_error::EncryptionError;
use crate::domain::TokenEncryption;

/// There is none.
#[derive(Debug)]
pub(crate) enum EncryptionKey {}

impl EncryptionKey {
    /// Refuses every key.
    pub(crate) fn parse(_: TokenEncryption<'_>) -> Result<EncryptionKey, EncryptionError> {
        Err(EncryptionError("this build of m2mock lacks the feature \"jwe\""))
    }

    /// The algorithm.
    pub(crate) fn algorithm(&self) -> &'static str {
        match *self {}
    }

    /// Encrypts a signed token.
    pub(crate) fn encrypt(&self, _: String) -> Result<String, EncryptionError> {
        match *self {}
    }
}
