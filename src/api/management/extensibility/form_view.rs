//! The references between forms and flows.

use serde_json::Value;

use crate::api::call::Call;

/// The members of a form with ids of flows: foreign keys of the data model.
pub(super) const FLOWS_OF_FORMS: [&str; 3] =
    ["nodes.config.flow_id", "nodes.config.components.config.flow_id", "ending.after_submit.flow_id"];

/// Whether the query asks for an additional member of a flow or a form.
pub(super) fn is_hydrated(call: &Call<'_>, member: &str) -> bool {
    call.query.get("hydrate").and_then(Value::as_array).is_some_and(|names| names.iter().any(|name| name == member))
}
