//! The type of a grant of the token endpoint.

use std::sync::MutexGuard;

use crate::api::authentication::exchange::Exchange;
use crate::api::authentication::issue::Tokens;
use crate::api::authentication::rejection::Rejection;
use crate::store::{Document, State};

/// One grant.
#[derive(Debug)]
pub(in crate::api::authentication) struct GrantType {
    /// The value of `grant_type`, which a client has among its `grant_types`.
    pub(in crate::api::authentication) name: &'static str,
    /// The parameters that it reads beside those of the endpoint.
    pub(in crate::api::authentication) parameters: &'static [&'static str],
    /// Decides about a request of an authenticated client that may use the grant.
    pub(in crate::api::authentication) run: Run,
}

/// The tenant's state is locked, so that the grant decides when to release it.
type Run = for<'e> fn(&mut Exchange<'e>, MutexGuard<'e, State>, Document) -> Result<Tokens, Rejection>;
