//! A fault: the requests that it applies to, the number of times, and its effect on their answers.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::StatusCode;

use crate::api::authentication::endpoint;
use crate::api::routes;
use crate::api::surface::Surface;

/// The longest latency, and the longest time for a body. Longer ones would only block connections.
pub(crate) const LONGEST: Duration = Duration::from_secs(300);

/// A fault. An absent condition matches every request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Requests for these operations.
    pub operation: OperationFilter,
    /// Requests by this client: of the token request, or of the bearer token.
    pub client_id: Option<String>,
    /// Token requests for this audience.
    pub audience: Option<String>,
    /// Token requests that name this organization, by id or by name.
    pub organization: Option<String>,
    /// The number of requests that it applies to.
    pub times: Option<u32>,
    /// The delay of the answer.
    pub latency: Option<RangeInclusive<Duration>>,
    /// Its effect on the answer.
    pub effect: Option<Effect>,
}

/// The effect of a fault on an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// This status instead of the answer, with the vendor's text. The request has no effect.
    Status(StatusCode),
    /// The connection is reset instead. The request has no effect.
    Reset,
    /// The connection closes in the middle of the body. The request takes effect.
    Truncated,
    /// The body takes this long. The request takes effect.
    Slow(Duration),
    /// The body ends in the middle and is not valid JSON. The request takes effect.
    MalformedJson,
}

/// The operations that a fault applies to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum OperationFilter {
    /// All of them.
    #[default]
    Any,
    /// `POST /oauth/token`.
    Token,
    /// The whole Management API.
    Management,
    /// One path outside the Management API.
    Published {
        /// `/.well-known/…`, or that of a certificate.
        path: &'static str,
    },
    /// One operation of the Management API.
    Row {
        /// The operation.
        row: &'static super::super::Operation,
        /// The path of the fault: a segment that is not in braces matches literally.
        path: String,
    },
}

impl OperationFilter {
    /// Reads `token`, `management`, or method and path, as `GET /clients/{id}`. A path of the Management API may have
    /// `/api/v2` in front of it.
    ///
    /// # Errors
    /// No such operation is modelled, so that the fault would never answer.
    pub(crate) fn parse(text: &str) -> Result<OperationFilter, String> {
        match text {
            "token" => return Ok(OperationFilter::Token),
            "management" => return Ok(OperationFilter::Management),
            _ => {}
        }
        let (method, path) = text.split_once(' ').unwrap_or_default();
        // The path is that of the table, so that none holds a client id.
        if let Some(endpoint) = endpoint::at(path).filter(|endpoint| (endpoint.method, endpoint.path) == (method, path))
        {
            let published = OperationFilter::Published { path: endpoint.path };
            return Ok(if endpoint.is_token() { OperationFilter::Token } else { published });
        }
        let path = Surface::at(path).map_or_else(|| path.into(), |(_, path)| path);
        match routes::operation(method, &path) {
            Some(row) => Ok(OperationFilter::Row { row, path: path.into_owned() }),
            None => Err(format!(
                "there is no operation {text:?}; write \"token\", \"management\", or a modelled one such as \"GET /clients/{{id}}\""
            )),
        }
    }
}

impl Fault {
    /// Whether it is for some callers only.
    pub(super) fn minds_who_asks(&self) -> bool {
        self.client_id.is_some() || self.audience.is_some() || self.organization.is_some()
    }

    /// The mistake, in one sentence without a full stop.
    ///
    /// # Errors
    /// It does nothing, or something that cannot be done.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.times == Some(0) {
            return Err("times is at least 1".to_owned());
        }
        if let Some(range) = &self.latency {
            if range.start() > range.end() {
                return Err("a latency goes from the shorter to the longer time".to_owned());
            }
            too_long("latency", *range.end())?;
        }
        match self.effect {
            Some(Effect::Status(status)) if !status.is_client_error() && !status.is_server_error() => {
                Err("status takes 400 to 599".to_owned())
            }
            Some(Effect::Slow(time)) => too_long("slow", time),
            None if self.latency.is_none() => {
                Err("a fault does something: latency, status, reset, truncated, slow or malformed_json".to_owned())
            }
            _ => Ok(()),
        }
    }
}

fn too_long(what: &str, time: Duration) -> Result<(), String> {
    match time > LONGEST {
        true => Err(format!("{what} takes up to {} seconds", LONGEST.as_secs())),
        false => Ok(()),
    }
}
