//! `/users/{id}/permissions`: scopes of APIs that a user holds directly or through its roles, and the newer
//! `effective-permissions`, which say the same in other words (documented in 2026).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::roles::TOO_MANY_PERMISSIONS;
use crate::api::error::users::INEXISTENT_USER;
use crate::api::management::roles::permission_view::{MOST_PERMISSIONS, shown, to_add, to_remove};
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

/// Who gives a permission to a user.
#[derive(Default)]
struct Sources<'a> {
    direct: bool,
    roles: Vec<&'a Document>,
}

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.place(Kind::User, INEXISTENT_USER)?;
    let offset = Offset::of(call)?;
    let state = &*call.state;
    let show = |((api, scope), sources): (_, Sources<'_>)| {
        let mut permission = shown(state, api, scope);
        let direct = json!({ "source_id": "", "source_name": "", "source_type": "DIRECT" });
        let of_role = |role: &&Document| json!({ "source_id": text(role, "id"), "source_name": text(role, "name"), "source_type": "ROLE" });
        let of_roles = sources.roles.iter().map(of_role);
        permission.insert("sources".to_owned(), sources.direct.then_some(direct).into_iter().chain(of_roles).collect());
        permission
    };
    Ok(offset.reply_with("permissions", held(state, user).into_iter().map(show)))
}

/// Adds all of them or none; one that the user holds already is no error. Answers an empty object (recorded).
fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.place(Kind::User, INEXISTENT_USER)?;
    let mut added = to_add(call)?;
    let held = &call.state.user_permissions;
    added.retain(|(api, scope)| !held.holds(user, *api, scope));
    added.sort_unstable();
    added.dedup();
    if held.of(user).len() + added.len() > MOST_PERMISSIONS {
        return Err(TOO_MANY_PERMISSIONS.with(&[&MOST_PERMISSIONS]));
    }
    for (api, scope) in added {
        call.state.user_permissions.give(user, api, &scope);
    }
    Ok(Reply::json(&json!({})))
}

/// Removes them; one that the user does not hold is no error.
fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.place(Kind::User, INEXISTENT_USER)?;
    for (api, scope) in to_remove(call) {
        call.state.user_permissions.take(user, api, &scope);
    }
    Ok(Reply::empty())
}

/// The permissions on one API, each with the ways that lead to it.
fn list_effective(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.place(Kind::User, INEXISTENT_USER)?;
    let state = &*call.state;
    let api = asked_api(call);
    let held = held(state, user).into_iter().filter(|((held, _), _)| Some(*held) == api);
    let permissions: Vec<Map<String, Value>> = held
        .map(|((api, scope), sources)| {
            let mut permission = shown(state, api, scope);
            let ways = [("direct", sources.direct), ("roles", !sources.roles.is_empty())];
            let ways = ways.into_iter().filter(|(_, leads)| *leads).map(|(way, _)| way.into());
            permission.insert("sources".to_owned(), Value::Array(ways.collect()));
            permission
        })
        .collect();
    page(call, "permissions", &permissions)
}

/// The roles that give the user one permission.
fn list_source_roles(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.place(Kind::User, INEXISTENT_USER)?;
    let scope = call.query_text("permission_name").unwrap_or_default();
    let state = &*call.state;
    let api = asked_api(call);
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

/// Every permission of a user, by API and by name, with its sources.
fn held(state: &State, user: Seq) -> BTreeMap<(Seq, &str), Sources<'_>> {
    let mut held: BTreeMap<(Seq, &str), Sources<'_>> = BTreeMap::new();
    for permission in state.user_permissions.of(user) {
        held.entry(permission).or_default().direct = true;
    }
    for role in state[Link::UserRoles].of_left(user).iter() {
        let Some(document) = state[Kind::Role].at(role) else { continue };
        for permission in state.role_permissions.of(role) {
            held.entry(permission).or_default().roles.push(document);
        }
    }
    held
}

/// The place of the API that the query names.
fn asked_api(call: &Call<'_>) -> Option<Seq> {
    let identifier = call.query_text("resource_server_identifier").unwrap_or_default();
    call.state[Kind::ResourceServer].having("identifier", identifier).as_slice().first().copied()
}

/// A page of a list without places of its own: the cursor tells how many have been seen.
fn page<T: Serialize + Clone + 'static>(call: &Call<'_>, key: &'static str, items: &[T]) -> Result<Reply, ApiError> {
    let page = checkpoint(call)?;
    let begin = page.after.and_then(|seen| usize::try_from(seen).ok()).map_or(0, |seen| seen.min(items.len()));
    let end = begin.saturating_add(page.take).min(items.len());
    let next = (end < items.len()).then(|| encode(end as Seq));
    Ok(checkpoint_reply(key, items[begin..end].iter().cloned(), next))
}
