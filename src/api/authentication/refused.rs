//! A refused token request: what the wire says, and what only the journal says.

use http::HeaderName;

use crate::api::error::TokenError;
use crate::domain::BoundedText;

/// A refusal with its reasons.
#[derive(Debug)]
pub(super) struct Refused {
    /// The answer.
    pub(super) error: Box<TokenError>,
    /// The ids of the rules applied, the deciding one first.
    pub(super) rules: &'static [&'static str],
    /// The facts, in one sentence.
    pub(super) why: BoundedText,
    /// The sentence that the tenant's log has for a proof that was refused.
    pub(super) client_authentication_error: Option<BoundedText>,
    /// What the answer's headers tell.
    pub(super) headers: Box<[(HeaderName, String)]>,
}

impl Refused {
    pub(super) fn new(error: TokenError, rules: &'static [&'static str], why: impl Into<BoundedText>) -> Self {
        Refused {
            error: Box::new(error),
            rules,
            why: why.into(),
            client_authentication_error: None,
            headers: Box::default(),
        }
    }

    /// With what the tenant's log says of the client's own proof.
    pub(super) fn with_client_authentication_error(mut self, sentence: BoundedText) -> Self {
        self.client_authentication_error = Some(sentence);
        self
    }

    /// With these headers.
    pub(super) fn with(mut self, headers: Vec<(HeaderName, String)>) -> Self {
        self.headers = headers.into();
        self
    }
}
