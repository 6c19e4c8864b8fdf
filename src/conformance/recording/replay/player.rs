//! Sends recorded requests to a live tenant, with the live tenant's identifiers, its credentials and a valid token.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::compare::IDS;
use super::earlier_life::Earlier;
use super::stand_in;
use crate::conformance::recording::cassette::{Interaction, ReplayTarget};
use crate::conformance::recording::identifiers::{Identifiers, decoded};
use crate::conformance::target::Target;

/// A tenant to replay against.
pub(super) struct Player<'t> {
    target: &'t Target,
    placeholders: ReplayTarget,
    /// The Management API token. A recorded request may revoke it.
    token: Mutex<Option<String>>,
    /// Whether the tenant is a mock, which answers a reset.
    is_mock: AtomicBool,
}

/// The longest wait for an unfinished job.
const JOB_TIMEOUT: Duration = Duration::from_secs(5);
/// The time between two requests for an unfinished job.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// A live answer.
pub(super) struct ReplayAnswer {
    pub status: u16,
    /// JSON, else a text, or null for no body.
    pub body: Value,
    pub milliseconds: f64,
}

impl<'t> Player<'t> {
    /// The domain of the tenant is the host of its Management API's identifier.
    pub(super) fn of(target: &'t Target) -> Result<Player<'t>, String> {
        match target.domain() {
            "" => Err("the audience is not an address like https://TENANT/api/v2/".to_owned()),
            domain => {
                let placeholders = ReplayTarget { domain: domain.to_owned(), client_id: target.client_id().to_owned() };
                Ok(Player { target, placeholders, token: Mutex::new(None), is_mock: AtomicBool::new(false) })
            }
        }
    }

    pub(super) fn placeholders(&self) -> &ReplayTarget {
        &self.placeholders
    }

    /// Returns a mock to its initial state. A real tenant has no such path and answers 404.
    pub(super) async fn reset(&self) -> Result<(), String> {
        let answer = self.ask(Method::POST, "/__admin/reset", &Value::Null, None, None).await?;
        self.is_mock.store(answer.status == 204 && !self.target.is_shared(), Ordering::Relaxed);
        Ok(())
    }

    /// Whether foreign entities may be changed. On a mock they may, because no other person uses it.
    pub(super) fn may_change_anything(&self) -> bool {
        self.is_mock.load(Ordering::Relaxed)
    }

    /// Gives a mock what the recorded tenant had, and learns the identifiers of it. The result is whether the mock has it now.
    pub(super) async fn give(&self, earlier: Earlier<'_>, ids: &mut Identifiers) -> Result<bool, String> {
        for request in earlier.requests() {
            let answer = self.send(&request, ids).await?;
            if answer.status >= 300 {
                return Ok(false);
            }
            for key in IDS {
                let id = |body: &Value| body.get(key).and_then(Value::as_str).map(str::to_owned);
                if let (Some(recorded), Some(live)) = (id(&request.response), id(&answer.body)) {
                    ids.learn(&recorded, &live);
                }
            }
        }
        Ok(true)
    }

    /// Sends a recorded request. If the recorded answer shows a finished job, the request is repeated until the live job is finished
    /// too, for at most [`JOB_TIMEOUT`].
    pub(super) async fn play(&self, item: &Interaction, ids: &Identifiers) -> Result<ReplayAnswer, String> {
        let start = Instant::now();
        let mut answer = self.send(item, ids).await?;
        while shows_a_finished_job(item) && is_unfinished(&answer.body) && start.elapsed() < JOB_TIMEOUT {
            tokio::time::sleep(POLL_INTERVAL).await;
            answer = self.send(item, ids).await?;
        }
        Ok(answer)
    }

    /// Sends a recorded request, with live identifiers instead of recorded ones.
    pub(super) async fn send(&self, item: &Interaction, ids: &Identifiers) -> Result<ReplayAnswer, String> {
        let method =
            Method::from_bytes(item.method.as_bytes()).map_err(|_| format!("{} is not a method", item.method))?;
        let mut url: Vec<String> = Vec::new();
        for part in item.path.split('/') {
            let recorded = decoded(part);
            let live = ids.to_live(&recorded);
            url.push(if live == recorded { part.to_owned() } else { encoded(&live) });
        }
        let url = format!("{}{}", url.join("/"), query(item, ids));
        let media_type = item.request_content_type.as_deref();
        let mut body = ids.value_to_live(&item.request);
        stand_in::fill(&mut body);
        if item.path == "/oauth/token" {
            // A text that is not a form is sent unchanged.
            if body.is_object() || body.is_null() {
                self.target.credentials().into_iter().for_each(|(name, own)| body[name] = own.into());
            }
            return self.ask(method, &url, &body, media_type, None).await;
        }
        let token = match self.current_token() {
            Some(token) => token,
            None => self.fetch_token().await?,
        };
        let answer = self.ask(method.clone(), &url, &body, media_type, Some(&token)).await?;
        if answer.status == 401 && item.status != 401 {
            let token = self.fetch_token().await?;
            return self.ask(method, &url, &body, media_type, Some(&token)).await;
        }
        Ok(answer)
    }

    fn current_token(&self) -> Option<String> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn fetch_token(&self) -> Result<String, String> {
        let token = self.target.fetch_token().await?;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(token)
    }

    async fn ask(
        &self,
        method: Method,
        url: &str,
        body: &Value,
        media_type: Option<&str>,
        token: Option<&str>,
    ) -> Result<ReplayAnswer, String> {
        let mut request = self.target.request(method, url);
        if let Some(body) = serialised(body, media_type) {
            request = request.body(media_type.unwrap_or("application/json"), body);
        }
        if let Some(token) = token {
            request = request.bearer(token);
        }
        let start = Instant::now();
        let answer = self.target.send(request).await.map_err(|mistake| format!("{url}: {mistake}"))?;
        let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
        let text = self.with_domain(answer.text);
        let body = match text.trim() {
            "" => Value::Null,
            json => serde_json::from_str(json).unwrap_or_else(|_| text.clone().into()),
        };
        Ok(ReplayAnswer { status: answer.status, body, milliseconds })
    }

    /// Replaces the address of the request with the tenant's domain in an answer. The APIs and links of a mock have the address of
    /// the request, which is not the mock's domain.
    fn with_domain(&self, answer: String) -> String {
        let address = format!("{}/", self.target.address());
        let domain = format!("https://{}/", self.placeholders.domain);
        if answer.contains(&address) { answer.replace(&address, &domain) } else { answer }
    }
}

fn shows_a_finished_job(item: &Interaction) -> bool {
    let is_job = item.method == "GET" && item.path.starts_with("/api/v2/jobs/");
    is_job && item.response.get("status").is_some_and(|status| !status.is_null()) && !is_unfinished(&item.response)
}

fn is_unfinished(job: &Value) -> bool {
    job.get("status").and_then(Value::as_str).is_some_and(|status| ["pending", "processing"].contains(&status))
}

/// The serialised body: JSON as JSON, a form as a form, any other text unchanged.
fn serialised(body: &Value, media_type: Option<&str>) -> Option<String> {
    match body {
        Value::Null => None,
        Value::String(text) if !media_type.is_some_and(|media_type| media_type.starts_with("application/json")) => {
            Some(text.clone())
        }
        Value::Object(fields)
            if media_type.is_some_and(|media_type| media_type.starts_with("application/x-www-form-urlencoded")) =>
        {
            let mut form = form_urlencoded::Serializer::new(String::new());
            for (name, value) in fields {
                for value in each(value) {
                    form.append_pair(name, &value);
                }
            }
            Some(form.finish())
        }
        other => Some(other.to_string()),
    }
}

fn query(item: &Interaction, ids: &Identifiers) -> String {
    let mut query = String::new();
    for (name, value) in &item.query {
        for value in each(&ids.value_to_live(value)) {
            let separator = if query.is_empty() { '?' } else { '&' };
            // Writing to a string does not fail.
            let _ = write!(query, "{separator}{}={}", encoded(name), encoded(&value));
        }
    }
    query
}

/// Each value of a parameter, as text.
fn each(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(each).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

fn encoded(text: &str) -> String {
    const ENCODED: percent_encoding::AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, &ENCODED).to_string()
}
