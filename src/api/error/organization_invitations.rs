//! Refusals about invitations to organizations.

use super::{ApiError, repeated};

impl ApiError {
    /// Unknown invitation, or one whose time is over (r).
    pub fn inexistent_invitation() -> Self {
        Self::new(404, "inexistent_invitation", "The invitation does not exist.")
    }

    /// An application that organizations cannot use (p).
    pub fn client_without_organizations(client_id: &str) -> Self {
        let client_id = repeated(client_id);
        let sentence = format!("The specified client_id ({client_id}) does not allow organizations.");
        Self::new(400, "invalid_body", sentence)
    }

    /// A connection with which nobody can accept an invitation (d).
    pub fn passwordless_invitation() -> Self {
        Self::new(400, "invalid_body", "Passwordless connections are not supported.")
    }

    /// A connection that the organization does not have, or has disabled (d).
    pub fn connection_not_enabled(connection_id: &str) -> Self {
        let connection_id = repeated(connection_id);
        let sentence = format!("The specified connection ({connection_id}) is not enabled for the organization");
        Self::new(400, "invalid_body", sentence)
    }

    /// Neither the application nor the tenant says where an invitation leads (d; how it goes on is assumed).
    pub fn no_default_login_route() -> Self {
        let sentence = "A default login route is required to generate the invitation url. Consult \
                        https://auth0.com/docs/universal-login/configure-default-login-routes for more details";
        Self::new(400, "invalid_body", sentence)
    }
}
