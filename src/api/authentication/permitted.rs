//! Resolves what a token request means and asks the rules: client, grant type, API, client grant, organization, scopes.

use super::client_auth::{self, Presented};
use super::entity;
use super::organization::organization;
use super::parameters::TokenRequest;
use super::refused::Refused;
use crate::api::error::TokenError;
use crate::api::{Tenant, TokenDecision};
use crate::domain::{ScopeSet, scope};
use crate::store::document::text;
use crate::store::views::{ClientGrantView, ClientView, OrganizationView, ResourceServerView, SettingsView};
use crate::store::{Document, Kind, State};

/// The only grant type that is modelled.
pub(super) const GRANT_TYPE: &str = "client_credentials";

/// A token request that every rule lets pass, with everything it means. Quotas and Actions are still to come.
pub(super) struct Permitted {
    /// Who asks.
    pub(super) client: Document,
    /// What is asked for.
    pub(super) api: Document,
    /// The name by which the request asks for it.
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
}

/// Asks the rules about a request that came to this base URL. What they say of a request that passes goes to the decision, as do client and API.
pub(super) fn permit(
    tenant: &Tenant,
    state: &mut State,
    parameters: &TokenRequest,
    presented: &Presented,
    base_url: &str,
    decision: &mut TokenDecision,
) -> Result<Permitted, Refused> {
    let requested = ScopeSet::parse(parameters.scope.as_deref().unwrap_or_default());
    let document = client_auth::authenticate(tenant, state, presented, base_url)?;
    let client = ClientView(&document);
    if !client.allows_grant_type(GRANT_TYPE) {
        let why = format!("{} does not have {GRANT_TYPE} among its grant_types", entity::client(&client));
        return Err(Refused::new(TokenError::grant_type_not_allowed(GRANT_TYPE), &["T3"], why));
    }

    // In some tenants `resource` (RFC 8707) names the API where no `audience` does; the others ignore it.
    let reads_resource = parameters.audience.is_none() && SettingsView(&state.settings).reads_resource_parameter();
    let resource = if reads_resource { parameters.resource()? } else { None };
    let named = parameters.audience.as_deref().map(ApiNamed::Audience).or(resource.map(ApiNamed::Resource));
    let api_document = api(tenant, state, named)?;
    let api = ResourceServerView(&api_document);
    let by_default = || tenant.names.identifier_at(base_url, api.identifier()).into_owned();
    let audience = named.map_or_else(by_default, |named| named.identifier().to_owned());
    decision.audience = Some(audience.as_str().into());

    let grant = client_grant(state, &client, &api, &audience)?;
    let grant = ClientGrantView(&grant);
    let (organization, ruling) = organization(state, &client, &grant, parameters.organization.as_deref())?;

    let held = if grant.allows_all_scopes() { api.scopes() } else { grant.scopes() };
    let scopes = scope::grant(&requested, &held).map_err(|missing| {
        let why = format!("grant {} does not hold {missing}", grant.id());
        Refused::new(TokenError::scopes_not_granted(&missing), &["R76", "T5"], why)
    })?;
    modelled(&client, &api)?;

    let by_name = SettingsView(&state.settings).accepts_organization_names();
    let names_organization = by_name && organization.is_some();
    decision.rules = ruling.rules.to_vec();
    decision.rules.push(if requested.is_empty() { "R74" } else { "R75" });
    // What else had a say.
    let others = [
        ("R66", grant.allows_all_scopes()),
        ("R79", text(grant.0, "default_for").is_some()),
        ("R27", names_organization),
    ];
    decision.rules.extend(others.into_iter().filter_map(|(rule, applies)| applies.then_some(rule)));
    decision.why = granted_because(&client, &grant, organization.as_ref()).into();
    let (client, api) = (document, api_document);
    Ok(Permitted { client, api, audience, organization, names_organization, requested, held, scopes })
}

/// The parameter by which a request names an API.
#[derive(Clone, Copy)]
enum ApiNamed<'a> {
    Audience(&'a str),
    Resource(&'a str),
}

impl<'a> ApiNamed<'a> {
    fn identifier(self) -> &'a str {
        let (ApiNamed::Audience(identifier) | ApiNamed::Resource(identifier)) = self;
        identifier
    }
}

/// The API that is asked for.
fn api(tenant: &Tenant, state: &State, named: Option<ApiNamed<'_>>) -> Result<Document, Refused> {
    let default = || SettingsView(&state.settings).default_audience().map(ApiNamed::Audience);
    let Some(named) = named.or_else(default) else {
        let why = "no audience is sent, and the tenant has no default audience";
        return Err(Refused::new(TokenError::no_audience(), &["T7"], why));
    };
    let identifier = named.identifier();
    if let Some(api) = state[Kind::ResourceServer].find("identifier", &tenant.names.canonical_identifier(identifier)) {
        return Ok(Document::clone(api));
    }
    let why = format!("there is no API with the identifier {identifier}");
    let error = match named {
        ApiNamed::Audience(audience) => TokenError::unknown_audience(audience),
        ApiNamed::Resource(resource) => TokenError::unknown_resource(resource),
    };
    Err(Refused::new(error, &["T6"], why))
}

/// The grant of this client for this API, which must accept client credentials at all: the client's own, or for a
/// third-party client the default one (R79). A refusal names the audience as the request does.
fn client_grant(
    state: &State,
    client: &ClientView<'_>,
    api: &ResourceServerView<'_>,
    audience: &str,
) -> Result<Document, Refused> {
    let id = client.id();
    if api.denies_clients() {
        let why = format!("the policy of {} denies every client", entity::api(api));
        return Err(Refused::new(TokenError::no_client_grant(id, audience), &["R73", "T14"], why));
    }
    let own = state.client_grant(("client_id", id), api.identifier(), "client");
    let default = || state.client_grant(("default_for", "third_party_clients"), api.identifier(), "client");
    if let Some(grant) = own.or_else(|| default().filter(|_| client.is_third_party())) {
        return Ok(Document::clone(grant));
    }
    let (named_client, named_api) = (entity::client(client), entity::api(api));
    // In permissive mode a client of somebody else is refused as one's own ("Permissive Mode").
    if client.is_strict_third_party() {
        let why =
            format!("third-party {named_client} has no client grant for {named_api}, and there is no default grant");
        let error = TokenError::no_client_grant_for_third_party(id, audience);
        return Err(Refused::new(error, &["R82", "T13", "R81"], why));
    }
    let why = format!("{named_client} has no client grant for {named_api}");
    Err(Refused::new(TokenError::no_client_grant(id, audience), &["R70", "T4"], why))
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
    let why = format!("{} or {} wants {what}, which is not modelled", entity::client(client), entity::api(api));
    Err(Refused::new(TokenError::not_modelled(what), &[], why))
}

fn granted_because(client: &ClientView<'_>, grant: &ClientGrantView<'_>, organization: Option<&Document>) -> String {
    let (client, grant_id, usage) = (entity::client(client), grant.id(), grant.organization_usage().as_str());
    let any = if grant.allows_any_organization() { " and any organization" } else { "" };
    let organization = organization.map(|organization| entity::organization(&OrganizationView(organization)));
    let organization = organization.unwrap_or_else(|| "no organization".to_owned());
    format!("{client} holds grant {grant_id} with organization_usage {usage}{any}; {organization} applies")
}
