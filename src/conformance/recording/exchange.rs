//! A request and its answer as they went over the wire, and their conversion to an [`Interaction`] of a cassette.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::cassette::Interaction;

/// A request and its answer, as they went over the wire.
#[derive(Debug, Default)]
pub(crate) struct WireExchange {
    pub method: String,
    /// An absolute URL, or only its path and query.
    pub url: String,
    pub request_type: Option<String>,
    pub request: Value,
    pub status: u16,
    pub response: Value,
    pub duration_ms: Option<f64>,
}

/// The value of a body: JSON, an object for a form, or else a text.
pub(crate) fn body(text: &str, media_type: Option<&str>) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    if media_type.is_some_and(|media_type| media_type.starts_with("application/x-www-form-urlencoded")) {
        return Value::Object(pairs(text.as_bytes()).into_iter().collect());
    }
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// The parameters of `a=1&b=2`; a repeated name has a list of values.
fn pairs(text: &[u8]) -> BTreeMap<String, Value> {
    let mut pairs: BTreeMap<String, Value> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(text).into_owned() {
        match pairs.get_mut(&name) {
            None => {
                pairs.insert(name, value.into());
            }
            Some(Value::Array(values)) => values.push(value.into()),
            Some(first) => *first = Value::Array(vec![first.take(), value.into()]),
        }
    }
    pairs
}

/// The value of a header; the case of the name does not matter.
pub(super) fn header<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>, header: &str) -> Option<String> {
    headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(header)).map(|(_, value)| value.to_owned())
}

/// The host of a URL, and its path with the query.
pub(super) fn split(url: &str) -> (&str, &str) {
    let Some((_, rest)) = url.split_once("://") else { return ("", url) };
    let end = rest.find('/').unwrap_or(rest.len());
    let authority = &rest[..end];
    (authority.split_once(':').map_or(authority, |(host, _)| host), &rest[end..])
}

/// Converts an exchange to an interaction of a cassette. A placeholder replaces the tenant's domain.
pub(crate) fn interaction(exchange: WireExchange, domain: &str) -> Interaction {
    let (_, path) = split(&exchange.url);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Interaction {
        method: exchange.method.to_ascii_uppercase(),
        path: if domain.is_empty() { path.to_owned() } else { path.replace(domain, DOMAIN) },
        query: pairs(query.as_bytes()).into_iter().map(|(name, value)| (name, anonymous(value, "", domain))).collect(),
        request: anonymous(exchange.request, "", domain),
        request_content_type: exchange.request_type,
        status: exchange.status,
        response: anonymous(exchange.response, "", domain),
        duration_ms: exchange.duration_ms,
        ..Interaction::default()
    }
}

const DOMAIN: &str = "{{tenant_domain}}";
const NAME: &str = "{{tenant_name}}";

/// Replaces the tenant's domain, and its name in members called `tenant`, with placeholders.
fn anonymous(value: Value, key: &str, domain: &str) -> Value {
    match value {
        Value::String(text) if domain.is_empty() => Value::String(text),
        Value::String(text) if key == "tenant" && domain.split('.').next() == Some(&text) => NAME.into(),
        Value::String(text) => text.replace(domain, DOMAIN).into(),
        Value::Array(items) => items.into_iter().map(|item| anonymous(item, key, domain)).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(key, value)| {
                let value = anonymous(value, &key, domain);
                (key, value)
            });
            Value::Object(members.collect::<Map<String, Value>>())
        }
        other => other,
    }
}
