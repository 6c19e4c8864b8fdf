//! `/hooks`: functions at extension points, the predecessors of Actions, with their secrets. m2mock stores hooks and runs none.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, List, Resource, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("hooks.schema.json")));

const BY_ID: &str = "/hooks/{id}";
const SECRETS_OF: &str = "/hooks/{id}/secrets";
const READ: &[&str] = &["read:hooks"];
const UPDATE: &[&str] = &["update:hooks"];
const DELETE: &[&str] = &["delete:hooks"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/hooks", READ, &HOOK).query("List"),
        Operation::create("/hooks", &["create:hooks"], &HOOK).body("Create"),
        Operation::read(BY_ID, READ, &HOOK).query("Get").parameters("ById"),
        Operation::update(BY_ID, UPDATE, &HOOK).body("Patch").parameters("ById"), // 200 recorded, 201 published
        Operation::remove(BY_ID, DELETE, &HOOK).parameters("ById"),
        Operation::get(SECRETS_OF, READ, list_secrets).parameters("ById"),
        Operation::post(SECRETS_OF, UPDATE, create_secrets).body("Secrets").parameters("ById"),
        Operation::patch(SECRETS_OF, UPDATE, update_secrets).body("Secrets").parameters("ById").success(201),
        Operation::delete(SECRETS_OF, DELETE, delete_secrets).body("SecretsDelete").parameters("ById"),
    ],
};

static HOOK: Resource = Resource {
    list: List::offset("hooks").filters(&["enabled", "triggerId"]),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("name", HOOK_EXISTS)),
    missing: HOOK_NOT_FOUND,
    hidden: &[SECRETS],
    prepare: Some(normalize_name),
    stored: Some(disable_others),
    ..Resource::new(Kind::Hook, Identity::new(IdShape::HOOK))
};

/// The member with the secrets. `/hooks/{id}/secrets` shows their names.
const SECRETS: &str = "secrets";

/// The defaults of a new hook (recorded).
static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "dependencies": {}, "enabled": false })));

/// A hook that does not exist (recorded).
const HOOK_NOT_FOUND: Refusal = Refusal::new(404, "HookDoesNotExist", "Error: Hook does not exist");

/// A name that another hook has (d).
const HOOK_EXISTS: Refusal = Refusal::plain(409, "Hook with the same name already exists.");

/// A secret that already exists (d).
const SECRET_EXISTS: Refusal = Refusal::plain(409, "Secret with the same name already exists.");

/// Converts the name to kebab case (recorded: `test-hook998` becomes `test-hook-998`).
fn normalize_name(_: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    if draft.sends("name") {
        let name = kebab_case(draft.text("name"));
        draft.entity.insert("name".to_owned(), name.into());
    }
    Ok(())
}

/// Lower-case words with dashes between them. A word ends where digits meet letters and before a capital letter.
fn kebab_case(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut last = None;
    for letter in name.chars() {
        let breaks = last.is_some_and(|last: char| {
            last.is_ascii_digit() != letter.is_ascii_digit() || last.is_ascii_lowercase() && letter.is_ascii_uppercase()
        });
        let is_of_word = letter.is_ascii_alphanumeric();
        if (breaks || !is_of_word) && !words.ends_with('-') && !words.is_empty() {
            words.push('-');
        }
        if is_of_word {
            words.push(letter.to_ascii_lowercase());
        }
        last = is_of_word.then_some(letter);
    }
    words.truncate(words.trim_end_matches('-').len());
    words
}

/// Disables the other hooks of a trigger when one is enabled, because a trigger has one enabled hook (inferred).
fn disable_others(call: &mut Call<'_>, draft: &Draft, hook: Document) -> Document {
    if draft.sends("enabled") && hook.get("enabled") == Some(&Value::Bool(true)) {
        let hooks = &mut call.state[Kind::Hook];
        let of_trigger = hooks.having("triggerId", text(&hook, "triggerId").unwrap_or_default());
        let ids: Vec<String> = of_trigger.iter().filter_map(|seq| hooks.id_at(seq)).map(str::to_owned).collect();
        for id in ids.iter().filter(|id| text(&hook, "id") != Some(id)) {
            hooks.change(id, |other| other.insert("enabled".to_owned(), Value::Bool(false)));
        }
    }
    hook
}

fn list_secrets(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let names = secrets(call)?.into_iter().map(|(name, _)| (name, "_VALUE_NOT_SHOWN_".into())); // recorded
    Ok(Reply::json(&names.collect::<Map<String, Value>>()))
}

fn create_secrets(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let secrets = secrets(call)?;
    if call.body.keys().any(|name| secrets.contains_key(name)) {
        return Err(SECRET_EXISTS.into());
    }
    update_secrets(call)
}

/// Adds secrets and replaces values.
fn update_secrets(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut secrets = secrets(call)?;
    secrets.extend(std::mem::take(&mut call.body));
    store(call, secrets);
    Ok(Reply::json(&Map::new())) // recorded
}

fn delete_secrets(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut secrets = secrets(call)?;
    for name in call.items.iter().filter_map(Value::as_str) {
        secrets.remove(name);
    }
    store(call, secrets);
    Ok(Reply::empty())
}

fn secrets(call: &Call<'_>) -> Result<Map<String, Value>, ApiError> {
    let hook = call.entity(Kind::Hook, HOOK_NOT_FOUND)?;
    Ok(hook.get(SECRETS).and_then(Value::as_object).cloned().unwrap_or_default())
}

fn store(call: &mut Call<'_>, secrets: Map<String, Value>) {
    let id = call.id();
    call.state[Kind::Hook].change(&id, |hook| hook.insert(SECRETS.to_owned(), secrets.into()));
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::kebab_case;

    #[rstest]
    #[case::digits("test-hook998", "test-hook-998")]
    #[case::blanks("Price tag  2", "price-tag-2")]
    #[case::capitals("priceTag", "price-tag")]
    #[case::already("pre-user-reg-hook", "pre-user-reg-hook")]
    fn a_name_in_kebab_case(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(kebab_case(name), expected);
    }
}
