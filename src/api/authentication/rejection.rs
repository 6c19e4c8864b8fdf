//! A rejected token request: the answer on the wire, and the rules and the reason that only the journal has.

use http::HeaderName;

use super::reason::Reason;
use crate::api::error::TokenError;
use crate::domain::client_certificate::Cause;

/// A rejection.
#[derive(Debug)]
pub(super) struct Rejection {
    /// The answer.
    pub(super) error: Box<TokenError>,
    /// The ids of the rules applied, the deciding one first.
    pub(super) rules: &'static [&'static str],
    /// Why.
    pub(super) reason: Reason,
    /// Headers of the answer.
    pub(super) headers: Box<[(HeaderName, String)]>,
}

impl Rejection {
    pub(super) fn new(error: TokenError, rules: &'static [&'static str], reason: Reason) -> Self {
        Rejection { error: Box::new(error), rules, reason, headers: Box::default() }
    }

    /// The rejection of a client that is unknown or not authenticated. The answer does not say which (T1).
    pub(super) fn unauthorized(reason: Reason) -> Self {
        Rejection::new(TokenError::unauthorized(), &["T1"], reason)
    }

    /// The rejection of a client certificate, for the authentication of the client or for the binding of the token.
    pub(super) fn certificate(cause: Cause) -> Self {
        Rejection::new(TokenError::certificate_refused(), cause.rules(), Reason::CertificateRefused(cause))
    }

    /// With these headers.
    pub(super) fn with(mut self, headers: Vec<(HeaderName, String)>) -> Self {
        self.headers = headers.into();
        self
    }
}
