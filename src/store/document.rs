//! A JSON object of the tenant, shared by reference and copied on write.

use std::sync::Arc;

use serde_json::{Map, Value};

/// An entity as the Management API shows it.
pub(crate) type Document = Arc<Map<String, Value>>;

/// Applies a PATCH: `null` removes a member, anything else replaces it, what is absent stays.
///
/// Nested objects are replaced as a whole (recorded for the `metadata` of organizations); see [`merge`] for families
/// where they are not.
pub(crate) fn patch(document: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (key, value) in changes {
        if value.is_null() {
            document.remove(&key);
        } else {
            document.insert(key, value);
        }
    }
}

/// Applies a PATCH that merges objects member by member at every depth (recorded for clients and tenant settings).
pub(crate) fn merge(document: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (key, value) in changes {
        match (document.get_mut(&key), value) {
            (_, Value::Null) => {
                document.remove(&key);
            }
            (Some(Value::Object(inner)), Value::Object(changes)) => merge(inner, changes),
            (_, Value::Object(changes)) => {
                let mut made = Map::new();
                merge(&mut made, changes); // nothing to merge with, but a `null` inside is no value either
                document.insert(key, made.into());
            }
            (_, value) => {
                document.insert(key, value);
            }
        }
    }
}

/// Whether a value has more levels within each other than a document may have. Readers of JSON stop at some depth, and a
/// document is to be read again with all that stands around it.
pub(crate) fn is_too_deep(value: &Value) -> bool {
    fn is_deeper(value: &Value, levels: usize) -> bool {
        let within = |inner: &Value| levels == 0 || is_deeper(inner, levels - 1);
        match value {
            Value::Array(items) => items.iter().any(within),
            Value::Object(members) => members.values().any(within),
            _ => false,
        }
    }
    is_deeper(value, DEEPEST)
}

/// How many levels a document may have: some less than `serde_json` reads.
const DEEPEST: usize = 100;

/// The text of a member, if it has one.
pub(crate) fn text<'a>(document: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    document.get(key).and_then(Value::as_str)
}

/// The texts of a member that is a list of texts.
pub(crate) fn texts<'a>(document: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a str> {
    document.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
