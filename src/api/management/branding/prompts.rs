//! `/prompts`: the login pages of the tenant: settings, texts, partials (HTML that the tenant adds to a page), and the
//! rendering of each screen. m2mock stores these documents and serves no login page.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::fields::{Fields, fields_of_view};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::paging::Offset;
use crate::api::resource::Defaults;
use crate::api::setting::{Absent, Setting};
use crate::schema::Schemas;
use crate::store::Document;
use crate::store::document::{patch, text};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("prompts.schema.json")));

const CUSTOM_TEXT_PATH: &str = "/prompts/{prompt}/custom-text/{language}";
const PARTIALS_PATH: &str = "/prompts/{prompt}/partials";
const RENDERING: &str = "/prompts/{prompt}/screen/{screen}/rendering";
const RENDERINGS: &str = "/prompts/rendering";
const READ: &[&str] = &["read:prompts"];
const UPDATE: &[&str] = &["update:prompts"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::read_setting("/prompts", READ, &SETTINGS),
        Operation::update_setting("/prompts", UPDATE, &SETTINGS).body("Settings"),
        Operation::get(RENDERINGS, READ, list_renderings).query("Renderings"),
        Operation::patch(RENDERINGS, UPDATE, update_renderings).body("Renderings"),
        Operation::read_setting(CUSTOM_TEXT_PATH, READ, &CUSTOM_TEXT).parameters("CustomText"),
        Operation::replace_setting(CUSTOM_TEXT_PATH, UPDATE, &CUSTOM_TEXT).body("Texts").parameters("CustomText"),
        Operation::read_setting(PARTIALS_PATH, READ, &PARTIALS).parameters("Partials"),
        Operation::replace_setting(PARTIALS_PATH, UPDATE, &PARTIALS).body("Texts").parameters("Partials"),
        Operation::get(RENDERING, READ, read_rendering).parameters("Rendering"),
        Operation::patch(RENDERING, UPDATE, update_rendering).body("Rendering").parameters("Rendering"),
    ],
};

static SETTINGS: Setting = Setting::new(Absent::Defaults(&DEFAULTS));

static CUSTOM_TEXT: Setting = Setting::new(Absent::Empty);

static PARTIALS: Setting = Setting {
    // A screen without partials is not stored (recorded).
    prepare: Some(|_, partials| {
        partials.retain(|_, screen| screen.as_object().is_none_or(|screen| !screen.is_empty()));
        Ok(())
    }),
    ..Setting::new(Absent::Empty)
};

/// The settings of a new tenant, from the newest recording.
static DEFAULTS: Defaults = LazyLock::new(|| {
    object(json!({
        "identifier_first": true, "universal_login_experience": "new", "webauthn_platform_first_factor": true,
    }))
});

/// The default rendering of a screen (the two lists are assumed).
static RENDERING_DEFAULTS: Defaults = LazyLock::new(|| {
    object(json!({
        "context_configuration": [], "default_head_tags_disabled": false, "filters": null, "head_tags": [],
        "rendering_mode": "standard", "use_page_template": false,
    }))
});

/// Lists the stored renderings, in the order of their paths.
fn list_renderings(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let offset = Offset::of(call)?;
    let matches = |filter: &str, name: &str| {
        call.query_text(filter).is_none_or(|names| names.split(',').any(|other| other.trim() == name))
    };
    let fields = Fields::of(call);
    let renderings: Vec<Map<String, Value>> = call
        .state
        .settings
        .iter()
        .filter_map(|(path, document)| {
            let (prompt, screen) =
                path.strip_prefix("/prompts/")?.strip_suffix("/rendering")?.split_once("/screen/")?;
            let rendering = view(call, prompt, screen, document);
            let mode = text(&rendering, "rendering_mode").unwrap_or_default();
            let is_selected = matches("prompt", prompt) && matches("screen", screen) && matches("rendering_mode", mode);
            is_selected.then(|| fields_of_view(fields.as_ref(), rendering))
        })
        .collect();
    Ok(offset.reply_with("configs", renderings.into_iter()))
}

fn update_renderings(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let Some(Value::Array(renderings)) = call.body.remove("configs") else { return Ok(Reply::empty()) };
    for rendering in &renderings {
        let mut changes = rendering.as_object().cloned().unwrap_or_default();
        let names = ["prompt", "screen"].map(|member| changes.remove(member).unwrap_or_default());
        let [prompt, screen] = names.each_ref().map(|name| name.as_str().unwrap_or_default());
        write_rendering(call, &format!("/prompts/{prompt}/screen/{screen}/rendering"), changes);
    }
    Ok(Reply::of(json!({ "configs": renderings })))
}

fn read_rendering(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let document = call.state.settings.get(&call.path()).cloned().unwrap_or_default();
    Ok(Reply::of(view(call, call.parameter("prompt"), call.parameter("screen"), &document)))
}

/// Updates a rendering. The answer has the members of the request that are not `null` (recorded).
fn update_rendering(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut changes = std::mem::take(&mut call.body);
    let path = call.path();
    write_rendering(call, &path, changes.clone());
    changes.retain(|_, value| !value.is_null());
    Ok(Reply::of(changes))
}

fn write_rendering(call: &mut Call<'_>, path: &str, changes: Map<String, Value>) {
    let mut document = call.state.settings.get(path).cloned().unwrap_or_default();
    patch(Document::make_mut(&mut document), changes);
    call.state.settings.set(path, document);
}

/// The view of a rendering in answers.
fn view(call: &Call<'_>, prompt: &str, screen: &str, document: &Document) -> Map<String, Value> {
    let mut view = Map::clone(&RENDERING_DEFAULTS);
    view.extend(document.iter().map(|(member, value)| (member.clone(), value.clone())));
    for (member, name) in [("tenant", call.names.tenant()), ("prompt", prompt), ("screen", screen)] {
        view.insert(member.to_owned(), name.into());
    }
    view
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use crate::api::{Config, Pins, Tenant};

    fn perform(tenant: &Tenant, method: Method, path: &str, body: Value) -> Value {
        tenant.perform(method, path, body, Pins::default()).expect("it is accepted")
    }

    #[test]
    fn stored_renderings_are_listed_and_filtered() {
        let tenant = Tenant::new(Config::default());
        let get = |path: &str| perform(&tenant, Method::GET, path, Value::Null);
        let one = "/prompts/login/screen/login/rendering";
        assert_eq!(get(one)["rendering_mode"], "standard");
        assert_eq!(get("/prompts/rendering"), json!([]));

        let changes = json!({ "rendering_mode": "advanced", "filters": null });
        assert_eq!(perform(&tenant, Method::PATCH, one, changes), json!({ "rendering_mode": "advanced" }));
        let configs = json!({ "configs": [
            { "prompt": "login-id", "screen": "login-id", "use_page_template": true },
            { "prompt": "login", "screen": "login", "head_tags": [{ "tag": "script" }] },
        ] });
        assert_eq!(perform(&tenant, Method::PATCH, "/prompts/rendering", configs.clone()), configs);
        let names = |path: &str| {
            let list = get(path);
            list.as_array().into_iter().flatten().map(|one| one["screen"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(names("/prompts/rendering"), ["login-id", "login"]);
        assert_eq!(names("/prompts/rendering?rendering_mode=standard"), ["login-id"]);
        assert_eq!(names("/prompts/rendering?prompt=login,signup&per_page=1"), ["login"]);
        assert_eq!(
            get("/prompts/rendering?include_totals=true&page=0&per_page=1&fields=screen,use_page_template"),
            json!({ "start": 0, "limit": 1, "total": 2, "configs": [{ "screen": "login-id", "use_page_template": true }] })
        );
        assert_eq!(get(one)["head_tags"], json!([{ "tag": "script" }]));
        assert_eq!(get(one)["rendering_mode"], "advanced");
    }

    #[test]
    fn a_screen_without_partials_is_not_stored() {
        let tenant = Tenant::new(Config::default());
        let partials = json!({ "login": { "form-content-start": "<hr>" }, "signup": {} });
        let stored = json!({ "login": { "form-content-start": "<hr>" } });
        assert_eq!(perform(&tenant, Method::PUT, "/prompts/login/partials", partials), stored);
        assert_eq!(perform(&tenant, Method::GET, "/prompts/login/partials", Value::Null), stored);
        assert_eq!(perform(&tenant, Method::GET, "/prompts/signup/partials", Value::Null), json!({}));
    }
}
