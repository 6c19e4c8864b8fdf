//! `/experimentation/experiments`: the assignment of requests to the variations of a feature flag. m2mock stores experiments and
//! serves no variation.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::status::{Transition, change_status};
use crate::api::call::{Call, Reply};
use crate::api::error::experimentation::FLAG_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, List, Removal, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("experiments.schema.json")));

const ALL: &str = "/experimentation/experiments";
const BY_ID: &str = "/experimentation/experiments/{id}";
const READ: &[&str] = &["read:experimentation"];
const UPDATE: &[&str] = &["update:experimentation"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &EXPERIMENT).query("List"),
        Operation::create(ALL, &["create:experimentation"], &EXPERIMENT).body("Create"),
        Operation::read(BY_ID, READ, &EXPERIMENT),
        Operation::update(BY_ID, UPDATE, &EXPERIMENT).body("Patch"),
        Operation::remove(BY_ID, &["delete:experimentation"], &EXPERIMENT),
        Operation::post("/experimentation/experiments/{id}/status", UPDATE, |call| {
            change_status(call, &EXPERIMENT, TRANSITIONS)
        })
        .success(200)
        .body("Status"),
        Operation::post("/experimentation/experiments/{id}/validate", READ, validate).success(200),
    ],
};

static EXPERIMENT: Resource = Resource {
    list: List::checkpoint("experiments").filters(&["status", "authentication_flow", "feature_flag_id"]),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("name", EXPERIMENT_EXISTS)),
    stamps: Stamps::Milliseconds,
    missing: EXPERIMENT_NOT_FOUND,
    removal: Removal::Ignore,
    prepare: Some(check_allocations),
    check_removal: Some(|_, experiment| {
        if text(experiment, "status") == Some("active") { Err(EXPERIMENT_IS_ACTIVE.into()) } else { Ok(()) }
    }),
    show: Some(|call, experiment| {
        let mut view = Document::clone(experiment);
        Document::make_mut(&mut view).insert("is_valid".to_owned(), mistakes(call, experiment).is_empty().into());
        view
    }),
    ..Resource::new(Kind::Experiment, Identity::new(IdShape::EXPERIMENT))
};

/// An experiment that does not exist (d).
const EXPERIMENT_NOT_FOUND: Refusal = Refusal::plain(404, "Experiment not found.");

/// A name that another experiment has (d).
const EXPERIMENT_EXISTS: Refusal = Refusal::plain(409, "An experiment with this name already exists.");

/// More than the maximum number of allocations (d; code a).
const TOO_MANY_ALLOCATIONS: Refusal = Refusal::invalid_body("Experiments may have at most 20 allocations.");

/// A variation of another flag, or of none (d; code a).
const FOREIGN_VARIATION: Refusal = Refusal::invalid_body("Variation does not belong to the referenced feature flag.");

/// A segment that does not exist (d; code a).
const UNKNOWN_SEGMENT: Refusal = Refusal::invalid_body("Segment not found.");

/// A change of the allocations of an active experiment (d; code a).
const ALLOCATIONS_IN_USE: Refusal =
    Refusal::invalid_body("Allocations cannot be modified while the experiment is active.");

/// The deletion of an active experiment (d; code a).
const EXPERIMENT_IS_ACTIVE: Refusal =
    Refusal::invalid_body("Active experiments cannot be deleted. Pause or complete the experiment first.");

/// The start of a completed or archived experiment (d; code a).
const EXPERIMENT_IS_OVER: Refusal = Refusal::invalid_body("Completed experiments cannot be reactivated.");

/// The start of an invalid experiment (d; code a).
const EXPERIMENT_IS_INVALID: Refusal = Refusal::invalid_body("Experiment cannot be activated: validation failed.");

const MOST_ALLOCATIONS: usize = 20;

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "status": "draft" })));

fn check_allocations(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let Some(allocations) = draft.body.get("allocations").and_then(Value::as_array) else { return Ok(()) };
    if draft.before.as_ref().is_some_and(|before| text(before, "status") == Some("active")) {
        return Err(ALLOCATIONS_IN_USE.into());
    }
    if allocations.len() > MOST_ALLOCATIONS {
        return Err(TOO_MANY_ALLOCATIONS.into());
    }
    let flag = draft.text("feature_flag_id");
    if !call.state[Kind::FeatureFlag].contains(flag) {
        return Err(FLAG_NOT_FOUND.into());
    }
    for allocation in allocations {
        let variation = call.state[Kind::Variation].get(allocation["variation_id"].as_str().unwrap_or_default());
        if variation.is_none_or(|variation| text(variation, "feature_flag_id") != Some(flag)) {
            return Err(FOREIGN_VARIATION.into());
        }
        if allocation["segment_id"].as_str().is_some_and(|segment| !call.state[Kind::Segment].contains(segment)) {
            return Err(UNKNOWN_SEGMENT.into());
        }
    }
    Ok(())
}

/// The reasons why an experiment cannot start: code and sentence (assumed).
fn mistakes(call: &Call<'_>, experiment: &Document) -> Vec<(&'static str, &'static str)> {
    let flag = call.state[Kind::FeatureFlag].get(text(experiment, "feature_flag_id").unwrap_or_default());
    let allocations = experiment.get("allocations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_percentage = text(experiment, "allocation_strategy") == Some("percentage");
    let weights: f64 = allocations.iter().filter_map(|allocation| allocation["weight"].as_f64()).sum();
    let addresses = |allocation: &Value| allocation["is_fallback"] == true || allocation["segment_id"].is_string();
    let rules = [
        (
            flag.is_some_and(|flag| text(flag, "status") == Some("active")),
            "feature_flag_not_active",
            "The feature flag is not active.",
        ),
        (
            allocations.iter().filter(|allocation| allocation["is_control"] == true).count() == 1,
            "invalid_control",
            "Exactly one allocation must be the control.",
        ),
        (
            !is_percentage || (weights - 100.0).abs() < 1e-6,
            "invalid_weights",
            "The weights of all allocations must add up to 100.",
        ),
        (
            is_percentage || allocations.iter().all(addresses),
            "missing_segment",
            "Each allocation must have a segment or be the fallback.",
        ),
    ];
    rules.into_iter().filter(|(holds, ..)| !holds).map(|(_, code, message)| (code, message)).collect()
}

fn validate(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mistakes = mistakes(call, call.entity(Kind::Experiment, EXPERIMENT_NOT_FOUND)?);
    let errors = mistakes.iter().map(|(code, message)| json!({ "code": code, "message": message }));
    let errors = errors.collect::<Vec<_>>();
    Ok(Reply::json(&json!({ "is_valid": errors.is_empty(), "errors": errors })))
}

const TRANSITIONS: &[Transition] = &[
    Transition {
        check: Some(check_valid),
        time: Some("started_at"),
        ..Transition::new(&["draft", "paused"], "active")
    },
    Transition {
        check: Some(|_, _| Err(EXPERIMENT_IS_OVER.into())),
        ..Transition::new(&["completed", "archived"], "active")
    },
    Transition::new(&["active"], "paused"),
    Transition { time: Some("ended_at"), ..Transition::new(&["active", "paused"], "completed") },
    Transition::new(&["draft", "active", "paused", "completed"], "archived"),
];

fn check_valid(call: &Call<'_>, experiment: &Document) -> Result<(), ApiError> {
    if mistakes(call, experiment).is_empty() { Ok(()) } else { Err(EXPERIMENT_IS_INVALID.into()) }
}
