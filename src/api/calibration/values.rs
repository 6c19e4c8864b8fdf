//! The named values of a request that fill the placeholders of a template.

use http::Request;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::api::request::{media_type, pairs};
use crate::domain::BoundedText;

/// The names at the token endpoint: parameters of the request, entities that they identify, and other values of built-in
/// sentences.
pub(crate) const TOKEN_VALUES: [&str; 12] = [
    "audience",
    "client_id",
    "client_name",
    "grant_type",
    "missing_scopes",
    "organization",
    "organization_id",
    "organization_name",
    "parameter",
    "reason",
    "resource",
    "scope",
];

/// Names and values of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values(Vec<(BoundedText, BoundedText)>);

/// The most values of one request.
const MOST: usize = 200;

impl Values {
    /// Sets a value, and replaces an earlier one.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.0.iter().position(|(known, _)| *known == *name) {
            Some(place) => self.0[place].1 = value.into(),
            None if self.0.len() < MOST => self.0.push((name.into(), value.into())),
            None => {}
        }
    }

    /// Sets a value if there is one.
    pub(crate) fn set_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == *name).map(|(_, value)| value.as_str())
    }

    /// All names and values, in the order in which they were set.
    #[cfg(all(feature = "cli", feature = "conformance"))]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The values of a request to a row of the Management API: `path.id`, `query.from`, `body.options.name`.
    pub(crate) fn of_management(row: &str, request: &Request<bytes::Bytes>) -> Values {
        let mut values = Values::default();
        let path = request.uri().path();
        let below = path.strip_prefix("/api/v2").unwrap_or(path);
        for (name, segment) in row.split('/').zip(below.split('/')) {
            let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            if let (Some(name), Ok(value)) = (name, percent_decode_str(segment).decode_utf8()) {
                values.set(&format!("path.{name}"), &value);
            }
        }
        for (name, value) in pairs(request.uri().query().unwrap_or_default().as_bytes()) {
            values.set(&BoundedText::<1024>::of(format_args!("query.{name}")), &value);
        }
        let body = match media_type(request).as_deref() {
            None | Some("application/json") => serde_json::from_slice(request.body()).unwrap_or_default(),
            _ => Value::Null,
        };
        values.add_texts("body", &body);
        values
    }

    fn add_texts(&mut self, name: &str, value: &Value) {
        match value {
            // A long body costs no more than what is kept of it.
            _ if self.0.len() == MOST => {}
            Value::Object(members) => {
                for (member, value) in members {
                    self.add_texts(&BoundedText::<1024>::of(format_args!("{name}.{member}")), value);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.add_texts(&BoundedText::<1024>::of(format_args!("{name}.{index}")), item);
                }
            }
            Value::String(text) => self.set(name, text),
            Value::Number(number) => self.set(name, &number.to_string()),
            Value::Null | Value::Bool(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Values;

    #[test]
    fn a_request_has_the_values_of_its_path_its_query_and_its_body() {
        let body = Bytes::from_static(br#"{ "a": { "b": ["c", 7] }, "d": null }"#);
        let mut request = http::Request::new(body);
        *request.uri_mut() = "/api/v2/users/auth0%7C1?q=x%20y".parse().unwrap();
        let values = Values::of_management("/users/{id}", &request);
        let found = ["path.id", "query.q", "body.a.b.0", "body.a.b.1", "body.d"].map(|name| values.get(name));
        assert_eq!(found, [Some("auth0|1"), Some("x y"), Some("c"), Some("7"), None]);
    }

    #[test]
    fn values_are_bounded() {
        let mut values = Values::default();
        (0..1000).for_each(|number| values.set(&number.to_string().repeat(2000), &"x".repeat(5000)));
        assert!(values.0.len() <= 200 && values.0.iter().all(|(name, value)| name.len() + value.len() <= 2048));
    }
}
