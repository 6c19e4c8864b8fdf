//! `/roles`: of the tenant, and of one organization (`type`, `owner_id`: recorded in 2026, not published).

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::crud::Offset;
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::{patch as apply, text};
use crate::store::{Kind, Seq, State};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("roles.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/roles", &["read:roles"], list).query("List"),
        Operation::post("/roles", &["create:roles"], create).body("Create").success(200),
        Operation::get("/roles/{id}", &["read:roles"], get),
        Operation::patch("/roles/{id}", &["update:roles"], patch).body("Patch"),
        Operation::delete("/roles/{id}", &["delete:roles"], delete).success(200),
    ],
};

/// Roles of a tenant (entity limits, documented).
const MOST_ROLES: usize = 1000;

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let offset = Offset::of(call)?;
    let roles = &call.state[Kind::Role];
    let asked = |key| call.query_text(key).map(|value| (key, value));
    let wanted: Vec<(&str, &str)> = ["type", "owner_id"].into_iter().filter_map(asked).collect();
    let places = roles.matching(&wanted);
    let Some(part) = call.query_text("name_filter").map(str::to_lowercase) else {
        return Ok(offset.reply("roles", roles, places.iter().copied(), places.len(), Clone::clone));
    };
    // A part of the name in any case (documented: without regard to case). The roles of a tenant are few enough to walk.
    let named = |seq: &Seq| roles.at(*seq).and_then(|role| text(role, "name")).map(str::to_lowercase);
    let found: Vec<Seq> =
        places.iter().copied().filter(|seq| named(seq).is_some_and(|name| name.contains(&part))).collect();
    Ok(offset.reply("roles", roles, found.iter().copied(), found.len(), Clone::clone))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let role = call.state[Kind::Role].get(call.parameter("id"));
    Ok(Reply::json(role.ok_or_else(ApiError::role_not_found)?))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut role = std::mem::take(&mut call.body);
    role.entry("type").or_insert_with(|| "tenant".into());
    match (text(&role, "type"), text(&role, "owner_id")) {
        (Some("organization"), None) => return Err(ApiError::role_without_owner()),
        (Some("organization"), Some(owner)) if !call.state[Kind::Organization].contains(owner) => {
            return Err(ApiError::unknown_role_owner());
        }
        (Some("organization"), _) | (_, None) => {}
        (_, Some(_)) => return Err(ApiError::owner_of_tenant_role()),
    }
    if namesake(call.state, &role).is_some() {
        return Err(ApiError::role_exists());
    }
    if call.state[Kind::Role].len() >= MOST_ROLES {
        return Err(ApiError::too_many_roles(MOST_ROLES));
    }
    let id = call.new_id(Kind::Role, IdShape::ROLE)?;
    role.insert("id".to_owned(), id.clone().into());
    // The answer shows what was sent; from then on the role has a description, an empty one (recorded).
    let shown = Value::Object(role.clone());
    role.entry("description").or_insert_with(|| json!(""));
    call.state[Kind::Role].insert(&id, role);
    Ok(Reply::json(&shown))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    let mut role = Map::clone(call.state[Kind::Role].get(&id).ok_or_else(ApiError::role_not_found)?);
    apply(&mut role, std::mem::take(&mut call.body));
    if namesake(call.state, &role).is_some_and(|other| call.state[Kind::Role].id_at(other) != Some(&id)) {
        return Err(ApiError::role_exists());
    }
    Ok(Reply::json(&call.state[Kind::Role].replace(&id, role)))
}

/// Deletes a role; answers an empty object (recorded).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    call.state.remove(Kind::Role, &id).ok_or_else(ApiError::role_not_found)?;
    Ok(Reply::json(&json!({})))
}

/// A role of this name with the same owner. Names are told apart within the tenant and within each organization (assumed).
fn namesake(state: &State, role: &Map<String, Value>) -> Option<Seq> {
    let name = text(role, "name").unwrap_or_default();
    let same_owner =
        |seq: &Seq| state[Kind::Role].at(*seq).is_some_and(|other| other.get("owner_id") == role.get("owner_id"));
    state[Kind::Role].having("name", name).iter().find(same_owner)
}
