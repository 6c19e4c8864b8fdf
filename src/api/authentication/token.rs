//! `POST /oauth/token` with `client_credentials`.
//!
//! The order of checks follows from which error wins in reported answers (token-endpoint, "Errors"): parameters, client,
//! grant type, audience, client grant, organization, scopes, quotas. Each step that refuses says which rule it applied and on
//! which facts.

use bytes::Bytes;
use http::{HeaderName, Request, header};
use serde_json::json;

use super::client_auth::{self, Presented};
use super::organization_id;
use super::parameters::TokenRequest;
use super::quota;
use super::refused::Refused;
use crate::api::call::Reply;
use crate::api::error::TokenError;
use crate::api::{Outcome, Tenant, TokenDecision, base_url};
use crate::domain::organization_access::{Case, Decision, Default, Refusal, Requested, Ruling, Source, decide};
use crate::domain::{IdShape, ScopeSet, scope};
use crate::store::document::text;
use crate::store::views::{ClientGrantView, ClientView, ResourceServerView, SettingsView};
use crate::store::{Document, State};
use crate::token::{Grant, OrganizationClaim, Profile, issue};

const GRANT_TYPE: &str = "client_credentials";

/// Answers a token request.
pub(super) fn answer(tenant: &Tenant, request: &Request<Bytes>) -> Outcome {
    let mut decision = TokenDecision::default();
    match exchange(tenant, request, &mut decision) {
        Ok(reply) => outcome(reply, decision),
        Err(why) => refused(why, decision),
    }
}

/// The refusal, on the wire and in the journal.
pub(super) fn refused(refused: Refused, mut decision: TokenDecision) -> Outcome {
    decision.rules = refused.rules.to_vec();
    decision.why = refused.why;
    decision.client_authentication_error = refused.client_authentication_error;
    let reply = Reply::json(&refused.error.body()).status(refused.error.status);
    outcome(with(reply, &refused.headers), decision)
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

fn exchange(tenant: &Tenant, request: &Request<Bytes>, decision: &mut TokenDecision) -> Result<Reply, Refused> {
    let parameters = TokenRequest::read(request)?;
    decision.audience.clone_from(&parameters.audience);
    decision.organization.clone_from(&parameters.organization);
    decision.client_id.clone_from(&parameters.client_id);
    match parameters.grant_type.as_deref() {
        Some(GRANT_TYPE) => {}
        Some(other) => {
            let why = format!("the grant type {other} is not modelled");
            return Err(Refused::new(TokenError::unsupported_grant_type(), &["T9"], why));
        }
        None => return Err(Refused::new(TokenError::missing_grant_type(), &["T8"], "no grant_type is sent")),
    }
    let requested = ScopeSet::parse(parameters.scope.as_deref().unwrap_or_default());
    let presented = client_auth::presented(request, &parameters)?;
    decision.client_id = Some(presented.client_id.clone());

    let issuer = base_url(tenant, request);
    let (granted, headers) = grant_token(tenant, &parameters, &requested, &presented, issuer, decision)?;
    // The state is no longer locked: signing takes longer than everything before it.
    let token = issue(&granted, &tenant.keys())
        .map_err(|error| Refused::new(TokenError::not_modelled("this key"), &[], format!("signing failed: {error}")))?;
    decision.granted = true;
    let mut body = json!({ "access_token": token, "expires_in": granted.lifetime, "token_type": "Bearer" });
    if !granted.scope.is_empty() {
        let scope = granted.scope.join(" ");
        body["scope"] = scope.clone().into();
        decision.scope = Some(scope);
    }
    Ok(with(Reply::json(&body), &headers))
}

/// Decides under the tenant's lock. What is granted goes to the signer; the rules and facts go to the decision.
fn grant_token(
    tenant: &Tenant,
    parameters: &TokenRequest,
    requested: &ScopeSet,
    presented: &Presented,
    issuer: String,
    decision: &mut TokenDecision,
) -> Result<(Grant, quota::Headers), Refused> {
    let mut locked = tenant.state();
    let document = client_auth::authenticate(tenant, &mut locked, presented, &issuer)?;
    let state = &*locked;
    let client = ClientView(&document);
    if !client.allows_grant_type(GRANT_TYPE) {
        let why = format!("client {} does not have {GRANT_TYPE} among its grant_types", client.id());
        return Err(Refused::new(TokenError::grant_type_not_allowed(GRANT_TYPE), &["T3"], why));
    }

    let api = api(tenant, state, parameters.audience.as_deref())?;
    let api = ResourceServerView(&api);
    decision.audience = Some(parameters.audience.clone().unwrap_or_else(|| api.identifier().to_owned()));

    if client.is_strict_third_party() && api.is_system() {
        let why = format!("system API {} refuses third-party client {}", api.identifier(), client.id());
        return Err(Refused::new(TokenError::no_client_grant_for_third_party(api.identifier()), &["R83"], why));
    }
    let grant = client_grant(state, &client, &api)?;
    let grant = ClientGrantView(&grant);
    let (organization, ruling) = organization(state, &client, &grant, parameters.organization.as_deref())?;

    let held = if grant.allows_all_scopes() { api.scopes() } else { grant.scopes() };
    let scopes = scope::grant(requested, &held).map_err(|missing| {
        let why = format!("grant {} does not hold {missing}", grant.id());
        Refused::new(TokenError::scopes_not_granted(&missing), &["R76", "T5"], why)
    })?;
    modelled(&client, &api)?;

    let by_name = SettingsView(&state.settings).accepts_organization_names();
    decision.rules = ruling.rules.to_vec();
    decision.rules.push(if requested.is_empty() { "R74" } else { "R75" });
    // What else had a say.
    let others = [
        ("R66", grant.allows_all_scopes()),
        ("R79", text(grant.0, "default_for").is_some()),
        ("R27", by_name && organization.is_some()),
    ];
    decision.rules.extend(others.into_iter().filter_map(|(rule, applies)| applies.then_some(rule)));
    decision.why = granted_because(&client, &grant, organization.as_ref());
    let now = tenant.clock.unix();
    // The last check, because it counts.
    let headers = quota::count(&mut locked, &client, organization.as_ref(), now, decision)?;
    let dialect = api.token_dialect();
    let profile = if dialect.is_rfc9068() {
        Profile::Rfc9068 { jti: IdShape::TOKEN.draw(&mut locked.random) }
    } else {
        Profile::Auth0
    };
    let grant = Grant {
        issuer,
        client_id: client.id().to_owned(),
        // As it was asked for: the Management API has many names, and a verifier expects the one it uses.
        audience: decision.audience.clone().unwrap_or_default(),
        issued_at: now,
        lifetime: api.token_lifetime(),
        scope: scopes.iter().map(str::to_owned).collect(),
        organization: organization.map(|organization| OrganizationClaim {
            id: text(&organization, "id").unwrap_or_default().to_owned(),
            name: by_name.then(|| text(&organization, "name").unwrap_or_default().to_owned()),
        }),
        profile,
        // Both are asked for: the dialect alone is a wish, the policies make it so (nobody publishes it).
        with_permissions: dialect.has_permissions() && api.enforces_policies(),
        signing: api.signing(),
    };
    Ok((grant, headers))
}

/// The API that is asked for, which must accept client credentials at all.
fn api(tenant: &Tenant, state: &State, audience: Option<&str>) -> Result<Document, Refused> {
    let Some(audience) = audience.or(SettingsView(&state.settings).default_audience()) else {
        let why = "no audience is sent, and the tenant has no default audience";
        return Err(Refused::new(TokenError::no_audience(), &["T7"], why));
    };
    let Some(api) = state.resource_servers.find("identifier", &tenant.names.canonical_audience(audience)) else {
        let why = format!("there is no API with the identifier {audience}");
        return Err(Refused::new(TokenError::unknown_audience(audience), &["T6"], why));
    };
    if ResourceServerView(api).denies_clients() {
        let why = format!("the policy of API {audience} denies every client");
        return Err(Refused::new(TokenError::no_client_grant(audience), &["R73", "T14"], why));
    }
    Ok(Document::clone(api))
}

/// The grant of this client for this API: its own, or for a third-party client the default one (R79).
fn client_grant(state: &State, client: &ClientView<'_>, api: &ResourceServerView<'_>) -> Result<Document, Refused> {
    let (id, audience) = (client.id(), api.identifier());
    if let Some(grant) = state.client_grant(("client_id", id), audience, "client") {
        return Ok(Document::clone(grant));
    }
    if client.is_third_party() {
        let default = state.client_grant(("default_for", "third_party_clients"), audience, "client");
        return default.cloned().ok_or_else(|| {
            let why = format!("third-party client {id} has no grant for {audience}, and there is no default grant");
            Refused::new(TokenError::no_client_grant_for_third_party(audience), &["R82", "T13"], why)
        });
    }
    let why = format!("client {id} has no client grant for {audience}");
    Err(Refused::new(TokenError::no_client_grant(audience), &["R70", "T4"], why))
}

/// Resolves what the request and the client name, asks the table, and gives back the organization of the token.
fn organization(
    state: &State,
    client: &ClientView<'_>,
    grant: &ClientGrantView<'_>,
    called: Option<&str>,
) -> Result<(Option<Document>, Ruling), Refused> {
    if called.is_some() && !state.machine_to_machine_for_organizations {
        let why = "an organization is sent, and the tenant's plan lacks machine-to-machine access for organizations";
        return Err(Refused::new(TokenError::plan_without_organizations(), &["R10"], why));
    }
    let usage = grant.organization_usage();
    let by_name = SettingsView(&state.settings).accepts_organization_names();
    // Not for third-party clients, also where the grant is older than that (R77).
    let any_organization = grant.allows_any_organization() && !client.is_strict_third_party();
    let requested_id = called.and_then(|called| organization_id(state, called, by_name));
    let requested = match (called, requested_id) {
        (None, _) => Requested::None,
        (Some(_), Some(_)) if any_organization => Requested::AnyOrganization,
        (Some(_), Some(id)) if state.are_associated(id, grant.id()) => Requested::Associated,
        (Some(_), Some(_)) => Requested::NotAssociated,
        (Some(called), None) if !by_name && !IdShape::ORGANIZATION.fits(called) => Requested::NameNotAccepted,
        (Some(_), None) => Requested::Unknown,
    };
    let default_id = client.default_organization();
    let default = match default_id {
        None => Default::None,
        Some(id) if !state.organizations.contains(id) => Default::Unknown,
        Some(_) if any_organization => Default::AnyOrganization,
        Some(id) if state.are_associated(id, grant.id()) => Default::Associated,
        Some(_) => Default::NotAssociated,
    };
    let ruling = decide(Case { usage, requested, default });
    let find = |id: Option<&str>| id.and_then(|id| state.organizations.get(id)).cloned();
    let refusal = match ruling.decision {
        Decision::NoOrganization => return Ok((None, ruling)),
        Decision::Use(Source::Request) => return Ok((find(requested_id), ruling)),
        Decision::Use(Source::Default) => return Ok((find(default_id), ruling)),
        Decision::Refuse(refusal) => refusal,
    };
    let grant_id = grant.id();
    let named = called.or(default_id).unwrap_or_default();
    let whose = if called.is_some() { "organization" } else { "the client's default organization" };
    let (error, why) = match refusal {
        Refusal::NotAllowed => (
            TokenError::organization_not_allowed(),
            format!("organization {named} is sent, and grant {grant_id} denies organizations"),
        ),
        Refusal::NotAssociated => (
            TokenError::organization_not_associated(named),
            format!(
                "{whose} {} is not associated with grant {grant_id}, and allow_any_organization is not set",
                requested_id.unwrap_or(named)
            ),
        ),
        Refusal::Missing => (
            TokenError::organization_required(),
            format!(
                "grant {grant_id} requires an organization, none is sent, and client {} has no default organization",
                client.id()
            ),
        ),
        Refusal::Unknown => (TokenError::organization_unknown(named), format!("{whose} {named} does not exist")),
        Refusal::NameNotAccepted => (
            TokenError::organization_name_not_accepted(),
            format!("organization {named} is a name, and the tenant accepts ids only"),
        ),
    };
    Err(Refused::new(error, ruling.rules, why))
}

/// Refuses what cannot be issued as the API wants it: a token of another kind would pass where the real one would not.
fn modelled(client: &ClientView<'_>, api: &ResourceServerView<'_>) -> Result<(), Refused> {
    let what = if api.encrypts_tokens() {
        "token_encryption"
    } else if client.must_prove_possession() || api.must_prove_possession() {
        "proof of possession"
    } else {
        return Ok(());
    };
    let why = format!("client {} or API {} wants {what}, which is not modelled", client.id(), api.identifier());
    Err(Refused::new(TokenError::not_modelled(what), &[], why))
}

fn granted_because(client: &ClientView<'_>, grant: &ClientGrantView<'_>, organization: Option<&Document>) -> String {
    let (client, grant_id, usage) = (client.id(), grant.id(), grant.organization_usage().as_str());
    let any = if grant.allows_any_organization() { " and any organization" } else { "" };
    let organization = organization.and_then(|organization| text(organization, "id"));
    let organization = organization.map_or("no organization".to_owned(), |id| format!("organization {id}"));
    format!("client {client} holds grant {grant_id} with organization_usage {usage}{any}; {organization} applies")
}
