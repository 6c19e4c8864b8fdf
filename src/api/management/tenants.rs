//! `/tenants/settings` (resources 6).

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::crud::{Fields, fields_of};
use super::{complete_quota, object};
use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Caller, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;
use crate::store::Document;
use crate::store::document::{merge, text};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("tenants.schema.json")));

const ADDRESSED: &[Addressed] = &[Api("default_audience")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/tenants/settings", &["read:tenant_settings"], get).query("Get").addressed(ADDRESSED),
        Operation::patch("/tenants/settings", &["update:tenant_settings"], patch).body("Patch").addressed(ADDRESSED),
    ],
};

/// The settings of a new tenant, as recorded.
pub(super) fn defaults() -> Map<String, Value> {
    object(json!({
        "change_password": { "enabled": false },
        "client_id_metadata_document_supported": false,
        "default_audience": "",
        "default_directory": "",
        "dynamic_client_registration_security_mode": "strict",
        "enabled_locales": ["en"],
        "ephemeral_session_lifetime": 72,
        "flags": {
            "allow_changing_enable_sso": false,
            "cannot_change_enforce_client_authentication_on_passwordless_start": true,
            "disable_clickjack_protection_headers": false,
            "disable_impersonation": true,
            "enable_dynamic_client_registration": false,
            "enable_sso": true,
            "enforce_client_authentication_on_passwordless_start": true,
            "revoke_refresh_token_grant": false,
            "universal_login": true
        },
        "guardian_mfa_page": { "enabled": false },
        "idle_ephemeral_session_lifetime": 24,
        "idle_session_lifetime": 72,
        "oidc_logout": { "rp_logout_end_session_endpoint_discovery": true },
        "phone_consolidated_experience": false,
        "resource_parameter_profile": "audience",
        "sandbox_version": "22",
        "session_lifetime": 168,
        "universal_login": {}
    }))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut settings = Map::clone(&call.state.settings);
    // GET and PATCH show different members (recorded).
    settings.insert("sandbox_versions_available".to_owned(), json!(["22", "18"]));
    if let Some(flags) = settings.get_mut("flags").and_then(Value::as_object_mut) {
        flags.remove("cannot_change_enforce_client_authentication_on_passwordless_start");
        flags.remove("enforce_client_authentication_on_passwordless_start");
    }
    Ok(Reply::json(&fields_of(Fields::of(call).as_ref(), &Document::new(settings))))
}

/// Changes settings member by member; `null` removes (recorded).
fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut changes = std::mem::take(&mut call.body);
    if let (Caller::Bearer(_), Some(Value::Object(flags))) = (call.caller, changes.get("flags")) {
        check_flags(&call.state.settings, flags)?;
    }
    in_hours(&mut changes);
    let mut settings = Map::clone(&call.state.settings);
    merge(&mut settings, changes);
    for kind in ["clients", "organizations"] {
        let quota = settings.get_mut("default_token_quota").and_then(|quotas| quotas.get_mut(kind));
        complete_quota(quota);
    }
    if text(&settings, "default_redirection_uri") == Some("") {
        settings.remove("default_redirection_uri"); // emptied, it is not shown (recorded)
    }
    call.state.settings = Document::new(settings);
    call.state.forget_usage_without_quota();
    Ok(Reply::json(&call.state.settings))
}

/// Two flags can be changed only where another one says so (V5, V6). The reports sent exports back, so that a value which
/// the tenant has already is refused as well. The owner of the process founds the tenant and is not asked.
fn check_flags(settings: &Map<String, Value>, sent: &Map<String, Value>) -> Result<(), ApiError> {
    let is_set = |flag: &str| settings.get("flags").and_then(|flags| flags.get(flag)) == Some(&Value::Bool(true));
    if sent.contains_key("enable_sso") && !is_set("allow_changing_enable_sso") {
        return Err(ApiError::flag_enable_sso_is_locked());
    }
    let locked = "enforce_client_authentication_on_passwordless_start";
    if sent.contains_key(locked) && is_set(&format!("cannot_change_{locked}")) {
        return Err(ApiError::flag_of_passwordless_start_is_locked());
    }
    Ok(())
}

/// Lifetimes can be sent in minutes and are kept in hours, as a fraction where it takes one (recorded).
fn in_hours(changes: &mut Map<String, Value>) {
    for lifetime in
        ["session_lifetime", "idle_session_lifetime", "ephemeral_session_lifetime", "idle_ephemeral_session_lifetime"]
    {
        let Some(minutes) = changes.remove(&format!("{lifetime}_in_minutes")) else { continue };
        let hours = match minutes.as_u64() {
            Some(minutes) if minutes % 60 == 0 => Value::from(minutes / 60),
            _ => minutes.as_f64().map_or(Value::Null, |minutes| Value::from(minutes / 60.0)),
        };
        changes.insert(lifetime.to_owned(), hours);
    }
}
