//! A permission in requests and answers, whoever owns it: a scope of an API by the API's identifier.

use serde_json::{Map, Value, json};

use crate::api::call::Call;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::store::document::text;
use crate::store::views::ResourceServerView;
use crate::store::{Document, Kind, Seq, State};

/// A permission on an API that does not exist (p; the code is missing in the report).
const API_OF_PERMISSION_NOT_FOUND: Refusal = Refusal::plain(404, "The resource server does not exist: '{}'");

/// A permission that its API does not define (a).
const UNDEFINED_PERMISSION: Refusal = Refusal::plain(404, "The permission does not exist: '{}' on '{}'");

/// Permissions that a role, or a user directly, may hold (entity limits, documented).
pub(in crate::api) const MOST_PERMISSIONS: usize = 1000;

/// The `permissions` of a body, each the place of an API and one of its scopes.
pub(in crate::api) fn to_add(call: &Call<'_>) -> Result<Vec<(Seq, String)>, ApiError> {
    let asked = asked_for(call).map(|(identifier, scope)| {
        let (seq, api) = find(call, identifier).ok_or_else(|| API_OF_PERMISSION_NOT_FOUND.with(&[&identifier]))?;
        if !ResourceServerView(api).scopes().contains(scope) {
            return Err(UNDEFINED_PERMISSION.with(&[&scope, &identifier]));
        }
        Ok((seq, scope.to_owned()))
    });
    asked.collect()
}

/// The same for permissions to be taken away: nobody has those on an API that is not there.
pub(in crate::api) fn to_remove(call: &Call<'_>) -> Vec<(Seq, String)> {
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
pub(in crate::api) fn shown(state: &State, api: Seq, scope: &str) -> Map<String, Value> {
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
