//! `/attack-protection`: one settings document for each protection. m2mock stores the settings and blocks no login.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, named_defaults};
use crate::api::setting::{Absent, Change, Setting};
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("attack_protection.schema.json")));

const READ: &[&str] = &["read:attack_protection"];
const UPDATE: &[&str] = &["update:attack_protection"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::read_setting("/attack-protection/bot-detection", READ, &BOT_DETECTION),
        Operation::update_setting("/attack-protection/bot-detection", UPDATE, &BOT_DETECTION).body("BotDetectionPatch"),
        Operation::read_setting("/attack-protection/breached-password-detection", READ, &BREACHED_PASSWORDS),
        Operation::update_setting("/attack-protection/breached-password-detection", UPDATE, &BREACHED_PASSWORDS)
            .body("BreachedPasswordDetectionPatch"),
        Operation::read_setting("/attack-protection/brute-force-protection", READ, &BRUTE_FORCE),
        Operation::update_setting("/attack-protection/brute-force-protection", UPDATE, &BRUTE_FORCE)
            .body("BruteForceProtectionPatch"),
        Operation::read_setting("/attack-protection/captcha", READ, &CAPTCHA),
        Operation::update_setting("/attack-protection/captcha", UPDATE, &CAPTCHA).body("CaptchaPatch"),
        Operation::read_setting("/attack-protection/phone-provider-protection", READ, &PHONE_PROVIDER),
        Operation::update_setting("/attack-protection/phone-provider-protection", UPDATE, &PHONE_PROVIDER)
            .body("PhoneProviderProtectionPatch"),
        Operation::read_setting("/attack-protection/suspicious-ip-throttling", READ, &SUSPICIOUS_IPS),
        Operation::update_setting("/attack-protection/suspicious-ip-throttling", UPDATE, &SUSPICIOUS_IPS)
            .body("SuspiciousIpThrottlingPatch"),
    ],
};

static BOT_DETECTION: Setting = Setting::new(Absent::Defaults(&BOT_DETECTION_DEFAULTS));

static BREACHED_PASSWORDS: Setting = stages(&BREACHED_PASSWORD_DEFAULTS);

static BRUTE_FORCE: Setting = Setting::new(Absent::Defaults(&BRUTE_FORCE_DEFAULTS));

static CAPTCHA: Setting = Setting {
    hidden: &[
        "arkose.secret",
        "friendly_captcha.secret",
        "hcaptcha.secret",
        "recaptcha_enterprise.api_key",
        "recaptcha_v2.secret",
    ],
    complete: Some(complete_arkose),
    ..Setting::new(Absent::Defaults(&CAPTCHA_DEFAULTS))
};

static PHONE_PROVIDER: Setting = Setting::new(Absent::Defaults(&PHONE_PROVIDER_DEFAULTS));

static SUSPICIOUS_IPS: Setting = stages(&SUSPICIOUS_IP_DEFAULTS);

/// A protection with stages, which an update merges (recorded).
const fn stages(defaults: &'static Defaults) -> Setting {
    Setting { change: Change::Merge, ..Setting::new(Absent::Defaults(defaults)) }
}

static BOT_DETECTION_DEFAULTS: Defaults = LazyLock::new(|| defaults("bot-detection"));
static BREACHED_PASSWORD_DEFAULTS: Defaults = LazyLock::new(|| defaults("breached-password-detection"));
static BRUTE_FORCE_DEFAULTS: Defaults = LazyLock::new(|| defaults("brute-force-protection"));
static CAPTCHA_DEFAULTS: Defaults = LazyLock::new(|| defaults("captcha"));
static PHONE_PROVIDER_DEFAULTS: Defaults = LazyLock::new(|| defaults("phone-provider-protection"));
static SUSPICIOUS_IP_DEFAULTS: Defaults = LazyLock::new(|| defaults("suspicious-ip-throttling"));

/// The settings of a new tenant: the newest recording (the type of the phone provider's protection is assumed).
fn defaults(protection: &str) -> Map<String, Value> {
    named_defaults(include_str!("attack_protection.defaults.json"), protection)
}

/// Adds the default hosts of Arkose (inferred from the settings of a new tenant).
fn complete_arkose(settings: &mut Map<String, Value>) {
    let defaults = CAPTCHA_DEFAULTS.get("arkose").and_then(Value::as_object);
    if let (Some(arkose), Some(defaults)) = (settings.get_mut("arkose").and_then(Value::as_object_mut), defaults) {
        for (member, default) in defaults {
            arkose.entry(member).or_insert_with(|| default.clone());
        }
    }
}
