//! [`Tenant`]: the data of one tenant and its functions that are not requests.

use std::fmt;
use std::sync::atomic::AtomicBool;
#[cfg(feature = "conformance")]
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use bytes::Bytes;
use http::{Request, header};

use super::authentication::action::Action;
use super::calibration::CalibratedAnswers;
use super::call::Pins;
use super::config::Config;
use super::delivery::Deliveries;
use super::faults::Faults;
use super::journal::{Journal, JournalEntry};
use super::lock::lock;
use super::management::tenant::log_entry::LogEntry;
use super::management::tenant::new_tenant;
use super::rate_limits::RateLimits;
use super::request::OverTls;
use super::snapshot::baseline::Baseline;
use super::tenant_log::TenantLog;
#[cfg(feature = "javascript")]
use crate::domain::action_cache::ActionCache;
use crate::domain::clock::Mode;
use crate::domain::{Clock, Entitlement, Names};
#[cfg(feature = "javascript")]
use crate::javascript::Limits;
use crate::store::views::CustomDomainView;
use crate::store::{DeclaredAction, Kind, State};
use crate::token::KeyRing;

/// Called with each journal entry as it is written.
type Observer = Arc<dyn Fn(&JournalEntry) + Send + Sync>;

/// One tenant: its names and clock, its state behind a lock, its log and its journal.
pub struct Tenant {
    pub(super) names: Names,
    pub(super) clock: Clock,
    pub(super) baseline: Baseline,
    pub(super) actions: Vec<Action>,
    #[cfg(feature = "javascript")]
    pub(super) action_limits: Limits,
    /// `api.cache` of the trigger. Like the log, it is not part of the state.
    #[cfg(feature = "javascript")]
    pub(super) action_cache: Arc<Mutex<ActionCache>>,
    pub(super) answers: Option<CalibratedAnswers>,
    pub(super) faults: Mutex<Faults>,
    pub(super) rate_limits: Mutex<RateLimits>,
    pub(super) state: Mutex<State>,
    pub(super) initial: Mutex<Initial>,
    pub(super) log: TenantLog,
    /// The progress of streams, if the tenant delivers.
    pub(super) deliveries: OnceLock<Deliveries>,
    pub(super) journal: Mutex<Journal>,
    pub(super) observer: Mutex<Option<Observer>>,
    /// Whether refusals carry the number of their journal entry.
    pub(super) numbers_refusals: AtomicBool,
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant").field("domain", &self.names.domain()).finish_non_exhaustive()
    }
}

/// The initial state, which [`Tenant::reset`] restores.
pub(super) struct Initial {
    pub(super) state: Arc<State>,
    pub(super) clock: Mode,
    pub(super) faults: Faults,
    pub(super) rate_limits: RateLimits,
}

impl Tenant {
    /// A tenant with what every tenant has: the Management API, its settings, the global client, and one management
    /// application that is granted every scope of the Management API.
    pub fn new(config: Config) -> Self {
        let names = Names::new(config.domain)
            .at_ports(config.ports)
            .with_local_names(config.local_names)
            .with_issuer(config.issuer.as_deref());
        let pins = Pins { id: config.management_client_id, secret: config.management_client_secret };
        let mut state = new_tenant::state(&names, pins, config.random_seed, config.clock.now());
        config.without.iter().for_each(|entitlement| state.entitlements.remove(*entitlement));
        let faults = Faults::default();
        let rate_limits = RateLimits::new(config.rate_limits);
        let first = Arc::new(state.clone());
        Tenant {
            names,
            baseline: Baseline::with(Arc::clone(&first)),
            initial: Mutex::new(Initial {
                state: first,
                clock: config.clock.mode(),
                faults: faults.clone(),
                rate_limits: rate_limits.clone(),
            }),
            faults: Mutex::new(faults),
            rate_limits: Mutex::new(rate_limits),
            clock: config.clock,
            actions: config.actions,
            #[cfg(feature = "javascript")]
            action_limits: Limits { time: config.action_time, memory: config.action_memory },
            #[cfg(feature = "javascript")]
            action_cache: Arc::default(),
            answers: config.answers,
            state: Mutex::new(state),
            log: TenantLog::new(config.log_capacity),
            deliveries: OnceLock::new(),
            journal: Mutex::new(Journal::new(config.journal_capacity)),
            observer: Mutex::new(None),
            numbers_refusals: AtomicBool::default(),
        }
    }

    /// Adds a declared Action after the others. It is removed with its client or API.
    pub(crate) fn declare_action(&self, mut action: DeclaredAction) {
        action.audience = action.audience.map(|audience| self.names.canonical_identifier(&audience).into_owned());
        self.state().declared_actions.add(action);
    }

    /// Keeps the present state and the mode of the clock as the initial state, which [`reset`](Tenant::reset) restores.
    pub fn keep_as_initial(&self) {
        let state = Arc::new(self.state().clone());
        let (faults, rate_limits) = (lock(&self.faults).clone(), lock(&self.rate_limits).refilled());
        *lock(&self.initial) = Initial { state, clock: self.clock.mode(), faults, rate_limits };
    }

    /// Gives a further tenant of the process the limits of this tenant's Actions.
    pub(crate) fn copy_action_limits(&self, config: &mut Config) {
        #[cfg(feature = "javascript")]
        {
            config.action_time = self.action_limits.time;
            config.action_memory = self.action_limits.memory;
        }
        #[cfg(not(feature = "javascript"))]
        let _ = config;
    }

    /// Takes features of the plan away.
    pub(crate) fn remove_entitlements(&self, entitlements: &[Entitlement]) {
        let mut state = self.state();
        entitlements.iter().for_each(|entitlement| state.entitlements.remove(*entitlement));
    }

    /// Whether the vendor's rate limits apply from now on. Their buckets are full.
    pub(crate) fn set_rate_limits(&self, are_on: bool) {
        *lock(&self.rate_limits) = RateLimits::new(are_on);
    }

    /// Restores the initial state and clears the log and the journal. Ids are those of the initial state. Later entities get ids
    /// and secrets that the tenant has never had, so that a stale one is recognised.
    ///
    /// The clock has its initial mode: it follows the machine with the same lead, or is frozen at the same moment. The initial
    /// faults are restored, and rate limits are full.
    pub fn reset(&self) {
        let (mut state, clock) = {
            let initial = lock(&self.initial);
            lock(&self.faults).restore(&initial.faults);
            lock(&self.rate_limits).clone_from(&initial.rate_limits);
            (State::clone(&initial.state), initial.clock)
        };
        self.clock.restore(clock);
        {
            let mut held = self.state();
            state.random = held.random.clone();
            std::mem::swap(&mut *held, &mut state);
        }
        drop(state); // the old one, with nobody waiting for it
        self.forget_log();
        self.forget_requests();
        self.forget_cache();
    }

    /// Empties the cache of Actions.
    pub(super) fn forget_cache(&self) {
        #[cfg(feature = "javascript")]
        {
            *lock(&self.action_cache) = ActionCache::default();
        }
    }

    /// Empties the log. Streams begin with the next entry.
    pub(super) fn forget_log(&self) {
        self.log.clear();
        if let Some(deliveries) = self.deliveries.get() {
            let next = self.log.entries().next();
            deliveries.restart(next);
        }
    }

    /// The journal, oldest first.
    pub fn requests(&self) -> Vec<JournalEntry> {
        lock(&self.journal).entries()
    }

    /// The tenant's log as `/logs` shows it, oldest first.
    pub fn logs(&self) -> Vec<LogEntry> {
        let events: Vec<_> = self.log.entries().oldest_first().cloned().collect();
        events.iter().map(|event| LogEntry::of(event, self.names.tenant())).collect()
    }

    /// Gives every refusal from now on the header [`ENTRY_NUMBER`](super::answer::ENTRY_NUMBER), with which [`reason`](Self::reason) finds its reason.
    #[cfg(feature = "conformance")]
    pub(crate) fn number_refusals(&self) {
        self.numbers_refusals.store(true, Ordering::Relaxed);
    }

    /// The reason of the refusal whose journal entry has this number, if it had one and the journal still holds it.
    #[cfg(feature = "conformance")]
    pub(crate) fn reason(&self, number: u64) -> Option<String> {
        lock(&self.journal).find(number)?.reason()
    }

    /// Empties the journal.
    pub fn forget_requests(&self) {
        lock(&self.journal).clear();
    }

    /// Calls a function with each journal entry from now on.
    pub(crate) fn observe(&self, observer: Box<dyn Fn(&JournalEntry) + Send + Sync>) {
        *lock(&self.observer) = Some(observer.into());
    }

    /// The tenant's clock, which moves for everything that the tenant issues or checks.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The tenant's domain.
    pub fn domain(&self) -> &str {
        self.names.domain()
    }

    /// Whether a host name without a port is a verified custom domain of the tenant. The tenant's own names are none.
    pub(crate) fn has_custom_domain(&self, name: &str) -> bool {
        !self.names.is_own(name)
            && self.state()[Kind::CustomDomain]
                .find("domain", &name.to_ascii_lowercase())
                .is_some_and(|domain| CustomDomainView(domain).is_ready())
    }

    /// The host name of a request, without the label of an endpoint alias for mutual TLS.
    fn without_alias<'h>(&self, host: &'h str) -> &'h str {
        let is_name = |host: &str| {
            let name = Names::name_of(host);
            name.eq_ignore_ascii_case(Names::name_of(self.names.domain())) || self.has_custom_domain(name)
        };
        Names::without_mtls(host).filter(|rest| !is_name(host) && is_name(rest)).unwrap_or(host)
    }

    /// The issuer of tokens that are fetched with this `Host` over plain HTTP.
    pub(crate) fn issuer_for(&self, host: &str) -> String {
        self.names.issuer(&self.names.base_url(Some(host), false)).to_owned()
    }

    /// The paths of the settings documents that were written.
    pub(crate) fn written_settings(&self) -> Vec<String> {
        self.state().settings.iter().map(|(path, _)| path.to_owned()).collect()
    }

    /// The identifier of the Management API.
    pub fn management_audience(&self) -> String {
        self.names.management_audience()
    }

    /// Id and secret of the management application. The secret is empty if someone deleted the application.
    pub fn management_client(&self) -> (String, String) {
        let state = self.state();
        let id = state.management_client_id.clone();
        let client = state[Kind::Client].get(&id);
        let secret = client.and_then(|client| crate::store::views::ClientView(client).secret());
        let secret = secret.unwrap_or_default().to_owned();
        (id, secret)
    }

    /// The keys as they stand now: no lock is held while one of them is used.
    pub(super) fn keys(&self) -> KeyRing {
        KeyRing::of(&self.state().signing_keys)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// The tenant's address for the caller, with a final slash.
pub(super) fn base_url(tenant: &Tenant, request: &Request<Bytes>) -> String {
    let header = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = header.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    let tls = request.extensions().get::<OverTls>().is_some();
    let host = host.map(|host| tenant.without_alias(host));
    match host.filter(|host| tenant.has_custom_domain(Names::name_of(host))) {
        Some(host) => Names::base_url_of_custom_domain(host, tls),
        None => tenant.names.base_url(host, tls),
    }
}
