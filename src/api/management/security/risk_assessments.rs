//! `/risk-assessments/settings`: whether the tenant assesses the risk of logins, and for how many days it remembers a device.

use std::sync::LazyLock;

use serde_json::json;

use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::Defaults;
use crate::api::setting::{Absent, Setting};
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("risk_assessments.schema.json")));

const ASSESSMENT: &str = "/risk-assessments/settings";
const NEW_DEVICE: &str = "/risk-assessments/settings/new-device";
const READ: &[&str] = &["read:attack_protection"];
const UPDATE: &[&str] = &["update:attack_protection"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::read_setting(ASSESSMENT, READ, &SETTINGS),
        Operation::update_setting(ASSESSMENT, UPDATE, &SETTINGS).body("SettingsPatch"),
        Operation::read_setting(NEW_DEVICE, READ, &NEW_DEVICE_SETTINGS),
        Operation::update_setting(NEW_DEVICE, UPDATE, &NEW_DEVICE_SETTINGS).body("SettingsNewDevicePatch"),
    ],
};

static SETTINGS: Setting = Setting::new(Absent::Defaults(&DEFAULTS));

static NEW_DEVICE_SETTINGS: Setting = Setting::new(Absent::Defaults(&NEW_DEVICE_DEFAULTS));

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "enabled": false })));

/// In days (recorded).
static NEW_DEVICE_DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "remember_for": 30 })));
