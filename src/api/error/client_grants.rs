//! Refusals about client grants.

use super::{ApiError, PLAN_WITHOUT_ORGANIZATIONS, repeated};

impl ApiError {
    /// GET of an unknown client grant, or its association (r).
    pub fn inexistent_client_grant() -> Self {
        Self::new(404, "inexistent_client_grant", "The grant does not exist.")
    }

    /// PATCH of an unknown client grant (d; code assumed).
    pub fn client_grant_not_found() -> Self {
        Self::new(404, "inexistent_client_grant", "The client grant does not exist.")
    }

    /// A new client grant for an unknown client (R63, d).
    pub fn grant_for_unknown_client() -> Self {
        Self::new(404, "inexistent_client", "Client not found")
    }

    /// A new client grant for an unknown API (R62, d).
    pub fn grant_for_unknown_resource_server() -> Self {
        Self::new(404, "inexistent_resource_server", "Resource server not found")
    }

    /// Organizations on a client grant of a tenant whose plan lacks them (R9, p; code assumed).
    pub fn plan_without_organizations() -> Self {
        Self::new(403, "insufficient_entitlement", PLAN_WITHOUT_ORGANIZATIONS)
    }

    /// `client_id` and `default_for` both given, or neither (R79; sentence assumed).
    pub fn grant_without_one_subject() -> Self {
        Self::new(400, "invalid_body", "Exactly one of client_id and default_for must be provided")
    }

    /// `allow_all_scopes` with a system API (R67, p).
    pub fn all_scopes_of_a_system_api() -> Self {
        Self::new(400, "invalid_body", "`allow_all_scopes` cannot be provided when `audience` is a system API")
    }

    /// A scope that the system API does not define (R65, p: without quotes and full stop).
    pub fn scope_beyond_the_system_api() -> Self {
        Self::invalid_body("Payload validation error: scope must be a subset of resource server scopes")
    }

    /// A member that a grant for anonymous users cannot have (R127, p for `organization_usage`; code assumed).
    pub fn not_for_anonymous_users(member: &str) -> Self {
        Self::invalid_body(format!("`{member}` cannot be set for client grants with `subject_type`: anonymous_user"))
    }

    /// `authorization_details_types` on a grant that is not for users (R68; sentence assumed).
    pub fn authorization_details_for_a_client() -> Self {
        Self::new(400, "invalid_body", "authorization_details_types can only be set when subject_type is user")
    }

    /// A client grant for an application that other means configure (R69, r).
    pub fn express_configuration_client() -> Self {
        Self::new(400, "validation_error", "Client of type express_configuration cannot be used")
    }

    /// A third-party client and what such clients cannot have (R77, R83; the sentence's end is assumed).
    pub fn grant_for_third_party_client() -> Self {
        Self::new(400, "invalid_body", "Client grants for this API cannot be created for third-party clients")
    }

    /// `allow_any_organization` for a third-party client (R77; sentence assumed).
    pub fn any_organization_for_third_party_client() -> Self {
        Self::new(400, "invalid_body", "allow_any_organization cannot be set for third-party clients")
    }

    /// A second client grant for one client, API and subject type (R58, p).
    pub fn client_grant_exists(subject: &str, audience: &str) -> Self {
        let (subject, audience) = (repeated(subject), repeated(audience));
        Self::new(409, None, format!("A client grant already exists between {subject} and {audience}"))
    }

    /// A change of a client grant that the service itself made (R71; sentence assumed).
    pub fn system_client_grant() -> Self {
        Self::new(400, "invalid_body", "System client grants cannot be modified.")
    }
}
