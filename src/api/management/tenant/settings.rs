//! `/tenants/settings` (resources 6).

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Caller};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::Defaults;
use crate::api::setting::{Absent, Change, Setting};
use crate::api::token_quota::complete_quota;
use crate::schema::Schemas;
use crate::store::document::text;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("settings.schema.json")));

/// The settings of a new tenant, as recorded.
pub(super) static DEFAULTS: Defaults =
    LazyLock::new(|| serde_json::from_str(include_str!("settings.defaults.json")).expect("an object"));

const ADDRESSED: &[Addressed] = &[Api("default_audience")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::read_setting("/tenants/settings", &["read:tenant_settings"], &SETTINGS)
            .query("Get")
            .addressed(ADDRESSED),
        Operation::update_setting("/tenants/settings", &["update:tenant_settings"], &SETTINGS)
            .body("Patch")
            .addressed(ADDRESSED),
    ],
};

static SETTINGS: Setting = Setting {
    change: Change::Merge, // recorded
    prepare: Some(prepare),
    complete: Some(complete),
    stored: Some(|call| call.state.forget_usage_without_quota()),
    show: Some(show),
    ..Setting::new(Absent::Defaults(&DEFAULTS))
};

/// `enable_sso` of a tenant that cannot change it (V5, p; code assumed).
const FLAG_ENABLE_SSO_IS_LOCKED: Refusal = Refusal::invalid_body("Updating the enable_sso flag is not allowed.");

/// `enforce_client_authentication_on_passwordless_start` of a tenant that cannot change it (V6, p; code assumed).
const FLAG_OF_PASSWORDLESS_START_IS_LOCKED: Refusal = Refusal::invalid_body(
    "Updating the enforce_client_authentication_on_passwordless_start flag is not allowed. Please contact us if \
     you need additional information.",
);

fn prepare(call: &Call<'_>, changes: &mut Map<String, Value>) -> Result<(), ApiError> {
    // A seed or a typed helper sets up the tenant and may change every flag.
    if let (Caller::Bearer(_), Some(Value::Object(flags))) = (call.caller, changes.get("flags")) {
        check_flags(call.state.settings.tenant(), flags)?;
    }
    convert_minutes(changes);
    Ok(())
}

fn complete(settings: &mut Map<String, Value>) {
    for kind in ["clients", "organizations"] {
        let quota = settings.get_mut("default_token_quota").and_then(|quotas| quotas.get_mut(kind));
        complete_quota(quota);
    }
    if text(settings, "default_redirection_uri") == Some("") {
        settings.remove("default_redirection_uri"); // answers have no empty URI (recorded)
    }
}

/// The view of the settings: it has one more member and two flags less than a PATCH accepts (recorded).
fn show(settings: &mut Map<String, Value>) {
    settings.insert("sandbox_versions_available".to_owned(), json!(["22", "18"]));
    if let Some(flags) = settings.get_mut("flags").and_then(Value::as_object_mut) {
        flags.remove("cannot_change_enforce_client_authentication_on_passwordless_start");
        flags.remove("enforce_client_authentication_on_passwordless_start");
    }
}

/// Checks two flags that can change only if another flag allows it (V5, V6). The reported requests sent an export back, so even the
/// current value is refused.
fn check_flags(settings: &Map<String, Value>, changes: &Map<String, Value>) -> Result<(), ApiError> {
    let is_set = |flag: &str| settings.get("flags").and_then(|flags| flags.get(flag)) == Some(&Value::Bool(true));
    if changes.contains_key("enable_sso") && !is_set("allow_changing_enable_sso") {
        return Err(FLAG_ENABLE_SSO_IS_LOCKED.into());
    }
    let locked = "enforce_client_authentication_on_passwordless_start";
    if changes.contains_key(locked) && is_set(&format!("cannot_change_{locked}")) {
        return Err(FLAG_OF_PASSWORDLESS_START_IS_LOCKED.into());
    }
    Ok(())
}

/// Converts lifetimes in minutes to hours, which may be fractions (recorded).
fn convert_minutes(changes: &mut Map<String, Value>) {
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
