//! `/actions/actions`: Actions, their versions, deployments and tests. Nothing here runs their code. A draft is built at once, so it
//! can be deployed at any time.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::action_view::{ACTION_NOT_FOUND, add_pending_versions, add_versions, base};
use super::trigger::{current_version, supports};
use super::versions::{
    SECRET_VALUES, member, members, newest, newest_first, next_number, replace_secrets, without_secret_values,
};
use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::paging::Zeros;
use crate::api::resource::{Defaults, Draft, Identity, Limit, List, Parent, Resource, Stamps};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("actions.schema.json")));

const ALL: &str = "/actions/actions";
const BY_ID: &str = "/actions/actions/{id}";
const VERSIONS: &str = "/actions/actions/{actionId}/versions";
const READ: &[&str] = &["read:actions"];
const CREATE: &[&str] = &["create:actions"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &ACTION).query("List"),
        Operation::create(ALL, CREATE, &ACTION).body("Create"),
        Operation::read(BY_ID, READ, &ACTION),
        Operation::update(BY_ID, &["update:actions"], &ACTION).body("Patch"),
        Operation::remove(BY_ID, &["delete:actions"], &ACTION).query("Delete"),
        Operation::post("/actions/actions/{id}/deploy", CREATE, deploy).success(200), // recorded; 202 is published
        Operation::post("/actions/actions/{id}/test", CREATE, test).body("Test").success(200),
        Operation::list(VERSIONS, READ, &VERSION).query("Versions"),
        Operation::read("/actions/actions/{actionId}/versions/{id}", READ, &VERSION),
        // As a deployment; 202 is published.
        Operation::post("/actions/actions/{actionId}/versions/{id}/deploy", CREATE, deploy_again)
            .body("DeployVersion")
            .success(200),
        Operation::get("/actions/executions/{id}", READ, |_| Err(EXECUTION_NOT_FOUND.into())),
    ],
};

static ACTION: Resource = Resource {
    list: List::numbered("actions", Zeros::Omitted),
    defaults: Some(&DEFAULTS),
    limit: Some(Limit { most: 100, refusal: TOO_MANY_ACTIONS }),
    stamps: Stamps::Nanoseconds,
    missing: ACTION_NOT_FOUND,
    in_use: Some(ACTION_IN_USE),
    select: Some(select),
    prepare: Some(prepare),
    check_removal: Some(check_bindings),
    stored: Some(stored),
    show: Some(|call, action| {
        let mut view = Document::clone(action);
        add_versions(call.state, Document::make_mut(&mut view));
        view
    }),
    hidden: &[SECRET_VALUES],
    ..Resource::new(Kind::Action, Identity::new(IdShape::UUID))
};

static VERSION: Resource = Resource {
    parents: &[Parent { kind: Kind::Action, parameter: "actionId", member: "action_id", missing: ACTION_NOT_FOUND }],
    list: List::numbered("versions", Zeros::Omitted),
    missing: VERSION_NOT_FOUND,
    select: Some(|_, positions| Some(newest_first(positions))),
    show: Some(|call, version| {
        let mut view = Map::clone(version);
        let action = call.state[Kind::Action].get(text(version, "action_id").unwrap_or_default());
        view.extend(action.map(|action| ("action".to_owned(), base(action).into())));
        Document::new(view)
    }),
    hidden: &["action_id", SECRET_VALUES],
    ..Resource::new(Kind::ActionVersion, Identity::new(IdShape::UUID))
};

/// The defaults of a new Action (recorded; the code is the published default).
static DEFAULTS: Defaults = LazyLock::new(|| {
    object(json!({
        "code": "module.exports = () => {}", "dependencies": [], "runtime": "node22", "secrets": [],
    }))
});

/// An execution that does not exist (recorded). m2mock records no executions, so every one is unknown.
const EXECUTION_NOT_FOUND: Refusal = Refusal::plain(404, "That execution does not exist.");

/// A version that does not exist (d).
const VERSION_NOT_FOUND: Refusal = Refusal::plain(404, "The action version does not exist.");

/// An Action with an unknown module or version of a module (d for the operations of modules).
const MODULE_NOT_FOUND: Refusal = Refusal::plain(404, "The module or version does not exist.");

/// A bound Action, deleted without `force` (a).
const ACTION_IS_BOUND: Refusal = Refusal::plain(409, "The action is bound to a trigger. Delete it with force.");

/// An Action that another entity uses (a).
const ACTION_IN_USE: Refusal = Refusal::plain(409, "The action is in use and cannot be deleted.");

/// More than the maximum number of Actions (limit documented, sentence assumed).
const TOO_MANY_ACTIONS: Refusal =
    Refusal::new(403, "too_many_entities", "You reached the limit of {} actions for this tenant.");

/// More items than a list of an Action may have (limits documented, sentence assumed).
const TOO_MANY_ITEMS: Refusal = Refusal::invalid_body("An action can have at most {} {}");

/// The maximum lengths of the lists of an Action (documented).
const LIMITS: [(&str, usize); 3] = [("dependencies", 10), ("modules", 3), ("secrets", 30)];

/// The maximum number of versions of an Action (documented). Another version replaces the oldest (a).
const MOST_VERSIONS: usize = 50;

/// The members that a version copies from the draft.
const CONTENT: [&str; 6] = ["code", "dependencies", "modules", "runtime", "secrets", "supported_triggers"];

fn select(call: &Call<'_>, positions: &[Seq]) -> Option<Vec<Seq>> {
    let name = call.query_text("actionName");
    let trigger = call.query_text("triggerId");
    let deployed = call.query_flag("deployed");
    let matches = |action: &Document| {
        let is_deployed = || call.state.deployed_version(text(action, "id").unwrap_or_default()).is_some();
        name.is_none_or(|name| text(action, "name") == Some(name))
            && trigger.is_none_or(|trigger| supports(action, trigger))
            && deployed.is_none_or(|deployed| deployed == is_deployed())
    };
    // m2mock has no Actions from the marketplace.
    let installed = call.query_flag("installed") == Some(true);
    let actions = &call.state[Kind::Action];
    let is_selected = |seq: &Seq| !installed && actions.at(*seq).is_some_and(matches);
    Some(positions.iter().copied().filter(is_selected).collect())
}

fn prepare(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    draft.entity.remove("deploy");
    for (member, most) in LIMITS {
        if draft.body.get(member).and_then(Value::as_array).is_some_and(|items| items.len() > most) {
            return Err(TOO_MANY_ITEMS.with(&[&most, &member]));
        }
    }
    replace_secrets(draft);
    if let Some(Value::Array(modules)) = draft.body.get("modules") {
        let modules = modules.iter().map(|module| used_module(call, module)).collect::<Result<Vec<_>, _>>()?;
        draft.entity.insert("modules".to_owned(), modules.into());
    }
    if let Some(Value::Array(triggers)) = draft.entity.get_mut("supported_triggers") {
        for trigger in triggers.iter_mut().filter_map(Value::as_object_mut) {
            let current = current_version(text(trigger, "id").unwrap_or_default());
            trigger.entry("version").or_insert_with(|| current.into());
        }
    }
    draft.entity.extend([("status".to_owned(), "built".into()), ("all_changes_deployed".to_owned(), false.into())]);
    Ok(())
}

/// The view of a module in an Action that uses it (recorded). A reference without a version means the newest version (a).
fn used_module(call: &Call<'_>, reference: &Value) -> Result<Value, ApiError> {
    let id = |member: &str| reference[member].as_str();
    let version = match id("module_version_id") {
        Some(version) => call.state[Kind::ActionModuleVersion].get(version),
        None => newest(call.state, Kind::ActionModuleVersion, "module_id", id("module_id").unwrap_or_default()),
    };
    let version = version.filter(|version| id("module_id").is_none_or(|module| member(version, "module_id") == module));
    let version = version.ok_or(MODULE_NOT_FOUND)?;
    let module = call.entity_named(Kind::ActionModule, text(version, "module_id"), MODULE_NOT_FOUND)?;
    Ok(json!({
        "module_id": member(module, "id"), "module_name": member(module, "name"),
        "module_version_id": member(version, "id"), "module_version_number": member(version, "version_number"),
    }))
}

fn check_bindings(call: &Call<'_>, action: &Document) -> Result<(), ApiError> {
    let bindings = call.state[Kind::ActionBinding].having("action_id", text(action, "id").unwrap_or_default());
    if bindings.is_empty() || call.query_flag("force") == Some(true) { Ok(()) } else { Err(ACTION_IS_BOUND.into()) }
}

/// Deploys the draft if the request asks for it. The answer shows the draft as pending (recorded).
fn stored(call: &mut Call<'_>, draft: &Draft, action: Document) -> Document {
    let is_deployed = draft.body.get("deploy") == Some(&Value::Bool(true));
    let mut view = action;
    if is_deployed {
        let content = members(&view, &CONTENT);
        let id = text(&view, "id").unwrap_or_default().to_owned();
        add_version(call, &id, content);
        view = call.state[Kind::Action].get(&id).cloned().unwrap_or_default();
    }
    let answer = Document::make_mut(&mut view);
    answer.insert("status".to_owned(), "pending".into());
    if is_deployed {
        add_pending_versions(call.state, answer);
    }
    view
}

/// Adds a version and deploys it.
fn add_version(call: &mut Call<'_>, action_id: &str, content: Map<String, Value>) -> Document {
    let number = next_number(newest(call.state, Kind::ActionVersion, "action_id", action_id), "number");
    let running = call.state.deployed_version(action_id).and_then(|version| text(version, "id")).map(str::to_owned);
    let versions = &call.state[Kind::ActionVersion];
    let positions = versions.having("action_id", action_id);
    let oldest = positions.iter().next().filter(|_| positions.len() >= MOST_VERSIONS);
    let oldest = oldest.and_then(|seq| versions.id_at(seq)).map(str::to_owned);

    if let Some(id) = running {
        call.state[Kind::ActionVersion].change(&id, |version| version.insert("deployed".to_owned(), false.into()));
    }
    if let Some(id) = oldest {
        call.state.remove(Kind::ActionVersion, &id);
    }
    let id = call.state.draw_id(Kind::ActionVersion, IdShape::UUID);
    let moment = Stamps::Nanoseconds.moment(call.clock.now());
    let mut version = content;
    version.extend(object(json!({
        "id": id, "action_id": action_id, "number": number, "deployed": true, "status": "built",
        "created_at": moment, "updated_at": moment, "built_at": moment,
    })));
    call.state[Kind::Action].change(action_id, |action| action.insert("all_changes_deployed".to_owned(), true.into()));
    call.state[Kind::ActionVersion].insert(&id, version)
}

/// Answers with the new version, which is built but does not run yet (recorded).
fn deployment(call: &Call<'_>, version: &Document) -> Result<Reply, ApiError> {
    let mut answer = Map::clone(version);
    answer.remove("built_at");
    let action = call.entity_named(Kind::Action, text(version, "action_id"), ACTION_NOT_FOUND)?;
    answer.extend([("deployed".to_owned(), false.into()), ("action".to_owned(), base(action).into())]);
    answer.remove("action_id");
    Ok(Reply::json(&without_secret_values(answer)))
}

fn deploy(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let content = members(call.entity(Kind::Action, ACTION_NOT_FOUND)?, &CONTENT);
    let version = add_version(call, &call.id(), content);
    deployment(call, &version)
}

/// Deploys the content of an earlier version. If the request asks for it, the draft gets the content too.
fn deploy_again(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let action_id = call.parameter("actionId").to_owned();
    call.entity_named(Kind::Action, Some(&action_id), ACTION_NOT_FOUND)?;
    let version = call.entity(Kind::ActionVersion, VERSION_NOT_FOUND)?;
    if text(version, "action_id") != Some(&action_id) {
        return Err(VERSION_NOT_FOUND.into());
    }
    let content = members(version, &CONTENT);
    if call.body.get("update_draft") == Some(&Value::Bool(true)) {
        call.state[Kind::Action].change(&action_id, |action| {
            action.remove("modules");
            action.extend(content.clone());
        });
    }
    let version = add_version(call, &action_id, content);
    deployment(call, &version)
}

/// Answers that m2mock does not run the code of an Action as a test, in the form of the answer for code that throws (recorded).
fn test(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity(Kind::Action, ACTION_NOT_FOUND)?;
    let error = json!({ "name": "NotExecuted", "message": "m2mock does not run tests of actions." });
    Ok(Reply::json(&json!({ "payload": { "error": error } })))
}
