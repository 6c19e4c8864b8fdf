//! A permission in requests and answers, whoever owns it: a scope of an API by the API's identifier.

use serde_json::{Map, Value, json};

use super::object;
use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::store::document::text;
use crate::store::views::ResourceServerView;
use crate::store::{Document, Kind, Seq, State};

/// Permissions that a role, or a user directly, may hold (entity limits, documented).
pub(super) const MOST_PERMISSIONS: usize = 1000;

/// The `permissions` of a body, each the place of an API and one of its scopes.
pub(super) fn to_add(call: &Call<'_>) -> Result<Vec<(Seq, String)>, ApiError> {
    let asked = asked_for(call).map(|(identifier, scope)| {
        let (seq, api) = find(call, identifier).ok_or_else(|| ApiError::api_of_permission_not_found(identifier))?;
        if !ResourceServerView(api).scopes().contains(scope) {
            return Err(ApiError::undefined_permission(identifier, scope));
        }
        Ok((seq, scope.to_owned()))
    });
    asked.collect()
}

/// The same for permissions to be taken away: nobody has those on an API that is not there.
pub(super) fn to_remove(call: &Call<'_>) -> Vec<(Seq, String)> {
    asked_for(call).filter_map(|(identifier, scope)| Some((find(call, identifier)?.0, scope.to_owned()))).collect()
}

/// Identifiers of APIs, each with a scope.
fn asked_for<'a>(call: &'a Call<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let listed = call.body.get("permissions").and_then(Value::as_array).into_iter().flatten();
    listed
        .filter_map(Value::as_object)
        .filter_map(|asked| Some((text(asked, "resource_server_identifier")?, text(asked, "permission_name")?)))
}

fn find<'a>(call: &'a Call<'_>, identifier: &str) -> Option<(Seq, &'a Document)> {
    let apis = &call.state[Kind::ResourceServer];
    let seq = *apis.having("identifier", identifier).as_slice().first()?;
    Some((seq, apis.at(seq)?))
}

/// A permission as answers show it. The description is that of the scope, and missing where the scope has none.
pub(super) fn shown(state: &State, api: Seq, scope: &str) -> Map<String, Value> {
    let Some(api) = state[Kind::ResourceServer].at(api) else { return Map::new() };
    let mut shown = object(json!({
        "permission_name": scope,
        "resource_server_identifier": text(api, "identifier"),
        "resource_server_name": text(api, "name"),
    }));
    let mut scopes = api.get("scopes").and_then(Value::as_array).into_iter().flatten();
    let description = scopes.find(|defined| defined["value"] == scope).and_then(|defined| defined.get("description"));
    shown.extend(description.map(|description| ("description".to_owned(), description.clone())));
    shown
}
