//! The tenant as its callers see it: one function from request to answer.
//!
//! Nothing here knows sockets. A request is an [`http::Request`] with its whole body, an answer an [`http::Response`];
//! answering never waits (but for the Actions that a test brings), so that the same tenant serves a socket, a test in
//! process and a `wiremock` responder.

mod authentication;
mod call;
mod error;
mod gate;
mod journal;
pub(crate) mod management;
mod multipart;
#[cfg(test)]
mod nothing_dangles;
mod operation;
mod tenant_log;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde_json::Value;

pub use authentication::action;
pub use call::Pins;
use call::Reply;
pub(crate) use error::ASSERTION_TYPE;
pub use error::ApiError;
pub use journal::{Entry, TokenDecision};
pub use management::log_entry::LogEntry;
pub use tenant_log::Peer;

use crate::domain::clock::Mode;
use crate::domain::{Clock, Names, SigningKeys};
use crate::store::{DeclaredAction, State};
use crate::token::KeyRing;
use action::Action;
use journal::Journal;
use tenant_log::{TenantLog, What};

/// What a tenant is made from.
#[derive(Clone, Debug)]
pub struct Config {
    /// The tenant's domain.
    pub domain: String,
    /// `client_id` of the management application; drawn if absent.
    pub management_client_id: Option<String>,
    /// Its secret; drawn if absent.
    pub management_client_secret: Option<String>,
    /// Whether the tenant's plan has machine-to-machine access for organizations.
    pub machine_to_machine_for_organizations: bool,
    /// The source of time: a handle, which a tenant shares with whoever keeps a clone.
    pub clock: Clock,
    /// How many requests the journal keeps.
    pub journal_capacity: usize,
    /// How many entries the tenant's log keeps.
    pub log_capacity: usize,
    /// What runs before a client credentials token is given, in this order.
    pub actions: Vec<Action>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            domain: "travel0.localhost".to_owned(),
            management_client_id: None,
            management_client_secret: None,
            machine_to_machine_for_organizations: true,
            clock: Clock::system(),
            journal_capacity: 1000,
            log_capacity: 10_000,
            actions: Vec::new(),
        }
    }
}

/// Called with each journal entry as it is written.
type Observer = Arc<dyn Fn(&Entry) + Send + Sync>;

/// One tenant: its names and clock, its state behind a lock, its log and its journal.
pub struct Tenant {
    names: Names,
    clock: Clock,
    management_client_id: String,
    actions: Vec<Action>,
    state: Mutex<State>,
    initial: Mutex<Initial>,
    log: TenantLog,
    journal: Mutex<Journal>,
    observer: Mutex<Option<Observer>>,
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant").field("domain", &self.names.domain()).finish_non_exhaustive()
    }
}

/// What [`Tenant::reset`] goes back to.
struct Initial {
    state: State,
    clock: Mode,
}

/// Marks a request that came over TLS, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub struct OverTls;

impl Tenant {
    /// A tenant with what every tenant has: the Management API, its settings, the global client, and one management
    /// application that is granted every scope of the Management API.
    pub fn new(config: Config) -> Self {
        let names = Names::new(config.domain);
        let mut state = State::new(fastrand::Rng::new());
        state.signing_keys = Arc::new(SigningKeys::since(config.clock.now()));
        state.machine_to_machine_for_organizations = config.machine_to_machine_for_organizations;
        let management_client_id = management::new_tenant::fill(
            &mut state,
            &names,
            Pins { id: config.management_client_id, secret: config.management_client_secret },
        );
        Tenant {
            names,
            initial: Mutex::new(Initial { state: state.clone(), clock: config.clock.mode() }),
            clock: config.clock,
            management_client_id,
            actions: config.actions,
            state: Mutex::new(state),
            log: TenantLog::new(config.log_capacity),
            journal: Mutex::new(Journal::new(config.journal_capacity)),
            observer: Mutex::new(None),
        }
    }

    /// Answers a request: `/oauth/token`, `/.well-known/*` and `/api/v2/*`.
    pub fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.answer_and_tell(&request).0
    }

    /// Answers a request, and gives what the journal says of it beside the answer.
    pub fn answer_and_tell(&self, request: &Request<Bytes>) -> (Response<Bytes>, Entry) {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let mut outcome = self.route(request);
        self.log.add(request, self.clock.now(), self.names.domain(), std::mem::take(&mut outcome.events));
        self.tell(request.method().as_str(), path, outcome)
    }

    /// Refuses a request that the edge could not hand over whole: it is answered and written down like any other.
    pub fn refuse(&self, method: &str, path: &str, error: ApiError) -> Response<Bytes> {
        let outcome = if path == "/oauth/token" { authentication::refuse(error) } else { error.into() };
        self.tell(method, path, outcome).0
    }

    fn tell(&self, method: &str, path: &str, outcome: Outcome) -> (Response<Bytes>, Entry) {
        let status = outcome.reply.status.unwrap_or(200);
        let entry = lock(&self.journal).add(Entry {
            number: 0,
            at: journal::timestamp(self.clock.now()),
            method: method.to_owned(),
            path: path.to_owned(),
            status,
            operation: outcome.operation,
            refusal: outcome.refusal,
            token: outcome.token,
        });
        let observer = lock(&self.observer).clone();
        if let Some(observer) = observer {
            observer(&entry);
        }
        (response(outcome.reply, status), entry)
    }

    fn route(&self, request: &Request<Bytes>) -> Outcome {
        let path = request.uri().path();
        if let Some(rest) = path.strip_prefix("/api/v2").filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            return gate::answer(self, request, rest);
        }
        authentication::answer(self, request)
    }

    /// Performs an operation as the tenant's owner: checks and handler are those of a request, without a bearer token.
    ///
    /// `path` is the path below `/api/v2`, as `/client-grants`.
    ///
    /// # Errors
    /// What the Management API would answer.
    pub fn perform(&self, method: http::Method, path: &str, body: Value, pins: Pins) -> Result<Value, ApiError> {
        let reply = gate::perform(self, method.as_str(), path, body, pins)?;
        Ok(serde_json::from_slice(&reply.body).unwrap_or(Value::Null))
    }

    /// Adds what an Action does, behind what is there, until its client or API goes.
    pub(crate) fn declare_action(&self, action: DeclaredAction) {
        self.state().declared_actions.add(action);
    }

    /// Whether an answer to this path may wait for code of the test, which may wait for anything.
    pub(crate) fn may_wait(&self, path: &str) -> bool {
        !self.actions.is_empty() && path == "/oauth/token"
    }

    /// Remembers the present state, and how the clock goes, as what [`reset`](Tenant::reset) goes back to.
    pub fn keep_as_initial(&self) {
        let state = self.state().clone();
        *lock(&self.initial) = Initial { state, clock: self.clock.mode() };
    }

    /// Goes back to the initial state and empties the log and the journal. Ids stay those of the initial state; what is made
    /// afterwards gets ids and secrets that were not there before, so that a stale one is recognised.
    ///
    /// The clock goes as it did then: with the machine, as far ahead as it was, or frozen at the same moment.
    pub fn reset(&self) {
        let (mut state, clock) = {
            let initial = lock(&self.initial);
            (initial.state.clone(), initial.clock)
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
    pub fn requests(&self) -> Vec<Entry> {
        lock(&self.journal).entries()
    }

    /// The tenant's log as `/logs` shows it, oldest first.
    pub fn logs(&self) -> Vec<LogEntry> {
        let events: Vec<_> = self.log.entries().oldest_first().cloned().collect();
        events.iter().map(|event| LogEntry::of(event)).collect()
    }

    /// Empties the journal.
    pub fn forget_requests(&self) {
        lock(&self.journal).clear();
    }

    /// Calls a function with each journal entry from now on.
    pub fn observe(&self, observer: Box<dyn Fn(&Entry) + Send + Sync>) {
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
    pub fn issuer_for(&self, host: &str) -> String {
        self.names.base_url(Some(host), false)
    }

    /// The identifier of the Management API.
    pub fn management_audience(&self) -> String {
        self.names.management_audience()
    }

    /// Id and secret of the management application. The secret is empty if someone deleted the application.
    pub fn management_client(&self) -> (String, String) {
        let state = self.state();
        let client = state.clients.get(&self.management_client_id);
        let secret = client.and_then(|client| crate::store::views::ClientView(client).secret());
        (self.management_client_id.clone(), secret.unwrap_or_default().to_owned())
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
    events: Vec<What>,
    operation: Option<String>,
    refusal: Option<String>,
    token: Option<TokenDecision>,
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
    let mut response = Response::new(Bytes::from(reply.body));
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

/// The tenant's address for the caller, with a final slash: the issuer.
fn base_url(tenant: &Tenant, request: &Request<Bytes>) -> String {
    let header = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = header.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    tenant.names.base_url(host, request.extensions().get::<OverTls>().is_some())
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
