//! `/network-acls`: rules about the addresses of clients. m2mock stores the rules and does not apply them.

use std::sync::LazyLock;

use serde_json::Value;

use crate::api::call::Call;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, List, Removal, Resource, Stamps};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("network_acls.schema.json")));

const ALL: &str = "/network-acls";
const BY_ID: &str = "/network-acls/{id}";
const READ: &[&str] = &["read:network_acls"];
const UPDATE: &[&str] = &["update:network_acls"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &ACL).query("List"),
        Operation::create(ALL, &["create:network_acls"], &ACL).body("Create"),
        Operation::read(BY_ID, READ, &ACL).parameters("ById"),
        Operation::replace(BY_ID, UPDATE, &ACL).body("Create").parameters("ById"),
        Operation::update(BY_ID, UPDATE, &ACL).body("Patch").parameters("ById"),
        // Recorded; 204 is published.
        Operation::remove(BY_ID, &["delete:network_acls"], &ACL).parameters("ById").success(200),
    ],
};

static ACL: Resource = Resource {
    // A list does not show the members that a read adds, because the deploy tool sends lists back without them (inferred).
    list: List::offset("network_acls").without(&["tenant_id", "deleted_at"]),
    stamps: Stamps::Milliseconds,
    missing: ACL_NOT_FOUND,
    missing_on_update: Some(ACL_NOT_UPDATED),
    missing_on_removal: Some(ACL_NOT_DELETED),
    removal: Removal::RefuseOrCode,
    prepare: Some(check_rule),
    complete: Some(check_priority),
    read_more: Some(|call, acl| {
        acl.insert("tenant_id".to_owned(), call.names.tenant().into());
        acl.insert("deleted_at".to_owned(), Value::Null);
    }),
    ..Resource::new(Kind::NetworkAcl, Identity::new(IdShape::NETWORK_ACL).malformed(MALFORMED_ID))
};

/// An id of another form (recorded).
const MALFORMED_ID: Refusal =
    Refusal::new(400, "invalid_uri", "Network ACL id is not a valid ACL ID in the form 'acl_XXXXXXXXXXXXXXXXXXXXXX'");

/// A list that does not exist (d).
const ACL_NOT_FOUND: Refusal = Refusal::plain(404, "Network access control list not found.");

/// The update of a list that does not exist (d).
const ACL_NOT_UPDATED: Refusal = Refusal::plain(404, "Network ACL not found and cannot be updated");

/// The deletion of a list that does not exist (d).
const ACL_NOT_DELETED: Refusal = Refusal::plain(404, "This ACL does not exist");

/// A priority that another list has (d).
const PRIORITY_TAKEN: Refusal =
    Refusal::plain(409, "A Network ACL with this priority number has already been created.");

/// A redirection without an address (recorded).
const NO_REDIRECT_URI: Refusal =
    Refusal::invalid_body("Payload validation error: Action type of `redirect` requires a `redirect_uri`");

/// Names of curated lists that the vendor does not have (recorded).
const UNKNOWN_CURATED_LISTS: Refusal =
    Refusal::invalid_body("Invalid curated list name(s): {}. Allowed curated list names are: {}");

/// The vendor's curated lists of addresses (recorded).
const CURATED_LISTS: [&str; 2] = ["auth0.low_reputation", "auth0.icloud_relay_proxy"];

fn check_rule(_: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let Some(rule) = draft.entity.get("rule") else { return Ok(()) };
    let action = &rule["action"];
    if action["redirect"] == true && action.get("redirect_uri").is_none() {
        return Err(NO_REDIRECT_URI.into());
    }
    let curated =
        ["match", "not_match"].into_iter().filter_map(|part| rule[part]["auth0_managed"].as_array()).flatten();
    let unknown: Vec<&str> = curated.filter_map(Value::as_str).filter(|list| !CURATED_LISTS.contains(list)).collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(UNKNOWN_CURATED_LISTS.with(&[&unknown.join(", "), &CURATED_LISTS.join(", ")]))
    }
}

/// Checks that no other list has the same priority. There are a hundred priorities, so a tenant has few lists.
fn check_priority(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let Some(priority) = draft.entity.get("priority").and_then(Value::as_f64) else { return Ok(()) };
    let others = draft.other_numbers(call, Kind::NetworkAcl, "priority");
    if others.contains(&priority) { Err(PRIORITY_TAKEN.into()) } else { Ok(()) }
}
