//! Refusals about organizations and what belongs to them.
//!
//! An unknown organization has four sentences: its own, and three above what belongs to it.

use super::ApiError;

impl ApiError {
    /// The organization itself (r).
    pub fn organization_not_found() -> Self {
        Self::new(404, None, "No organization found by that id or name")
    }

    /// Above its client grants or clients (d).
    pub fn owning_organization_not_found() -> Self {
        Self::new(404, None, "No organization found by that id")
    }

    /// Above a client grant that is to be removed (d).
    pub fn owning_organization_not_found_on_removal() -> Self {
        Self::new(404, None, "No organization found by that id.")
    }

    /// Above its connections (d).
    pub fn organization_of_connections_not_found() -> Self {
        Self::new(404, None, "The organization does not exist.")
    }

    /// A connection that the organization does not have (r).
    pub fn organization_connection_not_found() -> Self {
        Self::new(404, None, "No connection found by that id")
    }

    /// An application that the organization does not have (a).
    pub fn organization_client_not_found() -> Self {
        Self::new(404, None, "No client found by that id")
    }

    /// An association that is there already (R37, d).
    pub fn association_exists() -> Self {
        Self::new(409, None, "The client grant has already been added to this organization.")
    }

    /// One association more than an organization may have (R38, d).
    pub fn too_many_associations(limit: usize) -> Self {
        let message = format!("Quota exceeded; cannot add more than {limit} client grants to a single organization");
        Self::new(409, None, message)
    }

    /// An organization with a name that is taken (d).
    pub fn organization_exists() -> Self {
        Self::new(409, "organization_conflict", "An organization with this name already exists.")
    }

    /// A connection that an organization has already (a).
    pub fn organization_connection_exists() -> Self {
        Self::new(409, None, "The connection has already been added to this organization.")
    }

    /// A connection that an organization is to have and that does not exist (a; the sentence is that of invitations).
    pub fn unknown_connection() -> Self {
        Self::new(400, "invalid_body", "The specified connection does not exist.")
    }

    /// One connection more than an organization may have (limit documented, sentence assumed).
    pub fn too_many_organization_connections(limit: usize) -> Self {
        let message = format!("Quota exceeded; cannot add more than {limit} connections to a single organization");
        Self::new(409, None, message)
    }

    /// An application that an organization is to have and that does not exist (a; the sentence is that of invitations).
    pub fn unknown_client() -> Self {
        Self::new(400, "invalid_body", "The specified client_id does not exist.")
    }

    /// An application that an organization has already (a).
    pub fn organization_client_exists() -> Self {
        Self::new(409, None, "The client has already been added to this organization.")
    }

    /// One application more than an organization may have (limit documented, sentence assumed).
    pub fn too_many_organization_clients(limit: usize) -> Self {
        let message = format!("Quota exceeded; cannot add more than {limit} clients to a single organization");
        Self::new(409, None, message)
    }

    /// More organizations than a tenant may hold (limit documented, sentence assumed).
    pub fn too_many_organizations(limit: usize) -> Self {
        Self::new(403, "too_many_entities", format!("You reached the limit of {limit} organizations for this tenant."))
    }

    /// A signup setting for a connection that is no database (V4, p).
    pub fn signup_of_no_database() -> Self {
        Self::invalid_body("Only database connections support is_signup_enabled")
    }

    /// A signup setting that the connection does not support (r).
    pub fn signup_needs_membership() -> Self {
        Self::new(
            400,
            "invalid_body",
            "Only database connections with assign_membership_on_login = true support is_signup_enabled = true.",
        )
    }

    /// Access to a connection that has no name within the organization (documented; sentence assumed).
    pub fn access_without_connection_name() -> Self {
        Self::invalid_body("organization_connection_name must be set when organization_access_level is not none")
    }
}
