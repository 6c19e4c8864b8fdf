//! Refusals about clients and their credentials.

use super::{ApiError, repeated};

impl ApiError {
    /// GET of an unknown client (r).
    pub fn inexistent_client() -> Self {
        Self::new(404, "inexistent_client", "The client does not exist")
    }

    /// Change of an unknown client (d; code assumed).
    pub fn client_not_found() -> Self {
        Self::new(404, "inexistent_client", "Client not found.")
    }

    /// An alias that another client has (d; what an alias is, is inferred from `client_aliases`).
    pub fn client_alias_exists() -> Self {
        Self::new(409, None, "Another client exists with the same alias.")
    }

    /// Unknown credential of a client (d).
    pub fn credential_not_found() -> Self {
        Self::new(404, None, "Credential does not exist")
    }

    /// A change of whose a client is, or of the mode of a third-party client (documented; sentence assumed).
    pub fn immutable_client_member(member: &str) -> Self {
        Self::invalid_body(format!("{member} of a client cannot be changed"))
    }

    /// Grant types that do not exist (V1, p), or that a strict third-party client cannot have (R86; sentence assumed).
    pub fn invalid_grant_types(refused: &[&str]) -> Self {
        Self::invalid_body(format!("Invalid grant types: {}", repeated(&refused.join(", "))))
    }

    /// A client without a secret that asks for client credentials (V2, p).
    pub fn client_credentials_of_a_public_client() -> Self {
        Self::invalid_body(
            "Application must not have Token Endpoint Authentication Method set to \"none\" when client_credentials \
             grant type is enabled",
        )
    }

    /// An unused refresh token that would live as long as a used one (V3, p).
    pub fn idle_lifetime_not_below_lifetime() -> Self {
        Self::invalid_body("idle_token_lifetime must have a value less than token_lifetime")
    }

    /// `fields` that name members which the token does not open (p; code and separator assumed).
    pub fn unreadable_fields(names: &[&str]) -> Self {
        let names = repeated(&names.join(", ")).to_string();
        Self::new(403, "insufficient_scope", format!("You cannot read the following fields: {names}"))
    }

    /// Organization settings of user flows on a third-party client (R87, d).
    pub fn organizations_for_third_party_client() -> Self {
        Self::new(
            403,
            "operation_not_supported",
            "Organizations are only available to first party clients on user-based flows. Properties \
             organization_usage and organization_require_behavior must be unset for third party clients.",
        )
    }

    /// A client with both ways to prove itself (r: the one excludes the other; sentence assumed).
    pub fn two_authentication_methods() -> Self {
        Self::new(
            400,
            "invalid_body",
            "client_authentication_methods and token_endpoint_auth_method cannot both be set",
        )
    }

    /// A PEM text that holds not what the credential's type asks for (a).
    pub fn unreadable_pem() -> Self {
        Self::new(400, "invalid_body", "The provided PEM is not a valid public key or certificate.")
    }

    /// A key or certificate credential without a PEM text (a).
    pub fn missing_pem() -> Self {
        Self::new(400, "invalid_body", "Payload validation error: 'Missing required property: pem'.")
    }

    /// A subject credential that tells its subject twice, or not at all (a).
    pub fn subject_not_told_once() -> Self {
        Self::new(400, "invalid_body", "Exactly one of pem and subject_dn must be provided")
    }

    /// A client told to use a credential that it does not have (a).
    pub fn unknown_credential(id: &str) -> Self {
        Self::new(400, "invalid_body", format!("The credential {} does not exist", repeated(id)))
    }

    /// A credential too many (p, by the vendor's Terraform provider, as the next one).
    pub fn too_many_credentials(most: usize) -> Self {
        Self::invalid_body(format!("A client can have a maximum of {most} credentials."))
    }

    /// A key that the client has already (p).
    pub fn public_key_exists() -> Self {
        Self::invalid_body("credentials contains public keys that already exist in client")
    }

    /// The end of a credential that the client still names ("Rotate Credentials": it has to be taken off the client before;
    /// answer assumed).
    pub fn credential_in_use() -> Self {
        Self::new(400, "operation_not_supported", "The credential is in use by the client and cannot be deleted")
    }

    /// A moment that no timestamp of the service can write (a).
    pub fn moment_out_of_range() -> Self {
        Self::new(400, "invalid_body", "expires_at must be a valid date")
    }
}
