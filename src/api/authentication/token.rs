//! `POST /oauth/token` with `client_credentials`.
//!
//! The order of checks follows from which error wins in reported answers (token-endpoint, "Errors"): parameters, client,
//! grant type, audience, client grant, organization, scopes, quotas, Actions. Each step that refuses says which rule it
//! applied and on which facts.

use http::{HeaderName, header};
use serde_json::{Map, Value};

use super::action::sequence::{Actions, Changes};
use super::client_auth;
use super::exchange::{Exchange, TokenRequest};
use super::permitted::{GRANT_TYPE, Permitted, permit};
use super::quota;
use super::reason::Reason;
use super::rejection::Rejection;
use super::trace::Trace;
use crate::api::answers::{Instead, Values};
use crate::api::call::Reply;
use crate::api::error::{Sentence, TokenError};
use crate::api::{Outcome, Tenant, TokenDecision, base_url};
use crate::domain::{BoundedText, IdShape};
use crate::store::document::text;
use crate::store::views::{ClientView, ResourceServerView};
use crate::token::{Grant, OrganizationClaim, Profile, issue};

/// Answers a token request.
pub(super) fn answer(tenant: &Tenant, request: TokenRequest<'_>) -> Outcome {
    let TokenRequest { request, parameters, mut trace } = request;
    let exchanged = parameters.and_then(|parameters| {
        let base_url = base_url(tenant, request);
        exchange(Exchange { tenant, request, parameters: &parameters, base_url, trace: &mut trace })
    });
    match exchanged {
        Ok(reply) => {
            let decision = trace.decision(None);
            let events = trace.events(&decision, None);
            Outcome { events, ..outcome(reply, decision) }
        }
        Err(rejection) => {
            let (outcome, sentence) = rejected(tenant, &trace, rejection);
            let events = outcome.token.as_ref().map(|decision| trace.events(decision, Some(&sentence)));
            Outcome { events: events.unwrap_or_default(), ..outcome }
        }
    }
}

/// The rejection, on the wire and in the journal, with its sentence. Where the tenant has answers of its own, it has their
/// words.
pub(super) fn rejected(tenant: &Tenant, trace: &Trace, rejection: Rejection) -> (Outcome, Sentence) {
    let decision = trace.decision(Some(&rejection));
    let Rejection { error, rules, headers, .. } = rejection;
    let reply = with(Reply::json(&error.body()).status(error.status), &headers);
    let outcome = outcome(reply, decision);
    let Some(answers) = &tenant.answers else { return (outcome, error.description) };
    let values: Values = trace.values(&error);
    let instead = answers.of_token(rules, &error.description, &values);
    let outcome = Outcome { values, ..outcome };
    match instead {
        Some(Instead { status, body, sentence }) => (outcome.answered(status, &body), sentence),
        None => (outcome, error.description),
    }
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

fn exchange(mut exchange: Exchange<'_>) -> Result<Reply, Rejection> {
    let Exchange { tenant, parameters, .. } = exchange;
    match parameters.text("grant_type")? {
        Some(GRANT_TYPE) => exchange.trace.is_client_credentials = true,
        Some(other) => {
            let reason = Reason::UnknownGrantType(other.into());
            return Err(Rejection::new(TokenError::unsupported_grant_type(), &["T9"], reason));
        }
        None => return Err(Rejection::new(TokenError::missing_grant_type(), &["T8"], Reason::NoGrantType)),
    }
    let presented = client_auth::presented(exchange.request, parameters)?;
    exchange.trace.client_id = Some(presented.client_id.as_str().into());

    let mut state = tenant.state();
    exchange.note_names(&state, &presented)?;
    let permitted = permit(&mut exchange, &mut state, &presented)?;
    let now = tenant.clock.unix();
    let mut changes = Changes { custom_claims: Map::new(), scopes: permitted.scopes.clone() };
    if let Some(actions) = Actions::of(tenant, &state, &permitted) {
        // A used up quota is told before an Action runs; a token that an Action denies is taken from none.
        quota::check(&state, &permitted, now)?;
        // An Action may use the tenant, so it runs without the lock.
        drop(state);
        changes = actions.run(&mut exchange, &permitted)?;
        state = tenant.state();
    }
    // The last check, because it counts.
    quota::count(&mut state, &permitted, now, exchange.trace)?;
    let jti = IdShape::TOKEN.draw(&mut state.random);
    drop(state);

    // Signing takes longer than everything before it.
    let issuer = tenant.names.issuer(&exchange.base_url).to_owned();
    let granted = grant(&permitted, changes, issuer, now, jti);
    let token = issue(&granted, &tenant.keys()).map_err(|error| {
        let reason = Reason::SigningFailed(BoundedText::of(error));
        Rejection::new(TokenError::not_modelled("this key"), &[], reason)
    })?;
    // The order of a pasted answer (token-endpoint, "Success"), which has `scope` only where there is one.
    let mut body = vec![("access_token", Value::from(token))];
    if !granted.scope.is_empty() {
        let scope = granted.scope.join(" ");
        exchange.trace.granted_scope = Some(scope.as_str().into());
        body.push(("scope", scope.into()));
    }
    body.extend([("expires_in", granted.lifetime.into()), ("token_type", "Bearer".into())]);
    Ok(with(Reply::object(body), &exchange.trace.quotas))
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
