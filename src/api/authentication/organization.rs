//! Which organization a token is for: resolves what the request and the client name, and asks the table.

use super::entity;
use super::refused::Refused;
use crate::api::error::TokenError;
use crate::domain::IdShape;
use crate::domain::organization_access::{Case, Decision, Default, Refusal, Requested, Ruling, Source, decide};
use crate::store::document::text;
use crate::store::views::{ClientGrantView, ClientView, SettingsView};
use crate::store::{Document, Kind, State};

/// The organization of the token, if it has one.
pub(super) fn organization(
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
    let any_organization = grant.allows_any_organization();
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
        Some(id) if !state[Kind::Organization].contains(id) => Default::Unknown,
        Some(_) if any_organization => Default::AnyOrganization,
        Some(id) if state.are_associated(id, grant.id()) => Default::Associated,
        Some(_) => Default::NotAssociated,
    };
    let ruling = decide(Case { usage, requested, default });
    let find = |id: Option<&str>| id.and_then(|id| state[Kind::Organization].get(id)).cloned();
    let refusal = match ruling.decision {
        Decision::NoOrganization => return Ok((None, ruling)),
        Decision::Use(Source::Request) => return Ok((find(requested_id), ruling)),
        Decision::Use(Source::Default) => return Ok((find(default_id), ruling)),
        Decision::Refuse(refusal) => refusal,
    };
    let grant_id = grant.id();
    let named = called.or(default_id).unwrap_or_default();
    let organization = entity::organization_with_id(state, requested_id.unwrap_or(named));
    let organization = match called {
        Some(_) => organization,
        None => format!("{organization}, the default of {},", entity::client(client)),
    };
    let (error, why) = match refusal {
        Refusal::NotAllowed => (
            TokenError::organization_not_allowed(),
            format!("{organization} is sent, and grant {grant_id} denies organizations"),
        ),
        Refusal::NotAssociated => (
            TokenError::organization_not_associated(named),
            format!("{organization} is not associated with grant {grant_id} and allow_any_organization is not set"),
        ),
        Refusal::Missing => (
            TokenError::organization_required(),
            format!(
                "grant {grant_id} requires an organization, none is sent, and {} has no default organization",
                entity::client(client)
            ),
        ),
        Refusal::Unknown => (TokenError::organization_unknown(named), format!("{organization} does not exist")),
        Refusal::NameNotAccepted => (
            TokenError::organization_name_not_accepted(),
            format!("organization {named} is a name, and the tenant accepts ids only"),
        ),
    };
    Err(Refused::new(error, ruling.rules, why))
}

/// The id of an organization that is called by this id, or by this name.
pub(super) fn organization_id<'a>(state: &'a State, called: &'a str, by_name: bool) -> Option<&'a str> {
    if state[Kind::Organization].contains(called) {
        return Some(called);
    }
    by_name.then(|| state[Kind::Organization].find("name", called)).flatten().and_then(|found| text(found, "id"))
}
