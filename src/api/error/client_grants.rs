//! Refusals about client grants.

use super::{ApiError, PLAN_WITHOUT_ORGANIZATIONS, Refusal};

/// GET of an unknown client grant, or its association (r).
pub(crate) const INEXISTENT_CLIENT_GRANT: Refusal =
    Refusal::new(404, "inexistent_client_grant", "The grant does not exist.");

impl ApiError {
    /// Organizations on a client grant of a tenant whose plan lacks them (R9, p; code assumed).
    pub(crate) fn plan_without_organizations() -> Self {
        Self::new(403, "insufficient_entitlement", PLAN_WITHOUT_ORGANIZATIONS)
    }
}
