//! Client authentication with a certificate (token-endpoint, "mTLS").
//!
//! `domain::client_certificate` has the rules; this file looks up their facts. Every refusal is T19 on the wire; its cause is
//! in the journal and the tenant's log.

use crate::api::authentication::client_certificate::Source;
use crate::api::authentication::exchange::Exchange;
use crate::api::authentication::rejection::Rejection;
use crate::domain::client_certificate::{Cause, Method, Registered, authenticate};
use crate::store::document::text;
use crate::store::views::ClientView;
use crate::store::{Kind, State};

/// Checks the certificate of a request for a client with this method.
pub(super) fn check(
    exchange: &mut Exchange<'_>,
    state: &State,
    client: &ClientView<'_>,
    method: Method,
    beside_secret: bool,
) -> Result<(), Rejection> {
    if beside_secret {
        return Err(Rejection::certificate(Cause::TwoProofs));
    }
    let certificate = Source::of(exchange.request, state).read().map_err(Rejection::certificate)?;
    let presented = certificate.presented();
    let now = exchange.tenant.clock.unix();
    authenticate(method, presented, &registered(state, client, method), now).map_err(Rejection::certificate)?;
    exchange.trace.certificate = Some(presented.thumbprint.into());
    Ok(())
}

/// The credentials that the method of the client names.
fn registered<'a>(state: &'a State, client: &ClientView<'_>, method: Method) -> Vec<Registered<'a>> {
    let credentials = client.certificate_credentials(method).filter_map(|id| state[Kind::ClientCredential].get(id));
    let registered = credentials.filter_map(|credential| match method {
        Method::TlsClientAuth => text(credential, "subject_dn").map(Registered::Subject),
        Method::SelfSignedTlsClientAuth => text(credential, "thumbprint_sha256").map(Registered::Thumbprint),
    });
    registered.collect()
}
