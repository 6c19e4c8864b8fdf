//! Client authentication with a signed assertion (token-endpoint, "Client authentication").
//!
//! `domain::client_assertion` has the rules; this file looks up their facts. Every refusal is T2 on the wire; its cause is in
//! the journal and the tenant's log.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::api::TOKEN_PATH;
use crate::api::authentication::exchange::Exchange;
use crate::api::authentication::parameters::Parameters;
use crate::api::authentication::reason::Reason;
use crate::api::authentication::rejection::Rejection;
use crate::api::error::{ASSERTION_TYPE, TokenError, assertion_refused};
use crate::domain::client_assertion::{
    Algorithm, Assertion, AssertionContext, Cause, Credential, LONGEST_ASSERTION, candidates, check, identify,
};
use crate::store::document::text;
use crate::store::used_tokens::Spent;
use crate::store::views::ClientView;
use crate::store::{Document, Kind, State};
use crate::token::{Compact, members, verify_assertion};

/// An assertion that has been read, and nothing more.
pub(super) struct Presented {
    /// The client that it authenticates.
    pub(super) client_id: String,
    token: Compact,
}

/// Reads the assertion of a request. `beside_secret` tells whether the request holds a secret as well.
pub(super) fn presented(parameters: &Parameters, assertion: &str, beside_secret: bool) -> Result<Presented, Rejection> {
    if beside_secret {
        return Err(rejected(&Cause::TwoProofs));
    }
    let kind = parameters.text("client_assertion_type")?;
    if kind != Some(ASSERTION_TYPE) {
        return Err(rejected(&Cause::AssertionType(kind.map(str::to_owned))));
    }
    if assertion.len() > LONGEST_ASSERTION {
        return Err(rejected(&Cause::TooLong(assertion.len())));
    }
    let token = Compact::parse(assertion).map_err(|_| rejected(&Cause::Unreadable))?;
    let named = parameters.text("client_id")?;
    let client_id = identify(&said(&token), named).map_err(|cause| rejected(&cause))?.to_owned();
    Ok(Presented { client_id, token })
}

/// Authenticates the client that an assertion speaks for, and takes note that the assertion is used.
///
/// It is used from then on, whatever else the request is refused for: the live service takes each assertion once, too.
pub(super) fn authenticate(
    exchange: &Exchange<'_>,
    state: &mut State,
    presented: &Presented,
) -> Result<Document, Rejection> {
    let Exchange { tenant, base_url, .. } = exchange;
    let Presented { client_id, token } = presented;
    let Some(client) = state[Kind::Client].get(client_id).map(Document::clone) else {
        return Err(rejected(&Cause::UnknownClient));
    };
    if !ClientView(&client).authenticates_with_assertions() {
        return Err(rejected(&Cause::AnotherMethod));
    }
    let rejected = |cause| rejected(&cause);
    let assertion = said(token);
    let now = tenant.clock.unix();
    let keys = keys(state, &ClientView(&client));
    let credentials: Vec<Credential<'_>> = keys.iter().map(|key| key.credential).collect();
    let places = candidates(&assertion, &credentials, now).map_err(rejected)?;
    if !places.into_iter().any(|place| keys[place].signed(token)) {
        return Err(rejected(Cause::BadSignature));
    }
    let context = AssertionContext { names: &tenant.names, base_url, token_endpoint: TOKEN_PATH, now };
    let one_use = check(&assertion, context).map_err(rejected)?;
    state.used_assertions.spend(client_id, one_use, now).map_err(|spent| {
        rejected(match spent {
            Spent::Used => Cause::Used(one_use.id.to_owned()),
            Spent::Full(most) => Cause::Full(most),
        })
    })?;
    Ok(client)
}

fn rejected(cause: &Cause) -> Rejection {
    let reason = Reason::AssertionRefused(assertion_refused(cause).into());
    Rejection::new(TokenError::invalid_client(), &["T2"], reason)
}

/// A public key that the client has registered.
struct Key<'a> {
    credential: Credential<'a>,
    numbers: &'a Value,
}

impl Key<'_> {
    fn signed(&self, token: &Compact) -> bool {
        let number = |name: &str| URL_SAFE_NO_PAD.decode(self.numbers.get(name)?.as_str()?).ok();
        let (Some(modulus), Some(exponent)) = (number("n"), number("e")) else { return false };
        verify_assertion(token, self.credential.algorithm, &modulus, &exponent).is_ok()
    }
}

/// Every public key of the client, also those that it does not name.
fn keys<'a>(state: &'a State, client: &ClientView<'_>) -> Vec<Key<'a>> {
    let places = state[Kind::ClientCredential].having("client_id", client.id()).iter();
    let documents = places.filter_map(|place| state[Kind::ClientCredential].at(place));
    let key = |document: &'a Document| {
        let id = text(document, "id")?;
        Some(Key {
            credential: Credential {
                key_id: text(document, "kid")?,
                algorithm: Algorithm::parse(text(document, "alg")?)?,
                is_named: client.assertion_credentials().any(|named| named == id),
                expires: text(document, "expires_at").and_then(seconds),
            },
            numbers: document.get("public_key")?,
        })
    };
    documents.filter_map(key).collect()
}

/// A stored moment in seconds. The fraction is cut, so that a key is not used after its end.
fn seconds(moment: &str) -> Option<i64> {
    let since = humantime::parse_rfc3339(moment).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// The members of header and claims.
fn said(token: &Compact) -> Assertion<'_> {
    let (header, claims) = (token.header(), token.claims());
    Assertion {
        algorithm: members::text(header, "alg"),
        key_id: members::text(header, "kid"),
        has_extensions: members::has_extensions(header),
        issuer: members::text(claims, "iss"),
        subject: members::text(claims, "sub"),
        audiences: members::texts(claims, "aud"),
        expires: members::seconds(claims, "exp"),
        issued_at: members::seconds(claims, "iat"),
        not_before: members::beginning(claims, "nbf"),
        id: members::text(claims, "jti"),
    }
}
