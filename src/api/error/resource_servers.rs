//! Refusals about APIs.

use super::ApiError;

impl ApiError {
    /// Unknown resource server (r).
    pub fn inexistent_resource_server() -> Self {
        Self::new(404, "inexistent_resource_server", "The resource server does not exist")
    }

    /// A resource server with an identifier that is taken (d).
    pub fn resource_server_exists() -> Self {
        Self::new(409, "resource_conflict", "A resource server with the same identifier already exists.")
    }

    /// A resource server with an identifier that the service keeps for itself (d).
    pub fn reserved_identifier() -> Self {
        Self::new(400, "invalid_body", "The selected identifier is reserved.")
    }

    /// A lifetime for the web beyond the API's own (documented; sentence assumed).
    pub fn web_lifetime_beyond_lifetime() -> Self {
        Self::invalid_body("token_lifetime_for_web must not be greater than token_lifetime")
    }

    /// Proof of possession by certificates for public clients, which have none (documented: "Configure Sender
    /// Constraining"; sentence assumed).
    pub fn certificates_of_public_clients() -> Self {
        Self::invalid_body("proof_of_possession.required_for must be all_clients when the mechanism is mtls")
    }

    /// Deletion of a system API (R95, d).
    pub fn system_resource_server_delete() -> Self {
        Self::new(400, "invalid_body", "System resource servers cannot be deleted.")
    }
}
