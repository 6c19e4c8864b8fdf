//! Refusals about users and what belongs to them.

use super::{ApiError, repeated};

impl ApiError {
    /// Unknown user (r).
    pub fn inexistent_user() -> Self {
        Self::new(404, "inexistent_user", "The user does not exist.")
    }

    /// A user with an identifier or an id that is taken (p).
    pub fn user_exists() -> Self {
        Self::new(409, "auth0_idp_error", "The user already exists.")
    }

    /// A change to an identifier that another user of the connection has (p for `email`; the others likewise).
    pub fn identifier_taken(member: &str) -> Self {
        Self::new(400, "auth0_idp_error", format!("The specified new {member} already exists"))
    }

    /// A user for a connection that is not there (p).
    pub fn connection_of_user_not_found() -> Self {
        Self::new(400, "inexistent_connection", "The connection does not exist.")
    }

    /// A user for a connection whose users come from elsewhere (d; code assumed).
    pub fn no_users_by_api() -> Self {
        Self::new(
            400,
            "operation_not_supported",
            "Connection does not support user creation through the API. It must either be a database or passwordless \
             connection.",
        )
    }

    /// A change of a connection's account that the user does not have (a).
    pub fn not_an_identity_of_connection() -> Self {
        Self::new(400, "invalid_body", "The user does not have an identity in the specified connection.")
    }

    /// Members that users do not have (p).
    pub fn unknown_user_members(members: &[&str]) -> Self {
        let members = members.join(",");
        Self::invalid_body(format!(
            "Payload validation error: 'Additional properties not allowed: {members} (consider storing them in \
             app_metadata or user_metadata. See \"Users Metadata\" in https://auth0.com/docs/api/v2/changes for more \
             details)'."
        ))
    }

    /// An identifier or a password that the connection asks for (a: the validator's words).
    pub fn missing_from_user(member: &str) -> Self {
        Self::invalid_body(format!("Payload validation error: 'Missing required property: {member}'."))
    }

    /// No username for a connection that asks for one (p).
    pub fn missing_username(connection: &str) -> Self {
        let connection = repeated(connection);
        Self::invalid_body(format!("Missing username for {connection} connection with requires_username enabled"))
    }

    /// A username for a connection that has none (d).
    pub fn username_not_used() -> Self {
        Self::invalid_body("Cannot set username for connection without requires_username")
    }

    /// A username that is shorter or longer than the connection says (a: the validator's words).
    pub fn username_length(found: usize, least: usize, most: usize) -> Self {
        let fault = if found < least {
            format!("String is too short ({found} chars), minimum {least}")
        } else {
            format!("String is too long ({found} chars), maximum {most}")
        };
        Self::invalid_body(format!("Payload validation error: '{fault}' on property username."))
    }

    /// A password that the policy of the connection does not take (p; code assumed).
    pub fn weak_password() -> Self {
        Self::new(400, "invalid_body", "PasswordStrengthError: Password is too weak")
    }

    /// Two members that are changed one at a time (p).
    pub fn not_simultaneously(one: &str, other: &str) -> Self {
        Self::invalid_body(format!("Cannot update {one} and {other} simultaneously"))
    }

    /// Only the user itself may do this (d; code assumed).
    pub fn not_the_subject() -> Self {
        Self::new(403, "insufficient_scope", "User to be acted on does not match subject in bearer token.")
    }

    /// A page of users beyond what can be paged through (p).
    pub fn users_beyond_reach() -> Self {
        Self::new(400, "invalid_paging", "You can only page through the first 1000 records")
    }

    /// A user linked with itself (a).
    pub fn linked_with_itself() -> Self {
        Self::invalid_body("Main account and account to be linked are the same.")
    }

    /// A token of the second account, which nobody can have here (a).
    pub fn unreadable_link() -> Self {
        Self::invalid_body("The link_with token is not valid.")
    }

    /// The main identity of a user, or one that it does not have, taken away (a).
    pub fn identity_not_linked() -> Self {
        Self::new(400, "invalid_body", "The specified identity is not a linked identity of the user.")
    }

    /// Unknown authentication method (a).
    pub fn authentication_method_not_found() -> Self {
        Self::new(404, None, "The authentication method does not exist.")
    }

    /// An authentication method that the user has (a).
    pub fn authentication_method_exists() -> Self {
        Self::new(409, None, "The authentication method already exists.")
    }

    /// Unknown session (a).
    pub fn session_not_found() -> Self {
        Self::new(404, "inexistent_session", "The session does not exist.")
    }

    /// Unknown refresh token (a).
    pub fn refresh_token_not_found() -> Self {
        Self::new(404, "inexistent_refresh_token", "The refresh token does not exist.")
    }
}
