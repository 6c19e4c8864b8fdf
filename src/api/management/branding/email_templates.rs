//! `/email-templates`: the texts of the tenant's emails. m2mock stores them and sends no email.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::setting::{Absent, Setting};
use crate::schema::Schemas;
use crate::store::Document;
use crate::store::document::text;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("email_templates.schema.json")));

const BY_NAME: &str = "/email-templates/{templateName}";
const UPDATE: &[&str] = &["update:email_templates"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::post("/email-templates", &["create:email_templates"], create).body("Create").success(200),
        Operation::read_setting(BY_NAME, &["read:email_templates"], &TEMPLATE).parameters("ByName"),
        Operation::replace_setting(BY_NAME, UPDATE, &TEMPLATE).body("Create").parameters("ByName"),
        Operation::update_setting(BY_NAME, UPDATE, &TEMPLATE).body("Patch").parameters("ByName"),
    ],
};

static TEMPLATE: Setting = Setting {
    prepare: Some(set_name_from_path),
    complete: Some(complete),
    ..Setting::new(Absent::Refuse(TEMPLATE_NOT_FOUND))
};

/// A template that does not exist (code recorded by the deploy tool, sentence assumed).
const TEMPLATE_NOT_FOUND: Refusal = Refusal::new(404, "inexistent_email_template", "The template does not exist.");

/// A template that exists (d).
const TEMPLATE_EXISTS: Refusal = Refusal::plain(409, "Template {} already exists.");

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut template = std::mem::take(&mut call.body);
    complete(&mut template);
    let template = Document::new(template);
    let name = text(&template, "template").unwrap_or_default();
    let path = format!("/email-templates/{name}");
    if call.state.settings.get(&path).is_some() {
        return Err(TEMPLATE_EXISTS.with(&[&name]));
    }
    call.state.settings.set(&path, Document::clone(&template));
    Ok(Reply::json(&template))
}

/// These members are `null` where a template has none (published).
fn complete(template: &mut Map<String, Value>) {
    for member in ["body", "enabled", "from", "subject", "syntax"] {
        template.entry(member).or_insert(Value::Null);
    }
}

/// Sets the name of the template from the path.
fn set_name_from_path(call: &Call<'_>, changes: &mut Map<String, Value>) -> Result<(), ApiError> {
    changes.insert("template".to_owned(), call.parameter("templateName").into());
    Ok(())
}
