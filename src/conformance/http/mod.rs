//! HTTP as the conformance code speaks it: the client, and when a request may be sent again.

pub(crate) mod backoff;
pub(crate) mod client;

/// The text in the place of a secret. A replay takes it for any text.
pub(crate) const REDACTED: &str = "[REDACTED]";
