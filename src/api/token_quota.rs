//! Defaults of token quotas in clients, organizations and the settings of the tenant.

use serde_json::{Map, Value};

/// Completes the `token_quota` of a client or an organization.
pub(super) fn complete_token_quota(owner: &mut Map<String, Value>) {
    complete_quota(owner.get_mut("token_quota"));
}

/// Completes a quota: `enforce` defaults to true (R96).
pub(super) fn complete_quota(quota: Option<&mut Value>) {
    let quota = quota.and_then(|quota| quota.get_mut("client_credentials")).and_then(Value::as_object_mut);
    if let Some(quota) = quota {
        quota.entry("enforce").or_insert(Value::Bool(true));
    }
}
