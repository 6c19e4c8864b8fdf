//! The order in which the keywords of a schema are checked. It decides which fault is reported.
//!
//! The vendor's validator checks `type` first, then the other keywords in the reverse of the order
//! in which the schema writes them, then the children. The written order does not survive here:
//! `serde_json` keeps the keys of an object sorted, and its `preserve_order` would change the builds
//! of everyone who depends on this crate. So each kind of value has one fixed order instead, the
//! reverse of the usual way to write such a schema: `type`, limits, `format`, `enum` for a text;
//! `type`, limits, `properties`, `required` for an object; combinations last.

use serde_json::Value;

/// Keywords that look at a value of any type; they come right after `type`.
const ANY: &[&str] = &["oneOf", "anyOf", "allOf", "enum", "const"];

const TEXT: &[&str] = &["format", "pattern", "maxLength", "minLength"];

const NUMBER: &[&str] = &["multipleOf", "maximum", "minimum"];

/// Sizes first, out of the usual order: a list that is too long is refused before its items are
/// compared with one another.
const ARRAY: &[&str] = &["maxItems", "minItems", "uniqueItems"];

/// `additionalProperties` stands where the vendor's validator does that work, at `properties`.
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
