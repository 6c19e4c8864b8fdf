//! `/experimentation/segments`: kinds of requests that an experiment targets.

use std::sync::LazyLock;

use serde_json::json;

use super::experiments_in_use::experiments_in_use;
use crate::api::error::Refusal;
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Identity, List, Removal, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;
use crate::store::document::text;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("segments.schema.json")));

const ALL: &str = "/experimentation/segments";
const BY_ID: &str = "/experimentation/segments/{id}";
const READ: &[&str] = &["read:experimentation"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &SEGMENT).query("List"),
        Operation::create(ALL, &["create:experimentation"], &SEGMENT).body("Create"),
        Operation::read(BY_ID, READ, &SEGMENT),
        Operation::update(BY_ID, &["update:experimentation"], &SEGMENT).body("Patch"),
        Operation::remove(BY_ID, &["delete:experimentation"], &SEGMENT),
    ],
};

static SEGMENT: Resource = Resource {
    list: List::checkpoint("segments").filters(&["type"]),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("name", SEGMENT_EXISTS)),
    stamps: Stamps::Milliseconds,
    missing: SEGMENT_NOT_FOUND,
    removal: Removal::Ignore,
    check_removal: Some(|call, segment| {
        let id = text(segment, "id").unwrap_or_default();
        let is_used = experiments_in_use(call, "allocations.segment_id", id).next().is_some();
        if is_used { Err(SEGMENT_IN_USE.into()) } else { Ok(()) }
    }),
    ..Resource::new(Kind::Segment, Identity::new(IdShape::SEGMENT))
};

/// A segment that does not exist (d).
const SEGMENT_NOT_FOUND: Refusal = Refusal::plain(404, "Segment not found.");

/// A name that another segment has (d).
const SEGMENT_EXISTS: Refusal = Refusal::plain(409, "A segment with this name already exists.");

/// The deletion of a segment that an experiment targets (d).
const SEGMENT_IN_USE: Refusal =
    Refusal::plain(409, "Segment is in use by one or more non-archived experiment allocations.");

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "type": "self" })));
