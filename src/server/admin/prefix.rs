//! The prefix and the version in the paths of the control API.

/// The prefix of every path.
pub(super) const PREFIX: &str = "/__admin";

/// The version of the control API.
pub(super) const VERSION: &str = "v1";
