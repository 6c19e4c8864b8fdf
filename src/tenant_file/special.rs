//! The parts of single sections that no row of the table can describe: members for other operations, and forms that the deploy
//! tool changes before it sends an entry (auth0-deploy-cli, `src/tools/auth0/handlers`).

use http::Method;
use serde_json::{Map, Value, json};

use super::kinds::{ACTIONS, MODULES, text};
use super::location::Location;
use super::names::{Name, Use};
use super::section::Request;
use super::segment;

type Entry = Map<String, Value>;

/// The client with the login page of the tenant.
const ALL_APPLICATIONS: &str = "All Applications";

/// The pages of the tenant's settings: their names in a seed, and their members.
pub(super) const PAGES: [(&str, &str); 3] = [
    ("guardian_multifactor", "guardian_mfa_page"),
    ("password_reset", "change_password"),
    ("error_page", "error_page"),
];

pub(super) fn as_it_is(_: &mut Entry, _: &Location) -> Vec<Use> {
    Vec::new()
}

pub(super) fn nothing(_: &mut Entry) {}

pub(super) fn nothing_more(_: &mut Entry) -> Vec<Request> {
    Vec::new()
}

/// The login page belongs to a client, the others to the settings of the tenant.
pub(super) fn page(mut page: Entry, _: &Location) -> Vec<Request> {
    let name = page.remove("name").unwrap_or_default();
    if name == "login" {
        let members = [("html", "custom_login_page"), ("enabled", "custom_login_page_on")];
        let of = |(member, of_client): (&str, &str)| Some((of_client.to_owned(), page.remove(member)?));
        let body: Entry = members.into_iter().filter_map(of).collect();
        let request = Request::new(Method::PATCH, "/clients/{id}", body.into(), "");
        return vec![Request { client: Some(ALL_APPLICATIONS), ..request }];
    }
    let member = PAGES.iter().find(|(known, _)| name == *known).map(|(_, member)| *member);
    // An unknown name is the name of an unknown setting, which becomes a problem.
    let member = member.or(name.as_str()).unwrap_or("name");
    vec![Request::new(Method::PATCH, "/tenants/settings", json!({ member: page }), "")]
}

/// The tool writes the names of hooks with small letters and hyphens.
pub(super) fn hook_name(hook: &mut Entry, _: &Location) -> Vec<Use> {
    if let Some(Value::String(name)) = hook.get_mut("name") {
        *name = name.to_lowercase().replace(char::is_whitespace, "-");
    }
    Vec::new()
}

pub(super) fn hook_secrets(hook: &mut Entry) -> Vec<Request> {
    let secrets = taken(hook, "secrets");
    // One request for each, so that each is added or changed.
    let request = |(name, value): (String, Value)| {
        Request::new(Method::POST, "/hooks/{id}/secrets", json!({ name: value }), "secrets")
    };
    secrets.into_iter().map(request).collect()
}

pub(super) fn publish_module(module: &mut Entry) -> Vec<Request> {
    let is_published = module.remove("all_changes_published") == Some(Value::Bool(true));
    let member = "all_changes_published";
    let publish = || Request::new(Method::POST, "/actions/modules/{id}/versions", Value::Null, member);
    is_published.then(publish).into_iter().collect()
}

pub(super) fn deploy_action(action: &mut Entry) -> Vec<Request> {
    let is_deployed = action.remove("deployed") == Some(Value::Bool(true));
    let deploy = || Request::new(Method::POST, "/actions/actions/{id}/deploy", Value::Null, "deployed");
    is_deployed.then(deploy).into_iter().collect()
}

/// An Action has the names of its modules and the numbers of their versions; the Management API accepts the ids of both.
pub(super) fn modules_of_action(action: &mut Entry, place: &Location) -> Vec<Use> {
    let modules = action.get_mut("modules").and_then(Value::as_array_mut).into_iter().flatten();
    let mut uses = Vec::new();
    for (index, module) in modules.enumerate() {
        let Value::Object(module) = module else { continue };
        let Some(name) = text(module, "module_name").map(str::to_owned) else { continue };
        let number = module.get("module_version_number").and_then(Value::as_u64);
        let place = place.at("modules").entry(index + 1, None);
        let ids = [
            ("module_id", "module_name", Some(Name::Entity(MODULES, name.clone()))),
            ("module_version_id", "module_version_number", number.map(|number| Name::Version(name, number))),
        ];
        for (id, member, name) in ids {
            let Some(name) = name.filter(|_| !module.contains_key(id)) else { continue };
            module.insert(id.to_owned(), Value::Null);
            uses.push(Use::of(format!("/modules/{index}/{id}"), place.at(member), name));
        }
    }
    uses
}

/// The bindings of each trigger, which name their Actions.
pub(super) fn triggers(triggers: Entry, place: &Location) -> Vec<Request> {
    let request = |(trigger, mut bindings): (String, Value)| {
        let place = place.at(&trigger);
        let mut uses = Vec::new();
        for (index, binding) in bindings.as_array_mut().into_iter().flatten().enumerate() {
            let Value::Object(binding) = binding else { continue };
            let Some(Value::String(action)) = binding.remove("action_name") else { continue };
            binding.insert("ref".to_owned(), json!({ "type": "action_id", "value": "" }));
            let place = place.entry(index + 1, None).at("action_name");
            uses.push(Use::of(format!("/bindings/{index}/ref/value"), place, Name::Entity(ACTIONS, action)));
        }
        let path = format!("/actions/triggers/{}/bindings", segment(&trigger));
        let request = Request::new(Method::PATCH, path, json!({ "bindings": bindings }), &trigger);
        Request { uses, ..request }
    };
    triggers.into_iter().map(request).collect()
}

/// A template that exists is changed, any other is created. `PUT` does both.
pub(super) fn email_template(template: Entry, _: &Location) -> Vec<Request> {
    let name = text(&template, "template").unwrap_or_default();
    let path = format!("/email-templates/{}", segment(name));
    vec![Request::new(Method::PUT, path, template.into(), "")]
}

/// The body of the operation is the list itself.
pub(super) fn guardian_policies(mut section: Entry, _: &Location) -> Vec<Request> {
    let policies = section.remove("policies").filter(|policies| !policies.is_null());
    let request = |policies| Request::new(Method::PUT, "/guardian/policies", policies, "policies");
    policies.map(request).into_iter().chain(unknown(section, "/guardian/policies")).collect()
}

pub(super) fn default_domain(domain: &mut Entry) -> Vec<Request> {
    let is_default = domain.remove("is_default") == Some(Value::Bool(true));
    let body = json!({ "domain": domain.get("domain") });
    let request = || Request::new(Method::PATCH, "/custom-domains/default", body, "is_default");
    is_default.then(request).into_iter().collect()
}

/// The settings, and the template of the login page.
pub(super) fn branding(mut branding: Entry, _: &Location) -> Vec<Request> {
    let templates = branding.remove("templates").unwrap_or_default();
    if branding.get("logo_url") == Some(&json!("")) {
        branding.remove("logo_url");
    }
    let mut requests = settings(Method::PATCH, "/branding", branding);
    for template in templates.as_array().into_iter().flatten() {
        let body = json!({ "template": template["body"] });
        let name = template["template"].as_str().unwrap_or_default();
        let path = format!("/branding/templates/{}", segment(&name.replace('_', "-")));
        requests.push(Request::new(Method::PUT, path, body, "templates"));
    }
    requests
}

/// A provider of the tenant's own has no credentials, which the operation requires.
pub(super) fn phone_provider(provider: &mut Entry, _: &Location) -> Vec<Use> {
    if text(provider, "name") == Some("custom") && provider.get("credentials").is_none_or(Value::is_null) {
        provider.insert("credentials".to_owned(), json!({}));
    }
    Vec::new()
}

/// An export has an empty set-up of a connection.
pub(super) fn vault_connection(connection: &mut Entry) {
    connection.retain(|member, value| member != "setup" || *value != json!({}));
}

/// An export has `null` for missing members of a profile.
pub(super) fn connection_profile(profile: &mut Entry) {
    profile.retain(|_, value| !value.is_null());
}

/// The settings, then the texts by language and prompt, the partials by prompt, and the rendering of screens.
pub(super) fn prompts(mut prompts: Entry, _: &Location) -> Vec<Request> {
    let texts = taken(&mut prompts, "customText");
    let partials = taken(&mut prompts, "partials");
    let renderers = prompts.remove("screenRenderers").unwrap_or_default();
    let mut requests = settings(Method::PATCH, "/prompts", prompts);
    for (language, texts) in texts {
        for (prompt, body) in object(texts) {
            let path = format!("/prompts/{}/custom-text/{}", segment(&prompt), segment(&language));
            requests.push(Request::new(Method::PUT, path, body, "customText"));
        }
    }
    for (prompt, screens) in partials {
        let path = format!("/prompts/{}/partials", segment(&prompt));
        requests.push(Request::new(Method::PUT, path, partials_of(screens), "partials"));
    }
    let renderers = match renderers {
        Value::Array(renderers) => renderers,
        _ => Vec::new(),
    };
    for renderer in renderers.into_iter().flat_map(renderers_of) {
        let name = |key: &str| segment(text(&renderer, key).unwrap_or_default());
        let path = format!("/prompts/{}/screen/{}/rendering", name("prompt"), name("screen"));
        let mut body = renderer;
        body.retain(|key, _| !["prompt", "screen"].contains(&key.as_str()));
        requests.push(Request::new(Method::PATCH, path, body.into(), "screenRenderers"));
    }
    requests
}

/// The partials of a prompt by screen and place. In a folder, they are a list with one object, which has a list for each
/// screen.
fn partials_of(screens: Value) -> Value {
    let Value::Array(list) = screens else { return screens };
    let screens = list.into_iter().flat_map(object);
    let by_place = |partials: Value| match partials {
        Value::Array(partials) => {
            let place = |mut partial: Value| {
                let name = partial["name"].as_str()?.to_owned();
                Some((name, partial["template"].take()))
            };
            Value::Object(partials.into_iter().filter_map(place).collect())
        }
        other => other,
    };
    Value::Object(screens.map(|(screen, partials)| (screen, by_place(partials))).collect())
}

/// The rendering of screens. In one file, an object has a member for each prompt, which is an object with the screens.
fn renderers_of(renderer: Value) -> Vec<Entry> {
    let Value::Object(renderer) = renderer else { return Vec::new() };
    if renderer.get("prompt").is_some_and(Value::is_string) {
        return vec![renderer];
    }
    let screens = renderer.into_iter().flat_map(|(_, screens)| object(screens));
    screens.map(|(_, settings)| object(settings)).collect()
}

/// Providers of captchas without a key are left out.
pub(super) fn captcha(section: &mut Entry) {
    if let Some(Value::Object(captcha)) = section.get_mut("captcha") {
        captcha.retain(|provider, settings| match settings {
            Value::Object(settings) if ["auth_challenge", "simple_captcha"].contains(&provider.as_str()) => {
                !settings.is_empty()
            }
            Value::Object(settings) => text(settings, "site_key").is_some_and(|key| !key.is_empty()),
            _ => true,
        });
    }
}

/// Only a change accepts the status of a stream, and only the service suspends a stream.
pub(super) fn status_of_stream(stream: &mut Entry) -> Vec<Request> {
    let status = stream.remove("status").filter(|status| *status != "suspended");
    let request = |status| Request::new(Method::PATCH, "/log-streams/{id}", json!({ "status": status }), "status");
    status.map(request).into_iter().collect()
}

pub(super) fn custom_text_of_profile(profile: &mut Entry) -> Vec<Request> {
    let mut requests = Vec::new();
    for (language, pages) in taken(profile, "customText") {
        for (page, body) in object(pages) {
            let path = format!("/self-service-profiles/{{id}}/custom-text/{}/{}", segment(&language), segment(&page));
            requests.push(Request::new(Method::PUT, path, body, "customText"));
        }
    }
    requests
}

/// A request for a document, unless the entry lacks the document.
fn settings(method: Method, path: &'static str, body: Entry) -> Vec<Request> {
    if body.is_empty() { Vec::new() } else { vec![Request::new(method, path, body.into(), "")] }
}

/// A request with members that the operation does not know; they become a problem.
fn unknown(rest: Entry, path: &'static str) -> Option<Request> {
    (!rest.is_empty()).then(|| Request::new(Method::PUT, path, rest.into(), ""))
}

fn taken(entry: &mut Entry, member: &str) -> Entry {
    entry.remove(member).map(object).unwrap_or_default()
}

/// The members of an object; anything else has none.
fn object(value: Value) -> Entry {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
