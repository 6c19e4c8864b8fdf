//! The tenant without sockets: one function from request to answer.
//!
//! Nothing here knows sockets. A request is an [`http::Request`] with its whole body, an answer an [`http::Response`];
//! answering never waits (but for the Actions that a test brings), so that the same tenant serves a socket, a test in
//! process and a `wiremock` responder.

mod addressed;
mod authentication;
mod bucket;
pub(crate) mod calibration;
mod call;
mod error;
mod export;
mod facts;
mod failure_report;
pub(crate) mod faults;
mod fields;
mod gate;
mod journal;
mod json;
pub(crate) mod management;
mod metadata;

#[cfg(test)]
mod export_round_trip;
#[cfg(test)]
mod nothing_grows;
mod operation;
mod paging;
mod rate_limits;
#[cfg(test)]
mod referential_integrity;
mod resource;
mod routes;
mod setting;
pub(crate) mod snapshot;
mod target;
mod tenant_log;
mod timestamp;
mod token_quota;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde_json::Value;

pub use authentication::action;
pub(crate) use authentication::paths::TOKEN as TOKEN_PATH;
pub use calibration::{CalibratedAnswers, CalibratedAnswersError};
pub use call::Pins;
use call::Reply;
pub(crate) use error::ASSERTION_TYPE;
pub use error::ApiError;
pub(crate) use error::Sentence;
use error::{TokenError, repeated};
pub(crate) use export::exported_domain;
pub use facts::{Entity, Lookup, LookupKey, TokenFacts};
pub(crate) use failure_report::failure_report;
pub(crate) use journal::refused_by;
pub use journal::{JournalEntry, TokenDecision};
pub use management::tenant::log_entry::LogEntry;
pub use operation::Operation;
pub(crate) use tenant_log::Peer;

pub(crate) use crate::schema::UnknownMember;

use crate::domain::clock::Mode;
use crate::domain::{BoundedText, Clock, LocalNames, Names, SigningKeys};
use crate::redaction;
use crate::store::{DeclaredAction, Kind, State};
use crate::token::KeyRing;
use action::Action;
use authentication::endpoint::{self, Endpoint};
use calibration::Values;
use faults::Faults;
pub(crate) use journal::printable;
use journal::{Journal, MASK};
use rate_limits::RateLimits;
use snapshot::Baseline;
pub use snapshot::Snapshot;
use target::Target;
use tenant_log::{EventKind, TenantLog};

/// What a tenant is made from.
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
    /// Whether the tenant's plan has machine-to-machine access for organizations.
    pub machine_to_machine_for_organizations: bool,
    /// The source of time: a handle, which a tenant shares with whoever keeps a clone.
    pub clock: Clock,
    /// Whether the vendor's rate limits apply.
    pub rate_limits: bool,
    /// How many requests the journal keeps.
    pub journal_capacity: usize,
    /// How many entries the tenant's log keeps.
    pub log_capacity: usize,
    /// From where ids and secrets are drawn: two tenants with the same number, and the same calls, have the same ones. They
    /// are unlike those of every other tenant when not given.
    pub random_seed: Option<u64>,
    /// What runs before a client credentials token is given, in this order.
    pub actions: Vec<Action>,
    /// What a tenant answers in the place of m2mock's own words, if there is anything.
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
            machine_to_machine_for_organizations: true,
            clock: Clock::system(),
            rate_limits: false,
            journal_capacity: 1000,
            log_capacity: 10_000,
            random_seed: None,
            actions: Vec::new(),
            answers: None,
        }
    }
}

/// The header with the number of a refusal's journal entry, in tenants that number their refusals.
pub(crate) const ENTRY_NUMBER: &str = "m2mock-answer";

/// Called with each journal entry as it is written.
type Observer = Arc<dyn Fn(&JournalEntry) + Send + Sync>;

/// One tenant: its names and clock, its state behind a lock, its log and its journal.
pub struct Tenant {
    names: Names,
    clock: Clock,
    baseline: Baseline,
    actions: Vec<Action>,
    answers: Option<CalibratedAnswers>,
    faults: Mutex<Faults>,
    rate_limits: Mutex<RateLimits>,
    state: Mutex<State>,
    initial: Mutex<Initial>,
    log: TenantLog,
    journal: Mutex<Journal>,
    observer: Mutex<Option<Observer>>,
    /// Whether refusals carry the number of their journal entry.
    numbers_refusals: AtomicBool,
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant").field("domain", &self.names.domain()).finish_non_exhaustive()
    }
}

/// What [`Tenant::reset`] goes back to.
struct Initial {
    state: Arc<State>,
    clock: Mode,
    faults: Faults,
    rate_limits: RateLimits,
}

/// Marks a request that came over TLS, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OverTls;

impl Tenant {
    /// A tenant with what every tenant has: the Management API, its settings, the global client, and one management
    /// application that is granted every scope of the Management API.
    pub fn new(config: Config) -> Self {
        let names = Names::new(config.domain)
            .at_ports(config.ports)
            .with_local_names(config.local_names)
            .with_issuer(config.issuer.as_deref());
        let mut state = State::new(config.random_seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed));
        state.signing_keys = Arc::new(SigningKeys::since(config.clock.now()));
        state.machine_to_machine_for_organizations = config.machine_to_machine_for_organizations;
        management::tenant::new_tenant::fill(
            &mut state,
            &names,
            Pins { id: config.management_client_id, secret: config.management_client_secret },
            config.random_seed,
            config.clock.now(),
        );
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
            answers: config.answers,
            state: Mutex::new(state),
            log: TenantLog::new(config.log_capacity),
            journal: Mutex::new(Journal::new(config.journal_capacity)),
            observer: Mutex::new(None),
            numbers_refusals: AtomicBool::default(),
        }
    }

    /// Answers a request: `/oauth/token`, `/.well-known/*` and `/api/v2/*`.
    #[expect(clippy::needless_pass_by_value, reason = "a server hands its request over")]
    pub fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.answer_and_tell(&request).0
    }

    /// Answers a request, and gives what the journal says of it beside the answer.
    pub fn answer_and_tell(&self, request: &Request<Bytes>) -> (Response<Bytes>, JournalEntry) {
        let (response, entry, _) = self.answer_and_explain(request);
        (response, entry)
    }

    /// The same with what a refusal may speak of, which a tenant with a table of answers knows.
    pub(crate) fn answer_and_explain(&self, request: &Request<Bytes>) -> (Response<Bytes>, JournalEntry, Values) {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let target = Target::of(request);
        let fault = faults::inject(self, request, &target);
        let status = fault.as_ref().and_then(|fault| Some((fault, fault.status()?)));
        let mut outcome = match status {
            Some((fault, status)) => fault.replace(self, request, target, status),
            None => self.within_limits(request, target),
        };
        outcome.fault = fault.as_ref().map(|fault| fault.sentence().into());
        self.log.add(request, self.clock.now(), self.names.domain(), std::mem::take(&mut outcome.events));
        let values = std::mem::take(&mut outcome.values);
        let (mut response, entry) = self.tell(request.method().as_str(), path, outcome);
        if let Some(fault) = fault {
            fault.disturb(&mut response);
        }
        (response, entry, values)
    }

    /// Refuses a request that the edge could not hand over whole: it is answered and written down like any other.
    pub(crate) fn refuse(&self, method: &str, path: &str, error: ApiError) -> Response<Bytes> {
        self.tell(method, path, authentication::refuse(self, path, error)).0
    }

    fn tell(&self, method: &str, path: &str, outcome: Outcome) -> (Response<Bytes>, JournalEntry) {
        let status = outcome.reply.status.unwrap_or(200);
        let below = path.split('?').next().unwrap_or_default();
        let entry = lock(&self.journal).add(JournalEntry {
            number: 0,
            at: timestamp::timestamp(self.clock.now()),
            method: method.into(),
            path: redaction::target(path, MASK).into(),
            status,
            operation: outcome.operation,
            client_id: outcome.client_id,
            unmodelled: outcome.unmodelled,
            refusal: outcome.refusal.as_deref().map(|sentence| redaction::sentence(sentence, below, MASK).into()),
            token: outcome.token.map(TokenDecision::redacted),
            calibrated: outcome.calibrated,
            fault: outcome.fault,
        });
        let observer = lock(&self.observer).clone();
        if let Some(observer) = observer {
            observer(&entry);
        }
        let mut response = response(outcome.reply, status);
        if let Some(limits) = outcome.limits {
            limits.add_to(response.headers_mut());
        }
        if status >= 400 && self.numbers_refusals.load(Ordering::Relaxed) {
            response.headers_mut().insert(ENTRY_NUMBER, HeaderValue::from(entry.number));
        }
        (response, entry)
    }

    /// Counts a request where rate limits apply, and answers it unless one is reached.
    fn within_limits(&self, request: &Request<Bytes>, target: Target<'_>) -> Outcome {
        let counted = lock(&self.rate_limits).count(request.uri().path(), self.clock.now());
        let Some(counted) = counted else { return self.route(request, target) };
        let outcome = match (counted.refusal, target) {
            (None, target) => self.route(request, target),
            (Some(_), Target::Management(_)) => ApiError::too_many_requests().into(),
            (Some(why), target) => {
                authentication::replaced(self, target.token(), TokenError::too_many_requests(), &["T11"], why)
            }
        };
        Outcome { limits: Some(counted.headers), ..outcome }
    }

    fn route(&self, request: &Request<Bytes>, target: Target<'_>) -> Outcome {
        match target {
            Target::Management(route) => gate::answer(self, request, route),
            Target::Token(request) => authentication::token(self, *request),
            Target::Endpoint(endpoint) => authentication::answer(self, request, endpoint),
        }
    }

    /// Performs an operation as the tenant's owner: checks and handler are those of a request, without a bearer token.
    ///
    /// `path` is the path below `/api/v2`, as `/client-grants`.
    ///
    /// # Errors
    /// What the Management API would answer.
    #[expect(clippy::needless_pass_by_value, reason = "`Method::GET` is shorter to write than `&Method::GET`")]
    pub fn perform(&self, method: http::Method, path: &str, body: Value, pins: Pins) -> Result<Value, ApiError> {
        let reply = gate::perform(self, method.as_str(), path, body, pins)?;
        Ok(reply.body.into_value())
    }

    /// The members of a body that the operation does not know; none if there is no such operation.
    pub(crate) fn unknown_members(method: &http::Method, path: &str, body: &Value) -> Vec<UnknownMember> {
        gate::unknown_members(method.as_str(), path, body)
    }

    /// Adds what an Action does, behind what is there, until its client or API goes.
    pub(crate) fn declare_action(&self, mut action: DeclaredAction) {
        action.audience = action.audience.map(|audience| self.names.canonical_identifier(&audience).into_owned());
        self.state().declared_actions.add(action);
    }

    /// Whether something answers this method at this path, or is a row of the Management API in the words of its document
    /// (`GET /clients/{id}`, with `/api/v2` before it or without).
    pub(crate) fn models(method: &str, path: &str) -> bool {
        let below = path.strip_prefix("/api/v2").unwrap_or(path);
        endpoint::find(method, path).is_some() || routes::operation(method, below).is_some()
    }

    /// Whether an answer to this path may take its time: code of the test, which may wait for anything, or a search of the
    /// log.
    pub(crate) fn may_wait(&self, path: &str) -> bool {
        let searches_log = path.starts_with("/api/v2/") && path.ends_with("/logs");
        let runs_actions = !self.actions.is_empty() && endpoint::at(path).is_some_and(Endpoint::is_token);
        searches_log || runs_actions
    }

    /// Remembers the present state, and how the clock goes, as what [`reset`](Tenant::reset) goes back to.
    pub fn keep_as_initial(&self) {
        let state = Arc::new(self.state().clone());
        let (faults, rate_limits) = (lock(&self.faults).clone(), lock(&self.rate_limits).refilled());
        *lock(&self.initial) = Initial { state, clock: self.clock.mode(), faults, rate_limits };
    }

    /// Whether the vendor's rate limits apply from now on. Their buckets are full.
    pub(crate) fn set_rate_limits(&self, are_on: bool) {
        *lock(&self.rate_limits) = RateLimits::new(are_on);
    }

    /// Goes back to the initial state and empties the log and the journal. Ids stay those of the initial state; what is made
    /// afterwards gets ids and secrets that were not there before, so that a stale one is recognised.
    ///
    /// The clock goes as it did then: with the machine, as far ahead as it was, or frozen at the same moment. Faults are
    /// those of then, and rate limits begin anew.
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
        self.log.clear();
        self.forget_requests();
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

    /// Gives every refusal from now on the header [`ENTRY_NUMBER`], with which [`reason`](Self::reason) finds its reason.
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

    /// The issuer of tokens that are fetched with this `Host` over plain HTTP.
    pub(crate) fn issuer_for(&self, host: &str) -> String {
        self.names.issuer(&self.names.base_url(Some(host), false)).to_owned()
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

    /// A Management API token with these scopes for callers that reach the tenant by `host`.
    pub fn management_token(&self, host: &str, scopes: &[&str]) -> String {
        authentication::management_token(self, host, scopes)
    }

    /// The keys as they stand now: no lock is held while one of them is used.
    fn keys(&self) -> KeyRing {
        KeyRing::of(&self.state().signing_keys)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// What became of a request: the reply, and what the tenant's log and the journal say of it.
#[derive(Debug, Default)]
struct Outcome {
    reply: Reply,
    events: Vec<EventKind>,
    operation: Option<&'static Operation>,
    client_id: Option<BoundedText>,
    unmodelled: bool,
    refusal: Option<Sentence>,
    token: Option<TokenDecision>,
    /// Whether the words are those of a table of answers.
    calibrated: bool,
    /// What a refusal may speak of, where there is such a table.
    values: Values,
    /// What a fault of the test did.
    fault: Option<BoundedText>,
    /// What the headers tell of rate limits.
    limits: Option<rate_limits::Headers>,
}

impl Outcome {
    /// The wire says what the live service says of a path that is not there; the journal says whose fault it is.
    fn unmodelled(method: &str, path: &str) -> Self {
        let refusal = Some(Sentence::of(format_args!("m2mock does not model {method} {}", repeated(path))));
        Outcome { refusal, unmodelled: true, ..ApiError::no_such_operation().into() }
    }

    /// The same, said in other words. Headers stay.
    fn answered(mut self, status: u16, body: &Value) -> Self {
        self.reply.status = Some(status);
        self.reply.body = Reply::json(body).body;
        self.calibrated = true;
        self
    }
}

impl From<ApiError> for Outcome {
    fn from(error: ApiError) -> Self {
        let refusal = Some(error.message.clone());
        Outcome { reply: error.into(), refusal, ..Outcome::default() }
    }
}

/// A refusal on its own, for the edge that refuses a request before a tenant sees it.
impl From<ApiError> for Response<Bytes> {
    fn from(error: ApiError) -> Self {
        let status = error.status;
        response(error.into(), status)
    }
}

fn response(reply: Reply, status: u16) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(reply.body.into_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !response.body().is_empty() {
        // As recorded for the Management API; the Authentication API names its own.
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    for (name, value) in reply.headers {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Locks, also after a panic elsewhere: handlers change the state only after their last check, so it is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The tenant's address for the caller, with a final slash.
fn base_url(tenant: &Tenant, request: &Request<Bytes>) -> String {
    let header = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = header.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    tenant.names.base_url(host, request.extensions().get::<OverTls>().is_some())
}

/// What follows `/api/v2` in a path of the Management API.
fn below_management(path: &str) -> Option<&str> {
    path.strip_prefix("/api/v2").filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads `a=b&c=d`. Invalid UTF-8 becomes replacement characters, which no schema accepts where it matters.
fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// The media type of the body, without parameters, in lower case.
fn media_type(request: &Request<Bytes>) -> Option<String> {
    let value = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}
