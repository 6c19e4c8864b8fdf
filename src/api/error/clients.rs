//! Refusals about clients and their credentials.

use super::{ApiError, Refusal, repeated};

/// GET of an unknown client (r).
pub(crate) const INEXISTENT_CLIENT: Refusal = Refusal::new(404, "inexistent_client", "The client does not exist");

/// Change of an unknown client (d; code assumed).
pub(crate) const CLIENT_NOT_FOUND: Refusal = Refusal::new(404, "inexistent_client", "Client not found.");

/// A PEM text whose content does not fit the type of the credential (a).
pub(crate) const UNREADABLE_PEM: Refusal =
    Refusal::invalid_body("The provided PEM is not a valid public key or certificate.");

impl ApiError {
    /// Grant types that do not exist (V1, p), or that a strict third-party client cannot have (R86; sentence assumed).
    pub(crate) fn invalid_grant_types(refused: &[&str]) -> Self {
        Self::invalid_body(format!("Invalid grant types: {}", repeated(&refused.join(", "))))
    }
}
