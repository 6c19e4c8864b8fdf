//! `/rules`: functions at logins, the predecessors of Actions. m2mock stores rules and runs none.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, List, Removal, Resource, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("rules.schema.json")));

const BY_ID: &str = "/rules/{id}";
const READ: &[&str] = &["read:rules"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/rules", READ, &RULE).query("List"),
        Operation::create("/rules", &["create:rules"], &RULE).body("Create"),
        Operation::read(BY_ID, READ, &RULE).query("Get").parameters("ById"),
        Operation::update(BY_ID, &["update:rules"], &RULE).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:rules"], &RULE).parameters("ById"),
    ],
};

static RULE: Resource = Resource {
    list: List::offset("rules").filters(&["enabled"]),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("name", RULE_EXISTS)),
    missing: RULE_NOT_FOUND,
    removal: Removal::Ignore,
    complete: Some(set_order),
    ..Resource::new(Kind::Rule, Identity::new(IdShape::RULE))
};

/// The defaults of a new rule (recorded).
static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "enabled": true, "stage": "login_success" })));

/// A rule that does not exist (recorded).
const RULE_NOT_FOUND: Refusal = Refusal::new(404, "inexistent_rule", "The rule does not exist");

/// A name that another rule has (d).
const RULE_EXISTS: Refusal = Refusal::plain(409, "A rule with the same name already exists.");

/// An `order` that another rule has (d).
const ORDER_TAKEN: Refusal = Refusal::plain(409, "A rule with the same order already exists.");

/// Checks the `order` of a rule. A new rule without one comes last (recorded).
fn set_order(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let orders = draft.other_numbers(call, Kind::Rule, "order");
    match draft.entity.get("order").and_then(Value::as_f64) {
        Some(order) if orders.contains(&order) => Err(ORDER_TAKEN.into()),
        Some(_) => Ok(()),
        None => {
            let last = orders.into_iter().fold(0.0, f64::max);
            draft.entity.insert("order".to_owned(), json!((last.floor() as u64).saturating_add(1)));
            Ok(())
        }
    }
}
