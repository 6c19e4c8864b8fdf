//! The organization of a token: looks up the one of the request or the default, and applies the table of rules.

use super::exchange::Exchange;
use super::reason::Reason;
use super::rejection::Rejection;
use crate::api::error::TokenError;
use crate::api::facts::{Entity, Lookup, LookupKey};
use crate::domain::organization_access::{Case, Decision, Default, Refusal, Requested, Source, decide};
use crate::domain::{Entitlement, IdShape, Ruling};
use crate::store::document::text;
use crate::store::views::{ClientGrantView, ClientView, OrganizationView, SettingsView};
use crate::store::{Document, Kind, State};

/// The organization of the token, if it has one.
pub(super) fn organization(
    exchange: &mut Exchange<'_>,
    state: &State,
    client: &ClientView<'_>,
    grant: &ClientGrantView<'_>,
) -> Result<(Option<Document>, Ruling<Decision>), Rejection> {
    let called = exchange.parameters.text("organization")?;
    if called.is_some() && !state.entitlements.has(Entitlement::MachineToMachineForOrganizations) {
        let error = TokenError::plan_without_organizations();
        return Err(Rejection::new(error, &["R10"], Reason::PlanWithoutOrganizations));
    }
    let usage = grant.organization_usage();
    let by_name = SettingsView(state.settings.tenant()).accepts_organization_names();
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
    let trace = &mut *exchange.trace;
    trace.facts.default_organization =
        default_id.map(|id| Lookup::new(LookupKey::DefaultOrganization, id, entity(state, id)));
    let ruling = decide(Case { usage, requested, default });
    let source = match ruling.decision {
        Decision::NoOrganization => return Ok((None, ruling)),
        Decision::Use(source) => source,
        Decision::Refuse(refusal) => {
            let error = error(refusal, called.or(default_id).unwrap_or_default());
            return Err(Rejection::new(error, ruling.rules, Reason::Organization(refusal)));
        }
    };
    trace.organization_from = Some(source);
    let id = match source {
        Source::Request => requested_id,
        Source::Default => default_id,
    };
    Ok((id.and_then(|id| state[Kind::Organization].get(id)).cloned(), ruling))
}

fn error(refusal: Refusal, named: &str) -> TokenError {
    match refusal {
        Refusal::NotAllowed => TokenError::organization_not_allowed(),
        Refusal::NotAssociated => TokenError::organization_not_associated(named),
        Refusal::Missing => TokenError::organization_required(),
        Refusal::Unknown => TokenError::organization_unknown(named),
        Refusal::NameNotAccepted => TokenError::organization_name_not_accepted(),
    }
}

/// The look-up of an organization that a request names.
pub(super) fn look_up(state: &State, called: &str) -> Lookup {
    let by_name = SettingsView(state.settings.tenant()).accepts_organization_names();
    let found = organization_id(state, called, by_name).and_then(|id| entity(state, id));
    Lookup::new(LookupKey::Organization, called, found)
}

fn entity(state: &State, id: &str) -> Option<Entity> {
    state[Kind::Organization].get(id).map(|organization| Entity::organization(&OrganizationView(organization)))
}

/// The id of an organization that is called by this id, or by this name.
fn organization_id<'a>(state: &'a State, called: &'a str, by_name: bool) -> Option<&'a str> {
    if state[Kind::Organization].contains(called) {
        return Some(called);
    }
    by_name.then(|| state[Kind::Organization].find("name", called)).flatten().and_then(|found| text(found, "id"))
}
