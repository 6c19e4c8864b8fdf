//! The view of a tenant's signing key in `/keys/signing` and in every client.

use serde_json::{Map, Value, json};

use crate::api::json::object;
use crate::token::{KeyRing, SigningKey};

/// Id and certificate.
pub(super) fn certificate(key: &SigningKey) -> Map<String, Value> {
    object(json!({ "kid": key.kid(), "cert": key.certificate_pem() }))
}

/// The `signing_keys` of a client: the certificate of the key that signs, in two forms (recorded).
pub(in crate::api) fn of_clients(ring: &KeyRing) -> Value {
    let key = ring.current();
    json!([{ "cert": key.certificate_pem(), "pkcs7": key.pkcs7_pem(), "subject": "deprecated" }])
}
