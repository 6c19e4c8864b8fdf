//! What Actions and their modules share: a draft with secrets, and numbered versions that are made from it.
//!
//! m2mock keeps the names of secrets and the moments of their changes. It runs no code that would need the values.

use serde_json::{Map, Value, json};

use crate::api::resource::Draft;
use crate::store::{Document, Kind, Seq, State};

/// Replaces the secrets of a draft by those that the request sends, without their values. A secret that was there before keeps
/// its place; new ones follow (recorded).
pub(super) fn replace_secrets(draft: &mut Draft) {
    let Some(Value::Array(sent)) = draft.sent.get("secrets") else { return };
    let mut names: Vec<&str> = sent.iter().filter_map(|secret| secret["name"].as_str()).collect();
    let before = draft.before.as_ref().and_then(|before| before.get("secrets")).and_then(Value::as_array);
    let place = |name: &str| before.and_then(|all| all.iter().position(|secret| secret["name"] == name));
    names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    let moment = draft.entity.get("updated_at").cloned().unwrap_or_default();
    let secrets: Vec<Value> = names.into_iter().map(|name| json!({ "name": name, "updated_at": moment })).collect();
    draft.entity.insert("secrets".to_owned(), secrets.into());
}

/// A member of an entity; `null` if it has none.
pub(super) fn member<'a>(entity: &'a Map<String, Value>, name: &str) -> &'a Value {
    entity.get(name).unwrap_or(&Value::Null)
}

/// Those of these members that an entity has.
pub(super) fn members(entity: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let has = |name: &&str| Some(((*name).to_owned(), entity.get(*name)?.clone()));
    names.iter().filter_map(has).collect()
}

/// The newest version of an Action or a module, whose id the versions have in `parent`.
pub(super) fn newest<'a>(state: &'a State, kind: Kind, parent: &str, id: &str) -> Option<&'a Document> {
    let versions = &state[kind];
    versions.having(parent, id).iter().next_back().and_then(|seq| versions.at(seq))
}

/// The number of the version after the newest one. Versions have their number in `member`.
pub(super) fn next_number(newest: Option<&Document>, member: &str) -> u64 {
    newest.and_then(|version| version.get(member)).and_then(Value::as_u64).map_or(1, |number| number + 1)
}

/// The newest versions come first (recorded for modules).
pub(super) fn newest_first(places: &[Seq]) -> Vec<Seq> {
    places.iter().rev().copied().collect()
}
