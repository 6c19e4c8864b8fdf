//! `/flows`: steps that forms perform, and reports of their executions. m2mock stores flows and executes none.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::form_view::{FLOWS_OF_FORMS, is_hydrated};
use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Paging, checkpoint_reply};
use crate::api::resource::{Identity, Limit, List, Resource, Stamps};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("flows.schema.json")));

const ALL: &str = "/flows";
const BY_ID: &str = "/flows/{id}";
const EXECUTIONS: &str = "/flows/{flow_id}/executions";
const EXECUTION: &str = "/flows/{flow_id}/executions/{execution_id}";
const READ: &[&str] = &["read:flows"];
const READ_EXECUTIONS: &[&str] = &["read:flows_executions"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &FLOW).query("List"),
        Operation::create(ALL, &["create:flows"], &FLOW).body("Create"),
        Operation::read(BY_ID, READ, &FLOW).query("Read").parameters("ById"),
        Operation::update(BY_ID, &["update:flows"], &FLOW).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:flows"], &FLOW).parameters("ById"),
        Operation::get(EXECUTIONS, READ_EXECUTIONS, list_executions).query("Executions").parameters("OfFlow"),
        Operation::get(EXECUTION, READ_EXECUTIONS, find_execution).query("Execution").parameters("Execution"),
        Operation::delete(EXECUTION, &["delete:flows_executions"], find_execution).parameters("Execution"),
    ],
};

static FLOW: Resource = Resource {
    list: List::offset("flows").without(&["actions"]),
    limit: Some(Limit { most: 500, refusal: TOO_MANY_FLOWS }),
    stamps: Stamps::Milliseconds,
    missing: FLOW_NOT_FOUND,
    in_use: Some(FLOW_IN_USE),
    read_more: Some(hydrate),
    ..Resource::new(Kind::Flow, Identity::new(IdShape::FLOW))
};

/// A flow that does not exist (recorded).
const FLOW_NOT_FOUND: Refusal = Refusal::plain(404, "Flow not found");

/// A flow that a form uses (a).
const FLOW_IN_USE: Refusal = Refusal::plain(409, "The flow is in use by a form and cannot be deleted.");

/// An execution that does not exist (a). m2mock executes nothing, so every execution is unknown.
const EXECUTION_NOT_FOUND: Refusal = Refusal::plain(404, "Flow execution not found");

/// More than the maximum number of flows (limit documented, sentence assumed).
const TOO_MANY_FLOWS: Refusal =
    Refusal::new(403, "too_many_entities", "You reached the limit of {} flows for this tenant.");

/// Adds the forms that use the flow, if the query asks for them.
fn hydrate(call: &Call<'_>, flow: &mut Map<String, Value>) {
    let id = text(flow, "id").unwrap_or_default();
    let forms = &call.state[Kind::Form];
    let uses = |form: &&Document| {
        let seq = text(form, "id").and_then(|id| forms.seq(id));
        seq.is_some_and(|seq| FLOWS_OF_FORMS.iter().any(|key| forms.having(key, id).contains(seq)))
    };
    let users: Vec<&Document> = forms.iter().filter(uses).collect();
    if is_hydrated(call, "form_count") {
        flow.insert("form_count".to_owned(), users.len().into());
    }
    if is_hydrated(call, "forms") {
        let form = |form: &&Document| json!({ "id": form.get("id"), "name": form.get("name") });
        flow.insert("forms".to_owned(), users.iter().map(form).collect());
    }
}

fn list_executions(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity_named(Kind::Flow, Some(call.parameter("flow_id")), FLOW_NOT_FOUND)?;
    let none: [(); 0] = [];
    Ok(match Paging::of(call)? {
        Paging::Offset(offset) => offset.reply_with("executions", none.into_iter()),
        Paging::Checkpoint(_) => checkpoint_reply("executions", none.into_iter(), None),
    })
}

fn find_execution(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity_named(Kind::Flow, Some(call.parameter("flow_id")), FLOW_NOT_FOUND)?;
    Err(EXECUTION_NOT_FOUND.into())
}
