//! An answer of a tenant.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Response};
use serde_json::Value;

use crate::redaction;

/// The text in the place of a secret. A replay takes it for any text.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// The header in which a mock numbers its refusals.
pub(crate) const MARK: &str = "m2mock-answer";

/// An answer with its whole body. Its `Display` shows no secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The body as the tenant sent it.
    pub text: String,
    /// The text as JSON, or null if it is no JSON.
    pub body: Value,
    /// The reason of a refusal, which only a mock gives.
    pub(crate) reason: Option<String>,
}

impl Answer {
    /// The number of a refusal, if a mock gave it one.
    pub(crate) fn mark(&self) -> Option<&str> {
        self.headers.get(MARK)?.to_str().ok()
    }
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Answer {
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

/// The items of a list, bare or in its envelope.
pub(crate) fn items(body: &Value) -> &[Value] {
    let list = match body {
        Value::Object(members) => members.values().find(|value| value.is_array()),
        other => Some(other),
    };
    list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
