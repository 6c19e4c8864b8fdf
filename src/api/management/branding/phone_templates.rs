//! `/branding/phone/templates`: the texts of the tenant's phone messages, one for each type of message. m2mock stores them and sends
//! no message.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::phone::{NOT_FOUND, accepted, view};
use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, List, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("phone_templates.schema.json")));

const ALL: &str = "/branding/phone/templates";
const BY_ID: &str = "/branding/phone/templates/{id}";
const CREATE: &[&str] = &["create:phone_templates"];
const READ: &[&str] = &["read:phone_templates"];
const UPDATE: &[&str] = &["update:phone_templates"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &TEMPLATE).query("List"),
        Operation::create(ALL, CREATE, &TEMPLATE).body("Create"),
        Operation::read(BY_ID, READ, &TEMPLATE).parameters("ById"),
        Operation::update(BY_ID, UPDATE, &TEMPLATE).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:phone_templates"], &TEMPLATE).parameters("ById"),
        Operation::patch("/branding/phone/templates/{id}/reset", UPDATE, reset).body("Reset").parameters("ById"),
        Operation::post("/branding/phone/templates/{id}/try", CREATE, send_test)
            .body("Try")
            .parameters("ById")
            .success(202),
    ],
};

static TEMPLATE: Resource = Resource {
    list: List::whole("templates").filters(&["disabled"]),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("type", TEMPLATE_EXISTS)),
    stamps: Stamps::Milliseconds,
    missing: NOT_FOUND,
    complete: Some(complete),
    show: Some(view),
    ..Resource::new(Kind::PhoneTemplate, Identity::new(IdShape::PHONE_TEMPLATE))
};

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "disabled": false, "type": "otp_verify" })));

/// A second template of a type (d).
const TEMPLATE_EXISTS: Refusal = Refusal::plain(409, "Phone template already configured for tenant");

/// Adds the syntax, which is always Liquid (recorded), and the default text of the type.
fn complete(_: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let kind = draft.text("type").to_owned();
    let content = draft.entity.entry("content").or_insert_with(|| json!({}));
    if let Value::Object(content) = content {
        content.insert("syntax".to_owned(), "liquid".into());
        content.entry("body").or_insert_with(|| default_body(&kind));
    }
    Ok(())
}

/// The default text of a message (m2mock's own).
fn default_body(kind: &str) -> Value {
    let text = match kind {
        "otp_enroll" => "Your code to enroll this phone is {{ code }}.",
        "change_password" => "Your password was changed.",
        "blocked_account" => "Your account was blocked after too many failed logins.",
        "password_breach" => "Your password appeared in a data breach. Change it.",
        _ => "Your verification code is {{ code }}.",
    };
    json!({ "text": text, "voice": text })
}

/// Restores the default text of a template.
fn reset(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.body = Map::from_iter([("content".to_owned(), json!({}))]);
    TEMPLATE.update(call)
}

fn send_test(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity(Kind::PhoneTemplate, NOT_FOUND)?;
    Ok(accepted())
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use crate::api::{Config, Pins, Tenant};

    #[test]
    fn a_new_template_and_a_reset_template_have_the_default_text() {
        let tenant = Tenant::new(Config::default());
        let perform = |method: Method, path: &str, body: Value| {
            tenant.perform(method, path, body, Pins::default()).map_err(|error| error.status)
        };
        let all = "/branding/phone/templates";
        let template = perform(Method::POST, all, json!({ "type": "change_password" })).expect("a template");
        assert_eq!(template["content"]["syntax"], "liquid");
        assert_eq!(perform(Method::POST, all, json!({ "type": "change_password" })), Err(409));

        let path = format!("{all}/{}", template["id"].as_str().expect("an id"));
        let content = json!({ "content": { "from": "+15550100", "body": { "text": "changed" } } });
        let template_after = perform(Method::PATCH, &path, content).expect("it is changed");
        assert_eq!(
            template_after["content"],
            json!({ "syntax": "liquid", "from": "+15550100", "body": { "text": "changed" } })
        );
        let reset = perform(Method::PATCH, &format!("{path}/reset"), Value::Null).expect("it is reset");
        assert_eq!(reset["content"], template["content"]);
        assert_eq!(perform(Method::GET, &format!("{all}?disabled=true"), Value::Null), Ok(json!({ "templates": [] })));
        assert_eq!(
            perform(Method::POST, &format!("{path}/try"), json!({ "to": "+15550100" })).expect("it is sent")["code"],
            202
        );
    }
}
