//! The Authentication API: the token endpoint and the published documents.

pub mod action;
mod attempt;
mod certificate;
mod client_assertion;
mod client_auth;
mod discovery;
mod entity;
mod organization;
mod parameters;
mod permitted;
mod quota;
mod refused;
mod token;

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use super::call::{Members, Reply};
use super::error::{ApiError, TokenError};
use super::{Outcome, Tenant, TokenDecision, base_url};
use crate::domain::Signing;
use crate::store::views::ResourceServerView;
use crate::token::{Grant, Profile, issue};
use attempt::Attempt;
use parameters::TokenRequest;
use refused::Refused;

/// Answers a request outside `/api/v2`.
pub(super) fn answer(tenant: &Tenant, request: &Request<Bytes>) -> Outcome {
    match (request.method().as_str(), request.uri().path()) {
        ("POST", "/oauth/token") => token::answer(tenant, request),
        ("GET" | "HEAD", "/.well-known/jwks.json") => published(jwks(tenant)),
        ("GET" | "HEAD", "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server") => {
            published(discovery::answer(tenant, tenant.names.issuer(&base_url(tenant, request))))
        }
        (method @ ("GET" | "HEAD"), path) => {
            let certificate = certificate::answer(tenant, path, request.uri().query().unwrap_or_default());
            certificate.map_or_else(|| Outcome::unmodelled(method, path), published)
        }
        (method, path) => Outcome::unmodelled(method, path),
    }
}

/// What the tenant publishes beside the token endpoint.
pub(super) fn published_paths() -> impl Iterator<Item = &'static str> {
    DOCUMENTS.into_iter().chain(certificate::PATHS)
}

const DOCUMENTS: [&str; 3] =
    ["/.well-known/jwks.json", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/// Whether [`answer`] knows this method at this path.
pub(super) fn answers(method: &str, path: &str) -> bool {
    match path {
        "/oauth/token" => method == "POST",
        _ => matches!(method, "GET" | "HEAD") && (DOCUMENTS.contains(&path) || certificate::is_at(path)),
    }
}

/// A token request that the edge could not hand over whole.
pub(super) fn refuse(error: ApiError) -> Outcome {
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
    if (request.method().as_str(), request.uri().path()) != ("POST", "/oauth/token") {
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

/// The members of a published key, in the order of a capture of July 2026.
const KEY_MEMBERS: [&str; 8] = ["kty", "use", "n", "e", "kid", "x5t", "x5c", "alg"];

/// The published keys, without `alg` where the tenant turns it off (`flags.remove_alg_from_jwks`).
fn jwks(tenant: &Tenant) -> Reply {
    let jwks = tenant.keys().jwks();
    let without_alg = {
        let state = tenant.state();
        let flag = state.settings.get("flags").and_then(|flags| flags.get("remove_alg_from_jwks"));
        flag == Some(&Value::Bool(true))
    };
    let shown = |member: &&str| !(without_alg && *member == "alg");
    let ordered = |key: &Value| {
        let members = KEY_MEMBERS.into_iter().filter(shown);
        Members(members.map(|member| (member, key[member].clone())).collect())
    };
    let keys: Vec<Members<'_, Value>> = jwks["keys"].as_array().into_iter().flatten().map(ordered).collect();
    Reply::json(&Members(vec![("keys", keys)]))
}

fn published(reply: Reply) -> Outcome {
    Outcome { reply, ..Outcome::default() }
}

/// A Management API token without a request: for tests that need one and nothing else.
pub(super) fn management_token(tenant: &Tenant, host: &str, scopes: &[&str]) -> String {
    let (client_id, _) = tenant.management_client();
    let audience = tenant.names.management_audience();
    let lifetime = {
        let state = tenant.state();
        let api = state.resource_servers.find("identifier", &audience);
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
