//! The tenant that a recording is replayed against, known by its address and one application with every scope.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::cassette::{Interaction, Replayed};
use super::identifiers::{Identifiers, decoded};
use crate::conformance::client::{Asked, Http};

/// A tenant to replay against.
pub struct Target {
    base: String,
    client_secret: String,
    audience: String,
    replayed: Replayed,
    http: Http,
    token: Mutex<Option<String>>,
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub status: u16,
    /// JSON, or text where it is none, or null.
    pub body: Value,
    pub milliseconds: f64,
}

impl Target {
    /// A tenant at an address. `audience` is the identifier of its Management API, whose host is the tenant's domain.
    ///
    /// # Errors
    /// The audience is no address, the file of certificate authorities cannot be read, or there is no HTTP client to be had.
    pub fn new(
        base: &str,
        client_id: &str,
        client_secret: &str,
        audience: &str,
        ca_file: Option<&Path>,
    ) -> Result<Target, String> {
        let host = audience.split_once("://").map(|(_, rest)| rest.split(['/', ':']).next().unwrap_or_default());
        let domain =
            host.filter(|host| !host.is_empty()).ok_or("the audience is not an address like https://TENANT/api/v2/")?;
        Ok(Target {
            base: base.trim_end_matches('/').to_owned(),
            client_secret: client_secret.to_owned(),
            audience: audience.to_owned(),
            replayed: Replayed { domain: domain.to_owned(), client_id: client_id.to_owned() },
            http: Http::new(ca_file)?,
            token: Mutex::new(None),
        })
    }

    pub(super) fn replayed(&self) -> &Replayed {
        &self.replayed
    }

    /// Back to the beginning, where the tenant is a mock; others have no such place and answer 404.
    pub(super) async fn reset(&self) -> Result<(), String> {
        self.ask(Method::POST, "/__admin/reset", &Value::Null, None, None).await.map(drop)
    }

    /// Sends a recorded request, with live identifiers in the place of recorded ones.
    pub(super) async fn send(&self, item: &Interaction, ids: &Identifiers) -> Result<Answer, String> {
        let method = Method::from_bytes(item.method.as_bytes()).map_err(|_| format!("{} is no method", item.method))?;
        let mut url: Vec<String> = Vec::new();
        for part in item.path.split('/') {
            let recorded = decoded(part);
            let live = ids.to_live(&recorded);
            url.push(if live == recorded { part.to_owned() } else { encoded(&live) });
        }
        let url = format!("{}{}", url.join("/"), query(item, ids));
        let media_type = item.request_content_type.as_deref();
        if item.path == "/oauth/token" {
            let body = self.own_credentials(ids.value_to_live(&item.request));
            return self.ask(method, &url, &body, media_type, None).await;
        }
        let body = ids.value_to_live(&item.request);
        let token = match self.held_token() {
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

    fn own_credentials(&self, mut body: Value) -> Value {
        body["client_id"] = self.replayed.client_id.as_str().into();
        body["client_secret"] = self.client_secret.as_str().into();
        body["audience"] = self.audience.as_str().into();
        body
    }

    fn held_token(&self) -> Option<String> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn fetch_token(&self) -> Result<String, String> {
        let body = self.own_credentials(json!({ "grant_type": "client_credentials" }));
        let answer = self.ask(Method::POST, "/oauth/token", &body, None, None).await?;
        let token = answer.body.get("access_token").and_then(Value::as_str);
        let token = token.ok_or_else(|| format!("the client got no token: /oauth/token answered {}", answer.status))?;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.to_owned());
        Ok(token.to_owned())
    }

    async fn ask(
        &self,
        method: Method,
        url: &str,
        body: &Value,
        media_type: Option<&str>,
        token: Option<&str>,
    ) -> Result<Answer, String> {
        let mut request = Asked::new(method, format!("{}{url}", self.base));
        if let Some(body) = serialised(body, media_type) {
            request = request.body(media_type.unwrap_or("application/json"), body);
        }
        if let Some(token) = token {
            request = request.bearer(token);
        }
        let begun = Instant::now();
        let response = self.http.send(&request).await.map_err(|mistake| format!("{url}: {mistake}"))?;
        let status = response.status().as_u16();
        let milliseconds = begun.elapsed().as_secs_f64() * 1000.0;
        let text = String::from_utf8_lossy(response.body());
        let body = match text.trim() {
            "" => Value::Null,
            _ => serde_json::from_str(&text).unwrap_or_else(|_| text.into_owned().into()),
        };
        Ok(Answer { status, body, milliseconds })
    }
}

/// The body as it was sent: text as it is, a form as a form, everything else as JSON.
fn serialised(body: &Value, media_type: Option<&str>) -> Option<String> {
    match body {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
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
            // Writing to a text does not fail.
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
    const KEPT: percent_encoding::AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, &KEPT).to_string()
}
