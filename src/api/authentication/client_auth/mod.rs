//! Client authentication: the client's id, and its secret, assertion or certificate.
//!
//! The wire never says what was wrong (T1, T2, T19); the journal does.

mod assertion;
mod certificate;
mod secret;

use bytes::Bytes;
use http::Request;

use super::exchange::Exchange;
use super::parameters::Parameters;
use super::reason::Reason;
use super::rejection::Rejection;
use crate::api::error::TokenError;
use crate::api::facts::LookupKey;
use crate::store::views::ClientView;
use crate::store::{Document, Kind, State};
use secret::basic_header;

/// The client and its proof, as the request has them.
pub(super) struct Presented {
    pub(super) client_id: String,
    /// The place of the id in the request.
    pub(super) by: LookupKey,
    proof: Proof,
}

/// The proof of a client.
enum Proof {
    None,
    /// A secret, in each reading that its place allows.
    Secret(Vec<String>),
    /// Signed with a key of the client.
    Assertion(Box<assertion::Presented>),
}

/// Finds the client and its proof.
///
/// An assertion names its client itself. A secret is accepted in either place, whatever the client's `token_endpoint_auth_method` says; whether the live service is
/// stricter is unknown. A value that is sent in both places must be the same.
pub(super) fn presented(request: &Request<Bytes>, parameters: &Parameters) -> Result<Presented, Rejection> {
    let in_body = parameters.text("client_id")?;
    let secret = parameters.text("client_secret")?;
    let header = basic_header(request);
    if let Some(sent) = parameters.text("client_assertion")? {
        let presented = assertion::presented(parameters, sent, secret.is_some() || header.is_some())?;
        let client_id = presented.client_id.clone();
        return Ok(Presented {
            client_id,
            by: LookupKey::ClientAssertion,
            proof: Proof::Assertion(Box::new(presented)),
        });
    }
    if let Some(header) = header {
        let (id, secrets) =
            secret::read_basic(header).ok_or_else(|| Rejection::unauthorized(Reason::UnreadableBasic))?;
        if in_body.is_some_and(|in_body| in_body != id) {
            return Err(Rejection::unauthorized(Reason::TwoClients));
        }
        if secret.is_some_and(|secret| !secrets.iter().any(|known| known == secret)) {
            return Err(Rejection::unauthorized(Reason::TwoSecrets));
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
    exchange: &mut Exchange<'_>,
    state: &mut State,
    presented: &Presented,
) -> Result<Document, Rejection> {
    let sent = match &presented.proof {
        Proof::Assertion(presented) => return assertion::authenticate(exchange, state, presented),
        Proof::Secret(sent) => Some(sent.as_slice()),
        Proof::None => None,
    };
    let Some(document) = state[Kind::Client].get(&presented.client_id).map(Document::clone) else {
        return Err(Rejection::unauthorized(Reason::UnknownClient));
    };
    let client = ClientView(&document);
    match client.certificate_method().filter(|_| !client.authenticates_with_assertions()) {
        Some(method) => certificate::check(exchange, state, &client, method, sent.is_some())?,
        None => secret::check(&client, sent)?,
    }
    Ok(document)
}
