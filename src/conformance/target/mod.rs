//! The tenant under test, known by its address and one application that may use its Management
//! API. Nothing here knows what serves that address.

mod tenant_names;

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use crate::conformance::cleanup::shared_run::Guest;
use crate::conformance::comparison::transcript::MARK;
use crate::conformance::http::REDACTED;
use crate::conformance::http::backoff::{rest_after, wait_before_again};
use crate::conformance::http::client::{Asked, Http};
use crate::conformance::recording::recorder::Recorder;
use crate::redaction;
use tenant_names::OwnNames;

/// The runner builds each scenario's world itself, so the target has to be reachable from there.
static TARGET: OnceLock<Target> = OnceLock::new();

tokio::task_local! {
    /// The one that stands in its place for a while.
    static INSTEAD: &'static Target;
}

/// A tenant that scenarios run against.
pub struct Target {
    base: String,
    client_id: String,
    client_secret: String,
    audience: String,
    http: Http,
    management_token: OnceCell<String>,
    /// Begins the name of everything that this run makes.
    run: String,
    guest: Option<Guest>,
    /// Whether it is somebody's, who says how fast it may be asked.
    patient: bool,
    /// How long an answer of somebody's tenant may lag behind.
    lag: Duration,
    /// When it may be asked again.
    rest_until: Mutex<Option<Instant>>,
    recorder: Option<Mutex<Recorder>>,
    /// How the tenant calls itself, once it has been asked.
    own_names: OnceCell<OwnNames>,
    reasons: Option<Reasons>,
}

/// Finds the reason of an answer by its number.
type Reasons = Box<dyn Fn(u64) -> Option<String> + Send + Sync>;

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("base", &self.base).field("run", &self.run).finish_non_exhaustive()
    }
}

/// How often a request is sent that the tenant is too busy for, or that got no answer.
const TRIES: u32 = 6;

impl Target {
    /// A tenant at an address. `audience` is the identifier of its Management API.
    ///
    /// # Errors
    /// The address is none, the file of certificate authorities cannot be read, or there is no HTTP client to be had.
    pub fn new(
        base: &str,
        client_id: &str,
        client_secret: &str,
        audience: &str,
        ca_file: Option<&Path>,
    ) -> Result<Target, String> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let rest = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"));
        if rest.is_none_or(str::is_empty) {
            return Err(format!("{base:?} is no address of a tenant, as https://TENANT"));
        }
        // Two machines may begin in the same millisecond; each of them removes what carries its name.
        let drawn = RandomState::new().hash_one(since) & 0xffff;
        Ok(Target {
            base: base.trim_end_matches('/').to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            audience: audience.to_owned(),
            http: Http::new(ca_file)?,
            management_token: OnceCell::new(),
            run: format!("m2mock-{since:x}{drawn:04x}"),
            guest: None,
            patient: false,
            lag: Duration::ZERO,
            rest_until: Mutex::new(None),
            recorder: None,
            own_names: OnceCell::new(),
            reasons: None,
        })
    }

    /// A tenant that is somebody's: what the run makes is written down before it is made, and nothing else is touched. What
    /// is searched for there may appear only after a while, `lag` at the most.
    #[must_use]
    pub fn with_guest(mut self, guest: Guest, lag: Duration) -> Target {
        self.run = guest.run().to_owned();
        self.guest = Some(guest);
        self.lag = lag;
        self.patiently()
    }

    /// Asked no faster than it allows, and again where it was too busy.
    #[must_use]
    pub fn patiently(mut self) -> Target {
        self.patient = true;
        self
    }

    /// Records what is asked and answered.
    #[must_use]
    pub fn with_recorder(mut self, recorder: Recorder) -> Target {
        self.recorder = Some(Mutex::new(recorder));
        self
    }

    /// A mock that numbers its refusals in the header [`MARK`] and knows the reason of each: rules and facts. A step that
    /// fails for a refusal then names the reason.
    #[must_use]
    pub fn with_reasons(mut self, reasons: impl Fn(u64) -> Option<String> + Send + Sync + 'static) -> Target {
        self.reasons = Some(Box::new(reasons));
        self
    }

    /// The reason of a refusal, from a mock that knows it.
    fn reason(&self, answer: &Answer) -> Option<String> {
        let reasons = self.reasons.as_ref().filter(|_| answer.status >= 400)?;
        reasons(answer.headers.get(MARK)?.to_str().ok()?.parse().ok()?)
    }

    /// Makes this the tenant that every scenario of the process runs against.
    ///
    /// # Errors
    /// There is one already.
    pub fn set(target: Target) -> Result<(), String> {
        TARGET.set(target).map_err(|_| "the tenant under test is set once".to_owned())
    }

    /// The tenant that scenarios run against.
    ///
    /// # Panics
    /// None was set.
    pub fn current() -> &'static Target {
        let instead = INSTEAD.try_with(|target| *target).ok();
        instead
            .or_else(|| TARGET.get())
            .unwrap_or_else(|| panic!("the tenant under test is set before the first scenario"))
    }

    /// Runs something against this tenant, in the place of the one that the process runs against.
    pub async fn meanwhile<T>(self, run: impl Future<Output = T>) -> T {
        // Worlds may keep it, as they may the other one. A process compares a tenant with one mock, not with many.
        INSTEAD.scope(Box::leak(Box::new(self)), run).await
    }

    pub(crate) fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// The names of this tenant: those that it was asked for, or else those that follow from its address.
    pub(crate) fn own_names(&self) -> OwnNames {
        self.own_names.get().cloned().unwrap_or_else(|| OwnNames::of_address(&self.base, &self.audience))
    }

    /// Asks the tenant how it calls itself.
    ///
    /// # Errors
    /// There is no answer.
    pub(crate) async fn learn_own_names(&self) -> Result<(), String> {
        let learn = async || {
            let mut names = OwnNames::of_address(&self.base, &self.audience);
            names.learn(self).await.map(|()| names)
        };
        self.own_names.get_or_try_init(learn).await.map(|_| ())
    }

    /// Begins the names of this run.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &str {
        &self.base
    }

    /// Its domain, as its Management API is called.
    pub fn domain(&self) -> &str {
        let host = self.audience.split_once("://").map_or(self.audience.as_str(), |(_, rest)| rest);
        host.split(['/', ':']).next().unwrap_or_default()
    }

    /// Removes what the run left on somebody's tenant, and gives how many things those were.
    ///
    /// # Errors
    /// Something could not be removed; the ledger stays.
    pub async fn leave(&self) -> Result<usize, String> {
        match &self.guest {
            Some(guest) => guest.leave(self).await,
            None => Ok(0),
        }
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// How long an answer that may lag behind is asked for again: a mock's never does.
    pub(crate) fn lag(&self) -> Duration {
        self.lag
    }

    /// The scopes of the Management API that the application holds.
    ///
    /// # Errors
    /// It gets no token.
    pub async fn held_scopes(&self) -> Result<BTreeSet<String>, String> {
        let token = self.management_token().await?;
        let claims = token.split('.').nth(1).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
        let claims: Value = claims.and_then(|claims| serde_json::from_slice(&claims).ok()).unwrap_or_default();
        let scopes = claims.get("scope").and_then(Value::as_str).unwrap_or_default();
        Ok(scopes.split_whitespace().map(str::to_owned).collect())
    }

    pub(crate) fn guest(&self) -> Option<&Guest> {
        self.guest.as_ref()
    }

    /// What scenarios may refer to as `{tenant.…}` and `{management.…}`.
    pub(crate) fn facts(&self) -> [(&'static str, Value); 2] {
        [
            ("tenant", json!({ "uri": self.base, "issuer": format!("{}/", self.base) })),
            ("management", json!({ "audience": self.audience, "client_id": self.client_id })),
        ]
    }

    /// A request for `path`, which begins with a slash.
    pub(crate) fn request(&self, method: Method, path: &str) -> Asked {
        Asked::new(method, format!("{}{path}", self.base))
    }

    /// Sends a request. A patient one asks no faster than the tenant allows, waits as long as it is told to when there were
    /// too many requests, and asks again where that does no harm; a used-up token quota is an answer like any other.
    ///
    /// # Errors
    /// There is no answer.
    pub(crate) async fn send(&self, request: Asked) -> Result<Answer, String> {
        let mut attempt = 1;
        loop {
            self.rest().await;
            let begun = Instant::now();
            let patient = self.patient && attempt < TRIES;
            let wait = match self.http.send(&request).await {
                Err(_) if patient && request.repeatable => Duration::from_millis(100 * u64::from(attempt)),
                Err(mistake) => return Err(mistake),
                Ok(response) => match wait_before_again(&response).filter(|_| patient) {
                    Some(wait) => wait,
                    None => {
                        if let Some(rest) = rest_after(&response).filter(|_| self.patient) {
                            *self.rest_until.lock().unwrap_or_else(PoisonError::into_inner) =
                                Some(Instant::now() + rest);
                        }
                        let mut answer = Answer::of(response);
                        answer.reason = self.reason(&answer);
                        self.record(&request, &answer, begun.elapsed())?;
                        return Ok(answer);
                    }
                },
            };
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// Waits until the tenant may be asked.
    async fn rest(&self) {
        let until = *self.rest_until.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = until {
            tokio::time::sleep_until(until.into()).await;
        }
    }

    fn record(&self, request: &Asked, answer: &Answer, took: Duration) -> Result<(), String> {
        let Some(recorder) = &self.recorder else { return Ok(()) };
        let mut recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
        recorder
            .add_answered(request, answer, took)
            .map_err(|error| format!("the recording cannot be written: {error}"))
    }

    /// How many there are of everything that scenarios make.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn inventory(&self) -> Result<Vec<(&'static str, Value)>, String> {
        let token = self.management_token().await?;
        let mut totals = Vec::new();
        for list in ["/clients", "/client-grants", "/organizations", "/resource-servers", "/roles", "/users"] {
            let path = format!("/api/v2{list}?per_page=1&include_totals=true");
            let answer = self.send(self.request(Method::GET, &path).bearer(token)).await?;
            totals.push((list, answer.body["total"].clone()));
        }
        Ok(totals)
    }

    /// A token with every scope that the application holds of the Management API, asked for once.
    ///
    /// # Errors
    /// It is refused.
    pub async fn management_token(&self) -> Result<&str, String> {
        self.management_token.get_or_try_init(|| self.fetch_token()).await.map(String::as_str)
    }

    /// One more of these.
    pub(crate) async fn fetch_token(&self) -> Result<String, String> {
        let parameters = self.credentials().into_iter().chain([("grant_type", "client_credentials")]);
        let body: Map<String, Value> = parameters.map(|(name, value)| (name.to_owned(), value.into())).collect();
        let answer = self.send(self.request(Method::POST, "/oauth/token").json(&body)).await?;
        let token = answer.body["access_token"].as_str();
        token.map(str::to_owned).ok_or_else(|| format!("the application got no token for the Management API: {answer}"))
    }

    /// What proves the application in a token request, and what it asks for.
    pub(crate) fn credentials(&self) -> [(&'static str, &str); 3] {
        [("client_id", &self.client_id), ("client_secret", &self.client_secret), ("audience", &self.audience)]
    }
}

/// An answer, read to its end. Shown, it has no secrets.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The text as JSON, or null where it is none.
    pub body: Value,
    /// The reason of a refusal, which only a mock tells.
    pub(crate) reason: Option<String>,
}

impl Answer {
    fn of(response: Response<Bytes>) -> Answer {
        let (head, body) = response.into_parts();
        let text = String::from_utf8_lossy(&body).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: head.status.as_u16(), headers: head.headers, text, body, reason: None }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.body.is_null() {
            write!(f, "{} {}", self.status, redaction::text(&self.text, REDACTED))?;
        } else {
            let mut body = self.body.clone();
            redaction::value(&mut body, "/api/v2/", REDACTED);
            write!(f, "{} {body}", self.status)?;
        }
        self.reason.iter().try_for_each(|reason| write!(f, " ({reason})"))
    }
}

/// Sends a request of a step, which fails where there is no answer.
pub(crate) async fn send(request: Asked) -> Answer {
    Target::current().send(request).await.unwrap_or_else(|mistake| panic!("{mistake}"))
}

/// One part of a token: 0 is its header, 1 are its claims.
pub(crate) fn token_part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap_or_else(|| panic!("the token has no part {index}"));
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .unwrap_or_else(|error| panic!("part {index} of the token is not base64url: {error}"));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("part {index} of the token is not JSON: {error}"))
}
