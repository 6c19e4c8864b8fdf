//! [`EncryptionError`]: the reason why a token cannot be encrypted.

/// The reason why a token cannot be encrypted, as the end of a sentence about its API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EncryptionError(pub &'static str);
