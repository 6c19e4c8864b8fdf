//! `POST /oauth/token`: parameters, grant, client; then the grant decides.
//!
//! The order of checks follows from which error wins in reported answers (token-endpoint, "Errors"): parameters, client,
//! grant type, audience, client grant, organization, scopes, quotas, Actions. Each step that refuses says which rule it
//! applied and why; the facts are in the trace.

use http::{HeaderName, header};

use super::client_auth::{self, Presented};
use super::exchange::Exchange;
use super::grants;
use super::organization;
use super::reason::Reason;
use super::rejection::Rejection;
use super::token_request::ParsedTokenRequest;
use super::trace::Trace;
use crate::api::calibration::{Override, Values};
use crate::api::call::Reply;
use crate::api::error::{Sentence, TokenError};
use crate::api::facts::{Entity, Lookup, LookupKey};
use crate::api::journal::TokenDecision;
use crate::api::outcome::Outcome;
use crate::api::tenant::{Tenant, base_url};
use crate::store::views::{AgentView, ClientView};
use crate::store::{Kind, State};

/// Answers a token request.
pub(super) fn answer(tenant: &Tenant, request: ParsedTokenRequest<'_>) -> Outcome {
    let ParsedTokenRequest { request, parameters, mut trace } = request;
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
    let reply = with(Reply::of(error.body()).status(error.status), &headers);
    let outcome = outcome(reply, decision);
    let Some(answers) = &tenant.answers else { return (outcome, error.description) };
    let values: Values = trace.values(&error);
    let instead = answers.of_token(rules, &error.description, &values);
    let outcome = Outcome { values, ..outcome };
    match instead {
        Some(Override { status, body, sentence }) => (outcome.answered(status, &body), sentence),
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
    let grant = match parameters.text("grant_type")? {
        Some(name) => grants::find(name).ok_or_else(|| {
            let reason = Reason::UnknownGrantType(name.into());
            Rejection::new(TokenError::unsupported_grant_type(), &["T9"], reason)
        })?,
        None => return Err(Rejection::new(TokenError::missing_grant_type(), &["T8"], Reason::NoGrantType)),
    };
    exchange.trace.grant = Some(grant.name);
    let presented = client_auth::presented(exchange.request, parameters)?;
    exchange.trace.client_id = Some(presented.client_id.as_str().into());

    let mut state = tenant.state();
    note_names(&mut exchange, &state, &presented)?;
    let client = client_auth::authenticate(&mut exchange, &mut state, &presented)?;
    if !ClientView(&client).allows_grant_type(grant.name) {
        let error = TokenError::grant_type_not_allowed(grant.name);
        return Err(Rejection::new(error, &["T3"], Reason::GrantTypeNotAllowed(grant.name)));
    }
    let tokens = (grant.run)(&mut exchange, state, client)?;
    Ok(with(tokens.reply(), &exchange.trace.quotas))
}

/// Looks up the client and the organization that the request names, and the agent of the client, so that the trace has
/// them whatever follows.
fn note_names(exchange: &mut Exchange<'_>, state: &State, presented: &Presented) -> Result<(), Rejection> {
    let id = &presented.client_id;
    let client = state[Kind::Client].get(id).map(|client| ClientView(client));
    exchange.trace.facts.client = Some(Lookup::new(presented.by, id, client.as_ref().map(Entity::client)));
    if let Some(id) = client.and_then(|client| client.agent_id()) {
        let agent = state[Kind::Agent].get(id).map(|agent| AgentView(agent));
        exchange.trace.facts.agent = Some(Lookup::new(LookupKey::AgentId, id, agent.as_ref().map(Entity::agent)));
        exchange.trace.external_agent_id = agent.and_then(|agent| agent.ids().external_id).map(Into::into);
    }
    let organization = exchange.parameters.text("organization")?;
    exchange.trace.facts.organization = organization.map(|called| organization::look_up(state, called));
    Ok(())
}
