//! Refusals about connections.

use super::Refusal;

/// Unknown connection (r).
pub(crate) const INEXISTENT_CONNECTION: Refusal =
    Refusal::new(404, "inexistent_connection", "The connection does not exist");

/// A connection without SCIM, or without the provisioning of a directory (r).
pub(crate) const NOT_CONFIGURED: Refusal = Refusal::plain(404, "Not Found");
