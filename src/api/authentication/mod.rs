//! The Authentication API: the token endpoint and the published documents.

pub mod action;
mod authorization;
mod certificate;
mod client_auth;
mod client_certificate;
mod discovery;
pub(super) mod endpoint;
mod exchange;
mod grants;
mod issue;
mod jwks;
mod organization;
mod parameters;
pub(super) mod paths;
mod quota;
mod rate_limit_policy;
mod reason;
mod record;
mod rejection;
mod sender_constraint;
mod sentence;
mod token;
pub(super) mod token_request;
mod trace;

use bytes::Bytes;
use http::Request;

use super::call::Reply;
use super::error::{ApiError, TokenError};
use super::outcome::Outcome;
use super::tenant::Tenant;
use crate::domain::{Signing, Subject};
use crate::store::Kind;
use crate::store::views::ResourceServerView;
use crate::token::{Grant, Profile, issue};
use endpoint::{Content, Endpoint};
pub(super) use rate_limit_policy::apply as apply_rate_limit_policy;
use reason::Reason;
use rejection::Rejection;
use token_request::ParsedTokenRequest;
use trace::Trace;

/// Answers a request for a token.
pub(super) fn token(tenant: &Tenant, request: ParsedTokenRequest<'_>) -> Outcome {
    token::answer(tenant, request)
}

/// Answers a request for a document, or for what is not modelled.
pub(super) fn answer(tenant: &Tenant, request: &Request<Bytes>, endpoint: Option<&Endpoint>) -> Outcome {
    match endpoint.and_then(|endpoint| publish(tenant, endpoint, request)) {
        Some(reply) => Outcome { reply, ..Outcome::default() },
        None => {
            let answer = ApiError::no_such_operation().into();
            Outcome::unmodelled(request.method().as_str(), request.uri().path(), answer)
        }
    }
}

/// The document that an endpoint publishes; `None` if there is none for this request.
fn publish(tenant: &Tenant, endpoint: &Endpoint, request: &Request<Bytes>) -> Option<Reply> {
    match endpoint.content {
        Content::Token => None,
        Content::Keys => Some(jwks::answer(tenant)),
        Content::Discovery => Some(discovery::answer(tenant, request)),
        Content::Certificate(form) => {
            let uri = request.uri();
            certificate::answer(tenant, form, endpoint.client_id(uri.path()), uri.query())
        }
    }
}

/// A request that the edge could not hand over whole. At the token endpoint every method is refused in its words.
pub(super) fn refuse(tenant: &Tenant, path: &str, error: ApiError) -> Outcome {
    if !endpoint::at(path).is_some_and(Endpoint::is_token) {
        return error.into();
    }
    let reason = Reason::Unread(error.message.as_str().into());
    let rejection = Rejection::new(TokenError::unread(error.status, error.message), &[], reason);
    token::rejected(tenant, &Trace::default(), rejection).0
}

/// The answer to a request that a rate limit or a fault answers in the tenant's place. `token` is the request if it is for
/// a token.
pub(super) fn replaced(
    tenant: &Tenant,
    token: Option<ParsedTokenRequest<'_>>,
    error: TokenError,
    rules: &'static [&'static str],
    why: String,
) -> Outcome {
    let Some(request) = token else {
        let reply = Reply::of(error.body()).status(error.status);
        return Outcome { reply, refusal: Some(why.into()), ..Outcome::default() };
    };
    let trace = Trace { client_id: request.client_id().map(Into::into), ..request.trace };
    token::rejected(tenant, &trace, Rejection::new(error, rules, Reason::Replaced(why.into()))).0
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
        subject: Subject::ClientAccount,
        client_id,
        audience,
        issued_at: tenant.clock.unix(),
        lifetime,
        scope: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        organization: None,
        profile: Profile::Auth0,
        with_permissions: false,
        confirmation: None,
        custom_claims: serde_json::Map::new(),
        signing: Signing::Rs256,
    };
    issue(&grant, &tenant.keys()).expect("a shipped key signs RS256")
}
