//! [`Config`]: the configuration of a tenant.

#[cfg(feature = "javascript")]
use std::time::Duration;

use super::authentication::action::Action;
use super::calibration::CalibratedAnswers;
use crate::domain::{Clock, Entitlement, LocalNames};
#[cfg(feature = "javascript")]
use crate::javascript::Limits;

/// The configuration of a tenant.
#[derive(Clone, Debug)]
pub struct Config {
    /// The tenant's domain.
    pub domain: String,
    /// The ports of the local machine at which it answers: a token that is fetched at one of them is good at the others.
    pub ports: Vec<u16>,
    /// Which names of the local machine are the tenant's as well.
    pub local_names: LocalNames,
    /// One issuer for every name; the issuer follows the name of a request if there is none.
    pub issuer: Option<String>,
    /// `client_id` of the management application; drawn if absent.
    pub management_client_id: Option<String>,
    /// Its secret; drawn if absent.
    pub management_client_secret: Option<String>,
    /// Features that the tenant's plan lacks.
    pub without: Vec<Entitlement>,
    /// The source of time: a handle, whose clones share the time.
    pub clock: Clock,
    /// Whether the vendor's rate limits apply.
    pub rate_limits: bool,
    /// The most requests in the journal.
    pub journal_capacity: usize,
    /// The most entries in the tenant's log.
    pub log_capacity: usize,
    /// From where ids and secrets are drawn: two tenants with the same number, and the same calls, have the same ones. They
    /// are unlike those of every other tenant when not given.
    pub random_seed: Option<u64>,
    /// The Actions that run before a client credentials token is issued, in this order.
    pub actions: Vec<Action>,
    /// The time that the JavaScript of one token request may take, on the machine's clock.
    #[cfg(feature = "javascript")]
    pub action_time: Duration,
    /// The memory of the engine of one Action, in bytes.
    #[cfg(feature = "javascript")]
    pub action_memory: usize,
    /// The error texts of a real tenant, which replace those of m2mock.
    pub answers: Option<CalibratedAnswers>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            domain: "travel0.localhost".to_owned(),
            ports: Vec::new(),
            local_names: LocalNames::All,
            issuer: None,
            management_client_id: None,
            management_client_secret: None,
            without: Vec::new(),
            clock: Clock::system(),
            rate_limits: false,
            journal_capacity: 1000,
            log_capacity: 10_000,
            random_seed: None,
            actions: Vec::new(),
            #[cfg(feature = "javascript")]
            action_time: Limits::DEFAULT.time,
            #[cfg(feature = "javascript")]
            action_memory: Limits::DEFAULT.memory,
            answers: None,
        }
    }
}
