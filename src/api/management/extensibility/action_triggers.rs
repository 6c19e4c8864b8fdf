//! `/actions/triggers`: the triggers, and the Actions bound to each trigger, in the order of their execution.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::action_view::{ACTION_NOT_FOUND, add_versions, base};
use super::trigger::{TRIGGERS, supports};
use super::versions::member;
use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::paging::Zeros;
use crate::api::resource::{Identity, List, Resource, Stamps};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("action_triggers.schema.json")));

const BINDINGS: &str = "/actions/triggers/{triggerId}/bindings";
const READ: &[&str] = &["read:actions"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/actions/triggers", READ, list_triggers),
        Operation::list(BINDINGS, READ, &BINDING).query("List").parameters("Trigger"),
        Operation::patch(BINDINGS, &["update:actions"], bind).body("Bindings").parameters("Trigger"),
    ],
};

static BINDING: Resource = Resource {
    list: List::numbered("bindings", Zeros::Omitted),
    select: Some(|call, _| {
        let of_trigger = call.state[Kind::ActionBinding].having("trigger_id", call.parameter("triggerId"));
        Some(of_trigger.as_slice().to_vec())
    }),
    show: Some(show),
    ..Resource::new(Kind::ActionBinding, Identity::new(IdShape::UUID))
};

/// The maximum number of Actions at one trigger (documented).
const MOST_BINDINGS: usize = 20;

/// More than the maximum number of Actions at a trigger (limit documented, sentence assumed).
const TOO_MANY_BINDINGS: Refusal = Refusal::invalid_body("A trigger can have at most {} bindings");

/// An Action of another trigger (a).
const OTHER_TRIGGER: Refusal = Refusal::invalid_body("The action does not support the trigger {}");

/// An Action that was never deployed (a).
const NOT_DEPLOYED: Refusal = Refusal::invalid_body("The action must be deployed before it is bound to a trigger");

fn list_triggers(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    let trigger = |(id, version): &(&str, &str)| {
        json!({
            "id": id, "version": version, "status": "CURRENT", "runtimes": ["node18", "node22"],
            "default_runtime": "node22",
        })
    };
    Ok(Reply::json(&json!({ "triggers": TRIGGERS.iter().map(trigger).collect::<Vec<_>>() })))
}

fn show(call: &Call<'_>, binding: &Document) -> Document {
    let mut view = Map::clone(binding);
    view.remove("action_id");
    if let Some(action) = call.state[Kind::Action].get(text(binding, "action_id").unwrap_or_default()) {
        let mut action = base(action);
        add_versions(call.state, &mut action);
        view.insert("action".to_owned(), action.into());
    }
    Document::new(view)
}

/// Replaces all bindings of a trigger. Each binding gets a new id (recorded).
fn bind(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let trigger = call.parameter("triggerId").to_owned();
    let Some(Value::Array(requests)) = call.body.remove("bindings") else { return Ok(bindings(call, &trigger)) };
    if requests.len() > MOST_BINDINGS {
        return Err(TOO_MANY_BINDINGS.with(&[&MOST_BINDINGS]));
    }
    let new = requests.iter().map(|request| binding(call, &trigger, request)).collect::<Result<Vec<_>, _>>()?;
    let all = &call.state[Kind::ActionBinding];
    let old = all.having("trigger_id", &trigger).iter().filter_map(|seq| all.id_at(seq)).map(str::to_owned);
    for id in old.collect::<Vec<_>>() {
        call.state.remove(Kind::ActionBinding, &id);
    }
    for mut binding in new {
        let id = call.state.draw_id(Kind::ActionBinding, IdShape::UUID);
        binding.insert("id".to_owned(), id.clone().into());
        call.state[Kind::ActionBinding].insert(&id, binding);
    }
    Ok(bindings(call, &trigger))
}

fn bindings(call: &Call<'_>, trigger: &str) -> Reply {
    let all = &call.state[Kind::ActionBinding];
    let views =
        all.having("trigger_id", trigger).iter().filter_map(|seq| all.at(seq)).map(|binding| show(call, binding));
    Reply::json(&json!({ "bindings": views.collect::<Vec<_>>() }))
}

/// The binding for a part of a request. Its secrets are not stored: an Action has those of its deployed version.
fn binding(call: &Call<'_>, trigger: &str, request: &Value) -> Result<Map<String, Value>, ApiError> {
    let value = request["ref"]["value"].as_str().unwrap_or_default();
    let action = match request["ref"]["type"].as_str() {
        Some("action_name") => call.state[Kind::Action].find("name", value),
        Some("binding_id") => {
            let action_id = call.state[Kind::ActionBinding].get(value).and_then(|binding| text(binding, "action_id"));
            action_id.and_then(|id| call.state[Kind::Action].get(id))
        }
        _ => call.state[Kind::Action].get(value),
    };
    let action = action.ok_or(ACTION_NOT_FOUND)?;
    let id = text(action, "id").unwrap_or_default();
    if !supports(action, trigger) {
        return Err(OTHER_TRIGGER.with(&[&trigger]));
    }
    if call.state.deployed_version(id).is_none() {
        return Err(NOT_DEPLOYED.into());
    }
    let moment = Stamps::Nanoseconds.moment(call.clock.now());
    Ok(object(json!({
        "trigger_id": trigger, "action_id": id, "display_name": request.get("display_name").unwrap_or(member(action, "name")),
        "created_at": moment, "updated_at": moment,
    })))
}
