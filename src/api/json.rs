//! JSON objects in code.

use serde_json::{Map, Value};

/// The members of a JSON object that the code itself wrote.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
