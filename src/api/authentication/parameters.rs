//! The parameters of a request, parsed once from JSON, a form or a query, including repeated ones.

use std::fmt;

use bytes::Bytes;
use http::Request;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::reason::Reason;
use super::rejection::Rejection;
use crate::api::error::TokenError;
use crate::api::request::{media_type, pairs};

/// Names and values in the order of sending.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<(String, Value)>);

impl Parameters {
    /// Those of a body: a JSON object or a form.
    pub(super) fn of_body(request: &Request<Bytes>) -> Result<Self, Rejection> {
        let body = request.body();
        match media_type(request).as_deref() {
            Some("application/json") => serde_json::from_slice(body)
                .map_err(|_| Rejection::new(TokenError::unreadable_body(), &[], Reason::NoJsonObject)),
            // Without a type, what most clients send by default.
            None | Some("application/x-www-form-urlencoded") => Ok(Parameters::of_pairs(body)),
            // As the live service's answer is unknown, such a body counts as no body at all.
            Some(_) => Ok(Parameters::default()),
        }
    }

    /// Those of a query.
    pub(super) fn of_query(query: Option<&str>) -> Self {
        Parameters::of_pairs(query.unwrap_or_default().as_bytes())
    }

    fn of_pairs(text: &[u8]) -> Self {
        Parameters(pairs(text).into_iter().map(|(name, value)| (name, value.into())).collect())
    }

    /// Refuses, in the order of sending, the first parameter with one of these names that is sent twice or is no text
    /// (R25). Others are ignored, as with the live service.
    pub(super) fn check(&self, names: &[&'static str]) -> Result<(), Rejection> {
        let mut seen = vec![false; names.len()];
        for (name, value) in &self.0 {
            let Some(place) = names.iter().position(|known| known == name) else { continue };
            if std::mem::replace(&mut seen[place], true) {
                return Err(repeated(names[place]));
            }
            as_text(names[place], value)?;
        }
        Ok(())
    }

    /// The text of a parameter. `null` and the empty text count as not sent.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<&str>, Rejection> {
        let mut values = self.0.iter().filter(|(sent, _)| sent == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => as_text(name, value),
            (Some(_), Some(_)) => Err(repeated(name)),
        }
    }

    /// Whether a parameter is sent, with any value.
    pub(super) fn is_sent(&self, name: &str) -> bool {
        self.0.iter().any(|(sent, _)| sent == name)
    }

    /// Whether a parameter is sent with this value, perhaps beside others.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(sent, text)| sent == name && text == value)
    }

    /// Every parameter but the client's own proof, for Actions. Of one that was sent twice, the last.
    pub(super) fn without_proof(&self) -> Map<String, Value> {
        let proof = ["client_secret", "client_assertion"];
        self.0.iter().filter(|(name, _)| !proof.contains(&name.as_str())).cloned().collect()
    }
}

fn as_text<'v>(name: &'static str, value: &'v Value) -> Result<Option<&'v str>, Rejection> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        _ => Err(Rejection::new(TokenError::not_a_string(name), &["R25"], Reason::NotAText(name))),
    }
}

fn repeated(name: &'static str) -> Rejection {
    Rejection::new(TokenError::repeated_parameter(name), &["R25"], Reason::SentTwice(name))
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Parameters;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Parameters, A::Error> {
                let mut sent = Vec::new();
                while let Some(member) = members.next_entry()? {
                    sent.push(member);
                }
                Ok(Parameters(sent))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    fn parameters(json: &str) -> Parameters {
        serde_json::from_str(json).expect("an object")
    }

    fn rejected(parameters: &Parameters) -> Option<String> {
        let checked = parameters.check(&["audience", "organization"]);
        checked.err().map(|rejection| rejection.error.description.to_string())
    }

    #[test]
    fn the_first_parameter_in_the_order_of_sending_is_refused() {
        let not_a_string = Some("parameter organization must be a string".to_owned());
        assert_eq!(rejected(&parameters(r#"{"audience":"a","organization":[],"audience":"b"}"#)), not_a_string);
        let repeated = Some("parameter audience must not be sent more than once".to_owned());
        assert_eq!(rejected(&parameters(r#"{"audience":"a","audience":"b","organization":[]}"#)), repeated);
    }

    #[test]
    fn other_parameters_may_be_of_any_type_and_sent_more_than_once() {
        let parameters = parameters(r#"{"note":[1],"note":2,"audience":"a"}"#);
        assert_eq!(rejected(&parameters), None);
        assert_eq!(parameters.text("audience").unwrap(), Some("a"));
        assert!(parameters.text("note").is_err());
    }

    #[test]
    fn null_and_the_empty_text_count_as_not_sent() {
        let parameters = parameters(r#"{"audience":null,"organization":""}"#);
        assert_eq!(parameters.text("audience").unwrap(), None);
        assert_eq!(parameters.text("organization").unwrap(), None);
        assert!(Parameters::of_query(Some("a=1&a=2")).has("a", "2"));
    }
}
