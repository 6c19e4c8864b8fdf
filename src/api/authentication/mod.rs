//! The Authentication API: the token endpoint and the published documents.

pub mod action;
mod attempt;
mod certificate;
mod client_assertion;
mod client_auth;
mod discovery;
pub(super) mod endpoint;
mod entity;
mod jwks;
mod organization;
mod parameters;
mod permitted;
mod quota;
mod refused;
mod token;

use bytes::Bytes;
use http::Request;

use super::call::Reply;
use super::error::{ApiError, TokenError};
use super::{Outcome, Tenant, TokenDecision};
use crate::domain::Signing;
use crate::store::Kind;
use crate::store::views::ResourceServerView;
use crate::token::{Grant, Profile, issue};
use attempt::Attempt;
use endpoint::{Answer, Endpoint};
use parameters::TokenRequest;
use refused::Refused;

/// Answers a request outside `/api/v2`.
pub(super) fn answer(tenant: &Tenant, request: &Request<Bytes>) -> Outcome {
    let (method, path) = (request.method().as_str(), request.uri().path());
    let unmodelled = || Outcome::unmodelled(method, path);
    match endpoint::find(method, path).map(|endpoint| endpoint.answer(tenant, request)) {
        Some(Answer::Token) => token::answer(tenant, request),
        Some(Answer::Document(reply)) => reply.map_or_else(unmodelled, |reply| Outcome { reply, ..Outcome::default() }),
        None => unmodelled(),
    }
}

/// A request that the edge could not hand over whole. At the token endpoint every method is refused in its words.
pub(super) fn refuse(path: &str, error: ApiError) -> Outcome {
    if !endpoint::at(path).is_some_and(Endpoint::is_token) {
        return error.into();
    }
    let refused = Refused::new(TokenError::unread(error.status, error.message.clone()), &[], error.message.as_str());
    token::unchanged(refused, TokenDecision::default())
}

/// A request that is answered before anyone looks at it: by a rate limit, or a fault.
pub(super) fn instead(
    tenant: &Tenant,
    request: &Request<Bytes>,
    error: TokenError,
    rules: &'static [&'static str],
    why: String,
) -> Outcome {
    let endpoint = endpoint::find(request.method().as_str(), request.uri().path());
    if !endpoint.is_some_and(Endpoint::is_token) {
        return Outcome {
            reply: Reply::json(&error.body()).status(error.status),
            refusal: Some(why.into()),
            ..Outcome::default()
        };
    }
    let Named { client_id, audience, organization } = named(request);
    let kept = |text: Option<String>| text.map(Into::into);
    let decision = TokenDecision {
        client_id: kept(client_id),
        audience: kept(audience),
        organization: kept(organization),
        ..TokenDecision::default()
    };
    token::refused(tenant, request, &Attempt::default(), Refused::new(error, rules, why), decision).0
}

/// What a token request names, as it was sent and without a look at the tenant.
#[derive(Default)]
pub(super) struct Named {
    pub(super) client_id: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) organization: Option<String>,
}

/// Reads what can be read.
pub(super) fn named(request: &Request<Bytes>) -> Named {
    let Ok(parameters) = TokenRequest::read(request) else { return Named::default() };
    let presented = client_auth::presented(request, &parameters).ok().map(|presented| presented.client_id);
    Named {
        client_id: presented.or(parameters.client_id),
        audience: parameters.audience,
        organization: parameters.organization,
    }
}

/// A Management API token without a request: for tests that need one and nothing else.
pub(super) fn management_token(tenant: &Tenant, host: &str, scopes: &[&str]) -> String {
    let (client_id, _) = tenant.management_client();
    let audience = tenant.names.management_audience();
    let lifetime = {
        let state = tenant.state();
        let api = state[Kind::ResourceServer].find("identifier", &audience);
        api.map_or(86_400, |api| ResourceServerView(api).token_lifetime())
    };
    let grant = Grant {
        issuer: tenant.issuer_for(host),
        client_id,
        audience,
        issued_at: tenant.clock.unix(),
        lifetime,
        scope: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        organization: None,
        profile: Profile::Auth0,
        with_permissions: false,
        custom_claims: serde_json::Map::new(),
        signing: Signing::Rs256,
    };
    issue(&grant, &tenant.keys()).expect("a shipped key signs RS256")
}
