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

/// Id and proof as the request brought them.
pub(super) struct Presented {
    pub(super) client_id: String,
    proof: Proof,
}

/// How a client proves itself.
enum Proof {
    None,
    /// A secret, in each reading that its place allows.
    Secret(Vec<String>),
    Assertion,
}

/// Finds id and proof.
///
/// Either place is accepted whatever the client's `token_endpoint_auth_method` says; whether the live service is
/// stricter is unknown. What is sent in both places must agree.
pub(super) fn presented(request: &Request<Bytes>, parameters: &TokenRequest) -> Result<Presented, Refused> {
    let unauthorized = |why: &str| Refused::new(TokenError::unauthorized(), &["T1"], why);
    let in_body = parameters.client_id.as_deref();
    if let Some(header) = basic_header(request) {
        let (id, secrets) =
            read_basic(header).ok_or_else(|| unauthorized("the Authorization header is no readable HTTP Basic"))?;
        if in_body.is_some_and(|in_body| in_body != id) {
            return Err(unauthorized("the Authorization header and the body name different clients"));
        }
        if parameters.client_secret.as_ref().is_some_and(|in_body| !secrets.contains(in_body)) {
            return Err(unauthorized("the Authorization header and the body hold different secrets"));
        }
        return Ok(Presented { client_id: id, proof: Proof::Secret(secrets) });
    }
    let proof = match (&parameters.client_assertion, &parameters.client_secret) {
        (Some(_), _) => Proof::Assertion,
        (None, Some(secret)) => Proof::Secret(vec![secret.clone()]),
        (None, None) => Proof::None,
    };
    match (in_body, &proof) {
        (Some(id), _) => Ok(Presented { client_id: id.to_owned(), proof }),
        // An assertion names its client itself.
        (None, Proof::Assertion) => Err(unverified("")),
        (None, Proof::None | Proof::Secret(_)) => {
            Err(Refused::new(TokenError::missing_client_id(), &["T10"], "the request names no client"))
        }
    }
}

/// Authenticates the client.
pub(super) fn authenticate(state: &State, presented: &Presented) -> Result<Document, Refused> {
    let id = &presented.client_id;
    let unauthorized = |why: String| Refused::new(TokenError::unauthorized(), &["T1"], why);
    let Some(document) = state.clients.get(id) else {
        return Err(unauthorized(format!("there is no client {id}")));
    };
    let client = ClientView(document);
    match (&presented.proof, client.secret()) {
        (Proof::Assertion, _) => Err(unverified(id)),
        (Proof::None, _) if client.authenticates_with_keys() => {
            let why = format!("client {id} authenticates with keys, and sent no assertion");
            Err(Refused::new(TokenError::invalid_client(), &["T2"], why))
        }
        (Proof::Secret(_), _) if client.authenticates_with_keys() => {
            Err(unauthorized(format!("client {id} authenticates with keys, and a secret was sent")))
        }
        // It has no proof to give, and what it sends is no proof; its grant types stop it (T3).
        (Proof::None | Proof::Secret(_), _) if client.is_public() => Ok(Document::clone(document)),
        (_, None) => Err(unauthorized(format!("client {id} has no secret"))),
        (Proof::None, Some(_)) => Err(unauthorized(format!("client {id} sent no secret"))),
        (Proof::Secret(sent), Some(secret)) if sent.iter().any(|sent| sent == secret) => Ok(Document::clone(document)),
        (Proof::Secret(_), Some(_)) => Err(unauthorized(format!("client {id} sent a wrong secret"))),
    }
}

fn unverified(client_id: &str) -> Refused {
    let why = format!("m2mock does not verify assertions yet; one was sent for client {client_id}");
    Refused::new(TokenError::invalid_client(), &["T2"], why)
}

/// What stands behind `Basic` in the Authorization header, if that is its scheme.
fn basic_header(request: &Request<Bytes>) -> Option<&[u8]> {
    let value = request.headers().get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, rest) = value.split_at_checked(5)?;
    (scheme.eq_ignore_ascii_case(b"Basic") && rest.first().is_none_or(u8::is_ascii_whitespace))
        .then(|| rest.trim_ascii())
}

/// Reads id and secret. RFC 6749 has both form-encoded, and many clients do not encode them: a secret counts in either
/// reading.
fn read_basic(encoded: &[u8]) -> Option<(String, Vec<String>)> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().map_or_else(|_| text.to_owned(), String::from)
    };
    Some((decode(id), vec![decode(secret), secret.to_owned()]))
}
