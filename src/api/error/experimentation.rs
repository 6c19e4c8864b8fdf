//! Refusals about experiments and feature flags.

use super::Refusal;

/// A flag that does not exist (d).
pub(crate) const FLAG_NOT_FOUND: Refusal = Refusal::plain(404, "Feature flag not found.");

/// A change of status that is not allowed (d; code a).
pub(crate) const NO_SUCH_TRANSITION: Refusal = Refusal::invalid_body("Status transition is not allowed.");
