//! Refusals about tickets. The rules are documented, the sentences assumed.

use super::ApiError;

impl ApiError {
    /// Neither `user_id` nor `connection_id` with `email`, or a mixture of both.
    pub fn ticket_names_no_single_user() -> Self {
        Self::invalid_body("Either user_id, or connection_id and email, must be provided")
    }

    /// Two places where the user would go.
    pub fn result_url_beside_client() -> Self {
        Self::invalid_body("result_url cannot be specified when using client_id or organization_id")
    }

    /// An identity that the user does not have.
    pub fn identity_of_nobody() -> Self {
        Self::invalid_body("The identity does not belong to the user")
    }

    /// A password for a user whose password another provider keeps (the sentence is that of a change by PATCH).
    pub fn no_password_to_change() -> Self {
        Self::new(400, "operation_not_supported", "The user's main connection does not support this operation")
    }
}
