//! The number of recordings that must agree.

/// The minimum number of cassettes that must agree on a behaviour of the service.
pub(super) const ENOUGH: usize = 3;
