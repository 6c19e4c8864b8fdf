//! Reads the sections of an export that [`special`](super::special) writes: each function is the inverse of one there.

use http::Method;
use serde_json::{Map, Value, json};

use super::kinds::List;
use super::special::PAGES;
use super::tenant_reader::{NOT_SHOWN, Reader};

type Entry = Map<String, Value>;

/// The login page, which belongs to a client, and the pages of the settings.
pub(super) fn pages(tenant: &Reader<'_>) -> Value {
    let global = tenant.list("/clients?is_global=true", List::Whole("/clients?is_global=true"));
    let login = global.first().filter(|client| client["custom_login_page"].is_string()).map(|client| {
        let mut page = json!({ "name": "login", "html": client["custom_login_page"] });
        if client["custom_login_page_on"].is_boolean() {
            page["enabled"] = client["custom_login_page_on"].clone();
        }
        page
    });
    let settings = tenant.get("/tenants/settings").unwrap_or_default();
    let page = |(name, member): &(&str, &str)| {
        let mut page = settings[*member].as_object()?.clone();
        page.retain(|_, value| !value.is_null());
        page.insert("name".to_owned(), (*name).into());
        Some(Value::from(page))
    };
    login.into_iter().chain(PAGES.iter().filter_map(page)).collect::<Vec<_>>().into()
}

/// The Management API never shows the values.
pub(super) fn rules_configs(tenant: &Reader<'_>) -> Value {
    let configs = tenant.get("/rules-configs").unwrap_or_default();
    let config = |config: &Value| json!({ "key": config["key"], "value": NOT_SHOWN });
    configs.as_array().into_iter().flatten().map(config).collect::<Vec<_>>().into()
}

pub(super) fn hook_secrets(entry: &mut Entry, hook: &Entry, tenant: &Reader<'_>) {
    let secrets = tenant.get(&Reader::below("/hooks/{id}/secrets", hook));
    if let Some(secrets @ Value::Object(_)) = secrets.filter(|secrets| *secrets != json!({})) {
        entry.insert("secrets".to_owned(), secrets);
    }
}

pub(super) fn published_module(entry: &mut Entry, module: &Entry, _: &Reader<'_>) {
    name_secrets(entry);
    if module.get("all_changes_published") == Some(&Value::Bool(true)) {
        entry.insert("all_changes_published".to_owned(), true.into());
    }
}

/// An Action has the names of its modules and the numbers of their versions.
pub(super) fn deployed_action(entry: &mut Entry, action: &Entry, _: &Reader<'_>) {
    name_secrets(entry);
    entry.insert("deployed".to_owned(), action.get("all_changes_deployed").cloned().unwrap_or(Value::Bool(false)));
    let modules = action.get("modules").and_then(Value::as_array).into_iter().flatten().map(|module| {
        json!({ "module_name": module["module_name"], "module_version_number": module["module_version_number"] })
    });
    let modules: Vec<Value> = modules.collect();
    if modules.is_empty() {
        entry.remove("modules");
    } else {
        entry.insert("modules".to_owned(), modules.into());
    }
}

/// The Management API shows the names of secrets only.
fn name_secrets(entry: &mut Entry) {
    let secrets = entry.get_mut("secrets").and_then(Value::as_array_mut).into_iter().flatten();
    secrets.for_each(|secret| *secret = json!({ "name": secret["name"], "value": NOT_SHOWN }));
}

pub(super) fn triggers(tenant: &Reader<'_>) -> Value {
    let triggers = tenant.get("/actions/triggers").unwrap_or_default();
    let mut sections = Entry::new();
    for trigger in triggers["triggers"].as_array().into_iter().flatten().filter_map(|trigger| trigger["id"].as_str()) {
        let bindings = tenant.list(&format!("/actions/triggers/{trigger}/bindings"), List::Pages);
        let binding = |binding: &Value| json!({ "action_name": binding["action"]["name"], "display_name": binding["display_name"] });
        let bindings: Vec<Value> = bindings.iter().map(binding).collect();
        if !bindings.is_empty() {
            sections.insert(trigger.to_owned(), bindings.into());
        }
    }
    sections.into()
}

pub(super) fn email_templates(tenant: &Reader<'_>) -> Value {
    let documents = tenant.written("/email-templates/{template}").into_iter();
    documents.filter_map(|(path, _)| Some(tenant.document(Method::PUT, path)?.into())).collect::<Vec<Value>>().into()
}

/// Factors can only be listed, with more members than a change accepts.
pub(super) fn guardian_factors(tenant: &Reader<'_>) -> Value {
    let written = tenant.written("/guardian/factors/{name}");
    let factors = tenant.get("/guardian/factors").unwrap_or_default();
    let is_written =
        |factor: &&Value| written.iter().any(|(_, values)| values.iter().any(|(_, name)| factor["name"] == **name));
    let factor = |factor: &Value| json!({ "name": factor["name"], "enabled": factor["enabled"] });
    factors.as_array().into_iter().flatten().filter(is_written).map(factor).collect::<Vec<_>>().into()
}

pub(super) fn guardian_policies(tenant: &Reader<'_>) -> Value {
    if tenant.written("/guardian/policies").is_empty() {
        return Value::Null;
    }
    json!({ "policies": tenant.get("/guardian/policies") })
}

pub(super) fn default_domain(entry: &mut Entry, domain: &Entry, _: &Reader<'_>) {
    if domain.get("is_default") == Some(&Value::Bool(true)) {
        entry.insert("is_default".to_owned(), true.into());
    }
}

pub(super) fn branding(tenant: &Reader<'_>) -> Value {
    let mut branding = tenant.document(Method::PATCH, "/branding").unwrap_or_default();
    if let Some(template) = tenant.get("/branding/templates/universal-login") {
        let template = json!({ "template": "universal_login", "body": template["body"] });
        branding.insert("templates".to_owned(), json!([template]));
    }
    branding.into()
}

pub(super) fn prompts(tenant: &Reader<'_>) -> Value {
    let mut prompts = Value::from(tenant.document(Method::PATCH, "/prompts").unwrap_or_default());
    for (path, values) in tenant.written("/prompts/{prompt}/custom-text/{language}") {
        if let ([(_, prompt), (_, language)], Some(texts)) = (&values[..], tenant.get(path)) {
            prompts["customText"][language][prompt] = texts;
        }
    }
    for (path, values) in tenant.written("/prompts/{prompt}/partials") {
        if let ([(_, prompt)], Some(partials)) = (&values[..], tenant.get(path)) {
            prompts["partials"][prompt] = partials;
        }
    }
    let renderers =
        tenant.written("/prompts/{prompt}/screen/{screen}/rendering").into_iter().filter_map(|(path, values)| {
            let mut renderer = tenant.document(Method::PATCH, path)?;
            renderer.extend(values.into_iter().map(|(member, value)| (member, value.into())));
            Some(Value::from(renderer))
        });
    let renderers: Vec<Value> = renderers.collect();
    if !renderers.is_empty() {
        prompts["screenRenderers"] = renderers.into();
    }
    prompts
}

/// The Management API shows no credentials, and requires them.
pub(super) fn phone_provider(entry: &mut Entry, _: &Entry, _: &Reader<'_>) {
    if entry.get("name") == Some(&json!("twilio")) {
        entry.insert("credentials".to_owned(), json!({ "auth_token": NOT_SHOWN }));
    }
}

/// The status of a suspended stream is left out, because only the service suspends a stream.
pub(super) fn status_of_stream(entry: &mut Entry, stream: &Entry, _: &Reader<'_>) {
    if let Some(status) = stream.get("status").filter(|status| **status != "suspended") {
        entry.insert("status".to_owned(), status.clone());
    }
}

pub(super) fn custom_text_of_profile(entry: &mut Entry, profile: &Entry, tenant: &Reader<'_>) {
    let template = Reader::below("/self-service-profiles/{id}/custom-text/{language}/{page}", profile);
    let mut texts = json!({});
    for (path, values) in tenant.written(&template) {
        if let ([(_, language), (_, page)], Some(document)) = (&values[..], tenant.get(path)) {
            texts[language][page] = document;
        }
    }
    if texts != json!({}) {
        entry.insert("customText".to_owned(), texts);
    }
}
