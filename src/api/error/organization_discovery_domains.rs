//! Refusals about the domains by which organizations are found.

use super::ApiError;

impl ApiError {
    /// An unknown organization above its domains or its groups (d).
    pub fn organization_of_directory_not_found() -> Self {
        Self::new(404, None, "Organization not found.")
    }

    /// A domain that the organization does not have (r).
    pub fn discovery_domain_not_found() -> Self {
        Self::new(404, None, "No organization domain found by that id")
    }

    /// The same, looked for by its name (a).
    pub fn discovery_domain_name_not_found() -> Self {
        Self::new(404, None, "No organization domain found by that name")
    }

    /// A domain that the organization has already (d).
    pub fn discovery_domain_exists() -> Self {
        let sentence = "An organization discovery domain with this domain is already registered to this organization.";
        Self::new(409, None, sentence)
    }

    /// One domain more than an organization may have (limit documented, sentence assumed).
    pub fn too_many_discovery_domains(limit: usize) -> Self {
        let message =
            format!("Quota exceeded; cannot add more than {limit} discovery domains to a single organization");
        Self::new(409, None, message)
    }
}
