//! Refusals about the domains by which organizations are found.

use super::Refusal;

/// An unknown organization above its domains or its groups (d).
pub(crate) const ORGANIZATION_OF_DIRECTORY_NOT_FOUND: Refusal = Refusal::plain(404, "Organization not found.");
