//! The world of one scenario: its variables, its session with the tenant, and the last answer.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

#[cfg(feature = "cli")]
use super::capture::Capture;
use super::eventual_consistency::{Retry, may_lag, pauses};
use super::variables::Variables;
use crate::conformance::cleanup::{Call, HttpExchange, Session, TenantUnderTest};
use crate::conformance::http::{Answer, Request, items};
use crate::conformance::target::Target;

/// The world of one scenario. A step of another crate takes it as `async fn step(world: &mut World, …)`.
///
/// [`run`](super::run) connects each world with the tenant under test; a step of a world without a tenant panics.
#[derive(cucumber::World)]
#[world(init = Self::new)]
pub struct World {
    session: Option<Session>,
    variables: Variables,
    last: Option<Answer>,
    /// The last request, and its answer if there was one.
    last_exchange: Option<HttpExchange>,
    /// How to repeat the read of the last answer, if it may lag behind.
    retry: Option<Retry>,
    /// The folder of the feature file, if there is one.
    folder: Option<PathBuf>,
    /// The exchanges so far, if they are captured.
    #[cfg(feature = "cli")]
    capture: Option<Capture>,
    numbers: usize,
    /// The items of all pages that [`read_every_page`](World::read_every_page) has read.
    pub items: Vec<Value>,
}

/// Names only: the values hold secrets, and runners print worlds.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.variables.names().collect();
        f.debug_struct("World").field("label", &self.variables.label()).field("known", &names).finish_non_exhaustive()
    }
}

impl World {
    fn new() -> World {
        World {
            session: None,
            variables: Variables::default(),
            last: None,
            last_exchange: None,
            retry: None,
            folder: None,
            #[cfg(feature = "cli")]
            capture: None,
            numbers: 0,
            items: Vec::new(),
        }
    }

    /// Connects the world with the tenant under test. `folder` contains the feature file.
    pub(super) fn connect(&mut self, tenant: &TenantUnderTest, folder: Option<&Path>) {
        let target = tenant.target();
        self.variables = Variables::new(target.next_scenario_name(), target.facts());
        self.session = Some(Session::new(tenant.clone()));
        self.folder = folder.map(Path::to_owned);
    }

    /// Captures the exchanges of the scenario. The runner repeats whole scenarios, so the session repeats no single write.
    #[cfg(feature = "cli")]
    pub(super) fn start_capture(&mut self, mut capture: Capture) {
        self.variables.label().clone_into(&mut capture.label);
        self.session = self.session.take().map(Session::without_repeated_writes);
        self.capture = Some(capture);
    }

    #[cfg(feature = "cli")]
    pub(super) fn capture(&mut self) -> Option<&mut Capture> {
        self.capture.as_mut()
    }

    #[cfg(feature = "cli")]
    pub(super) fn take_capture(&mut self) -> Option<Capture> {
        self.capture.take()
    }

    pub(super) fn session(&self) -> &Session {
        self.session.as_ref().unwrap_or_else(|| panic!("{WITHOUT_TENANT}"))
    }

    fn session_mut(&mut self) -> &mut Session {
        self.session.as_mut().unwrap_or_else(|| panic!("{WITHOUT_TENANT}"))
    }

    /// The tenant under test.
    pub(super) fn target(&self) -> &Target {
        self.session().target()
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// A new number in this scenario.
    pub(super) fn next_number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    /// The name in the tenant of the entity that the scenario calls `name`. Texts of a scenario have it as `{unique.name}`.
    pub fn unique(&self, name: &str) -> String {
        self.variables.unique(name)
    }

    /// The identifier in the tenant of the API that the scenario calls `name`, which may be an address itself.
    pub fn unique_identifier(&self, name: &str) -> String {
        self.variables.unique_identifier(name)
    }

    /// Stores a value under a name that the texts of the scenario may refer to.
    pub fn remember(&mut self, name: &str, value: Value) {
        #[cfg(feature = "cli")]
        if let Some(capture) = &mut self.capture {
            capture.remembered.push((name.to_owned(), value.clone()));
        }
        self.variables.set(name, value);
    }

    /// Whether a value is stored under this name.
    pub fn has(&self, name: &str) -> bool {
        self.variables.has(name)
    }

    /// The text at `path` ("acme.id") among the remembered values.
    ///
    /// # Panics
    /// There is no such value.
    pub fn get(&self, path: &str) -> String {
        self.variables.text(path)
    }

    /// `text` with every `{name.member}` replaced by its value.
    pub fn fill(&self, text: &str) -> String {
        self.variables.fill(text)
    }

    /// The same for a path with a query string, where a value is one segment or one parameter.
    pub fn fill_path(&self, text: &str) -> String {
        self.variables.fill_path(text)
    }

    /// A JSON text of a scenario, with its references replaced.
    ///
    /// # Panics
    /// The text is not JSON.
    pub fn json(&self, text: &str) -> Value {
        let filled = self.fill(text);
        serde_json::from_str(&filled).unwrap_or_else(|error| panic!("not JSON ({error}): {text}"))
    }

    /// A cell of a table: the value that it refers to, or JSON, or else a text.
    pub fn cell(&self, text: &str) -> Value {
        self.variables.cell(text)
    }

    /// The last answer.
    ///
    /// # Panics
    /// No request was sent yet.
    pub fn last(&self) -> &Answer {
        self.last.as_ref().unwrap_or_else(|| panic!("no request was sent yet"))
    }

    /// The last request, and its answer if there was one.
    pub(super) fn last_exchange(&self) -> Option<&HttpExchange> {
        self.last_exchange.as_ref()
    }

    /// The token of the last answer, or the latest one before it.
    pub fn token(&self) -> String {
        self.get("token")
    }

    /// Stores an answer as the last one, and its token if it has one.
    pub fn set_last(&mut self, answer: Answer) {
        if let Some(token) = answer.body["access_token"].as_str() {
            self.variables.set("token", json!(token));
        }
        self.variables.set("answer", answer.body.clone());
        self.last = Some(answer);
        self.retry = None;
    }

    /// Checks the world, and fails the step with the error of the check.
    ///
    /// A search of a shared tenant may lag behind its data. The search is repeated until the check passes or the tenant's lag is
    /// over; the error is about the last answer.
    ///
    /// # Panics
    /// The check fails.
    pub async fn check(&mut self, check: impl Fn(&World) -> Result<(), String>) {
        let mut pauses = pauses(self.target().lag());
        let mut waited = Duration::ZERO;
        loop {
            let Err(mistake) = check(self) else { return };
            let Some((retry, pause)) = self.retry.clone().and_then(|retry| Some((retry, pauses.next()?))) else {
                match waited.is_zero() {
                    true => panic!("{mistake}"),
                    false => panic!("{mistake} (repeated for {} s)", waited.as_secs_f64()),
                }
            };
            tokio::time::sleep(pause).await;
            waited += pause;
            match retry {
                Retry::Request { authorization, path } => {
                    self.call_as(authorization.as_deref(), Method::GET, &path, None).await;
                }
                Retry::Pages { path } => self.read_every_page(&path).await,
            }
        }
    }

    /// Sends a request of a step, which fails if there is no answer.
    pub(super) async fn send(&mut self, request: Request) -> Answer {
        let exchange = self.session().send(request).await;
        self.record(exchange)
    }

    /// Records an exchange, and returns its answer.
    fn record(&mut self, exchange: HttpExchange) -> Answer {
        let answer = exchange.answer.clone();
        #[cfg(feature = "cli")]
        if let Some(capture) = &mut self.capture {
            capture.push(exchange.request.clone(), answer.clone().ok());
        }
        self.last_exchange = Some(exchange);
        answer.unwrap_or_else(|mistake| panic!("{mistake}"))
    }

    /// Calls the Management API as the management application. The change is undone after the scenario.
    pub async fn call(&mut self, method: Method, path: &str, body: Option<Value>) {
        let token = self.target().management_token().await.unwrap_or_else(|mistake| panic!("{mistake}"));
        let bearer = format!("Bearer {token}");
        self.call_as(Some(&bearer), method, path, body).await;
    }

    /// The same with another `Authorization` header.
    pub async fn call_as(&mut self, authorization: Option<&str>, method: Method, path: &str, body: Option<Value>) {
        let is_read = method == Method::GET;
        let call = Call { authorization, method, path, body: body.as_ref() };
        let exchange = self.session_mut().call(call).await.unwrap_or_else(|mistake| panic!("{mistake}"));
        let answer = self.record(exchange);
        let may_lag = is_read && answer.status == 200 && may_lag(path);
        self.set_last(answer);
        self.retry =
            may_lag.then(|| Retry::Request { authorization: authorization.map(str::to_owned), path: path.to_owned() });
    }

    /// Reads page after page until the list ends: by `next` if the answer has it, else by `page`.
    ///
    /// # Panics
    /// A page is refused, or the list has no end.
    pub async fn read_every_page(&mut self, path: &str) {
        let cursor = path.contains("take=");
        let mut position = String::new();
        self.items.clear();
        for page in 0..1000 {
            if !cursor {
                position = format!("&page={page}");
            }
            self.call(Method::GET, &format!("{path}{position}"), None).await;
            let answer = self.last().clone();
            assert!(answer.status == 200, "page {page} of {path} answered {answer}");
            let items = items(&answer.body).to_vec();
            let empty = items.is_empty();
            self.items.extend(items);
            match answer.body["next"].as_str() {
                Some(_) if cursor => position = format!("&from={}", self.fill_path("{answer.next}")),
                _ if cursor || empty => {
                    self.retry = may_lag(path).then(|| Retry::Pages { path: path.to_owned() });
                    return;
                }
                _ => {}
            }
        }
        panic!("{path} has no end");
    }

    /// Creates an entity and remembers it as `name`.
    ///
    /// # Panics
    /// The tenant refuses it.
    pub async fn create(&mut self, name: &str, path: &str, body: Value) {
        self.call(Method::POST, path, Some(body)).await;
        let answer = self.last();
        assert!(matches!(answer.status, 200 | 201), "POST {path} for \"{name}\" answered {answer}");
        let created = answer.body.clone();
        self.remember(name, created);
    }

    /// Undoes every change of the scenario, the last one first.
    ///
    /// # Panics
    /// A change could not be undone. All others are undone.
    pub async fn clean_up(&mut self) {
        if let Some(session) = &mut self.session {
            session.undo().await.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        }
    }
}

const WITHOUT_TENANT: &str = "this world has no tenant: run the scenarios with m2mock::conformance::run";
