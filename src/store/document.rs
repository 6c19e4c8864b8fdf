//! One JSON object of the tenant, shared by reference and copied only when it changes.

use std::sync::Arc;

use serde_json::{Map, Value};

/// An entity as the Management API shows it.
pub type Document = Arc<Map<String, Value>>;

/// Applies a PATCH: `null` removes a member, anything else replaces it, what is absent stays.
///
/// The live service replaces nested objects as a whole (recorded for `metadata` and `jwt_configuration`); families with
/// members that merge say so themselves.
pub fn patch(document: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (key, value) in changes {
        if value.is_null() {
            document.remove(&key);
        } else {
            document.insert(key, value);
        }
    }
}

/// Merges deeply: objects member by member, `null` removes, anything else replaces.
pub fn merge(document: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (key, value) in changes {
        match (document.get_mut(&key), value) {
            (_, Value::Null) => {
                document.remove(&key);
            }
            (Some(Value::Object(inner)), Value::Object(changes)) => merge(inner, changes),
            (_, value) => {
                document.insert(key, value);
            }
        }
    }
}

/// The text of a member, if it has one.
pub fn text<'a>(document: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    document.get(key).and_then(Value::as_str)
}

/// The texts of a member that is a list of texts.
pub fn texts<'a>(document: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a str> {
    document.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
