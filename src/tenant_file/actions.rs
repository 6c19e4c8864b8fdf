//! The Actions of an entry, under `credentials_exchange`: their effect on the tokens of a client, or on those for an API.

use serde_json::{Map, Value};

use super::error::{Report, SeedProblem};
use super::location::Location;
use super::shape::{list, object};
use crate::domain::action::{ClaimFault, MOST_CLAIM_BYTES, claim_fault};
use crate::domain::{DeclaredAction, DenyCode, ScopeSet};

/// The key below `x-m2mock`.
pub(crate) const KEY: &str = "credentials_exchange";

/// An Action that a client or an API declares. The seed adds its client or API when it creates the Action.
#[derive(Clone)]
pub(crate) struct Declared {
    pub place: Location,
    /// The API, for an Action of a client; the client, for an Action of an API. Any if absent.
    pub only: Option<String>,
    pub action: DeclaredAction,
}

impl Declared {
    /// Reads the list of one entry. An Action may name one other side, `only`, to which it is limited.
    pub(crate) fn read(
        value: Option<Value>,
        place: &Location,
        only: &'static str,
        report: &mut Report,
    ) -> Vec<Declared> {
        let place = place.at(KEY);
        let values = report.accept(list(value, &place)).unwrap_or_default().into_iter().enumerate();
        values
            .filter_map(|(index, value)| report.accept(Declared::read_one(value, place.entry(index + 1, None), only)))
            .collect()
    }

    fn read_one(value: Value, place: Location, only_key: &'static str) -> Result<Declared, SeedProblem> {
        let mut members = object(value, &place)?;
        let only = members.remove(only_key).map(|value| text(value, &place.at(only_key))).transpose()?;
        let custom_claims = members.remove("custom_claims").map(|value| claims(value, &place.at("custom_claims")));
        let deny = members.remove("deny").map(|value| denial(value, &place.at("deny")));
        let mut scopes = |key: &str| scopes(members.remove(key), &place.at(key));
        let action = DeclaredAction {
            custom_claims: custom_claims.transpose()?.unwrap_or_default(),
            deny: deny.transpose()?,
            add_target_scopes: scopes("add_target_scopes")?,
            remove_target_scopes: scopes("remove_target_scopes")?,
            ..DeclaredAction::default()
        };
        if let Some(key) = members.keys().next() {
            let known = [only_key, "custom_claims", "deny", "add_target_scopes", "remove_target_scopes"];
            return Err(SeedProblem::unknown_key(&place, key, known));
        }
        if action == DeclaredAction::default() {
            let members = "custom_claims, deny, add_target_scopes or remove_target_scopes";
            return Err(SeedProblem::wrong_shape(&place, members));
        }
        Ok(Declared { place, only, action })
    }
}

/// Claims that would be left out of every token are a mistake in the seed.
fn claims(value: Value, place: &Location) -> Result<Map<String, Value>, SeedProblem> {
    let claims = object(value, place)?;
    if let Some((name, fault)) = claims.keys().find_map(|name| Some((name, claim_fault(name)?))) {
        return Err(SeedProblem::claim_is_left_out(place, name, fault));
    }
    match claims.keys().next() {
        Some(name) if Value::Object(claims.clone()).to_string().len() > MOST_CLAIM_BYTES => {
            Err(SeedProblem::claim_is_left_out(place, name, ClaimFault::TooLarge))
        }
        _ => Ok(claims),
    }
}

fn denial(value: Value, place: &Location) -> Result<(DenyCode, String), SeedProblem> {
    let mut members = object(value, place)?;
    let code = members.remove("code").ok_or_else(|| SeedProblem::missing_key(place, "code"))?;
    let code = code.as_str().and_then(DenyCode::parse).ok_or_else(|| {
        let codes = DenyCode::ALL.map(DenyCode::as_str).join(", ");
        SeedProblem::wrong_shape(&place.at("code"), &format!("one of {codes}"))
    })?;
    let reason = members.remove("reason").map(|value| text(value, &place.at("reason"))).transpose()?;
    match members.keys().next() {
        Some(key) => Err(SeedProblem::unknown_key(place, key, ["code", "reason"])),
        None => Ok((code, reason.unwrap_or_default())),
    }
}

fn scopes(value: Option<Value>, place: &Location) -> Result<ScopeSet, SeedProblem> {
    let values = list(value, place)?.into_iter().enumerate();
    values.map(|(index, value)| text(value, &place.entry(index + 1, None))).collect()
}

fn text(value: Value, place: &Location) -> Result<String, SeedProblem> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text),
        _ => Err(SeedProblem::wrong_shape(place, "a text that is not empty")),
    }
}
