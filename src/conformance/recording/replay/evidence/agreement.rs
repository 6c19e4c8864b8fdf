//! How many recordings must agree.

/// The least number of cassettes that must agree on how the service behaves.
pub(super) const ENOUGH: usize = 3;
