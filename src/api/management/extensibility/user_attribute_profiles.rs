//! `/user-attribute-profiles`: the names of user attributes in the tenant and at identity providers.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, List, Resource, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("user_attribute_profiles.schema.json")));

const ALL: &str = "/user-attribute-profiles";
const BY_ID: &str = "/user-attribute-profiles/{id}";
const TEMPLATES: &str = "/user-attribute-profiles/templates";
const READ: &[&str] = &["read:user_attribute_profiles"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &PROFILE).query("List"),
        Operation::create(ALL, &["create:user_attribute_profiles"], &PROFILE).body("Create"),
        Operation::get(TEMPLATES, READ, list_templates),
        Operation::get("/user-attribute-profiles/templates/{id}", READ, |_| Err(TEMPLATE_NOT_FOUND.into())),
        Operation::read(BY_ID, READ, &PROFILE),
        Operation::update(BY_ID, &["update:user_attribute_profiles"], &PROFILE).body("Patch"),
        Operation::remove(BY_ID, &["delete:user_attribute_profiles"], &PROFILE),
    ],
};

static PROFILE: Resource = Resource {
    list: List::checkpoint("user_attribute_profiles"),
    unique: Some(Unique::new("name", PROFILE_EXISTS)),
    missing: PROFILE_NOT_FOUND,
    in_use: Some(PROFILE_IN_USE),
    complete: Some(complete),
    ..Resource::new(Kind::UserAttributeProfile, Identity::new(IdShape::USER_ATTRIBUTE_PROFILE))
};

/// The default mappings of the user's id (recorded).
static USER_ID: Defaults = LazyLock::new(|| {
    object(json!({
        "oidc_mapping": "sub",
        "saml_mapping": [
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        ],
        "scim_mapping": "externalId",
    }))
});

/// A profile that does not exist (recorded).
const PROFILE_NOT_FOUND: Refusal = Refusal::plain(404, "User attribute profile not found.");

/// A template that does not exist (d). The built-in templates are not published, so m2mock has none.
const TEMPLATE_NOT_FOUND: Refusal = Refusal::plain(404, "User attribute profile template not found.");

/// A second profile with a name (d).
const PROFILE_EXISTS: Refusal = Refusal::plain(409, "User attribute profile conflict.");

/// A profile that an application uses (a).
const PROFILE_IN_USE: Refusal = Refusal::plain(409, "The user attribute profile is in use and cannot be deleted.");

fn list_templates(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(&json!({ "user_attribute_profile_templates": [] })))
}

fn complete(_: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    if let Value::Object(user_id) = draft.entity.entry("user_id").or_insert_with(|| json!({})) {
        for (member, default) in &*USER_ID {
            user_id.entry(member).or_insert_with(|| default.clone());
        }
    }
    Ok(())
}
