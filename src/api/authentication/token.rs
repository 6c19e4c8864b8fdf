//! `POST /oauth/token` with `client_credentials`.
//!
//! The order of checks follows from which error wins in reported answers (token-endpoint, "Errors"): parameters, client,
//! grant type, audience, client grant, organization, scopes, quotas, Actions. Each step that refuses says which rule it
//! applied and on which facts.

use bytes::Bytes;
use http::{HeaderName, Request, header};
use serde_json::{Map, Value};

use super::action::sequence::{Actions, Changes};
use super::attempt::Attempt;
use super::client_auth;
use super::parameters::TokenRequest;
use super::permitted::{GRANT_TYPE, Permitted, permit};
use super::quota;
use super::refused::Refused;
use crate::api::answers::{Instead, Values};
use crate::api::call::Reply;
use crate::api::error::{Sentence, TokenError};
use crate::api::{Outcome, Tenant, TokenDecision, base_url};
use crate::domain::IdShape;
use crate::store::document::text;
use crate::store::views::{ClientView, ResourceServerView};
use crate::token::{Grant, OrganizationClaim, Profile, issue};

/// Answers a token request.
pub(super) fn answer(tenant: &Tenant, request: &Request<Bytes>) -> Outcome {
    let mut decision = TokenDecision::default();
    let mut attempt = Attempt::default();
    let exchanged = exchange(tenant, request, &mut decision, &mut attempt);
    decision.organization_id = attempt.organization_id().map(Into::into);
    let (outcome, sentence) = match exchanged {
        Ok(reply) => (outcome(reply, decision), None),
        Err(why) => {
            let (outcome, sentence) = refused(tenant, request, &attempt, why, decision);
            (outcome, Some(sentence))
        }
    };
    Outcome { events: attempt.events(outcome.token.as_ref(), sentence.as_deref()), ..outcome }
}

/// The refusal, on the wire and in the journal, with its sentence. Where the tenant has answers of its own, it has their words.
pub(super) fn refused(
    tenant: &Tenant,
    request: &Request<Bytes>,
    attempt: &Attempt,
    refused: Refused,
    decision: TokenDecision,
) -> (Outcome, Sentence) {
    let Some(answers) = &tenant.answers else {
        let sentence = refused.error.description.clone();
        return (unchanged(refused, decision), sentence);
    };
    let values = values(request, attempt, &refused.error, &decision);
    let own = refused.error.description.clone();
    let instead = answers.of_token(refused.rules, &own, &values);
    let outcome = Outcome { values, ..unchanged(refused, decision) };
    match instead {
        Some(Instead { status, body, sentence }) => (outcome.answered(status, &body), sentence),
        None => (outcome, own),
    }
}

/// The refusal in our own words.
pub(super) fn unchanged(refused: Refused, mut decision: TokenDecision) -> Outcome {
    decision.rules = refused.rules.to_vec();
    decision.why = refused.why;
    decision.client_authentication_error = refused.client_authentication_error;
    let reply = Reply::json(&refused.error.body()).status(refused.error.status);
    outcome(with(reply, &refused.headers), decision)
}

/// What a refusal may speak of.
fn values(request: &Request<Bytes>, attempt: &Attempt, error: &TokenError, decision: &TokenDecision) -> Values {
    let mut values = Values::default();
    if let Ok(parameters) = TokenRequest::read(request) {
        values.set_if("scope", parameters.scope.as_deref());
        values.set_if("grant_type", parameters.grant_type.as_deref());
    }
    values.set_if("client_id", decision.client_id.as_deref());
    values.set_if("audience", decision.audience.as_deref());
    values.set_if("organization", decision.organization.as_deref());
    attempt.tell(&mut values);
    if let Some((name, value)) = &error.names {
        values.set(name, value);
    }
    values
}

fn with(reply: Reply, headers: &[(HeaderName, String)]) -> Reply {
    headers.iter().fold(reply, |reply, (name, value)| reply.header(name.clone(), value))
}

fn outcome(reply: Reply, decision: TokenDecision) -> Outcome {
    let reply = reply
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::PRAGMA, "no-cache");
    Outcome { reply, token: Some(decision), ..Outcome::default() }
}

fn exchange(
    tenant: &Tenant,
    request: &Request<Bytes>,
    decision: &mut TokenDecision,
    attempt: &mut Attempt,
) -> Result<Reply, Refused> {
    let parameters = TokenRequest::read(request)?;
    let kept = |text: &Option<String>| text.as_deref().map(Into::into);
    decision.audience = kept(&parameters.audience);
    decision.organization = kept(&parameters.organization);
    decision.client_id = kept(&parameters.client_id);
    match parameters.grant_type.as_deref() {
        Some(GRANT_TYPE) => attempt.is_client_credentials = true,
        Some(other) => {
            let why = format!("the grant type {other} is not modelled");
            return Err(Refused::new(TokenError::unsupported_grant_type(), &["T9"], why));
        }
        None => return Err(Refused::new(TokenError::missing_grant_type(), &["T8"], "no grant_type is sent")),
    }
    attempt.scope = kept(&parameters.scope);
    let presented = client_auth::presented(request, &parameters)?;
    decision.client_id = Some(presented.client_id.as_str().into());

    let base_url = base_url(tenant, request);
    let mut state = tenant.state();
    attempt.begin(&state, &presented.client_id, parameters.organization.as_deref());
    let permitted = permit(tenant, &mut state, &parameters, &presented, &base_url, decision)?;
    attempt.within(permitted.organization.as_ref());
    let now = tenant.clock.unix();
    let mut changes = Changes { custom_claims: Map::new(), scopes: permitted.scopes.clone() };
    if let Some(actions) = Actions::of(tenant, &state, &permitted) {
        // A used up quota is told before an Action runs; a token that an Action denies is taken from none.
        quota::check(&state, &permitted, now)?;
        // An Action may use the tenant, so it runs without the lock.
        drop(state);
        changes = actions.run(tenant, request, &permitted, decision)?;
        state = tenant.state();
    }
    // The last check, because it counts.
    let headers = quota::count(&mut state, &permitted, now, decision, attempt)?;
    let jti = IdShape::TOKEN.draw(&mut state.random);
    drop(state);

    // Signing takes longer than everything before it.
    let issuer = tenant.names.issuer(&base_url).to_owned();
    let granted = grant(&permitted, changes, issuer, now, jti);
    let token = issue(&granted, &tenant.keys())
        .map_err(|error| Refused::new(TokenError::not_modelled("this key"), &[], format!("signing failed: {error}")))?;
    decision.granted = true;
    // The order of a pasted answer (token-endpoint, "Success"), which has `scope` only where there is one.
    let mut body = vec![("access_token", Value::from(token))];
    if !granted.scope.is_empty() {
        let scope = granted.scope.join(" ");
        decision.scope = Some(scope.as_str().into());
        body.push(("scope", scope.into()));
    }
    body.extend([("expires_in", granted.lifetime.into()), ("token_type", "Bearer".into())]);
    Ok(with(Reply::object(body), &headers))
}

/// What the token is made of.
fn grant(permitted: &Permitted, changes: Changes, issuer: String, now: i64, jti: String) -> Grant {
    let api = ResourceServerView(&permitted.api);
    let dialect = api.token_dialect();
    let member = |organization, key| text(organization, key).unwrap_or_default().to_owned();
    Grant {
        issuer,
        client_id: ClientView(&permitted.client).id().to_owned(),
        // As it was asked for: the Management API has many names, and a verifier expects the one it uses.
        audience: permitted.audience.clone(),
        issued_at: now,
        lifetime: api.token_lifetime(),
        scope: changes.scopes.iter().map(str::to_owned).collect(),
        organization: permitted.organization.as_ref().map(|organization| OrganizationClaim {
            id: member(organization, "id"),
            name: permitted.names_organization.then(|| member(organization, "name")),
        }),
        profile: if dialect.is_rfc9068() { Profile::Rfc9068 { jti } } else { Profile::Auth0 },
        // Both are asked for: the dialect alone is a wish, the policies make it so (nobody publishes it).
        with_permissions: dialect.has_permissions() && api.enforces_policies(),
        custom_claims: changes.custom_claims,
        signing: api.signing(),
    }
}
