//! The part of a signed statement that is stored, so that the statement is valid once.

/// A client assertion or a DPoP proof that is valid, and from now on used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OneUse<'a> {
    /// Its `jti`.
    pub id: &'a str,
    /// The time from which it is invalid anyway, in seconds since the Unix epoch.
    pub expires: i64,
}
