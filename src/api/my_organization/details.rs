//! `/my-org/details`, and the deletion of the organization.

use std::sync::LazyLock;

use crate::api::call::{Call, Reply};
use crate::api::delivery::objects;
use crate::api::error::my_organization::ORGANIZATION_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::management::organizations::member_view::members_of;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Identity, Resource, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("details.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::read("/my-org/details", &["read:my_org:details"], &DETAILS),
        Operation::patch("/my-org/details", &["update:my_org:details"], update).body("Update"),
        Operation::delete("/my-org", &["delete:my_org:organizations"], delete),
    ],
};

static DETAILS: Resource = Resource {
    unique: Some(Unique::new("name", ORGANIZATION_EXISTS)),
    missing: ORGANIZATION_NOT_FOUND,
    stored: Some(|call, _, organization| {
        call.raise("organization.updated", |_| objects::organization(&organization));
        organization
    }),
    show: Some(|_, organization| Document::new(members_of(organization, &["id", "name", "display_name", "branding"]))),
    ..Resource::new(Kind::Organization, Identity::new(IdShape::ORGANIZATION))
};

/// A name that is taken (a: no 409 is published here).
const ORGANIZATION_EXISTS: Refusal =
    Refusal::new(409, "A0E-409-0003", "An organization with this name already exists.");

/// Updates the details. The schema allows `id`; it has no effect (assumed).
fn update(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.body.remove("id");
    DETAILS.update(call)
}

fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.entity(Kind::Organization, ORGANIZATION_NOT_FOUND)?.clone();
    let reply = DETAILS.remove(call)?;
    call.raise("organization.deleted", |_| objects::deleted_organization(&organization));
    Ok(reply)
}
