//! `/emails/provider`: the service that sends the tenant's emails. m2mock stores it and sends no email.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::setting::{Absent, Setting};
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("emails.schema.json")));

const PATH: &str = "/emails/provider";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::read_setting(PATH, &["read:email_provider"], &PROVIDER).query("Get"),
        Operation::post(PATH, &["create:email_provider"], create).body("Create"),
        Operation::update_setting(PATH, &["update:email_provider"], &PROVIDER).body("Patch"),
        // 204 even without a provider (recorded; 404 is published).
        Operation::remove_setting(PATH, &["delete:email_provider"], &PROVIDER),
    ],
};

static PROVIDER: Setting = Setting {
    // Recorded for SES, Mandrill, SMTP and Mailgun.
    hidden: &[
        "credentials.accessKeyId",
        "credentials.api_key",
        "credentials.clientId",
        "credentials.clientSecret",
        "credentials.connectionString",
        "credentials.secretAccessKey",
        "credentials.smtp_pass",
        "credentials.tenantId",
    ],
    prepare: Some(remove_other_provider),
    complete: Some(|provider| {
        provider.entry("enabled").or_insert(Value::Bool(true));
        // A request may clear the region of Mailgun with `null`; an answer has a region or none (published).
        if let Some(Value::Object(credentials)) = provider.get_mut("credentials") {
            credentials.retain(|_, value| !value.is_null());
        }
    }),
    ..Setting::new(Absent::Refuse(NO_PROVIDER))
};

/// No provider (recorded).
const NO_PROVIDER: Refusal = Refusal::new(404, "inexistent_email_provider", "There is not a configured email provider");

/// A second provider (d).
const PROVIDER_EXISTS: Refusal = Refusal::plain(409, "Email provider is already configured.");

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    if call.state.settings.get(PATH).is_some() {
        return Err(PROVIDER_EXISTS.into());
    }
    PROVIDER.replace(call)
}

/// Removes credentials and settings of the previous provider if the provider changes (recorded for the settings).
fn remove_other_provider(call: &Call<'_>, changes: &mut Map<String, Value>) -> Result<(), ApiError> {
    let before = call.state.settings.get(PATH).and_then(|provider| provider.get("name"));
    if before.is_some() && changes.get("name").is_some_and(|name| Some(name) != before) {
        for member in ["credentials", "settings"] {
            changes.entry(member).or_insert(Value::Null);
        }
    }
    Ok(())
}
