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
}
