//! The common parts of Actions and their modules: a draft with secrets, and numbered versions of the draft.
//!
//! The value of a secret is stored in its draft and its versions, for the code that runs. No answer has it.

use serde_json::{Map, Value, json};

use crate::api::fields::hide;
use crate::api::resource::Draft;
use crate::store::{Document, Kind, Seq, State};

/// Replaces the secrets of a draft with the secrets of the request. Existing secrets keep their order, and new secrets follow
/// (recorded). A secret without a value keeps the value that it had (a).
pub(super) fn replace_secrets(draft: &mut Draft) {
    let Some(Value::Array(secrets)) = draft.body.get("secrets") else { return };
    let mut sent: Vec<(&str, &Value)> =
        secrets.iter().filter_map(|secret| Some((secret["name"].as_str()?, &secret["value"]))).collect();
    let before = draft.before.as_ref().and_then(|before| before.get("secrets")).and_then(Value::as_array);
    let position = |name: &str| before.and_then(|all| all.iter().position(|secret| secret["name"] == name));
    sent.sort_by_key(|(name, _)| position(name).unwrap_or(usize::MAX));
    let now = draft.entity.get("updated_at").cloned().unwrap_or_default();
    let secret = |(name, value): (&str, &Value)| {
        let former = || before.zip(position(name)).map(|(all, position)| &all[position]["value"]);
        let value = if value.is_null() { former().unwrap_or(&Value::Null) } else { value };
        json!({ "name": name, "updated_at": now, "value": value })
    };
    let secrets: Vec<Value> = sent.into_iter().map(secret).collect();
    draft.entity.insert("secrets".to_owned(), secrets.into());
}

/// The member of a draft and of a version that no answer has.
pub(super) const SECRET_VALUES: &str = "secrets.value";

/// The view of a version within the view of another entity, without the values of secrets.
pub(super) fn without_secret_values(version: Map<String, Value>) -> Value {
    let mut view = Document::new(version);
    hide(&mut view, &[SECRET_VALUES]);
    Document::unwrap_or_clone(view).into()
}

/// A member of an entity; `null` if the entity does not have it.
pub(super) fn member<'a>(entity: &'a Map<String, Value>, name: &str) -> &'a Value {
    entity.get(name).unwrap_or(&Value::Null)
}

/// The existing ones of these members of an entity.
pub(super) fn members(entity: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let has = |name: &&str| Some(((*name).to_owned(), entity.get(*name)?.clone()));
    names.iter().filter_map(has).collect()
}

/// The newest version of an Action or a module. The member `parent` of a version has the id of that Action or module.
pub(super) fn newest<'a>(state: &'a State, kind: Kind, parent: &str, id: &str) -> Option<&'a Document> {
    let versions = &state[kind];
    versions.having(parent, id).iter().next_back().and_then(|seq| versions.at(seq))
}

/// The number of the next version. The member `member` of a version is its number.
pub(super) fn next_number(newest: Option<&Document>, member: &str) -> u64 {
    newest.and_then(|version| version.get(member)).and_then(Value::as_u64).map_or(1, |number| number + 1)
}

/// Versions in the order of lists: the newest first (recorded for modules).
pub(super) fn newest_first(positions: &[Seq]) -> Vec<Seq> {
    positions.iter().rev().copied().collect()
}
