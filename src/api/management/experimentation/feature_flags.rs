//! `/experimentation/feature-flags`: sets of parameters with default values, which variations override.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::experiments_in_use::experiments_in_use;
use super::parameter_value::{is_of_type, is_too_long};
use super::status::{Transition, change_status};
use crate::api::call::Call;
use crate::api::error::experimentation::FLAG_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, List, Removal, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("feature_flags.schema.json")));

const ALL: &str = "/experimentation/feature-flags";
const BY_ID: &str = "/experimentation/feature-flags/{id}";
const READ: &[&str] = &["read:experimentation"];
const UPDATE: &[&str] = &["update:experimentation"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &FLAG).query("List"),
        Operation::create(ALL, &["create:experimentation"], &FLAG).body("Create"),
        Operation::read(BY_ID, READ, &FLAG),
        Operation::update(BY_ID, UPDATE, &FLAG).body("Patch"),
        Operation::remove(BY_ID, &["delete:experimentation"], &FLAG),
        Operation::post("/experimentation/feature-flags/{id}/status", UPDATE, |call| {
            change_status(call, &FLAG, TRANSITIONS)
        })
        .success(200)
        .body("Status"),
    ],
};

static FLAG: Resource = Resource {
    list: List::checkpoint("feature_flags").filters(&["type", "status"]),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("name", FLAG_EXISTS)),
    stamps: Stamps::Milliseconds,
    missing: FLAG_NOT_FOUND,
    removal: Removal::Ignore,
    prepare: Some(check_parameters),
    check_removal: Some(|call, flag| {
        let id = text(flag, "id").unwrap_or_default();
        let is_used = experiments_in_use(call, "feature_flag_id", id).next().is_some();
        if is_used { Err(FLAG_IN_USE.into()) } else { Ok(()) }
    }),
    ..Resource::new(Kind::FeatureFlag, Identity::new(IdShape::FEATURE_FLAG))
};

/// A name that another flag has (d).
const FLAG_EXISTS: Refusal = Refusal::plain(409, "A feature flag with this name already exists.");

/// The deletion of a flag that an experiment varies (d).
const FLAG_IN_USE: Refusal =
    Refusal::plain(409, "Feature flag is in use by one or more non-archived experiments and cannot be deleted.");

/// A default value of another type (d; code a).
const VALUE_OF_ANOTHER_TYPE: Refusal = Refusal::invalid_body("Parameter value does not match the declared type.");

/// A default value that is too long (d; code a).
const VALUE_TOO_LONG: Refusal = Refusal::invalid_body("Parameter value exceeds maximum size of 1KB.");

/// The activation of a flag that cannot vary (d; code a).
const TOO_FEW_VARIATIONS: Refusal =
    Refusal::invalid_body("Feature flag must have at least 2 variations to be activated.");

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "type": "self", "status": "draft" })));

fn check_parameters(_: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    for parameter in draft.entity.get("parameters").and_then(Value::as_object).into_iter().flat_map(Map::values) {
        if !is_of_type(&parameter["value"], parameter["type"].as_str()) {
            return Err(VALUE_OF_ANOTHER_TYPE.into());
        }
        if is_too_long(&parameter["value"]) {
            return Err(VALUE_TOO_LONG.into());
        }
    }
    Ok(())
}

const TRANSITIONS: &[Transition] = &[
    Transition { check: Some(check_variations), ..Transition::new(&["draft"], "active") },
    Transition::new(&["draft", "active"], "archived"),
];

/// Checks that a flag has enough variations.
fn check_variations(call: &Call<'_>, flag: &Document) -> Result<(), ApiError> {
    let id = text(flag, "id").unwrap_or_default();
    let variations = call.state[Kind::Variation].having("feature_flag_id", id).len();
    if variations >= 2 { Ok(()) } else { Err(TOO_FEW_VARIATIONS.into()) }
}
