//! `/users/{id}/permissions`: scopes of APIs that a user has directly or through roles, and the newer
//! `effective-permissions` with the same data in another form (documented in 2026).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::users::INEXISTENT_USER;
use crate::api::management::roles::permission::{self, view};
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Offset, checkpoint_items};
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind, Link, Seq, State};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("permissions.schema.json")));

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

fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.seq(Kind::User, INEXISTENT_USER)?;
    permission::add(call, user, |state| &mut state.user_permissions)
}

fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.seq(Kind::User, INEXISTENT_USER)?;
    Ok(permission::remove(call, user, |state| &mut state.user_permissions))
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
    checkpoint_items(call, "permissions", &permissions)
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
    checkpoint_items(call, "roles", &roles)
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
