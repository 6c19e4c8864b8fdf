//! Authorizes a token request: looks up API, client grant, organization and scopes, and applies the rules.

use super::exchange::Exchange;
use super::organization::organization;
use super::reason::Reason;
use super::rejection::Rejection;
use crate::api::error::TokenError;
use crate::api::facts::{Entity, Lookup, LookupKey};
use crate::domain::{BoundedText, ScopeSet, Subject, scope, subject};
use crate::store::document::text;
use crate::store::views::{AgentView, ClientGrantView, ClientView, ResourceServerView, SettingsView};
use crate::store::{Document, Kind, State};
use crate::token::EncryptionKey;

/// A token request that every rule lets pass, with everything it means. Quotas and Actions are still to come.
pub(super) struct Authorization {
    /// The client of the request.
    pub(super) client: Document,
    /// The agent of the client.
    pub(super) agent: Option<Document>,
    /// The subject of the token.
    pub(super) subject: Subject,
    /// The requested API.
    pub(super) api: Document,
    /// The name of the API in the request.
    pub(super) audience: String,
    /// Which organization the token is for.
    pub(super) organization: Option<Document>,
    /// Whether the token names the organization beside its id (R27).
    pub(super) names_organization: bool,
    /// The scopes in the request.
    pub(super) requested: ScopeSet,
    /// The scopes that the client could have.
    pub(super) held: ScopeSet,
    /// The scopes of the token.
    pub(super) scopes: ScopeSet,
    /// The key that encrypts the token, if the API wants it.
    pub(super) encryption_key: Option<EncryptionKey>,
}

/// Asks the rules about the request of an authenticated client. The look-ups go to the trace, and so do the rules that let
/// the request pass.
pub(super) fn authorize(
    exchange: &mut Exchange<'_>,
    state: &State,
    document: Document,
) -> Result<Authorization, Rejection> {
    let client = ClientView(&document);
    let requested = ScopeSet::parse(exchange.parameters.text("scope")?.unwrap_or_default());
    let (api_document, audience) = api(exchange, state)?;
    let api = ResourceServerView(&api_document);
    let grant = client_grant(exchange, state, &client, &api, &audience)?;
    let grant = ClientGrantView(&grant);
    let (organization, ruling) = organization(exchange, state, &client, &grant)?;

    let held = if grant.allows_all_scopes() { api.scopes() } else { grant.scopes() };
    let scopes = scope::grant(&requested, &held).map_err(|missing| {
        let reason = Reason::ScopesNotHeld(BoundedText::of(&missing));
        Rejection::new(TokenError::scopes_not_granted(&missing), &["R76", "T5"], reason)
    })?;
    let encryption_key = encryption_key(&api)?;

    let agent = client.agent_id().and_then(|id| state[Kind::Agent].get(id)).cloned();
    let subject = subject::subject(api.agent_subject_claims(), agent.as_deref().map(|agent| AgentView(agent).ids()));

    let by_name = SettingsView(state.settings.tenant()).accepts_organization_names();
    let names_organization = by_name && organization.is_some();
    let trace = &mut *exchange.trace;
    trace.rules = ruling.rules.to_vec();
    trace.rules.push(if requested.is_empty() { "R74" } else { "R75" });
    // What else had a say.
    let by_resource = trace.facts.api.as_ref().is_some_and(|api| api.by == LookupKey::Resource);
    let others = [
        ("AUD1", by_resource),
        ("R66", grant.allows_all_scopes()),
        ("R79", text(grant.0, "default_for").is_some()),
        ("R27", names_organization),
        ("JWE1", encryption_key.is_some()),
    ];
    trace.rules.extend(others.into_iter().filter_map(|(rule, applies)| applies.then_some(rule)));
    trace.rules.extend(subject.rules);
    trace.subject = Some(subject.decision.clone());
    trace.granted =
        Some(Reason::Granted { usage: grant.organization_usage(), any_organization: grant.allows_any_organization() });
    let (client, subject, api) = (document, subject.decision, api_document);
    Ok(Authorization {
        client,
        agent,
        subject,
        api,
        audience,
        organization,
        names_organization,
        requested,
        held,
        scopes,
        encryption_key,
    })
}

/// The requested API, and its name in the token.
fn api(exchange: &mut Exchange<'_>, state: &State) -> Result<(Document, String), Rejection> {
    let Exchange { tenant, parameters, .. } = *exchange;
    let settings = SettingsView(state.settings.tenant());
    let audience = parameters.text("audience")?;
    // In some tenants `resource` (RFC 8707) names the API where no `audience` does; the others ignore it.
    let reads_resource = audience.is_none() && settings.reads_resource_parameter();
    let resource = if reads_resource { parameters.text("resource")? } else { None };
    let audience = audience.map(|audience| (LookupKey::Audience, audience));
    let resource = resource.map(|resource| (LookupKey::Resource, resource));
    let default = || settings.default_audience().map(|audience| (LookupKey::DefaultAudience, audience));
    let Some((key, identifier)) = audience.or(resource).or_else(default) else {
        // In a tenant that reads `resource`, it is empty at most.
        return Err(if parameters.is_sent("resource") && !reads_resource {
            Rejection::new(TokenError::no_audience(), &["T7", "AUD3"], Reason::ResourceIgnored)
        } else {
            Rejection::new(TokenError::no_audience(), &["T7"], Reason::NoAudience)
        });
    };

    let found = state[Kind::ResourceServer].find("identifier", &tenant.names.canonical_identifier(identifier));
    let entity = found.map(|api| Entity::api(&ResourceServerView(api)));
    exchange.trace.facts.api = Some(Lookup::new(key, identifier, entity));
    let Some(api) = found else {
        return Err(match key {
            LookupKey::Resource => {
                Rejection::new(TokenError::unknown_resource(identifier), &["AUD4"], Reason::UnknownApi)
            }
            _ => Rejection::new(TokenError::unknown_audience(identifier), &["T6"], Reason::UnknownApi),
        });
    };
    let audience = match key {
        LookupKey::DefaultAudience => {
            let identifier = ResourceServerView(api).identifier();
            tenant.names.identifier_at(&exchange.base_url, identifier).into_owned()
        }
        _ => identifier.to_owned(),
    };
    exchange.trace.audience = Some(audience.as_str().into());
    Ok((Document::clone(api), audience))
}

/// The grant of this client for this API, which must accept client credentials at all: the client's own, or for a
/// third-party client the default one (R79). A refusal names the audience as the request does.
fn client_grant(
    exchange: &mut Exchange<'_>,
    state: &State,
    client: &ClientView<'_>,
    api: &ResourceServerView<'_>,
    audience: &str,
) -> Result<Document, Rejection> {
    let id = client.id();
    if api.denies_clients() {
        let error = TokenError::no_client_grant(id, audience);
        return Err(Rejection::new(error, &["R73", "T14"], Reason::ApiDeniesClients));
    }
    let mut look_up = |key, subject: (&str, &str)| {
        let found = state.client_grant(subject, api.identifier(), "client");
        let entity = found.map(|grant| Entity::client_grant(&ClientGrantView(grant)));
        exchange.trace.facts.client_grant = Some(Lookup::new(key, subject.1, entity));
        found.cloned()
    };
    let mut grant = look_up(LookupKey::ClientId, ("client_id", id));
    if grant.is_none() && client.is_third_party() {
        grant = look_up(LookupKey::DefaultFor, ("default_for", "third_party_clients"));
    }
    // In permissive mode the refusal of a third-party client is that of a first-party client ("Permissive Mode").
    grant.ok_or_else(|| match client.is_strict_third_party() {
        true => {
            let error = TokenError::no_client_grant_for_third_party(id, audience);
            Rejection::new(error, &["R82", "T13", "R81"], Reason::NoClientGrantForThirdParty)
        }
        false => Rejection::new(TokenError::no_client_grant(id, audience), &["R70", "T4"], Reason::NoClientGrant),
    })
}

/// The key for the tokens of an API that encrypts them. A token that is not encrypted would pass where the real one would not.
fn encryption_key(api: &ResourceServerView<'_>) -> Result<Option<EncryptionKey>, Rejection> {
    let key = api.token_encryption().map(EncryptionKey::parse).transpose();
    key.map_err(|error| Rejection::new(TokenError::not_encrypted(error.0), &["JWE1"], Reason::NotEncrypted(error)))
}
