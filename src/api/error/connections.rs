//! Refusals about connections.

use super::ApiError;

impl ApiError {
    /// Unknown connection (r).
    pub fn inexistent_connection() -> Self {
        Self::new(404, "inexistent_connection", "The connection does not exist")
    }

    /// The options of a database connection contradict each other (r).
    pub fn attributes_beside(option: &str) -> Self {
        Self::new(400, "invalid_body", format!("Cannot set both options.attributes and options.{option}"))
    }

    /// No attribute of a database connection identifies a user (r).
    pub fn no_active_identifier() -> Self {
        Self::new(400, "invalid_body", "attributes must contain one active identifier")
    }

    /// A required attribute that a sign-up does not ask for (r).
    pub fn attribute_not_asked_on_signup(attribute: &str) -> Self {
        Self::new(400, "invalid_body", format!("attribute {attribute} must also be required on signup"))
    }

    /// An existing database connection told to let several users share an email (r).
    pub fn email_made_non_unique() -> Self {
        Self::new(400, "invalid_body", "cannot add non-unique email attribute")
    }

    /// A connection told to be a requesting app that its strategy cannot be (r).
    pub fn requesting_app_not_supported() -> Self {
        Self::new(
            400,
            "operation_not_supported",
            "Cross App Access Requesting App is not supported for this connection.",
        )
    }

    /// A connection with a name that is taken (d).
    pub fn connection_exists() -> Self {
        Self::new(409, None, "A connection with the same name already exists")
    }

    /// SCIM or a directory that a connection is not provisioned from (r).
    pub fn not_configured() -> Self {
        Self::new(404, None, "Not Found")
    }

    /// A connection of a strategy that cannot be provisioned over SCIM (r).
    pub fn scim_not_supported() -> Self {
        Self::new(
            404,
            None,
            "This connection type does not support SCIM. Please see our documentation for the currently supported \
             connection types: https://auth0.com/docs/authenticate/protocols/scim/configure-inbound-scim.",
        )
    }

    /// A second SCIM configuration (a; 400 is documented, 409 is not).
    pub fn scim_configuration_exists() -> Self {
        Self::new(400, "invalid_body", "A SCIM configuration already exists for this connection")
    }

    /// A token for SCIM beyond those that a connection may have (status documented, sentence assumed).
    pub fn too_many_scim_tokens(most: usize) -> Self {
        Self::new(409, None, format!("A connection can have at most {most} SCIM tokens"))
    }

    /// A token for SCIM that would live longer than dates can tell (a).
    pub fn scim_token_lifetime() -> Self {
        Self::new(400, "invalid_body", "The token_lifetime is too long")
    }

    /// A connection of a strategy that has no directory (a).
    pub fn directory_provisioning_not_supported() -> Self {
        Self::new(400, "operation_not_supported", "This connection type does not support directory provisioning.")
    }

    /// A second configuration for a directory (status documented, sentence assumed).
    pub fn directory_provisioning_exists() -> Self {
        Self::new(409, None, "A directory provisioning configuration already exists for this connection")
    }

    /// A connection of a strategy that has no keys (documented: Okta and OIDC have; refusal assumed).
    pub fn keys_not_supported() -> Self {
        Self::new(400, "operation_not_supported", "Connection keys are only supported for Okta and OIDC connections.")
    }

    /// First keys for a connection that has keys (status documented, sentence assumed).
    pub fn connection_keys_exist() -> Self {
        Self::new(409, None, "The connection already has keys")
    }

    /// A connection whose connector is not reached: no other state is told by a 404 (documented; sentence assumed).
    pub fn connection_offline() -> Self {
        Self::new(404, None, "The connection is offline")
    }

    /// Users to be deleted by email from a connection that is no database (p).
    pub fn not_a_database_connection() -> Self {
        Self::new(400, None, "Connection must be a database connection")
    }
}
