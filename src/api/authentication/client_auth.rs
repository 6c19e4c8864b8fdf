//! Who asks for a token: the client's id and proof, from the body or from HTTP Basic.
//!
//! The wire never says what was wrong (T1, T2); the journal does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, header};
use percent_encoding::percent_decode_str;

use super::client_assertion;
use super::entity;
use super::parameters::TokenRequest;
use super::refused::Refused;
use crate::api::Tenant;
use crate::api::error::TokenError;
use crate::store::views::ClientView;
use crate::store::{Document, Kind, State};

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
    /// Signed with a key of the client.
    Assertion(Box<client_assertion::Presented>),
}

/// Finds id and proof.
///
/// An assertion names its client itself. For a secret, either place is accepted whatever the client's `token_endpoint_auth_method` says; whether the live service is
/// stricter is unknown. What is sent in both places must agree.
pub(super) fn presented(request: &Request<Bytes>, parameters: &TokenRequest) -> Result<Presented, Refused> {
    let unauthorized = |why: &str| Refused::new(TokenError::unauthorized(), &["T1"], why);
    let in_body = parameters.client_id.as_deref();
    if let Some(assertion) = &parameters.client_assertion {
        let beside_secret = parameters.client_secret.is_some() || basic_header(request).is_some();
        let presented = client_assertion::presented(parameters, assertion, beside_secret)?;
        return Ok(Presented { client_id: presented.client_id.clone(), proof: Proof::Assertion(Box::new(presented)) });
    }
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
    let proof = parameters.client_secret.as_ref().map_or(Proof::None, |secret| Proof::Secret(vec![secret.clone()]));
    match in_body {
        Some(id) => Ok(Presented { client_id: id.to_owned(), proof }),
        None => Err(Refused::new(TokenError::missing_client_id(), &["T10"], "the request names no client")),
    }
}

/// Authenticates the client of a request that came to this base URL.
pub(super) fn authenticate(
    tenant: &Tenant,
    state: &mut State,
    presented: &Presented,
    base_url: &str,
) -> Result<Document, Refused> {
    let id = &presented.client_id;
    let proof = match &presented.proof {
        Proof::Assertion(assertion) => return client_assertion::authenticate(tenant, state, assertion, base_url),
        Proof::Secret(sent) => Some(sent),
        Proof::None => None,
    };
    let unauthorized = |why: String| Refused::new(TokenError::unauthorized(), &["T1"], why);
    let Some(document) = state[Kind::Client].get(id) else {
        return Err(unauthorized(format!("there is no client {id}")));
    };
    let client = ClientView(document);
    let named = || entity::client(&client);
    if let Some(method) = client.mutual_tls_method().filter(|_| !client.authenticates_with_assertions()) {
        let why =
            format!("{} authenticates with {method}, which is not modelled: no certificate is looked at", named());
        return Err(Refused::new(TokenError::invalid_client(), &["T2"], why));
    }
    match (proof, client.secret()) {
        (None, _) if client.authenticates_with_keys() => {
            let why = format!("{} authenticates with keys, and sent no assertion", named());
            Err(Refused::new(TokenError::invalid_client(), &["T2"], why))
        }
        (Some(_), _) if client.authenticates_with_keys() => {
            Err(unauthorized(format!("{} authenticates with keys, and a secret was sent", named())))
        }
        // It has no proof to give, and what it sends is no proof; its grant types stop it (T3).
        (_, _) if client.is_public() => Ok(Document::clone(document)),
        (_, None) => Err(unauthorized(format!("{} has no secret", named()))),
        (None, Some(_)) => Err(unauthorized(format!("{} sent no secret", named()))),
        (Some(sent), Some(secret)) if sent.iter().any(|sent| sent == secret) => Ok(Document::clone(document)),
        (Some(_), Some(_)) => Err(unauthorized(format!("{} sent a wrong secret", named()))),
    }
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
