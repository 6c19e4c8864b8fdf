//! Who asks for a token: the client's id and proof, from the body or from HTTP Basic.
//!
//! The wire never says what was wrong (T1, T2); the journal does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, header};
use percent_encoding::percent_decode_str;

use super::client_assertion;
use super::exchange::Exchange;
use super::parameters::Parameters;
use super::reason::Reason;
use super::rejection::Rejection;
use crate::api::error::TokenError;
use crate::api::facts::LookupKey;
use crate::store::views::ClientView;
use crate::store::{Document, Kind, State};

/// The client and its proof, as the request has them.
pub(super) struct Presented {
    pub(super) client_id: String,
    /// The place of the id in the request.
    pub(super) by: LookupKey,
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

/// Finds the client and its proof.
///
/// An assertion names its client itself. A secret is accepted in either place, whatever the client's `token_endpoint_auth_method` says; whether the live service is
/// stricter is unknown. A value that is sent in both places must be the same.
pub(super) fn presented(request: &Request<Bytes>, parameters: &Parameters) -> Result<Presented, Rejection> {
    let in_body = parameters.text("client_id")?;
    let secret = parameters.text("client_secret")?;
    let header = basic_header(request);
    if let Some(assertion) = parameters.text("client_assertion")? {
        let presented = client_assertion::presented(parameters, assertion, secret.is_some() || header.is_some())?;
        let client_id = presented.client_id.clone();
        return Ok(Presented {
            client_id,
            by: LookupKey::ClientAssertion,
            proof: Proof::Assertion(Box::new(presented)),
        });
    }
    if let Some(header) = header {
        let (id, secrets) = read_basic(header).ok_or_else(|| unauthorized(Reason::UnreadableBasic))?;
        if in_body.is_some_and(|in_body| in_body != id) {
            return Err(unauthorized(Reason::TwoClients));
        }
        if secret.is_some_and(|secret| !secrets.iter().any(|known| known == secret)) {
            return Err(unauthorized(Reason::TwoSecrets));
        }
        return Ok(Presented { client_id: id, by: LookupKey::Basic, proof: Proof::Secret(secrets) });
    }
    let proof = secret.map_or(Proof::None, |secret| Proof::Secret(vec![secret.to_owned()]));
    match in_body {
        Some(id) => Ok(Presented { client_id: id.to_owned(), by: LookupKey::ClientId, proof }),
        None => Err(Rejection::new(TokenError::missing_client_id(), &["T10"], Reason::NoClientNamed)),
    }
}

/// Authenticates the client.
pub(super) fn authenticate(
    exchange: &Exchange<'_>,
    state: &mut State,
    presented: &Presented,
) -> Result<Document, Rejection> {
    let proof = match &presented.proof {
        Proof::Assertion(assertion) => return client_assertion::authenticate(exchange, state, assertion),
        Proof::Secret(sent) => Some(sent),
        Proof::None => None,
    };
    let Some(document) = state[Kind::Client].get(&presented.client_id) else {
        return Err(unauthorized(Reason::UnknownClient));
    };
    let client = ClientView(document);
    let invalid = |reason| Rejection::new(TokenError::invalid_client(), &["T2"], reason);
    if let Some(method) = client.mutual_tls_method().filter(|_| !client.authenticates_with_assertions()) {
        return Err(invalid(Reason::MutualTls(method)));
    }
    match (proof, client.secret()) {
        (None, _) if client.authenticates_with_keys() => Err(invalid(Reason::NoAssertion)),
        (Some(_), _) if client.authenticates_with_keys() => Err(unauthorized(Reason::SecretInsteadOfKeys)),
        // It has no proof to give, and what it sends is no proof; its grant types stop it (T3).
        (_, _) if client.is_public() => Ok(Document::clone(document)),
        (_, None) => Err(unauthorized(Reason::ClientWithoutSecret)),
        (None, Some(_)) => Err(unauthorized(Reason::NoSecretSent)),
        (Some(sent), Some(secret)) if sent.iter().any(|sent| sent == secret) => Ok(Document::clone(document)),
        (Some(_), Some(_)) => Err(unauthorized(Reason::WrongSecret)),
    }
}

fn unauthorized(reason: Reason) -> Rejection {
    Rejection::new(TokenError::unauthorized(), &["T1"], reason)
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
