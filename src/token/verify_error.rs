//! The reasons to refuse a token or an assertion.

use std::fmt;

/// Why a token is not one of this tenant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VerifyError {
    /// Not three parts of base64url with JSON objects in the first two.
    Malformed,
    /// The header names no key, or none of the published ones.
    UnknownKey,
    /// The header asks for an algorithm the key is not for.
    BadAlgorithm,
    BadSignature,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            VerifyError::Malformed => "not a token in the compact form",
            VerifyError::UnknownKey => "signed with a key this tenant does not publish",
            VerifyError::BadAlgorithm => "signed with an algorithm the key is not for",
            VerifyError::BadSignature => "the signature does not match",
        })
    }
}

impl std::error::Error for VerifyError {}
