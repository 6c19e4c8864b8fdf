//! The tenant that scenarios and recordings run against, known by its address and by one application that may use its
//! Management API. Nothing here knows what program serves that address.

#[cfg(feature = "cli")]
mod tenant_names;

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use super::error::Error;
use super::http::backoff::{pause_after, pause_before_retry};
use super::http::{Answer, HttpClient, Request};
#[cfg(feature = "cli")]
pub(crate) use tenant_names::TenantNames;

/// A tenant that scenarios and recordings run against.
pub struct Target {
    address: String,
    client_id: String,
    client_secret: String,
    audience: String,
    client: HttpClient,
    management_token: OnceCell<String>,
    run_name: String,
    scenarios: AtomicUsize,
    /// Whether others use the tenant too, so that its rate limits apply.
    is_shared: bool,
    lag: Duration,
    /// The end of the pause that the tenant asked for.
    pause_until: Mutex<Option<Instant>>,
    observer: Option<Observer>,
    #[cfg(feature = "cli")]
    names: OnceCell<TenantNames>,
    reasons: Option<Reasons>,
}

/// Gets each request with its answer and the time that the answer took.
type Observer = Box<dyn Fn(&Request, &Answer, Duration) -> io::Result<()> + Send + Sync>;

/// Finds the reason of a refusal by its number.
type Reasons = Box<dyn Fn(u64) -> Option<String> + Send + Sync>;

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("address", &self.address)
            .field("run_name", &self.run_name)
            .finish_non_exhaustive()
    }
}

/// How often a request is sent that the tenant is too busy for, or that got no answer.
const TRIES: u32 = 6;

impl Target {
    /// A tenant at an address. `audience` is the identifier of its Management API.
    ///
    /// # Errors
    /// The text is not an address, the file of certificate authorities cannot be read, or the HTTP client cannot be made.
    pub fn new(
        address: &str,
        client_id: &str,
        client_secret: &str,
        audience: &str,
        ca_file: Option<&Path>,
    ) -> Result<Target, Error> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
        if rest.is_none_or(str::is_empty) {
            return Err(Error(format!("{address:?} is no address of a tenant, as https://TENANT")));
        }
        // Two machines may begin in the same millisecond; each of them removes the entities that carry its name.
        let random = RandomState::new().hash_one(since) & 0xffff;
        Ok(Target {
            address: address.trim_end_matches('/').to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            audience: audience.to_owned(),
            client: HttpClient::new(ca_file).map_err(Error)?,
            management_token: OnceCell::new(),
            run_name: format!("m2mock-{since:x}{random:04x}"),
            scenarios: AtomicUsize::new(0),
            is_shared: false,
            lag: Duration::ZERO,
            pause_until: Mutex::new(None),
            observer: None,
            #[cfg(feature = "cli")]
            names: OnceCell::new(),
            reasons: None,
        })
    }

    /// Marks a tenant that others use too: requests keep to its rate limits, and are sent again when it was too busy.
    #[must_use]
    pub fn shared(mut self) -> Target {
        self.is_shared = true;
        self
    }

    /// How long a search on this tenant may lag behind its data; a mock's never does.
    #[must_use]
    pub(crate) fn with_lag(mut self, lag: Duration) -> Target {
        self.lag = lag;
        self
    }

    /// Shows each request with its answer to an observer, whose error becomes that of the request.
    #[must_use]
    #[cfg(feature = "cli")]
    pub(crate) fn with_observer(
        mut self,
        observer: impl Fn(&Request, &Answer, Duration) -> io::Result<()> + Send + Sync + 'static,
    ) -> Target {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Adds the reasons of a mock that numbers its refusals in the header `m2mock-answer`: rules and facts. A step that
    /// fails for a refusal then names the reason.
    #[must_use]
    pub fn with_reasons(mut self, reasons: impl Fn(u64) -> Option<String> + Send + Sync + 'static) -> Target {
        self.reasons = Some(Box::new(reasons));
        self
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Its domain, as its Management API is called.
    pub(crate) fn domain(&self) -> &str {
        let host = self.audience.split_once("://").map_or(self.audience.as_str(), |(_, rest)| rest);
        host.split(['/', ':']).next().unwrap_or_default()
    }

    /// The identifier of its Management API.
    pub(crate) fn audience(&self) -> &str {
        &self.audience
    }

    #[cfg(feature = "cli")]
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    #[cfg(feature = "cli")]
    pub(crate) fn client_secret(&self) -> &str {
        &self.client_secret
    }

    #[cfg(feature = "cli")]
    pub(crate) fn is_shared(&self) -> bool {
        self.is_shared
    }

    pub(crate) fn lag(&self) -> Duration {
        self.lag
    }

    /// The beginning of each name that this run gives to an entity.
    pub(crate) fn run_name(&self) -> &str {
        &self.run_name
    }

    /// The beginning of each name that the next scenario gives to an entity.
    pub(crate) fn next_scenario_name(&self) -> String {
        format!("{}-{}", self.run_name, self.scenarios.fetch_add(1, Ordering::Relaxed))
    }

    /// The facts that scenarios refer to as `{tenant.…}` and `{management.…}`.
    pub(crate) fn facts(&self) -> [(&'static str, Value); 2] {
        [
            ("tenant", json!({ "uri": self.address, "issuer": format!("{}/", self.address) })),
            ("management", json!({ "audience": self.audience, "client_id": self.client_id })),
        ]
    }

    /// The names of the tenant: the fetched ones, or else those that follow from its address.
    #[cfg(feature = "cli")]
    pub(crate) fn names(&self) -> TenantNames {
        self.names.get().cloned().unwrap_or_else(|| TenantNames::of_address(&self.address, &self.audience))
    }

    /// Fetches the names that the tenant gives itself: the issuer in its discovery document, the identifier of its
    /// Management API, and its name in its documents. A name that the application may not read is left out.
    ///
    /// # Errors
    /// A request gets no answer.
    #[cfg(feature = "cli")]
    pub(crate) async fn fetch_names(&self) -> Result<(), String> {
        let fetch = async || {
            let mut names = TenantNames::of_address(&self.address, &self.audience);
            let discovery = self.send(self.request(Method::GET, "/.well-known/openid-configuration")).await?;
            if let Some(issuer) = discovery.body["issuer"].as_str() {
                names.set_issuer(issuer);
            }
            let apis = self.read("/resource-servers?per_page=100").await?;
            for api in apis.as_array().into_iter().flatten().filter(|api| api["is_system"] == true) {
                if let Some(identifier) = api["identifier"].as_str().filter(|name| name.ends_with("/api/v2/")) {
                    names.add_audience(identifier);
                }
            }
            let clients = self.read("/clients?per_page=1&fields=tenant").await?;
            if let Some(tenant) = clients[0]["tenant"].as_str() {
                names.set_tenant(tenant);
            }
            Ok::<_, String>(names)
        };
        self.names.get_or_try_init(fetch).await.map(|_| ())
    }

    /// Reads a path of the Management API.
    #[cfg(feature = "cli")]
    async fn read(&self, path: &str) -> Result<Value, String> {
        let token = self.management_token().await?;
        Ok(self.send(self.request(Method::GET, &format!("/api/v2{path}")).bearer(token)).await?.body)
    }

    /// The scopes of the Management API that the application holds.
    ///
    /// # Errors
    /// The application gets no token.
    pub(crate) async fn held_scopes(&self) -> Result<BTreeSet<String>, String> {
        let token = self.management_token().await?;
        let claims = token.split('.').nth(1).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
        let claims: Value = claims.and_then(|claims| serde_json::from_slice(&claims).ok()).unwrap_or_default();
        let scopes = claims.get("scope").and_then(Value::as_str).unwrap_or_default();
        Ok(scopes.split_whitespace().map(str::to_owned).collect())
    }

    /// A token with every scope of the Management API that the application holds, fetched once.
    ///
    /// # Errors
    /// The tenant refuses the token.
    pub(crate) async fn management_token(&self) -> Result<&str, String> {
        self.management_token.get_or_try_init(|| self.fetch_token()).await.map(String::as_str)
    }

    /// A new token of that kind.
    pub(crate) async fn fetch_token(&self) -> Result<String, String> {
        let parameters = self.credentials().into_iter().chain([("grant_type", "client_credentials")]);
        let body: Map<String, Value> = parameters.map(|(name, value)| (name.to_owned(), value.into())).collect();
        let answer = self.send(self.request(Method::POST, "/oauth/token").json(&body)).await?;
        let token = answer.body["access_token"].as_str();
        token.map(str::to_owned).ok_or_else(|| format!("the application got no token for the Management API: {answer}"))
    }

    /// The parameters of a token request that authenticate the application, and the audience.
    pub(crate) fn credentials(&self) -> [(&'static str, &str); 3] {
        [("client_id", &self.client_id), ("client_secret", &self.client_secret), ("audience", &self.audience)]
    }

    /// A request for `path`, which begins with a slash.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        Request::new(method, &format!("{}{path}", self.address))
    }

    /// Sends a request. To a shared tenant, the request waits for the rate limit, and is sent again after 429 or, if it is
    /// repeatable, after no answer. A used-up token quota is an answer like any other.
    ///
    /// # Errors
    /// There is no answer.
    pub(crate) async fn send(&self, request: Request) -> Result<Answer, String> {
        let mut attempt = 1;
        loop {
            self.keep_pause().await;
            let begun = Instant::now();
            let may_retry = self.is_shared && attempt < TRIES;
            let pause = match self.client.send(&request).await {
                Err(_) if may_retry && request.is_repeatable => Duration::from_millis(100 * u64::from(attempt)),
                Err(mistake) => return Err(mistake),
                Ok(response) => match pause_before_retry(&response).filter(|_| may_retry) {
                    Some(pause) => pause,
                    None => {
                        if let Some(pause) = pause_after(&response).filter(|_| self.is_shared) {
                            *self.pause_until.lock().unwrap_or_else(PoisonError::into_inner) =
                                Some(Instant::now() + pause);
                        }
                        let mut answer = Answer::from(response);
                        answer.reason = self.reason(&answer);
                        self.show(&request, &answer, begun.elapsed())?;
                        return Ok(answer);
                    }
                },
            };
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// Waits for the end of the pause that the tenant asked for.
    async fn keep_pause(&self) {
        let until = *self.pause_until.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = until {
            tokio::time::sleep_until(until.into()).await;
        }
    }

    /// The reason of a refusal, from a mock that knows it.
    fn reason(&self, answer: &Answer) -> Option<String> {
        let reasons = self.reasons.as_ref().filter(|_| answer.status >= 400)?;
        reasons(answer.mark()?.parse().ok()?)
    }

    fn show(&self, request: &Request, answer: &Answer, took: Duration) -> Result<(), String> {
        let Some(observer) = &self.observer else { return Ok(()) };
        observer(request, answer, took).map_err(|error| format!("the recording cannot be written: {error}"))
    }
}
