//! The parameters of a token request, from JSON or a form.

use bytes::Bytes;
use http::Request;
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
    pub(super) audience: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) organization: Option<String>,
}

impl TokenRequest {
    /// Reads a JSON object or a form. `null` and the empty text count as not sent.
    pub(super) fn read(request: &Request<Bytes>) -> Result<Self, Refused> {
        let body = request.body();
        let parameters = match media_type(request).as_deref() {
            Some("application/json") => match serde_json::from_slice(body) {
                Ok(Value::Object(parameters)) => parameters,
                Ok(_) | Err(_) => {
                    let why = "the body is not a JSON object";
                    return Err(Refused::new(TokenError::unreadable_body(), &[], why));
                }
            },
            None | Some("application/x-www-form-urlencoded") => form(body)?,
            // As the live service's answer is unknown, such a body counts as no body at all.
            Some(_) => Map::new(),
        };
        let mut read = TokenRequest::default();
        for (name, place) in [
            ("grant_type", &mut read.grant_type),
            ("client_id", &mut read.client_id),
            ("client_secret", &mut read.client_secret),
            ("client_assertion", &mut read.client_assertion),
            ("audience", &mut read.audience),
            ("scope", &mut read.scope),
            ("organization", &mut read.organization),
        ] {
            *place = match parameters.get(name) {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
                Some(_) => {
                    let why = format!("{name} is not a text");
                    return Err(Refused::new(TokenError::not_a_string(name), &["R25"], why));
                }
            };
        }
        Ok(read)
    }
}

fn form(body: &[u8]) -> Result<Map<String, Value>, Refused> {
    let mut parameters = Map::new();
    for (name, value) in pairs(body) {
        if parameters.contains_key(&name) {
            let why = format!("{name} is sent twice");
            return Err(Refused::new(TokenError::repeated_parameter(&name), &["R25"], why));
        }
        parameters.insert(name, value.into());
    }
    Ok(parameters)
}
