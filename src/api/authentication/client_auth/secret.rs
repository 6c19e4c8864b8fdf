//! Client authentication with a secret, from the body or from HTTP Basic.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, header};
use percent_encoding::percent_decode_str;

use crate::api::authentication::reason::Reason;
use crate::api::authentication::rejection::Rejection;
use crate::api::error::TokenError;
use crate::store::views::ClientView;

/// Checks what a client sent as its secret: nothing, or a text in each reading that its place allows.
pub(super) fn check(client: &ClientView<'_>, sent: Option<&[String]>) -> Result<(), Rejection> {
    let invalid = |reason| Rejection::new(TokenError::invalid_client(), &["T2"], reason);
    match (sent, client.secret()) {
        (None, _) if client.authenticates_with_keys() => Err(invalid(Reason::NoAssertion)),
        (Some(_), _) if client.authenticates_with_keys() => Err(Rejection::unauthorized(Reason::SecretInsteadOfKeys)),
        // It has no proof to give, and what it sends is no proof; its grant types stop it (T3).
        (_, _) if client.is_public() => Ok(()),
        (_, None) => Err(Rejection::unauthorized(Reason::ClientWithoutSecret)),
        (None, Some(_)) => Err(Rejection::unauthorized(Reason::NoSecretSent)),
        (Some(sent), Some(secret)) if sent.iter().any(|sent| sent == secret) => Ok(()),
        (Some(_), Some(_)) => Err(Rejection::unauthorized(Reason::WrongSecret)),
    }
}

/// The credentials of the Authorization header, if its scheme is `Basic`.
pub(super) fn basic_header(request: &Request<Bytes>) -> Option<&[u8]> {
    let value = request.headers().get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, rest) = value.split_at_checked(5)?;
    (scheme.eq_ignore_ascii_case(b"Basic") && rest.first().is_none_or(u8::is_ascii_whitespace))
        .then(|| rest.trim_ascii())
}

/// Reads id and secret. RFC 6749 has both form-encoded, and many clients do not encode them: a secret counts in either
/// reading.
pub(super) fn read_basic(encoded: &[u8]) -> Option<(String, Vec<String>)> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().map_or_else(|_| text.to_owned(), String::from)
    };
    Some((decode(id), vec![decode(secret), secret.to_owned()]))
}
