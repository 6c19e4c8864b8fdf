//! `/connection-profiles`: the settings of connections that an organization creates itself.

use std::sync::LazyLock;

use serde_json::json;

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Identity, List, Resource, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("connection_profiles.schema.json")));

const ALL: &str = "/connection-profiles";
const BY_ID: &str = "/connection-profiles/{id}";
const TEMPLATES: &str = "/connection-profiles/templates";
const READ: &[&str] = &["read:connection_profiles"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &PROFILE).query("List"),
        Operation::create(ALL, &["create:connection_profiles"], &PROFILE).body("Create"),
        Operation::get(TEMPLATES, READ, list_templates),
        Operation::get("/connection-profiles/templates/{id}", READ, |_| Err(TEMPLATE_NOT_FOUND.into())),
        Operation::read(BY_ID, READ, &PROFILE),
        Operation::update(BY_ID, &["update:connection_profiles"], &PROFILE).body("Patch"),
        Operation::remove(BY_ID, &["delete:connection_profiles"], &PROFILE),
    ],
};

static PROFILE: Resource = Resource {
    list: List::checkpoint("connection_profiles"),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("name", PROFILE_EXISTS)),
    missing: PROFILE_NOT_FOUND,
    in_use: Some(PROFILE_IN_USE),
    ..Resource::new(Kind::ConnectionProfile, Identity::new(IdShape::CONNECTION_PROFILE))
};

/// The defaults of a new profile (recorded).
static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "connection_config": null, "strategy_overrides": null })));

/// A profile that does not exist (d).
const PROFILE_NOT_FOUND: Refusal = Refusal::plain(404, "Connection profile not found.");

/// A template that does not exist (d). The built-in templates are not published, so m2mock has none.
const TEMPLATE_NOT_FOUND: Refusal = Refusal::plain(404, "Connection profile template not found.");

/// A second profile with a name (d).
const PROFILE_EXISTS: Refusal = Refusal::plain(409, "Connection profile conflict.");

/// A profile that an application uses (a).
const PROFILE_IN_USE: Refusal = Refusal::plain(409, "The connection profile is in use and cannot be deleted.");

fn list_templates(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(&json!({ "connection_profile_templates": [] })))
}
