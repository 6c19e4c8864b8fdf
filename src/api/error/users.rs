//! Refusals about users and what belongs to them.

use super::{ApiError, Refusal};

/// Unknown user (r).
pub(crate) const INEXISTENT_USER: Refusal = Refusal::new(404, "inexistent_user", "The user does not exist.");

/// A user of a connection that does not exist (p).
pub(crate) const CONNECTION_OF_USER_NOT_FOUND: Refusal =
    Refusal::new(400, "inexistent_connection", "The connection does not exist.");

/// An identifier or a password that the connection requires and the user lacks (a: a sentence of the validator).
pub(crate) const MISSING_FROM_USER: Refusal =
    Refusal::invalid_body("Payload validation error: 'Missing required property: {}'.");

/// The scopes allow this for the user of the token only (d; code assumed).
pub(crate) const NOT_THE_SUBJECT: Refusal =
    Refusal::new(403, "insufficient_scope", "User to be acted on does not match subject in bearer token.");

impl ApiError {
    /// Members that users do not have (p).
    pub(crate) fn unknown_user_members(members: &[&str]) -> Self {
        let members = members.join(",");
        Self::invalid_body(format!(
            "Payload validation error: 'Additional properties not allowed: {members} (consider storing them in \
             app_metadata or user_metadata. See \"Users Metadata\" in https://auth0.com/docs/api/v2/changes for more \
             details)'."
        ))
    }

    /// A username that is shorter or longer than the connection allows (a: a sentence of the validator).
    pub(crate) fn username_length(found: usize, least: usize, most: usize) -> Self {
        let fault = if found < least {
            format!("String is too short ({found} chars), minimum {least}")
        } else {
            format!("String is too long ({found} chars), maximum {most}")
        };
        Self::invalid_body(format!("Payload validation error: '{fault}' on property username."))
    }
}
