//! The unknown members of a body, each with the known members of its object, for suggestions.
//!
//! A check stops at the first fault and returns a sentence. Seeds need every misspelt key, as data.

use serde_json::{Map, Value};

use super::Schemas;
use super::check::follow;
use super::json_sections::JsonSections;

/// A member that the schema of its object does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownMember {
    /// The keys and indexes that lead to the object.
    path: Vec<Step>,
    /// The key.
    pub key: String,
    /// The keys that the schema of the object knows.
    pub known: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Item(usize),
}

impl UnknownMember {
    /// The location of the object in the form of the API's sentences: `scopes[0]`. The location of the body is empty.
    pub(crate) fn owner(&self) -> String {
        self.path.iter().fold(String::new(), |path, step| match step {
            Step::Member(key) if path.is_empty() => key.clone(),
            Step::Member(key) => format!("{path}.{key}"),
            Step::Item(index) => format!("{path}[{index}]"),
        })
    }

    /// Removes the member from the body and returns its value.
    pub(crate) fn take_from(&self, body: &mut Value) -> Option<Value> {
        let owner = self.path.iter().try_fold(body, |value, step| match step {
            Step::Member(key) => value.get_mut(key),
            Step::Item(index) => value.get_mut(index),
        });
        owner?.as_object_mut()?.remove(&self.key)
    }
}

impl Schemas {
    /// The members of a body that its schema does not know, at every depth. Objects below `anyOf` and `oneOf` are not
    /// searched.
    ///
    /// # Panics
    ///
    /// The file has no body with this name: a row is wrong.
    pub(crate) fn unknown_members(&self, name: &str, body: &Value) -> Vec<UnknownMember> {
        let mut search = Search { file: &self.file, path: Vec::new(), found: Vec::new() };
        search.value(self.named("bodies", name), body);
        search.found
    }
}

struct Search<'a> {
    file: &'a JsonSections,
    path: Vec<Step>,
    found: Vec<UnknownMember>,
}

impl Search<'_> {
    fn value(&mut self, schema: &Value, value: &Value) {
        let schema = follow(self.file, schema);
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.value(part, value);
        }
        match value {
            Value::Object(members) => self.members(schema, members),
            Value::Array(items) => {
                let Some(rule) = schema.get("items") else { return };
                for (index, item) in items.iter().enumerate() {
                    self.inside(Step::Item(index), rule, item);
                }
            }
            _ => {}
        }
    }

    fn members(&mut self, schema: &Value, members: &Map<String, Value>) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false))
            && schema.get("patternProperties").is_none();
        for (key, value) in members {
            match properties.and_then(|properties| properties.get(key)) {
                Some(rule) => self.inside(Step::Member(key.clone()), rule, value),
                None if is_closed => {
                    let known = properties.into_iter().flatten().map(|(key, _)| key.clone()).collect();
                    self.found.push(UnknownMember { path: self.path.clone(), key: key.clone(), known });
                }
                None => {}
            }
        }
    }

    fn inside(&mut self, step: Step, rule: &Value, value: &Value) {
        self.path.push(step);
        self.value(rule, value);
        self.path.pop();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Schemas;

    fn schemas() -> Schemas {
        let file = json!({
            "bodies": { "Create": {
                "additionalProperties": false,
                "properties": {
                    "name": {},
                    "metadata": { "type": "object" },
                    "scopes": { "items": { "$ref": "#/shared/Scope" } },
                    "addons": { "allOf": [{ "$ref": "#/shared/Scope" }] }
                }
            } },
            "shared": { "Scope": { "additionalProperties": false, "properties": { "value": {} } } }
        });
        Schemas::of(format!("{file:#}"))
    }

    #[test]
    fn every_unknown_member_is_found_with_the_known_ones() {
        let body = json!({
            "nam": 1, "metadata": { "any": 1 }, "scopes": [{ "value": 1 }, { "valu": 1 }], "addons": { "x": 1 },
        });
        let found = schemas().unknown_members("Create", &body);
        let owners_and_keys: Vec<(String, &str)> =
            found.iter().map(|found| (found.owner(), found.key.as_str())).collect();
        let expected =
            [("addons", "x"), ("", "nam"), ("scopes[1]", "valu")].map(|(owner, key)| (owner.to_owned(), key));
        assert_eq!(owners_and_keys, expected);
        assert_eq!(found[2].known, ["value"]);
    }

    #[test]
    fn unknown_members_can_be_removed() {
        let mut body = json!({ "nam": 1, "scopes": [{ "valu": 1 }] });
        for found in schemas().unknown_members("Create", &body) {
            assert_eq!(found.take_from(&mut body), Some(json!(1)));
        }
        assert_eq!(body, json!({ "scopes": [{}] }));
        assert!(schemas().unknown_members("Create", &body).is_empty());
    }
}
