//! The permissions of a role or a user: their view, and the requests that add and remove them. A permission is a scope of an API.

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::roles::TOO_MANY_PERMISSIONS;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::store::document::text;
use crate::store::permissions::Permissions;
use crate::store::views::ResourceServerView;
use crate::store::{Document, Kind, Seq, State};

/// A permission on an API that does not exist (p; the report does not have the code).
const API_OF_PERMISSION_NOT_FOUND: Refusal = Refusal::plain(404, "The resource server does not exist: '{}'");

/// A permission that its API does not define (a).
const UNDEFINED_PERMISSION: Refusal = Refusal::plain(404, "The permission does not exist: '{}' on '{}'");

/// The maximum number of permissions of a role, or of a user directly (entity limits, documented).
const MOST_PERMISSIONS: usize = 1000;

/// Adds the permissions of the body to an owner: all or none. A permission that the owner already has is no error. Answers an empty
/// object (recorded). `permissions` selects the permissions of roles or of users.
pub(in crate::api) fn add(
    call: &mut Call<'_>,
    owner: Seq,
    permissions: fn(&mut State) -> &mut Permissions,
) -> Result<Reply, ApiError> {
    let mut added = to_add(call)?;
    let permissions = permissions(call.state);
    added.retain(|(api, scope)| !permissions.holds(owner, *api, scope));
    added.sort_unstable();
    added.dedup();
    if permissions.of(owner).len() + added.len() > MOST_PERMISSIONS {
        return Err(TOO_MANY_PERMISSIONS.with(&[&MOST_PERMISSIONS]));
    }
    for (api, scope) in added {
        permissions.give(owner, api, &scope);
    }
    Ok(Reply::json(&json!({})))
}

/// Removes the permissions of the body from an owner. A permission that the owner does not have is no error (assumed from the sibling
/// deletes).
pub(in crate::api) fn remove(
    call: &mut Call<'_>,
    owner: Seq,
    permissions: fn(&mut State) -> &mut Permissions,
) -> Reply {
    let removed = to_remove(call);
    let permissions = permissions(call.state);
    for (api, scope) in removed {
        permissions.take(owner, api, &scope);
    }
    Reply::empty()
}

/// The `permissions` of a body: each is the sequence number of an API and a scope of that API.
fn to_add(call: &Call<'_>) -> Result<Vec<(Seq, String)>, ApiError> {
    let entry = requested(call).map(|(identifier, scope)| {
        let (seq, api) = find(call, identifier).ok_or_else(|| API_OF_PERMISSION_NOT_FOUND.with(&[&identifier]))?;
        if !ResourceServerView(api).scopes().contains(scope) {
            return Err(UNDEFINED_PERMISSION.with(&[&scope, &identifier]));
        }
        Ok((seq, scope.to_owned()))
    });
    entry.collect()
}

/// The same for permissions to remove, without permissions on unknown APIs, which cannot exist.
fn to_remove(call: &Call<'_>) -> Vec<(Seq, String)> {
    requested(call).filter_map(|(identifier, scope)| Some((find(call, identifier)?.0, scope.to_owned()))).collect()
}

/// The permissions of a body: identifiers of APIs, each with a scope.
fn requested<'a>(call: &'a Call<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let entries = call.body.get("permissions").and_then(Value::as_array).into_iter().flatten();
    entries
        .filter_map(Value::as_object)
        .filter_map(|entry| Some((text(entry, "resource_server_identifier")?, text(entry, "permission_name")?)))
}

fn find<'a>(call: &'a Call<'_>, identifier: &str) -> Option<(Seq, &'a Document)> {
    let apis = &call.state[Kind::ResourceServer];
    let seq = *apis.having("identifier", identifier).as_slice().first()?;
    Some((seq, apis.at(seq)?))
}

/// The view of a permission in answers, with the description of the scope, if it has one.
pub(in crate::api) fn view(state: &State, api: Seq, scope: &str) -> Map<String, Value> {
    let Some(api) = state[Kind::ResourceServer].at(api) else { return Map::new() };
    let mut view = object(json!({
        "permission_name": scope,
        "resource_server_identifier": text(api, "identifier"),
    }));
    view.extend(api.get("name").map(|name| ("resource_server_name".to_owned(), name.clone())));
    let description = ResourceServerView(api).description(scope);
    view.extend(description.map(|description| ("description".to_owned(), description.into())));
    view
}
