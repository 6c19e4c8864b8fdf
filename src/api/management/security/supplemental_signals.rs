//! `/supplemental-signals`: whether the tenant uses the signals of Akamai.

use std::sync::LazyLock;

use serde_json::json;

use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::Defaults;
use crate::api::setting::{Absent, Setting};
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("supplemental_signals.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::read_setting("/supplemental-signals", &["read:attack_protection"], &SIGNALS),
        Operation::update_setting("/supplemental-signals", &["update:attack_protection"], &SIGNALS).body("Patch"),
    ],
};

static SIGNALS: Setting = Setting::new(Absent::Defaults(&DEFAULTS));

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "akamai_enabled": false })));
