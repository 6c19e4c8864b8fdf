//! A JSON object of the tenant, shared by reference and copied on write.

use std::sync::Arc;

use serde_json::{Map, Value};

/// An entity as the Management API shows it.
pub(crate) type Document = Arc<Map<String, Value>>;

/// Applies a PATCH: `null` removes a member, any other value replaces it, and absent members stay.
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
                let mut object = Map::new();
                merge(&mut object, changes); // a new object, whose `null`s are left out
                document.insert(key, object.into());
            }
            (_, value) => {
                document.insert(key, value);
            }
        }
    }
}

/// Whether a value is nested more deeply than a document may be. Parsers of JSON have a maximum depth, and an export or
/// an answer nests the document in further levels.
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

/// The maximum depth of a document, some levels below that of `serde_json`.
const DEEPEST: usize = 100;

/// The text of a member, if it has one.
pub(crate) fn text<'a>(document: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    document.get(key).and_then(Value::as_str)
}

/// The texts of a member that is a list of texts.
pub(crate) fn texts<'a>(document: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a str> {
    document.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
