//! Actions of the trigger `credentials-exchange`: code of a test that sees each client credentials token before it is
//! given, and denies it, adds claims to it or changes its scopes.
//!
//! The names are those of the documentation, as Rust writes them: `api.accessToken.setCustomClaim` is
//! `api.access_token().set_custom_claim`. What is documented and not here: the cache, secrets, and of the event what a
//! test has no use for (where on earth a request comes from, custom domains). With the feature `javascript`, the deployed
//! Actions of the trigger run, too.

#[cfg(feature = "javascript")]
mod bound;
mod event;
pub(super) mod sequence;
mod step;

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

pub use crate::domain::DenyCode;
use crate::domain::ScopeSet;
use crate::domain::action::{ClaimFault, MOST_CLAIM_BYTES, claim_fault, claim_fault_on_system_api};
pub use event::{AccessToken, Agent, Client, Event, Organization, Request, ResourceServer, Tenant, Transaction};

/// One Action: a function of the event, and of what it may do about it.
#[derive(Clone)]
pub struct Action(Arc<Run>);

type Run = dyn Fn(&Event, &mut Api) + Send + Sync;

impl Action {
    /// An Action that runs this function for each token that is about to be given. It may use the tenant itself.
    pub fn new(run: impl Fn(&Event, &mut Api) + Send + Sync + 'static) -> Self {
        Action(Arc::new(run))
    }

    /// Runs it.
    pub fn run(&self, event: &Event, api: &mut Api) {
        (self.0)(event, api);
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Action(…)")
    }
}

/// The `api` object of an Action.
#[derive(Debug)]
pub struct Api {
    denial: Option<(DenyCode, String)>,
    custom_claims: Map<String, Value>,
    /// The length of the custom claims as JSON.
    claim_bytes: usize,
    left_out: Vec<(String, ClaimFault)>,
    target_scopes: ScopeSet,
    for_system_api: bool,
}

/// The most omitted claims that the journal lists.
const MOST_LEFT_OUT: usize = 20;

impl Api {
    fn new(target_scopes: ScopeSet, for_system_api: bool) -> Self {
        Api {
            denial: None,
            custom_claims: Map::new(),
            claim_bytes: 0,
            left_out: Vec::new(),
            target_scopes,
            for_system_api,
        }
    }

    /// `api.access`: whether a token is given at all.
    pub fn access(&mut self) -> AccessApi<'_> {
        AccessApi(self)
    }

    /// `api.accessToken`: the content of the token.
    pub fn access_token(&mut self) -> AccessTokenApi<'_> {
        AccessTokenApi(self)
    }

    /// `api.transaction`: which scopes the token is for.
    pub fn transaction(&mut self) -> TransactionApi<'_> {
        TransactionApi(self)
    }

    fn set_custom_claim(&mut self, name: String, value: Value) {
        let fault = if self.for_system_api { claim_fault_on_system_api(&name) } else { claim_fault(&name) };
        let length = |value: &Value| name.len() + value.to_string().len();
        let before = self.custom_claims.get(&name).map_or(0, length);
        let after = self.claim_bytes - before + length(&value);
        let too_large = (after > MOST_CLAIM_BYTES).then_some(ClaimFault::TooLarge);
        match fault.or(too_large) {
            None => {
                self.claim_bytes = after;
                self.custom_claims.insert(name, value);
            }
            Some(fault) if self.left_out.len() < MOST_LEFT_OUT => self.left_out.push((name, fault)),
            Some(_) => {}
        }
    }
}

/// `api.access`.
#[derive(Debug)]
pub struct AccessApi<'a>(&'a mut Api);

impl AccessApi<'_> {
    /// `deny(code, reason)`: no token is given; the code is the `error` of the answer, the reason its
    /// `error_description`. The Action runs to its end, and later Actions do not run. The last of several calls counts.
    pub fn deny(self, code: DenyCode, reason: impl Into<String>) {
        self.0.denial = Some((code, reason.into()));
    }
}

/// `api.accessToken`.
#[derive(Debug)]
pub struct AccessTokenApi<'a>(&'a mut Api);

impl AccessTokenApi<'_> {
    /// `setCustomClaim(key, value)`: adds a claim to the token.
    ///
    /// A name that the service keeps for itself, a namespace of its own and more than 100 KB of claims are left out
    /// without an error, as with the live service; the journal tells.
    pub fn set_custom_claim(self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.set_custom_claim(name.into(), value.into());
    }
}

/// `api.transaction`. When every Action has run, the token gets those target scopes that the client grant holds; others
/// are dropped without an error.
#[derive(Debug)]
pub struct TransactionApi<'a>(&'a mut Api);

impl TransactionApi<'_> {
    /// `addTargetScope(scope)`
    pub fn add_target_scope(self, scope: impl Into<String>) {
        self.0.target_scopes.add(scope);
    }

    /// `removeTargetScope(scope)`
    pub fn remove_target_scope(self, scope: &str) {
        self.0.target_scopes.remove(scope);
    }

    /// `setTargetScopes(scopes)`: these and no others.
    pub fn set_target_scopes<S: Into<String>>(self, scopes: impl IntoIterator<Item = S>) {
        self.0.target_scopes = scopes.into_iter().collect();
    }

    /// `clearTargetScopes()`
    pub fn clear_target_scopes(self) {
        self.0.target_scopes = ScopeSet::default();
    }

    /// `event.transaction.target_scopes` as it is now, with what this Action has changed so far.
    pub fn target_scopes(&self) -> impl Iterator<Item = &str> {
        self.0.target_scopes.iter()
    }
}
