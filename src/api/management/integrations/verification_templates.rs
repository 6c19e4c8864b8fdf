//! `/verifiable-credentials/verification/templates`: the claims of a mobile driving licence that a verification requests.

use std::sync::LazyLock;

use crate::api::error::Refusal;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Identity, List, Removal, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("verification_templates.schema.json")));

const ALL: &str = "/verifiable-credentials/verification/templates";
const BY_ID: &str = "/verifiable-credentials/verification/templates/{id}";
const READ: &[&str] = &["read:vdcs_templates"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &TEMPLATE).query("List"),
        Operation::create(ALL, &["create:vdcs_templates"], &TEMPLATE).body("Create"),
        Operation::read(BY_ID, READ, &TEMPLATE).parameters("ById"),
        Operation::update(BY_ID, &["update:vdcs_templates"], &TEMPLATE).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:vdcs_templates"], &TEMPLATE).parameters("ById"),
    ],
};

static TEMPLATE: Resource = Resource {
    list: List::checkpoint("templates"),
    unique: Some(Unique::new("name", TEMPLATE_EXISTS)),
    stamps: Stamps::Milliseconds,
    missing: TEMPLATE_NOT_FOUND,
    removal: Removal::Ignore,
    ..Resource::new(Kind::VerificationTemplate, Identity::new(IdShape::VERIFICATION_TEMPLATE))
};

/// A template that does not exist (d).
const TEMPLATE_NOT_FOUND: Refusal = Refusal::plain(404, "The verifiable credential template does not exist.");

/// A name that another template has (d).
const TEMPLATE_EXISTS: Refusal = Refusal::plain(409, "Template (name) already exists.");
