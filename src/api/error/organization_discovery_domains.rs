//! Refusals about the discovery domains of organizations.

use super::Refusal;

/// The organization of discovery domains or groups (d).
pub(crate) const ORGANIZATION_OF_DIRECTORY_NOT_FOUND: Refusal = Refusal::plain(404, "Organization not found.");
