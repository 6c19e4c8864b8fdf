//! `/rules-configs`: values that rules read by a key. Only the answer to a write shows the value.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Identity, Removal, Resource};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("rules_configs.schema.json")));

const BY_KEY: &str = "/rules-configs/{key}";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/rules-configs", &["read:rules_configs"], &CONFIG).query("List"),
        Operation::put(BY_KEY, &["update:rules_configs"], write).body("Put").parameters("ByKey"),
        Operation::remove(BY_KEY, &["delete:rules_configs"], &CONFIG).parameters("ByKey"),
    ],
};

static CONFIG: Resource = Resource {
    removal: Removal::Ignore,
    hidden: &["value"],
    ..Resource::new(Kind::RuleConfig, Identity::new(IdShape::RULE).member("key").parameter("key"))
};

/// Creates or replaces the value of a key. Only this answer shows the value (recorded).
fn write(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let key = call.parameter("key").to_owned();
    let value = call.body.remove("value").unwrap_or(Value::Null);
    let config = object(json!({ "key": key, "value": value }));
    let configs = &mut call.state[Kind::RuleConfig];
    let config = if configs.contains(&key) { configs.replace(&key, config) } else { configs.insert(&key, config) };
    Ok(Reply::json(&config))
}
