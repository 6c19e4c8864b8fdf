//! The order in which the keywords of a schema are checked. It decides the reported fault.
//!
//! The vendor's validator checks `type` first, then the other keywords in the reverse order of the schema, then the
//! children. This crate does not have the order of the schema: `serde_json` sorts the keys of an object, and its
//! `preserve_order` would change the builds of all dependants. So each type of value has one fixed order, the reverse
//! of the usual order in schemas: `type`, limits, `format`, `enum` for a text; `type`, limits, `properties`, `required`
//! for an object; combinations last.

use serde_json::Value;

/// Keywords for values of any type, directly after `type`.
const ANY: &[&str] = &["oneOf", "anyOf", "allOf", "enum", "const"];

const TEXT: &[&str] = &["format", "pattern", "maxLength", "minLength"];

const NUMBER: &[&str] = &["multipleOf", "maximum", "minimum"];

/// The sizes come first, against the usual order, so that a list that is too long is refused before its items are
/// compared.
const ARRAY: &[&str] = &["maxItems", "minItems", "uniqueItems"];

/// `additionalProperties` has the position of `properties`, where the vendor's validator checks it.
const OBJECT: &[&str] = &["required", "additionalProperties", "maxProperties", "minProperties"];

/// The keywords to check after `type`, and before the children, for this value.
pub(super) fn keywords(value: &Value) -> impl Iterator<Item = &'static str> {
    let own = match value {
        Value::Null | Value::Bool(_) => &[],
        Value::String(_) => TEXT,
        Value::Number(_) => NUMBER,
        Value::Array(_) => ARRAY,
        Value::Object(_) => OBJECT,
    };
    ANY.iter().chain(own).copied()
}
