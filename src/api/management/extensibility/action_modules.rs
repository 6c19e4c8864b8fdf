//! `/actions/modules`: code that several Actions share, its published versions, and the Actions that use it.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::versions::{
    SECRET_VALUES, member, members, newest, newest_first, next_number, replace_secrets, without_secret_values,
};
use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::fields::hide;
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Paging, Zeros};
use crate::api::resource::{Defaults, Draft, Identity, Limit, List, Parent, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("action_modules.schema.json")));

const ALL: &str = "/actions/modules";
const BY_ID: &str = "/actions/modules/{id}";
const VERSIONS: &str = "/actions/modules/{id}/versions";
const READ: &[&str] = &["read:actions"];
const UPDATE: &[&str] = &["update:actions"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(ALL, READ, list).query("List"),
        Operation::create(ALL, &["create:actions"], &MODULE).body("Create"),
        Operation::read(BY_ID, READ, &MODULE),
        Operation::update(BY_ID, UPDATE, &MODULE).body("Patch"),
        Operation::remove(BY_ID, &["delete:actions"], &MODULE),
        Operation::get("/actions/modules/{id}/actions", READ, list_actions).query("List"),
        Operation::post("/actions/modules/{id}/rollback", UPDATE, roll_back).body("Rollback").success(200),
        Operation::list(VERSIONS, READ, &VERSION).query("List"),
        Operation::post(VERSIONS, UPDATE, publish).success(200),
        Operation::read("/actions/modules/{id}/versions/{versionId}", READ, &VERSION),
    ],
};

static MODULE: Resource = Resource {
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("name", MODULE_EXISTS)),
    limit: Some(Limit { most: 100, refusal: TOO_MANY_MODULES }),
    stamps: Stamps::Microseconds,
    missing: MODULE_NOT_FOUND,
    missing_on_removal: Some(MODULE_NOT_DELETED),
    in_use: Some(MODULE_IN_USE),
    hidden: &["api_version", SECRET_VALUES],
    prepare: Some(|_, draft| {
        draft.entity.remove("publish");
        draft.entity.insert("all_changes_published".to_owned(), false.into());
        replace_secrets(draft);
        Ok(())
    }),
    stored: Some(stored),
    show: Some(show),
    ..Resource::new(Kind::ActionModule, Identity::new(IdShape::UUID))
};

static VERSION: Resource = Resource {
    parents: &[Parent { kind: Kind::ActionModule, parameter: "id", member: "module_id", missing: NO_MODULE }],
    list: List::numbered("versions", Zeros::Shown),
    missing: VERSION_NOT_FOUND,
    select: Some(|_, positions| Some(newest_first(positions))),
    hidden: &[SECRET_VALUES],
    ..Resource::new(Kind::ActionModuleVersion, Identity::new(IdShape::UUID).parameter("versionId"))
};

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "dependencies": [], "secrets": [] })));

/// A module that does not exist (d).
const MODULE_NOT_FOUND: Refusal = Refusal::plain(404, "The action module does not exist.");

/// The deletion of a module that does not exist (d).
const MODULE_NOT_DELETED: Refusal = Refusal::plain(404, "The Actions Module does not exist.");

/// An unknown module in the path of versions and Actions (d).
const NO_MODULE: Refusal = Refusal::plain(404, "No module exists with the specified ID.");

/// A version that does not exist (d).
const VERSION_NOT_FOUND: Refusal = Refusal::plain(404, "The module or version does not exist.");

/// A second module with a name (d).
const MODULE_EXISTS: Refusal = Refusal::plain(409, "An action module with the same name already exists.");

/// A draft without changes since the last version (d).
const NOTHING_TO_PUBLISH: Refusal = Refusal::plain(409, "No draft version is available to publish.");

/// A version that equals the draft (d).
const ALREADY_THE_DRAFT: Refusal = Refusal::plain(409, "The specified version is already the current draft version.");

/// A module that an Action uses, in its draft or in a version (d).
const MODULE_IN_USE: Refusal =
    Refusal::plain(412, "The Actions Module cannot be deleted because it is in use by one or more actions.");

/// More than the maximum number of modules (limit documented, sentence assumed).
const TOO_MANY_MODULES: Refusal =
    Refusal::new(403, "too_many_entities", "You reached the limit of {} action modules for this tenant.");

/// More than the maximum number of versions (d).
const TOO_MANY_VERSIONS: Refusal = Refusal::plain(
    412,
    "Maximum number of module versions reached. Consolidate versions used in actions before creating new ones.",
);

/// The maximum number of versions of a module (documented).
const MOST_VERSIONS: usize = 50;

/// The members that a version copies from the draft.
const CONTENT: [&str; 3] = ["code", "dependencies", "secrets"];

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let modules = &call.state[Kind::ActionModule];
    let summary = |module: &Document| {
        let mut view = show(call, module);
        hide(&mut view, &[SECRET_VALUES]);
        let summary = Document::make_mut(&mut view);
        summary.remove("api_version");
        if let Some(version) = summary.remove("latest_version") {
            summary.insert("latest_version_number".to_owned(), version["version_number"].clone());
        }
        view
    };
    Ok(Paging::numbered(Zeros::Shown, call)?.reply("modules", modules, modules.order().as_slice(), summary))
}

/// The view of a module: with its newest version, and the number of Actions whose draft uses it.
fn show(call: &Call<'_>, module: &Document) -> Document {
    let id = text(module, "id").unwrap_or_default();
    let mut view = Map::clone(module);
    let users = call.state[Kind::Action].having("modules.module_id", id).len();
    view.insert("actions_using_module_total".to_owned(), users.into());
    if let Some(version) = newest(call.state, Kind::ActionModuleVersion, "module_id", id) {
        let version = members(version, &["id", "version_number", "code", "dependencies", "secrets"]);
        view.insert("latest_version".to_owned(), without_secret_values(version));
    }
    Document::new(view)
}

fn stored(call: &mut Call<'_>, draft: &Draft, module: Document) -> Document {
    if draft.body.get("publish") != Some(&Value::Bool(true)) {
        return module;
    }
    add_version(call, &module);
    let id = text(&module, "id").unwrap_or_default();
    call.state[Kind::ActionModule].get(id).cloned().unwrap_or(module)
}

fn add_version(call: &mut Call<'_>, module: &Document) -> Document {
    let module_id = text(module, "id").unwrap_or_default();
    let number = next_number(newest(call.state, Kind::ActionModuleVersion, "module_id", module_id), "version_number");
    let id = call.state.draw_id(Kind::ActionModuleVersion, IdShape::UUID);
    let mut version = members(module, &CONTENT);
    version.extend(object(json!({
        "id": id, "module_id": module_id, "version_number": number,
        "created_at": Stamps::Microseconds.moment(call.clock.now()),
    })));
    let set_published =
        |module: &mut Map<String, Value>| module.insert("all_changes_published".to_owned(), true.into());
    call.state[Kind::ActionModule].change(module_id, set_published);
    call.state[Kind::ActionModuleVersion].insert(&id, version)
}

fn publish(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let module = Document::clone(call.entity(Kind::ActionModule, MODULE_NOT_FOUND)?);
    if *member(&module, "all_changes_published") == true {
        return Err(NOTHING_TO_PUBLISH.into());
    }
    if call.state[Kind::ActionModuleVersion].having("module_id", call.parameter("id")).len() >= MOST_VERSIONS {
        return Err(TOO_MANY_VERSIONS.into());
    }
    let version = add_version(call, &module);
    Ok(Reply::json(&without_secret_values(Map::clone(&version))))
}

/// Copies the content of a version to the draft.
fn roll_back(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let module = call.entity(Kind::ActionModule, VERSION_NOT_FOUND)?;
    let version = text(&call.body, "module_version_id");
    let version = call.entity_named(Kind::ActionModuleVersion, version, VERSION_NOT_FOUND)?;
    if member(version, "module_id") != member(module, "id") {
        return Err(VERSION_NOT_FOUND.into());
    }
    let mut content = members(version, &CONTENT);
    if content == members(module, &CONTENT) {
        return Err(ALREADY_THE_DRAFT.into());
    }
    let newest = newest(call.state, Kind::ActionModuleVersion, "module_id", call.parameter("id"));
    let is_newest = newest.is_some_and(|newest| member(newest, "id") == member(version, "id"));
    content.insert("all_changes_published".to_owned(), is_newest.into());
    content.insert("updated_at".to_owned(), json!(Stamps::Microseconds.moment(call.clock.now())));
    let id = call.id();
    call.state[Kind::ActionModule].change(&id, |module| module.extend(content));
    MODULE.reply(call, call.state[Kind::ActionModule].get(&id), MODULE_NOT_FOUND)
}

/// Lists the Actions whose draft uses a module (recorded).
fn list_actions(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity(Kind::ActionModule, NO_MODULE)?;
    let id = call.parameter("id");
    let actions = &call.state[Kind::Action];
    let user = |action: &Document| {
        let reference =
            member(action, "modules").as_array().into_iter().flatten().find(|module| module["module_id"] == id);
        let of_module = |member| reference.map_or(Value::Null, |module| module[member].clone());
        json!({
            "action_id": member(action, "id"), "action_name": member(action, "name"),
            "module_version_id": of_module("module_version_id"),
            "module_version_number": of_module("module_version_number"),
        })
    };
    let positions = actions.having("modules.module_id", id).as_slice();
    Ok(Paging::numbered(Zeros::Omitted, call)?.reply("actions", actions, positions, user))
}
