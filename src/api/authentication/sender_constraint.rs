//! Binds a token to a key or certificate of its client: looks up the facts of API, client and request, applies the rules, and
//! validates the proof.
//!
//! A proof that has no effect costs nothing, because it is not read. A valid one is used up, whatever else the request is
//! refused for.

use http::HeaderName;

use super::authorization::Authorization;
use super::client_certificate::Source;
use super::exchange::Exchange;
use super::reason::Reason;
use super::rejection::Rejection;
use crate::api::error::TokenError;
use crate::domain::client_certificate::check_time;
use crate::domain::dpop_proof::{self, Cause, LONGEST_PROOF, Proof, ProofContext};
use crate::domain::sender_constraint::{Case, ClientKind, Decision, Mechanism, Presented, decide};
use crate::store::State;
use crate::store::used_tokens::Spent;
use crate::store::views::{ClientView, ResourceServerView};
use crate::token::{Compact, Confirmation, PublicKey, members};

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The key that the token is bound to, if it is bound.
pub(super) fn confirmation(
    exchange: &mut Exchange<'_>,
    state: &mut State,
    authorization: &Authorization,
) -> Result<Option<Confirmation>, Rejection> {
    let client = ClientView(&authorization.client);
    let certificate = Source::of(exchange.request, state);
    let case = Case {
        api: ResourceServerView(&authorization.api).proof_of_possession(),
        client_requires: client.must_prove_possession(),
        client: if client.is_public() { ClientKind::Public } else { ClientKind::Confidential },
        proof: match (exchange.request.headers().contains_key(DPOP), certificate.is_some()) {
            (false, false) => Presented::None,
            (true, false) => Presented::Dpop,
            (false, true) => Presented::Certificate,
            (true, true) => Presented::Both,
        },
    };
    let ruling = decide(case);
    if !case.is_plain() {
        exchange.trace.rules.extend(ruling.rules);
    }
    match ruling.decision {
        Decision::Bearer => Ok(None),
        Decision::Refuse(refusal) => {
            Err(Rejection::new(TokenError::no_proof(), ruling.rules, Reason::NoProof(refusal)))
        }
        Decision::Bound(mechanism) => {
            let confirmation = match mechanism {
                Mechanism::Dpop => {
                    let thumbprint = thumbprint(exchange, state).map_err(|cause| {
                        let rules = cause.rules();
                        Rejection::new(TokenError::invalid_dpop_proof(), rules, Reason::ProofRefused(cause))
                    })?;
                    Confirmation::Key { thumbprint }
                }
                Mechanism::Mtls => {
                    let certificate = certificate.read().map_err(Rejection::certificate)?;
                    let presented = certificate.presented();
                    check_time(presented, exchange.tenant.clock.unix()).map_err(Rejection::certificate)?;
                    Confirmation::Certificate { thumbprint: presented.thumbprint.to_owned() }
                }
            };
            exchange.trace.bound_to = Some(confirmation.clone());
            Ok(Some(confirmation))
        }
    }
}

/// The thumbprint of the key of a valid proof, which is used from then on.
fn thumbprint(exchange: &Exchange<'_>, state: &mut State) -> Result<String, Cause> {
    let Exchange { tenant, request, base_url, .. } = exchange;
    let mut headers = request.headers().get_all(DPOP).iter();
    let (header, None) = (headers.next(), headers.next()) else { return Err(Cause::SeveralHeaders) };
    let sent = header.and_then(|header| header.to_str().ok()).ok_or(Cause::Unreadable)?;
    if sent.len() > LONGEST_PROOF {
        return Err(Cause::TooLong(sent.len()));
    }
    let token = Compact::parse(sent).map_err(|_| Cause::Unreadable)?;
    let proof = read(&token);
    let key = PublicKey::parse(token.header().get("jwk"), dpop_proof::algorithm(&proof)?)?;
    key.verify(&token).map_err(|_| Cause::BadSignature)?;
    let now = tenant.clock.unix();
    let (method, path) = (request.method().as_str(), request.uri().path());
    let context = ProofContext { names: &tenant.names, base_url, method, path, now };
    let one_use = dpop_proof::check(&proof, context)?;
    let thumbprint = key.thumbprint();
    // By key and not by client: another client cannot use a proof again that it has seen.
    state.used_proofs.spend(&thumbprint, one_use, now).map_err(|spent| match spent {
        Spent::Used => Cause::Used,
        Spent::Full(most) => Cause::Full(most),
    })?;
    Ok(thumbprint)
}

/// The header and claims of a proof.
fn read(token: &Compact) -> Proof<'_> {
    let (header, claims) = (token.header(), token.claims());
    Proof {
        kind: members::text(header, "typ"),
        algorithm: members::text(header, "alg"),
        has_extensions: members::has_extensions(header),
        method: members::text(claims, "htm"),
        url: members::text(claims, "htu"),
        issued_at: members::seconds(claims, "iat"),
        id: members::text(claims, "jti"),
    }
}
