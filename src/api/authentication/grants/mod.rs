//! The grants of the token endpoint as one table. A grant is its name, the parameters that it reads, and a function.

mod client_credentials;

use std::sync::MutexGuard;

use super::exchange::Exchange;
use super::issue::Tokens;
use super::rejection::Rejection;
use crate::store::{Document, State};

/// Every grant that is modelled.
pub(super) static GRANTS: [GrantType; 1] = [client_credentials::GRANT];

/// One grant.
#[derive(Debug)]
pub(super) struct GrantType {
    /// The value of `grant_type`, which a client has among its `grant_types`.
    pub(super) name: &'static str,
    /// The parameters that it reads beside those of the endpoint.
    pub(super) parameters: &'static [&'static str],
    /// Decides about a request of an authenticated client that may use the grant.
    pub(super) run: Run,
}

/// The tenant's state is locked, so that the grant decides when to release it.
type Run = for<'e> fn(&mut Exchange<'e>, MutexGuard<'e, State>, Document) -> Result<Tokens, Rejection>;

/// The grant with this name.
pub(super) fn find(name: &str) -> Option<&'static GrantType> {
    GRANTS.iter().find(|grant| grant.name == name)
}
