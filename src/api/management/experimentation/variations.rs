//! `/experimentation/feature-flags/{id}/variations`: other values for the parameters of a feature flag.

use std::sync::LazyLock;

use serde_json::Value;

use super::experiments_in_use::experiments_in_use;
use super::parameter_value::{is_of_type, is_too_long};
use crate::api::call::Call;
use crate::api::error::experimentation::FLAG_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, Limit, List, Parent, Removal, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("variations.schema.json")));

const ALL: &str = "/experimentation/feature-flags/{id}/variations";
const BY_ID: &str = "/experimentation/feature-flags/{id}/variations/{vid}";
const READ: &[&str] = &["read:experimentation"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &VARIATION),
        Operation::create(ALL, &["create:experimentation"], &VARIATION).body("Create"),
        Operation::read(BY_ID, READ, &VARIATION),
        Operation::update(BY_ID, &["update:experimentation"], &VARIATION).body("Patch"),
        Operation::remove(BY_ID, &["delete:experimentation"], &VARIATION),
    ],
};

static VARIATION: Resource = Resource {
    parents: &[Parent { kind: Kind::FeatureFlag, parameter: "id", member: "feature_flag_id", missing: FLAG_NOT_FOUND }],
    list: List::whole("variations"),
    unique: Some(Unique { and: &["feature_flag_id"], ..Unique::new("name", VARIATION_EXISTS) }),
    // The number is assumed to be that of the allocations of an experiment.
    limit: Some(Limit { most: 20, refusal: TOO_MANY_VARIATIONS }),
    stamps: Stamps::Milliseconds,
    missing: VARIATION_NOT_FOUND,
    removal: Removal::Ignore,
    prepare: Some(check_overrides),
    check_removal: Some(check_unused),
    ..Resource::new(Kind::Variation, Identity::new(IdShape::VARIATION).parameter("vid"))
};

/// A variation that the flag does not have (d).
const VARIATION_NOT_FOUND: Refusal = Refusal::plain(404, "Variation not found.");

/// A name that another variation of the flag has (d).
const VARIATION_EXISTS: Refusal =
    Refusal::plain(409, "A variation with this name already exists on this feature flag.");

/// More than the maximum number of variations (d; code a).
const TOO_MANY_VARIATIONS: Refusal = Refusal::invalid_body("Feature flag variation limit exceeded.");

/// A value for a parameter that the flag does not have (d; code a).
const UNKNOWN_PARAMETER: Refusal = Refusal::invalid_body("Invalid override key.");

/// A value of another type (d; code a).
const OVERRIDE_OF_ANOTHER_TYPE: Refusal =
    Refusal::invalid_body("Override value type does not match the parameter type.");

/// A value that equals the default (d; code a).
const OVERRIDE_IS_DEFAULT: Refusal =
    Refusal::invalid_body("Override value must differ from the feature flag parameter default value.");

/// A value that is too long (d; code a).
const OVERRIDE_TOO_LONG: Refusal = Refusal::invalid_body("Override value exceeds maximum size of 1KB.");

/// The deletion of a flag's only variation (d; code a).
const LAST_VARIATION: Refusal =
    Refusal::invalid_body("Feature flag must have at least one variation. Cannot delete the last variation.");

/// The deletion of a variation that an experiment uses (d).
const VARIATION_IN_USE: Refusal =
    Refusal::plain(409, "Variation is in use by one or more non-archived allocations and cannot be deleted.");

fn check_overrides(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let flag = call.entity(Kind::FeatureFlag, FLAG_NOT_FOUND)?;
    for (name, value) in draft.body.get("overrides").and_then(Value::as_object).into_iter().flatten() {
        let parameter = flag.get("parameters").and_then(|parameters| parameters.get(name)).ok_or(UNKNOWN_PARAMETER)?;
        let value = &value["value"];
        if !is_of_type(value, parameter["type"].as_str()) {
            return Err(OVERRIDE_OF_ANOTHER_TYPE.into());
        }
        if *value == parameter["value"] {
            return Err(OVERRIDE_IS_DEFAULT.into());
        }
        if is_too_long(value) {
            return Err(OVERRIDE_TOO_LONG.into());
        }
    }
    Ok(())
}

fn check_unused(call: &Call<'_>, variation: &Document) -> Result<(), ApiError> {
    let (id, flag) = (text(variation, "id").unwrap_or_default(), call.parameter("id"));
    if experiments_in_use(call, "allocations.variation_id", id).next().is_some() {
        return Err(VARIATION_IN_USE.into());
    }
    let is_last = call.state[Kind::Variation].having("feature_flag_id", flag).len() == 1;
    if is_last { Err(LAST_VARIATION.into()) } else { Ok(()) }
}
