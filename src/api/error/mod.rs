//! Every refusal by its name. Status, code and sentence are in this folder and nowhere else; this file has the refusals
//! that belong to no family.
//!
//! Two kinds, as with the live service: the Management API's envelope ([`ApiError`]) and the token endpoint's
//! `error` / `error_description` ([`TokenError`]). Marks: (r) recorded, (d) documented, (p) reported, (a) assumed; what
//! is assumed is listed in ASSUMPTIONS.md.

mod admin;
pub(super) mod agents;
mod client_assertion;
pub(super) mod client_grants;
pub(super) mod clients;
pub(super) mod connections;
pub(super) mod event_streams;
pub(super) mod experimentation;
mod faults;
pub(super) mod my_organization;
pub(super) mod organization_discovery_domains;
pub(super) mod organization_members;
pub(super) mod organizations;
mod refusal;
pub(super) mod roles;
pub(super) mod signing_keys;
mod token;
pub(super) mod users;

use std::fmt;

use http::StatusCode;
use serde_json::{Value, json};

pub(crate) use client_assertion::{ASSERTION_TYPE, sentence as assertion_refused};
pub(super) use refusal::Refusal;
pub(super) use token::TokenError;

use crate::domain::BoundedText;
pub(crate) use crate::domain::Sentence;
use crate::search::QueryError;

/// A text of the request that a sentence repeats. The vendor repeats texts of any length; m2mock cuts very long ones.
pub(super) fn repeated(text: &str) -> BoundedText {
    text.into()
}

/// A refusal of the Management API.
///
/// Its debug output, which a failed `unwrap()` prints, has the status, the code and the sentence.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub(crate) status: u16,
    /// The sentence.
    pub(crate) message: Sentence,
    /// `errorCode`, which many answers leave out.
    pub(crate) code: Option<&'static str>,
    /// Whether the sentence is also in `attributes` and in `WWW-Authenticate`.
    challenge: Challenge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Challenge {
    None,
    Bearer,
    BearerWithError,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.unwrap_or_else(|| reason(self.status));
        write!(f, "{} {code}: {}", self.status, self.message)
    }
}

impl std::error::Error for ApiError {}

impl ApiError {
    /// The HTTP status of the refusal.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// `errorCode` in the body, which many refusals leave out.
    pub fn code(&self) -> Option<&str> {
        self.code
    }

    /// `message` in the body.
    pub fn message(&self) -> &str {
        &self.message
    }

    fn new(status: u16, code: impl Into<Option<&'static str>>, message: impl Into<Sentence>) -> Self {
        ApiError { status, message: message.into(), code: code.into(), challenge: Challenge::None }
    }

    fn challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = challenge;
        self
    }

    /// The body on the wire.
    pub(crate) fn body(&self) -> Value {
        let mut body = Self::body_of(self.status, self.code, &self.message);
        if self.challenge == Challenge::BearerWithError {
            body["attributes"] = json!({ "error": self.message });
        }
        body
    }

    /// The body of a refusal with this status, code and sentence.
    pub(crate) fn body_of(status: u16, code: Option<&str>, message: &str) -> Value {
        let mut body = json!({ "statusCode": status, "error": reason(status), "message": message });
        if let Some(code) = code {
            body["errorCode"] = code.into();
        }
        body
    }

    /// The value of `WWW-Authenticate`, if the answer has this header.
    pub(crate) fn www_authenticate(&self) -> Option<String> {
        match self.challenge {
            Challenge::None => None,
            Challenge::Bearer => Some("Bearer".to_owned()),
            Challenge::BearerWithError => Some(format!("Bearer error=\"{}\"", self.message)),
        }
    }

    // The request as such.

    /// There is no operation with this path and method (r).
    pub(crate) fn no_such_operation() -> Self {
        Self::new(404, None, "Not Found")
    }

    /// The body is longer than one megabyte (a).
    pub(crate) fn payload_too_large(limit: usize) -> Self {
        Self::new(413, None, format!("Payload content length greater than maximum allowed: {limit}"))
    }

    /// The body would take more memory than m2mock has for a parsed body (own text).
    pub(crate) fn parsed_body_too_large(limit: usize) -> Self {
        Self::new(413, None, format!("The values of the request body take more than {limit} bytes of memory"))
    }

    /// The body does not arrive in time (a).
    pub(crate) fn body_too_late() -> Self {
        Self::new(408, None, "The request body did not arrive in time")
    }

    /// The bodies of other requests use all the memory for bodies (own text).
    pub(crate) fn no_room_for_body() -> Self {
        Self::new(
            503,
            None,
            "Other requests take all the memory that m2mock has for request bodies; send this one again",
        )
    }

    /// A request of HTTP/1.1 without exactly one `Host` (a: the live service's edge refuses it with a page of its own).
    pub(crate) fn bad_host() -> Self {
        Self::new(400, None, "A request needs exactly one Host header")
    }

    /// The body breaks off (a).
    pub(crate) fn unreadable_body() -> Self {
        Self::new(400, None, "The request body could not be read")
    }

    /// The body has an unsupported type (a).
    pub(crate) fn unsupported_media_type() -> Self {
        Self::new(415, None, "Unsupported Media Type")
    }

    /// The body is not JSON (a).
    pub(crate) fn unreadable_json() -> Self {
        Self::new(400, "invalid_body", "Invalid request payload JSON format")
    }

    /// The body is no form with the declared boundary (a: a sentence of the vendor's stack).
    pub(crate) fn unreadable_form() -> Self {
        Self::new(400, None, "Invalid multipart payload format")
    }

    /// The body breaks its schema, or a rule that the live service checks by hand (r).
    pub(crate) fn invalid_body(sentence: impl Into<Sentence>) -> Self {
        Self::new(400, "invalid_body", sentence)
    }

    /// A path parameter has the wrong form (r).
    pub(crate) fn invalid_uri(sentence: impl Into<Sentence>) -> Self {
        Self::new(400, "invalid_uri", sentence)
    }

    /// The query string breaks its schema (d).
    pub(crate) fn invalid_query_string(sentence: impl Into<Sentence>) -> Self {
        Self::new(400, "invalid_query_string", sentence)
    }

    /// An offset page beyond the first 1000 records of a list without checkpoints (d).
    pub(crate) fn page_out_of_reach() -> Self {
        Self::new(400, "invalid_paging", "Requesting page exceeds the allowed maximum of 1000 records")
    }

    /// The same for a list with checkpoints (p).
    pub(crate) fn page_needs_checkpoints(page: usize) -> Self {
        let sentence = format!(
            "Requesting page {page} exceeds the allowed maximum of 1000 records. To fetch results beyond 1000, use the \
             checkpoint pagination method."
        );
        Self::new(400, "invalid_paging", sentence)
    }

    /// `from` is not a cursor of this tenant (a).
    pub(crate) fn invalid_cursor() -> Self {
        Self::new(400, "invalid_paging", "The 'from' parameter is not a valid checkpoint")
    }

    /// An invalid `q` (sentence reported for an unknown field; code assumed).
    pub(crate) fn unreadable_query(error: &QueryError) -> Self {
        Self::invalid_query_string(format!("The search query string has an error: {error}"))
    }

    /// `q` with a term that is not permitted (R110; sentence assumed).
    pub(crate) fn query_not_permitted(q: &str) -> Self {
        Self::new(
            400,
            "invalid_query_string",
            format!("Query validation error: 'Invalid value \"{}\"' on property q.", repeated(q)),
        )
    }

    /// `q` beside another filter or an offset page (R110; sentence assumed).
    pub(crate) fn query_with_other_filters() -> Self {
        Self::new(
            400,
            "invalid_query_string",
            "The q parameter cannot be combined with other filters or with offset paging",
        )
    }

    // The bearer token.

    /// No bearer token (inferred from the stack's wording).
    pub(crate) fn missing_authentication() -> Self {
        Self::new(401, None, "Missing authentication").challenge(Challenge::Bearer)
    }

    /// The header is not `Bearer a.b.c` (p).
    pub(crate) fn bad_authentication_header() -> Self {
        Self::new(400, "Bearer", "Bad HTTP authentication header format")
    }

    /// The token has expired (p).
    pub(crate) fn token_expired() -> Self {
        Self::new(401, None, "Expired token received for JSON Web Token validation")
            .challenge(Challenge::BearerWithError)
    }

    /// The token is not signed by this tenant (d).
    pub(crate) fn bad_token_signature() -> Self {
        Self::new(401, None, "Invalid signature received for JSON Web Token validation")
            .challenge(Challenge::BearerWithError)
    }

    /// The token is signed by this tenant and still refused (d).
    pub(crate) fn invalid_token() -> Self {
        Self::new(401, None, "Invalid token").challenge(Challenge::BearerWithError)
    }

    /// The token is for another API (p).
    pub(crate) fn bad_audience(audience: &str) -> Self {
        Self::new(401, None, format!("Bad audience: {}", repeated(audience))).challenge(Challenge::Bearer)
    }

    /// The token has none of the accepted scopes (r; the separator of several scopes is assumed).
    pub(crate) fn insufficient_scope(accepted: &[&str]) -> Self {
        let accepted = accepted.join(",");
        Self::new(403, "insufficient_scope", format!("Insufficient scope, expected any of: {accepted}"))
    }

    /// The scopes of the token allow only other members of the entity (d; code assumed).
    pub(crate) fn fields_beyond_the_scopes() -> Self {
        let sentence = "Some fields cannot be updated with the permissions granted by the bearer token scopes.";
        Self::new(403, "insufficient_scope", sentence)
    }

    /// More entries than metadata may have (limit documented; a sentence of the validator).
    pub(crate) fn too_many_properties(property: &str, found: usize, most: usize) -> Self {
        let fault = format!("Too many properties defined ({found}), maximum {most}");
        Self::invalid_body(format!("Payload validation error: '{fault}' on property {property}."))
    }

    /// A key of metadata that is too long (limit documented; the validator's sentence for a text).
    pub(crate) fn metadata_key_too_long(property: &str, found: usize, most: usize) -> Self {
        let fault = format!("String is too long ({found} chars), maximum {most}");
        Self::invalid_body(format!("Payload validation error: '{fault}' on property {property}."))
    }

    /// A pinned id that is taken. Only a seed or a test pins ids.
    pub(crate) fn id_taken(id: &str) -> Self {
        Self::new(409, None, format!("The id {} is already in use.", repeated(id)))
    }
}

/// The sentence of R9 and of R10.
const PLAN_WITHOUT_ORGANIZATIONS: &str =
    "Please upgrade your subscription to use Machine to Machine access to Organizations.";

fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        // Only a fault of a test has another status.
        _ => StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Unknown"),
    }
}
