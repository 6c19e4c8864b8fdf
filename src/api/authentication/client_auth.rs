//! Who asks for a token: the client's id and proof, from the body or from HTTP Basic.
//!
//! The wire never says what was wrong (T1, T2); the journal does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, header};
use percent_encoding::percent_decode_str;

use super::parameters::TokenRequest;
use super::refused::Refused;
use crate::api::error::TokenError;
use crate::store::views::ClientView;
use crate::store::{Document, State};

/// Id and secret as the request brought them.
pub(super) struct Presented {
    pub client_id: String,
    /// The secret in each reading that the header allows; empty if none was sent.
    secrets: Vec<String>,
    /// Whether the client sends an assertion instead of a secret.
    assertion: bool,
}

/// Finds id and secret.
///
/// Either place is accepted whatever the client's `token_endpoint_auth_method` says; whether the live service is
/// stricter is unknown. What is sent in both places must agree.
pub(super) fn presented(request: &Request<Bytes>, parameters: &TokenRequest) -> Result<Presented, Refused> {
    let assertion = parameters.client_assertion.is_some();
    let in_body = parameters.client_id.clone();
    let Some((id, secrets)) = basic(request) else {
        let client_id = in_body
            .ok_or_else(|| Refused::new(TokenError::missing_client_id(), &["T10"], "the request names no client"))?;
        return Ok(Presented { client_id, secrets: parameters.client_secret.iter().cloned().collect(), assertion });
    };
    if in_body.is_some_and(|in_body| in_body != id) {
        let why = "the Authorization header and the body name different clients";
        return Err(Refused::new(TokenError::unauthorized(), &["T1"], why));
    }
    Ok(Presented { client_id: id, secrets, assertion })
}

/// Authenticates the client.
pub(super) fn authenticate(state: &State, presented: &Presented) -> Result<Document, Refused> {
    let id = &presented.client_id;
    let unauthorized = |why: String| Refused::new(TokenError::unauthorized(), &["T1"], why);
    let Some(document) = state.clients.get(id) else {
        return Err(unauthorized(format!("there is no client {id}")));
    };
    let client = ClientView(document);
    if presented.assertion || (client.authenticates_with_keys() && presented.secrets.is_empty()) {
        let why = format!("client {id} cannot be authenticated by an assertion: m2mock does not verify assertions yet");
        return Err(Refused::new(TokenError::invalid_client(), &["T2"], why));
    }
    if client.authenticates_with_keys() {
        return Err(unauthorized(format!("client {id} authenticates with keys, and a secret was sent")));
    }
    if client.is_public() {
        return Ok(Document::clone(document)); // it has no proof to give; its grant types stop it (T3)
    }
    match client.secret() {
        None => Err(unauthorized(format!("client {id} has no secret"))),
        Some(_) if presented.secrets.is_empty() => Err(unauthorized(format!("client {id} sent no secret"))),
        Some(secret) if presented.secrets.iter().any(|sent| sent == secret) => Ok(Document::clone(document)),
        Some(_) => Err(unauthorized(format!("client {id} sent a wrong secret"))),
    }
}

/// Reads HTTP Basic. RFC 6749 has both parts form-encoded, and many clients do not encode them: a secret counts in
/// either reading.
fn basic(request: &Request<Bytes>) -> Option<(String, Vec<String>)> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().map_or_else(|_| text.to_owned(), String::from)
    };
    Some((decode(id), vec![decode(secret), secret.to_owned()]))
}
