//! `/users/{id}/permissions`: scopes of APIs that a user has directly or through roles, and the newer
//! `effective-permissions` with the same data in another form (documented in 2026).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::roles::TOO_MANY_PERMISSIONS;
use crate::api::error::users::INEXISTENT_USER;
use crate::api::management::roles::permission_view::{MOST_PERMISSIONS, to_add, to_remove, view};
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Offset, checkpoint, checkpoint_reply};
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::page::encode;
use crate::store::{Document, Kind, Link, Seq, State};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("permissions.schema.json")));

const ADDRESSED: &[Addressed] = &[Api("resource_server_identifier"), Api("permissions.resource_server_identifier")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/users/{id}/permissions", &["read:users"], list).query("List").addressed(ADDRESSED),
        Operation::post("/users/{id}/permissions", &["update:users"], add).body("Permissions").addressed(ADDRESSED),
        Operation::delete("/users/{id}/permissions", &["update:users"], remove)
            .body("Permissions")
            .addressed(ADDRESSED),
        Operation::get("/users/{id}/effective-permissions", &["read:user_effective_permissions"], list_effective)
            .query("ListEffective")
            .addressed(ADDRESSED),
        Operation::get(
            "/users/{id}/effective-permissions/sources/effective-roles",
            &["read:user_permission_source_roles"],
            list_source_roles,
        )
        .query("ListSourceRoles")
        .addressed(ADDRESSED),
    ],
};

/// The sources of a user's permission.
#[derive(Default)]
struct Sources<'a> {
    direct: bool,
    roles: Vec<&'a Document>,
}

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.seq(Kind::User, INEXISTENT_USER)?;
    let offset = Offset::of(call)?;
    let state = &*call.state;
    let show = |((api, scope), sources): (_, Sources<'_>)| {
        let mut permission = view(state, api, scope);
        let direct = json!({ "source_id": "", "source_name": "", "source_type": "DIRECT" });
        let of_role = |role: &&Document| json!({ "source_id": text(role, "id"), "source_name": text(role, "name"), "source_type": "ROLE" });
        let of_roles = sources.roles.iter().map(of_role);
        permission.insert("sources".to_owned(), sources.direct.then_some(direct).into_iter().chain(of_roles).collect());
        permission
    };
    Ok(offset.reply_with("permissions", permissions_of(state, user).into_iter().map(show)))
}

/// Adds all permissions or none. A permission that the user already has is no error. Answers an empty object (recorded).
fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.seq(Kind::User, INEXISTENT_USER)?;
    let mut added = to_add(call)?;
    let existing = &call.state.user_permissions;
    added.retain(|(api, scope)| !existing.holds(user, *api, scope));
    added.sort_unstable();
    added.dedup();
    if existing.of(user).len() + added.len() > MOST_PERMISSIONS {
        return Err(TOO_MANY_PERMISSIONS.with(&[&MOST_PERMISSIONS]));
    }
    for (api, scope) in added {
        call.state.user_permissions.give(user, api, &scope);
    }
    Ok(Reply::json(&json!({})))
}

/// Removes permissions. A permission that the user does not have is no error.
fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.seq(Kind::User, INEXISTENT_USER)?;
    for (api, scope) in to_remove(call) {
        call.state.user_permissions.take(user, api, &scope);
    }
    Ok(Reply::empty())
}

/// Lists the permissions on one API with their sources.
fn list_effective(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.seq(Kind::User, INEXISTENT_USER)?;
    let state = &*call.state;
    let api = api_of_query(call);
    let of_api = permissions_of(state, user).into_iter().filter(|((other, _), _)| Some(*other) == api);
    let permissions: Vec<Map<String, Value>> = of_api
        .map(|((api, scope), sources)| {
            let mut permission = view(state, api, scope);
            let source_names = [("direct", sources.direct), ("roles", !sources.roles.is_empty())];
            let source_names =
                source_names.into_iter().filter(|(_, applies)| *applies).map(|(source_name, _)| source_name.into());
            permission.insert("sources".to_owned(), Value::Array(source_names.collect()));
            permission
        })
        .collect();
    page(call, "permissions", &permissions)
}

/// Lists the roles from which the user has a permission.
fn list_source_roles(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.seq(Kind::User, INEXISTENT_USER)?;
    let scope = call.query_text("permission_name").unwrap_or_default();
    let state = &*call.state;
    let api = api_of_query(call);
    let roles = state[Link::UserRoles].of_left(user).iter();
    let roles = roles.filter(|role| api.is_some_and(|api| state.role_permissions.holds(*role, api, scope)));
    let roles: Vec<Value> = roles
        .filter_map(|role| state[Kind::Role].at(role))
        .map(|role| {
            json!({
                "id": text(role, "id"),
                "name": text(role, "name"),
                "description": text(role, "description").unwrap_or_default(),
                "sources": ["direct"],
            })
        })
        .collect();
    page(call, "roles", &roles)
}

/// The permissions of a user, by API and by name, with their sources.
fn permissions_of(state: &State, user: Seq) -> BTreeMap<(Seq, &str), Sources<'_>> {
    let mut permissions: BTreeMap<(Seq, &str), Sources<'_>> = BTreeMap::new();
    for permission in state.user_permissions.of(user) {
        permissions.entry(permission).or_default().direct = true;
    }
    for role in state[Link::UserRoles].of_left(user).iter() {
        let Some(document) = state[Kind::Role].at(role) else { continue };
        for permission in state.role_permissions.of(role) {
            permissions.entry(permission).or_default().roles.push(document);
        }
    }
    permissions
}

/// The sequence number of the API in the query.
fn api_of_query(call: &Call<'_>) -> Option<Seq> {
    let identifier = call.query_text("resource_server_identifier").unwrap_or_default();
    call.state[Kind::ResourceServer].having("identifier", identifier).as_slice().first().copied()
}

/// A page of a list that is not a collection. The cursor is the number of items before the page.
fn page<T: Serialize + Clone + 'static>(call: &Call<'_>, key: &'static str, items: &[T]) -> Result<Reply, ApiError> {
    let page = checkpoint(call)?;
    let begin = page.after.and_then(|count| usize::try_from(count).ok()).map_or(0, |count| count.min(items.len()));
    let end = begin.saturating_add(page.take).min(items.len());
    let next = (end < items.len()).then(|| encode(end as Seq));
    Ok(checkpoint_reply(key, items[begin..end].iter().cloned(), next))
}
