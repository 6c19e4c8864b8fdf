//! [`Outcome`]: the result of a request, and the response made of it.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use super::calibration::Values;
use super::call::Reply;
use super::error::{ApiError, Sentence, repeated};
use super::journal::TokenDecision;
use super::operation::Operation;
use super::rate_limits::Headers;
use super::surface::Surface;
use super::tenant_log::EventKind;
use crate::domain::BoundedText;

/// The result of a request: the reply, and the facts for the tenant's log and the journal.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) reply: Reply,
    pub(super) events: Vec<EventKind>,
    pub(super) operation: Option<&'static Operation>,
    pub(super) client_id: Option<BoundedText>,
    pub(super) unmodelled: bool,
    pub(super) refusal: Option<Sentence>,
    pub(super) token: Option<TokenDecision>,
    /// Whether the words are those of a table of answers.
    pub(super) calibrated: bool,
    /// The values for the templates of calibrated answers, if the tenant has any.
    pub(super) values: Values,
    /// The effect of a fault of the test.
    pub(super) fault: Option<BoundedText>,
    /// The headers of the rate limits.
    pub(super) limits: Option<Headers>,
}

impl Outcome {
    /// The outcome of a request that an API of the service refuses.
    pub(super) fn refused(surface: Surface, error: ApiError) -> Self {
        let refusal = Some(error.message.clone());
        Outcome { reply: surface.refusal(error), refusal, ..Outcome::default() }
    }

    /// The outcome of a request that m2mock does not model. The answer is that of the live service to an unknown path; the
    /// journal has the reason.
    pub(super) fn unmodelled(method: &str, path: &str, answer: Outcome) -> Self {
        let refusal = Some(Sentence::of(format_args!("m2mock does not model {method} {}", repeated(path))));
        Outcome { refusal, unmodelled: true, ..answer }
    }

    /// The same result with another status and body. Headers stay.
    pub(super) fn answered(mut self, status: u16, body: &Value) -> Self {
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

pub(super) fn response(reply: Reply, status: u16) -> Response<Bytes> {
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
