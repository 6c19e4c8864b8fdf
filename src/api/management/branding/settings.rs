//! `/branding`: colors, logo and font of the tenant's pages, and the template of the universal login page. m2mock stores them and
//! serves no page.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::setting::{Absent, Change, Setting};
use crate::schema::Schemas;
use crate::store::Document;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("settings.schema.json")));

const READ: &[&str] = &["read:branding"];
const UPDATE: &[&str] = &["update:branding"];
const TEMPLATE_PATH: &str = "/branding/templates/universal-login";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::read_setting("/branding", READ, &SETTINGS),
        Operation::update_setting("/branding", UPDATE, &SETTINGS).body("Patch"),
        Operation::read_setting(TEMPLATE_PATH, READ, &TEMPLATE),
        Operation::put(TEMPLATE_PATH, UPDATE, replace_template).body("Template").success(201),
        Operation::remove_setting(TEMPLATE_PATH, &["delete:branding"], &TEMPLATE),
    ],
};

static SETTINGS: Setting = Setting {
    change: Change::Merge,
    // Colours and font have at least one member (published): when the last one is cleared, they are gone.
    complete: Some(|branding| branding.retain(|_, value| *value != json!({}))),
    ..Setting::new(Absent::Empty)
};

static TEMPLATE: Setting = Setting::new(Absent::Refuse(NO_TEMPLATE));

/// A template that does not exist (recorded).
const NO_TEMPLATE: Refusal = Refusal::new(404, "inexistent_templates_universal_login", "Template does not exist.");

/// A template that is too long (d).
const TEMPLATE_TOO_LONG: Refusal = Refusal::plain(400, "Payload content length greater than maximum allowed: {}.");

/// A template without the required tags (d).
const MISSING_TAGS: Refusal =
    Refusal::plain(400, "Payload content missing required Liquid tags (auth0:head and auth0:widget).");

/// The maximum length of a template in bytes.
const LONGEST_TEMPLATE: usize = 102_400;

/// Stores the template, which the request sends as a text or in the member of an object. The first request is answered with 201,
/// later ones with 204 (recorded).
fn replace_template(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let template = call.items.pop().or_else(|| call.body.remove("template")).unwrap_or_default();
    let text = template.as_str().unwrap_or_default();
    if text.len() > LONGEST_TEMPLATE {
        return Err(TEMPLATE_TOO_LONG.with(&[&LONGEST_TEMPLATE]));
    }
    if !["auth0:head", "auth0:widget"].into_iter().all(|tag| has_tag(text, tag)) {
        return Err(MISSING_TAGS.into());
    }
    let is_first = call.state.settings.get(TEMPLATE_PATH).is_none();
    call.state.settings.set(TEMPLATE_PATH, Document::new(object(json!({ "body": template }))));
    Ok(if is_first { Reply::of(Map::<String, Value>::new()) } else { Reply::empty().status(204) })
}

/// Whether a template has this tag: `{% tag %}` or `{%- tag -%}`. m2mock checks no other syntax.
fn has_tag(template: &str, tag: &str) -> bool {
    let tags = template.split("{%").skip(1).filter_map(|rest| rest.split_once("%}"));
    tags.into_iter().any(|(content, _)| content.trim_matches(|c: char| c == '-' || c.is_whitespace()) == tag)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use super::LONGEST_TEMPLATE;
    use crate::api::{Config, Pins, Tenant};

    #[test]
    fn a_template_is_a_text_or_a_member_and_has_both_tags() {
        let tenant = Tenant::new(Config::default());
        let perform = |method: Method, body: Value| {
            let path = "/branding/templates/universal-login";
            tenant.perform(method, path, body, Pins::default()).map_err(|error| error.status)
        };
        assert_eq!(perform(Method::GET, Value::Null), Err(404));
        let page = "<html>{%- auth0:head -%}{% auth0:widget %}</html>";
        assert_eq!(perform(Method::PUT, page.into()), Ok(json!({})));
        assert_eq!(perform(Method::GET, Value::Null), Ok(json!({ "body": page })));
        assert_eq!(perform(Method::PUT, json!({ "template": page.to_owned() + "!" })), Ok(Value::Null));
        for invalid in ["{% auth0:head %}{{ auth0:widget }}", "{% auth0:head", "auth0:head auth0:widget"] {
            assert_eq!(perform(Method::PUT, invalid.into()), Err(400), "{invalid}");
        }
        let of_bytes = |bytes: usize| page.to_owned() + &"é".repeat((bytes - page.len()) / 2);
        assert_eq!(perform(Method::PUT, of_bytes(LONGEST_TEMPLATE + 2).into()), Err(400));
        assert_eq!(perform(Method::PUT, of_bytes(LONGEST_TEMPLATE).into()), Ok(Value::Null));
        for _ in 0..2 {
            assert_eq!(perform(Method::DELETE, Value::Null), Ok(Value::Null));
        }
        assert_eq!(perform(Method::GET, Value::Null), Err(404));
    }
}
