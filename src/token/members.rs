//! Typed members of a token, for bearer tokens and assertions.

use serde_json::{Map, Value};

use crate::domain::Given;

/// A text.
pub(crate) fn text<'a>(part: &'a Map<String, Value>, name: &str) -> Given<&'a str> {
    given(part, name, Value::as_str)
}

/// The second at which something ends or was made. A fraction is cut (RFC 7519, `NumericDate`).
pub(crate) fn seconds(claims: &Map<String, Value>, name: &str) -> Given<i64> {
    number(claims, name, f64::floor)
}

/// The second from which on something holds: one with a fraction has not come before the next.
pub(crate) fn beginning(claims: &Map<String, Value>, name: &str) -> Given<i64> {
    number(claims, name, f64::ceil)
}

/// A text or a list of texts.
pub(crate) fn texts<'a>(claims: &'a Map<String, Value>, name: &str) -> Given<Vec<&'a str>> {
    given(claims, name, |value| match value {
        Value::String(text) => Some(vec![text.as_str()]),
        Value::Array(texts) => texts.iter().map(Value::as_str).collect(),
        _ => None,
    })
}

/// Whether a header asks for something that a reader has to understand, and that nobody understands here.
pub(crate) fn has_extensions(header: &Map<String, Value>) -> bool {
    header.contains_key("crit") || header.contains_key("b64")
}

fn number(claims: &Map<String, Value>, name: &str, whole: fn(f64) -> f64) -> Given<i64> {
    given(claims, name, |value| value.as_i64().or_else(|| value.as_f64().map(|seconds| whole(seconds) as i64)))
}

fn given<'a, T>(part: &'a Map<String, Value>, name: &str, read: impl Fn(&'a Value) -> Option<T>) -> Given<T> {
    match part.get(name) {
        None | Some(Value::Null) => Given::Nothing,
        Some(value) => read(value).map_or(Given::AnotherType, Given::This),
    }
}
