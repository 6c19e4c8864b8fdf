//! The reasons to refuse a token or an assertion.

use std::fmt;

/// The reason why a token is not this tenant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VerifyError {
    /// It does not have three parts of base64url with JSON objects in the first two.
    Malformed,
    /// The header names no key, or a key that is not published.
    UnknownKey,
    /// The key is not for the algorithm in the header.
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
