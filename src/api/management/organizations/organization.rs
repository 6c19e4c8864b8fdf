//! `/organizations`: the organizations of the tenant (resources 5).

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::connection_association::{check_new, in_order, store_new};
use crate::api::call::{Call, Reply};
use crate::api::delivery::objects;
use crate::api::error::organizations::ORGANIZATION_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, Limit, List, Resource, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind, Link};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("organization.schema.json")));

const READ: &[&str] = &["read:organizations", "read:organizations_summary"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/organizations", READ, &ORGANIZATION).query("List"),
        Operation::create("/organizations", &["create:organizations"], &ORGANIZATION).body("Create"),
        Operation::get("/organizations/name/{name}", &["read:organizations"], get_by_name).parameters("GetByName"),
        Operation::read("/organizations/{id}", READ, &ORGANIZATION),
        Operation::update("/organizations/{id}", &["update:organizations"], &ORGANIZATION).body("Patch"),
        Operation::delete("/organizations/{id}", &["delete:organizations"], delete).parameters("Delete"),
    ],
};

static ORGANIZATION: Resource = Resource {
    list: List::either("organizations").sorts(),
    // Every answer has both members since 2026 (recorded).
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("name", ORGANIZATION_EXISTS)),
    // Entity limits, documented.
    limit: Some(Limit { most: 100_000, refusal: TOO_MANY_ORGANIZATIONS }),
    missing: ORGANIZATION_NOT_FOUND,
    complete: Some(complete),
    stored: Some(stored),
    show: Some(show),
    ..Resource::new(Kind::Organization, Identity::new(IdShape::ORGANIZATION))
};

static DEFAULTS: Defaults =
    LazyLock::new(|| object(json!({ "is_app_entitlement_active": false, "third_party_client_access": "block" })));

/// An organization with a name that is taken (d).
const ORGANIZATION_EXISTS: Refusal =
    Refusal::new(409, "organization_conflict", "An organization with this name already exists.");

/// More than the maximum number of organizations (limit documented, sentence assumed).
const TOO_MANY_ORGANIZATIONS: Refusal =
    Refusal::new(403, "too_many_entities", "You reached the limit of {} organizations for this tenant.");

fn get_by_name(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.state[Kind::Organization].find("name", call.parameter("name"));
    ORGANIZATION.reply(call, organization, ORGANIZATION_NOT_FOUND)
}

fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.state[Kind::Organization].get(call.parameter("id")).cloned();
    let reply = ORGANIZATION.remove(call)?;
    if let Some(organization) = organization {
        call.raise("organization.deleted", |_| objects::deleted_organization(&organization));
    }
    Ok(reply)
}

fn complete(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    if draft.is_new() {
        if draft.sends("enabled_connections") {
            call.require_any(&["create:organization_connections"])?;
        }
        check_new(call.state, draft.entity.remove("enabled_connections").as_ref())?;
    }
    complete_metadata(&mut draft.entity)?;
    crate::api::token_quota::complete_token_quota(&mut draft.entity);
    Ok(())
}

/// Stores the connections of a new organization and adds them to the answer. After a change of the quota, removes the usage without
/// a quota.
fn stored(call: &mut Call<'_>, draft: &Draft, organization: Document) -> Document {
    if draft.is_new() {
        call.raise("organization.created", |_| objects::organization(&organization));
        let id = text(&organization, "id").unwrap_or_default().to_owned();
        let organization = store_new(call.state, draft.body.get("enabled_connections"), organization);
        for seq in in_order(call.state, &id) {
            let association = call.state[Kind::OrganizationConnection].at(seq).cloned();
            if let Some(association) = association {
                call.raise("organization.connection.added", |state| objects::connection(state, &id, &association));
            }
        }
        return organization;
    }
    call.raise("organization.updated", |_| objects::organization(&organization));
    if draft.sends("token_quota") {
        call.state.forget_usage_without_quota();
    }
    organization
}

/// The view of an organization, with the member `client` if `include_client_association_for` in the query is one of its clients
/// (recorded).
fn show(call: &Call<'_>, organization: &Document) -> Document {
    let mut view = Document::clone(organization);
    let Some(client) = call.query_text("include_client_association_for") else { return view };
    let id = text(organization, "id").unwrap_or_default();
    let pair = call.state[Kind::Organization].seq(id).zip(call.state[Kind::Client].seq(client));
    if let Some((organization, client)) = pair
        && call.state[Link::OrganizationClients].holds(organization, client)
    {
        let member_access = call.state[Link::OrganizationMemberAccess].holds(organization, client);
        Document::make_mut(&mut view).insert("client".to_owned(), json!({ "use_for_member_access": member_access }));
    }
    view
}

/// The maximum number of entries of an organization's `metadata` (documented).
const MOST_METADATA: usize = 25;

/// Removes `null` entries of `metadata`, and `metadata` itself if it is empty (recorded).
fn complete_metadata(organization: &mut Map<String, Value>) -> Result<(), ApiError> {
    crate::api::metadata::check_metadata(organization, "metadata", MOST_METADATA)?;
    if let Some(metadata) = organization.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|_, value| !value.is_null());
        if metadata.is_empty() {
            organization.remove("metadata");
        }
    }
    Ok(())
}
