//! `/rate-limit-policies`: limits on the token requests of clients. m2mock keeps them; the token endpoint does not count by them
//! yet.

use std::sync::LazyLock;

use crate::api::error::Refusal;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Identity, List, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("rate_limit_policies.schema.json")));

const ALL: &str = "/rate-limit-policies";
const BY_ID: &str = "/rate-limit-policies/{id}";
const READ: &[&str] = &["read:rate_limit_policies"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &POLICY).query("List"),
        Operation::create(ALL, &["create:rate_limit_policies"], &POLICY).body("Create"),
        Operation::read(BY_ID, READ, &POLICY).parameters("ById"),
        Operation::update(BY_ID, &["update:rate_limit_policies"], &POLICY).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:rate_limit_policies"], &POLICY).parameters("ById"),
    ],
};

static POLICY: Resource = Resource {
    list: List::checkpoint("rate_limit_policies").filters(&["resource", "consumer", "consumer_selector"]),
    unique: Some(Unique {
        and: &["resource", "consumer", "consumer_selector"],
        ..Unique::new("consumer_selector", POLICY_EXISTS)
    }),
    stamps: Stamps::Microseconds,
    missing: POLICY_NOT_FOUND,
    ..Resource::new(Kind::RateLimitPolicy, Identity::new(IdShape::RATE_LIMIT_POLICY))
};

/// A policy that does not exist (d).
const POLICY_NOT_FOUND: Refusal = Refusal::plain(404, "The rate limit policy does not exist.");

/// A second policy for the same requests (d).
const POLICY_EXISTS: Refusal =
    Refusal::plain(409, "A rate limit policy with the same resource, consumer, and consumer_selector already exists.");
