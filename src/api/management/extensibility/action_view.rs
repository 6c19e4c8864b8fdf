//! The views of an Action in other operations: its base members, and its current and deployed version.

use serde_json::{Map, Value, json};

use super::versions::{member, members, without_secret_values};
use crate::api::error::Refusal;
use crate::store::document::text;
use crate::store::{Document, State};

/// An Action that does not exist (recorded).
pub(super) const ACTION_NOT_FOUND: Refusal = Refusal::plain(404, "That action does not exist.");

/// The members of an Action in its versions and bindings.
const BASE: [&str; 5] = ["id", "name", "supported_triggers", "created_at", "updated_at"];

/// The view of an Action in its versions and bindings.
pub(super) fn base(action: &Document) -> Map<String, Value> {
    let mut base = members(action, &BASE);
    // Always false here, independent of the Action (recorded).
    base.insert("all_changes_deployed".to_owned(), false.into());
    base
}

/// Adds the current and the deployed version, which are the same, unless the Action has them already.
pub(super) fn add_versions(state: &State, action: &mut Map<String, Value>) {
    let Some(version) = state.deployed_version(text(action, "id").unwrap_or_default()) else { return };
    action.entry("current_version").or_insert_with(|| {
        let mut current = members(version, &["id", "code", "runtime", "number", "created_at", "updated_at"]);
        current.extend([
            ("status".to_owned(), "BUILT".into()),
            ("build_time".to_owned(), json!(member(version, "built_at"))),
        ]);
        current.into()
    });
    action.entry("deployed_version").or_insert_with(|| {
        let mut deployed = Map::clone(version);
        deployed.remove("action_id");
        without_secret_values(deployed)
    });
}

/// Adds both versions to the answer to a creation, where they are not built yet (recorded).
pub(super) fn add_pending_versions(state: &State, action: &mut Map<String, Value>) {
    add_versions(state, action);
    for (version, built, status) in
        [("current_version", "build_time", "PENDING"), ("deployed_version", "built_at", "pending")]
    {
        if let Some(Value::Object(version)) = action.get_mut(version) {
            version.remove(built);
            version.insert("status".to_owned(), status.into());
        }
    }
}
