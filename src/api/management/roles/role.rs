//! `/roles`: the roles of the tenant and of single organizations (`type`, `owner_id`: recorded in 2026, not published).

use std::sync::LazyLock;

use serde_json::json;

use crate::api::call::Call;
use crate::api::error::roles::ROLE_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, Limit, List, Removal, Resource, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("role.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/roles", &["read:roles"], &ROLE).query("List"),
        Operation::create("/roles", &["create:roles"], &ROLE).body("Create").success(200),
        Operation::read("/roles/{id}", &["read:roles"], &ROLE),
        Operation::update("/roles/{id}", &["update:roles"], &ROLE).body("Patch"),
        Operation::remove("/roles/{id}", &["delete:roles"], &ROLE).success(200),
    ],
};

static ROLE: Resource = Resource {
    list: List::offset("roles").filters(&["type", "owner_id"]),
    // Names are unique within the tenant and within each organization (assumed).
    unique: Some(Unique { and: &["owner_id"], ..Unique::new("name", ROLE_EXISTS) }),
    // Entity limits, documented.
    limit: Some(Limit { most: 1000, refusal: TOO_MANY_ROLES }),
    missing: ROLE_NOT_FOUND,
    removal: Removal::RefuseOrObject, // recorded
    select: Some(select_by_name),
    prepare: Some(check_owner),
    stored: Some(add_description),
    ..Resource::new(Kind::Role, Identity::new(IdShape::ROLE))
};

/// A role with a name that is taken (d).
const ROLE_EXISTS: Refusal = Refusal::plain(409, "The role already exists.");

/// More than the maximum number of roles (limit documented, sentence assumed).
const TOO_MANY_ROLES: Refusal =
    Refusal::new(403, "too_many_entities", "You reached the limit of {} roles for this tenant.");

/// A role of an organization without `owner_id` (a).
const ROLE_WITHOUT_OWNER: Refusal = Refusal::invalid_body("owner_id is required when type is organization");

/// A role of the tenant that names an organization (a).
const OWNER_OF_TENANT_ROLE: Refusal = Refusal::invalid_body("owner_id is only allowed when type is organization");

/// A role of an organization that does not exist (a; the same sentence as for the organization itself).
const UNKNOWN_ROLE_OWNER: Refusal = Refusal::invalid_body("No organization found by that id or name");

/// Selects roles by a part of the name, ignoring case (documented). A tenant has few roles, so each name is compared.
fn select_by_name(call: &Call<'_>, positions: &[Seq]) -> Option<Vec<Seq>> {
    let part = call.query_text("name_filter")?.to_lowercase();
    let name = |seq: &Seq| call.state[Kind::Role].at(*seq).and_then(|role| text(role, "name")).map(str::to_lowercase);
    Some(positions.iter().copied().filter(|seq| name(seq).is_some_and(|name| name.contains(&part))).collect())
}

fn check_owner(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    draft.entity.entry("type").or_insert_with(|| "tenant".into());
    match (draft.text("type"), text(&draft.entity, "owner_id")) {
        ("organization", None) => Err(ROLE_WITHOUT_OWNER.into()),
        ("organization", Some(owner)) if !call.state[Kind::Organization].contains(owner) => {
            Err(UNKNOWN_ROLE_OWNER.into())
        }
        ("organization", _) | (_, None) => Ok(()),
        (_, Some(_)) => Err(OWNER_OF_TENANT_ROLE.into()),
    }
}

/// Adds an empty description to the stored role. The answer to the creation does not have it (recorded).
fn add_description(call: &mut Call<'_>, _: &Draft, role: Document) -> Document {
    if !role.contains_key("description") {
        let id = text(&role, "id").unwrap_or_default();
        call.state[Kind::Role].change(id, |role| role.insert("description".to_owned(), json!("")));
    }
    role
}
