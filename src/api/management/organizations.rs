//! `/organizations` (resources 5).

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::connection_association::NewAssociations;
use super::crud::Paging;
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::{patch as apply, text};
use crate::store::{Document, Kind, Link, Seq, State};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("organizations.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations", &["read:organizations", "read:organizations_summary"], list).query("List"),
        Operation::post("/organizations", &["create:organizations"], create).body("Create"),
        Operation::get("/organizations/name/{name}", &["read:organizations"], get_by_name).parameters("GetByName"),
        Operation::get("/organizations/{id}", &["read:organizations", "read:organizations_summary"], get),
        Operation::patch("/organizations/{id}", &["update:organizations"], patch).body("Patch"),
        Operation::delete("/organizations/{id}", &["delete:organizations"], delete).parameters("Delete"),
    ],
};

/// Organizations of a tenant (entity limits, documented).
const MOST_ORGANIZATIONS: usize = 100_000;

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::of(call)?;
    let organizations = &call.state[Kind::Organization];
    let client = call.query_text("include_client_association_for");
    let show = |organization: &Document| with_client(call.state, organization, client);
    let sort = call.query_text("sort").and_then(|sort| sort.split_once(':'));
    let (offset, key, descending) = match (&paging, sort) {
        // A cursor names a place in creation order, so a sorted list is read by offset.
        (Paging::Offset(offset), Some((key, direction))) => (offset, key, direction == "-1"),
        _ => return Ok(paging.reply("organizations", organizations, organizations.order().as_slice(), show)),
    };
    let in_order = organizations.order().as_slice().iter().copied();
    let places: Box<dyn Iterator<Item = Seq>> = match (key, descending) {
        ("created_at", false) => Box::new(in_order),
        ("created_at", true) => Box::new(in_order.rev()),
        _ => organizations.sorted(key, descending),
    };
    Ok(offset.reply("organizations", organizations, places, organizations.len(), show))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.state[Kind::Organization].get(call.parameter("id"));
    Ok(Reply::json(organization.ok_or_else(ApiError::organization_not_found)?))
}

fn get_by_name(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.state[Kind::Organization].find("name", call.parameter("name"));
    Ok(Reply::json(organization.ok_or_else(ApiError::organization_not_found)?))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut organization = std::mem::take(&mut call.body);
    let name = text(&organization, "name").unwrap_or_default();
    if call.state[Kind::Organization].find("name", name).is_some() {
        return Err(ApiError::organization_exists());
    }
    if call.state[Kind::Organization].len() >= MOST_ORGANIZATIONS {
        return Err(ApiError::too_many_organizations(MOST_ORGANIZATIONS));
    }
    if organization.contains_key("enabled_connections") {
        call.require_any(&["create:organization_connections"])?;
    }
    let connections = NewAssociations::take(call.state, &mut organization)?;
    complete_metadata(&mut organization)?;
    // Both are shown unasked since 2026 (recorded).
    organization.entry("third_party_client_access").or_insert_with(|| "block".into());
    organization.entry("is_app_entitlement_active").or_insert(Value::Bool(false));
    super::complete_token_quota(&mut organization);
    let id = call.new_id(Kind::Organization, IdShape::ORGANIZATION)?;
    organization.insert("id".to_owned(), id.clone().into());
    let organization = call.state[Kind::Organization].insert(&id, organization);
    Ok(Reply::json(&connections.store(call.state, &organization)))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    let held = call.state[Kind::Organization].get(&id).ok_or_else(ApiError::organization_not_found)?;
    let changes = std::mem::take(&mut call.body);
    if let Some(name) = text(&changes, "name") {
        // Its own name is no conflict (recorded).
        let other = call.state[Kind::Organization].find("name", name).and_then(|other| text(other, "id"));
        if other.is_some_and(|other| other != id) {
            return Err(ApiError::organization_exists());
        }
    }
    let mut organization = Map::clone(held);
    let quota_changes = changes.contains_key("token_quota");
    apply(&mut organization, changes);
    complete_metadata(&mut organization)?;
    super::complete_token_quota(&mut organization);
    let organization = call.state[Kind::Organization].replace(&id, organization);
    if quota_changes {
        call.state.forget_usage_without_quota();
    }
    Ok(Reply::json(&organization))
}

/// Deletes an organization; a second time it is not found (R88).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    call.state.remove(Kind::Organization, &id).ok_or_else(ApiError::organization_not_found)?;
    Ok(Reply::empty())
}

/// An organization with `client`, if the query asks for a client that it has (`include_client_association_for`,
/// recorded).
fn with_client(state: &State, organization: &Document, client: Option<&str>) -> Document {
    let mut shown = Document::clone(organization);
    let organization = text(organization, "id").and_then(|id| state[Kind::Organization].seq(id));
    if let (Some(organization), Some(client)) = (organization, client.and_then(|id| state[Kind::Client].seq(id)))
        && state[Link::OrganizationClients].holds(organization, client)
    {
        let used = state[Link::OrganizationMemberAccess].holds(organization, client);
        Document::make_mut(&mut shown).insert("client".to_owned(), json!({ "use_for_member_access": used }));
    }
    shown
}

/// Entries of an organization's `metadata` (documented).
const MOST_METADATA: usize = 25;

/// Empty `metadata` is not shown (recorded), and an entry without a value is none.
fn complete_metadata(organization: &mut Map<String, Value>) -> Result<(), ApiError> {
    super::check_metadata(organization, "metadata", MOST_METADATA)?;
    if let Some(metadata) = organization.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|_, value| !value.is_null());
        if metadata.is_empty() {
            organization.remove("metadata");
        }
    }
    Ok(())
}
