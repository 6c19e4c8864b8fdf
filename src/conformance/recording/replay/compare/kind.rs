//! The kind of a value: its JSON type, and the value without the parts that differ between recordings.

use serde_json::Value;

use super::moment::Moment;
use crate::conformance::recording::identifiers::is_identifier;

/// Members whose values differ between recordings. A live value must have the same type and must not be empty.
const VOLATILE: [&str; 42] = [
    "access_token",
    "action_duration_ms",
    "auth_req_id",
    "awsPartnerEventSource",
    "aws_partner_event_source",
    "azure_partner_topic",
    "barcode_uri",
    "boot_duration_ms",
    "cert",
    "client_secret",
    "fingerprint",
    "id_token",
    "invitation_url",
    "ip",
    "kid",
    "last_ip",
    "location",
    "network_duration_ms",
    "next",
    "oob_code",
    "origin_domain_name",
    "pkcs",
    "pkcs7",
    "provisioning_ticket_url",
    "public_key",
    "public_wrapping_key",
    "record",
    "recovery_code",
    "refresh_token",
    "request_uri",
    "runtime_external_call_duration_ms",
    "runtime_processing_duration_ms",
    "signing_secret",
    "thumbprint",
    "thumbprint_sha256",
    "ticket",
    "token",
    "total_request_duration_ms",
    "total_runtime_execution_duration_ms",
    "user_agent",
    "verification_host",
    "verification_txt",
];

pub(super) fn is_volatile(key: &str) -> bool {
    VOLATILE.contains(&key)
}

/// A value as a look-up key: placeholders replace the parts that differ between recordings, and the name of the entity, which the
/// service repeats in other members.
pub(crate) fn kind_of(value: &Value, key: &str, name: Option<&str>) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), kind_of(value, key, name))).collect(),
        Value::Array(items) => items.iter().map(|item| kind_of(item, key, name)).collect(),
        Value::String(text) if is_volatile(key) || is_identifier(text) || Moment::of(text).is_some() => {
            "(volatile)".into()
        }
        Value::String(text) if key != "name" && !text.is_empty() && name == Some(text) => "(the entity's name)".into(),
        other => other.clone(),
    }
}

/// A pointer with `*` for each index.
pub(crate) fn starred(pointer: &str) -> String {
    pointer.split('/').map(|part| if is_index(part) { "*" } else { part }).collect::<Vec<_>>().join("/")
}

pub(super) fn is_index(part: &str) -> bool {
    part == "*" || !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
