//! Typed members of a token, for bearer tokens and assertions.

use serde_json::{Map, Value};

use crate::domain::RawMember;

/// A member that is a text.
pub(crate) fn text<'a>(part: &'a Map<String, Value>, name: &str) -> RawMember<&'a str> {
    raw(part, name, Value::as_str)
}

/// A time of expiry or issue in seconds, rounded down (RFC 7519, `NumericDate`).
pub(crate) fn seconds(claims: &Map<String, Value>, name: &str) -> RawMember<i64> {
    number(claims, name, f64::floor)
}

/// The time of `nbf` in seconds, rounded up: a fraction of a second begins before the next full second.
pub(crate) fn beginning(claims: &Map<String, Value>, name: &str) -> RawMember<i64> {
    number(claims, name, f64::ceil)
}

/// A member that is a text or a list of texts.
pub(crate) fn texts<'a>(claims: &'a Map<String, Value>, name: &str) -> RawMember<Vec<&'a str>> {
    raw(claims, name, |value| match value {
        Value::String(text) => Some(vec![text.as_str()]),
        Value::Array(texts) => texts.iter().map(Value::as_str).collect(),
        _ => None,
    })
}

/// Whether a header has extensions, none of which is supported.
pub(crate) fn has_extensions(header: &Map<String, Value>) -> bool {
    header.contains_key("crit") || header.contains_key("b64")
}

fn number(claims: &Map<String, Value>, name: &str, whole: fn(f64) -> f64) -> RawMember<i64> {
    raw(claims, name, |value| value.as_i64().or_else(|| value.as_f64().map(|seconds| whole(seconds) as i64)))
}

fn raw<'a, T>(part: &'a Map<String, Value>, name: &str, read: impl Fn(&'a Value) -> Option<T>) -> RawMember<T> {
    match part.get(name) {
        None | Some(Value::Null) => RawMember::Absent,
        Some(value) => read(value).map_or(RawMember::WrongType, RawMember::Value),
    }
}
