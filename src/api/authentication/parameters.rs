//! The parameters of a token request, from JSON or a form.

use std::fmt;

use bytes::Bytes;
use http::Request;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::refused::Refused;
use crate::api::error::TokenError;
use crate::api::{media_type, pairs};

/// The parameters of a request that this grant reads; others are ignored, as with the live service.
#[derive(Debug, Default)]
pub(super) struct TokenRequest {
    pub(super) grant_type: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) client_assertion: Option<String>,
    pub(super) client_assertion_type: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) organization: Option<String>,
    /// Every `resource`, as it was sent: only some tenants read it.
    resource: Vec<Value>,
}

impl TokenRequest {
    /// Reads a JSON object or a form. `null` and the empty text count as not sent; a parameter that is read must be a
    /// text and must not be sent twice (R25).
    pub(super) fn read(request: &Request<Bytes>) -> Result<Self, Refused> {
        let sent = Sent::of(request)?;
        let mut read = TokenRequest::default();
        let mut places = [
            ("grant_type", &mut read.grant_type, false),
            ("client_id", &mut read.client_id, false),
            ("client_secret", &mut read.client_secret, false),
            ("client_assertion", &mut read.client_assertion, false),
            ("client_assertion_type", &mut read.client_assertion_type, false),
            ("audience", &mut read.audience, false),
            ("scope", &mut read.scope, false),
            ("organization", &mut read.organization, false),
        ];
        for (name, value) in sent.0 {
            if name == "resource" {
                read.resource.push(value);
                continue;
            }
            let Some((name, place, seen)) = places.iter_mut().find(|(known, ..)| *known == name) else { continue };
            if std::mem::replace(seen, true) {
                return Err(repeated(name));
            }
            **place = match value {
                Value::Null => None,
                Value::String(text) => Some(text).filter(|text| !text.is_empty()),
                _ => return Err(not_a_text(name)),
            };
        }
        Ok(read)
    }

    /// The API that `resource` names (RFC 8707), for a tenant that reads it.
    pub(super) fn resource(&self) -> Result<Option<&str>, Refused> {
        match self.resource.as_slice() {
            [] | [Value::Null] => Ok(None),
            [Value::String(text)] => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            [_] => Err(not_a_text("resource")),
            _ => Err(repeated("resource")),
        }
    }
}

fn not_a_text(name: &str) -> Refused {
    Refused::new(TokenError::not_a_string(name), &["R25"], format!("{name} is not a text"))
}

fn repeated(name: &str) -> Refused {
    Refused::new(TokenError::repeated_parameter(name), &["R25"], format!("{name} is sent twice"))
}

/// Every parameter of a request that was read before, but for what proves who asks: what Actions see of it. Of one that
/// was sent twice, the last.
pub(super) fn told_to_actions(request: &Request<Bytes>) -> Map<String, Value> {
    let proof = ["client_secret", "client_assertion"];
    let sent = Sent::of(request).unwrap_or_default().0;
    sent.into_iter().filter(|(name, _)| !proof.contains(&name.as_str())).collect()
}

/// Names and values in the order in which they were sent, also those that were sent twice.
#[derive(Default)]
struct Sent(Vec<(String, Value)>);

impl Sent {
    fn of(request: &Request<Bytes>) -> Result<Self, Refused> {
        let body = request.body();
        match media_type(request).as_deref() {
            Some("application/json") => serde_json::from_slice::<Sent>(body)
                .map_err(|_| Refused::new(TokenError::unreadable_body(), &[], "the body is not a JSON object")),
            // Without a type, what most clients send by default.
            None | Some("application/x-www-form-urlencoded") => {
                Ok(Sent(pairs(body).into_iter().map(|(name, value)| (name, value.into())).collect()))
            }
            // As the live service's answer is unknown, such a body counts as no body at all.
            Some(_) => Ok(Sent::default()),
        }
    }
}

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Sent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Sent, A::Error> {
                let mut sent = Vec::new();
                while let Some(member) = members.next_entry()? {
                    sent.push(member);
                }
                Ok(Sent(sent))
            }
        }

        deserializer.deserialize_map(Members)
    }
}
