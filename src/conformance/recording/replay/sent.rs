//! The texts and values that a cassette has sent so far. An echo of such a value in an answer must be exact.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::conformance::recording::cassette::Interaction;
use crate::conformance::recording::identifiers::decoded;

/// The texts, member names and values of all requests so far.
#[derive(Debug, Default)]
pub(super) struct SentValues {
    texts: HashSet<String>,
    /// Texts that the latest request sent for the first time.
    new_texts: HashSet<String>,
    /// The values sent under each member name, as JSON.
    values: HashMap<String, HashSet<String>>,
}

impl SentValues {
    /// Adds a request: its body, its query and the segments of its path.
    pub(super) fn note(&mut self, item: &Interaction) {
        let mut texts: HashSet<String> = item.path.split('/').map(decoded).collect();
        collect_texts(&item.request, &mut texts);
        item.query.values().for_each(|value| collect_texts(value, &mut texts));
        self.new_texts = texts.difference(&self.texts).cloned().collect();
        self.texts.extend(texts);
        each_member(&item.request, "", &mut |_, key, value| {
            self.values.entry(key.to_owned()).or_default().insert(value.to_string());
        });
    }

    pub(super) fn has_text(&self, text: &str) -> bool {
        self.texts.contains(text)
    }

    /// Whether a text was sent before the latest request.
    pub(super) fn had_text(&self, text: &str) -> bool {
        self.texts.contains(text) && !self.new_texts.contains(text)
    }

    pub(super) fn has_key(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// Whether this value was sent under a member of this name.
    pub(super) fn has_value(&self, key: &str, value: &Value) -> bool {
        self.values.get(key).is_some_and(|values| values.contains(&value.to_string()))
    }
}

/// Adds every text of a value, at any depth.
pub(super) fn collect_texts(value: &Value, texts: &mut HashSet<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| collect_texts(value, texts)),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::String(text) => {
            texts.insert(text.clone());
        }
        _ => {}
    }
}

/// Visits every member at any depth with its pointer (`*` for the index of an item), its name and its value.
pub(super) fn each_member<'v>(value: &'v Value, pointer: &str, visit: &mut impl FnMut(&str, &str, &'v Value)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let here = format!("{pointer}/{}", escaped(key));
                visit(&here, key, value);
                each_member(value, &here, visit);
            }
        }
        Value::Array(items) => {
            let here = format!("{pointer}/*");
            items.iter().for_each(|item| each_member(item, &here, visit));
        }
        _ => {}
    }
}

/// The name of a member, escaped for a JSON pointer (RFC 6901).
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The name of the member at the end of a pointer.
pub(super) fn key_of(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SentValues, each_member};
    use crate::conformance::recording::cassette::Interaction;

    #[test]
    fn path_query_and_body_of_a_request_are_recorded() {
        let mut sent = SentValues::default();
        let request = |path: &str, body| Interaction { path: path.to_owned(), request: body, ..Interaction::default() };
        sent.note(&request("/api/v2/users/auth0%7Cada", json!({ "blocked": false })));
        assert!(sent.has_text("auth0|ada") && !sent.had_text("auth0|ada"));
        let mut second = request("/api/v2/users/auth0%7Cada", json!({ "profile": { "city": "Oslo" } }));
        second.query.insert("fields".to_owned(), "name".into());
        sent.note(&second);
        assert!(sent.had_text("auth0|ada"));
        assert!(sent.has_text("name") && !sent.had_text("name"));
        assert!(sent.has_value("city", &json!("Oslo")) && !sent.has_value("city", &json!("Rome")));
        assert!(sent.has_value("profile", &json!({ "city": "Oslo" })));
        assert!(sent.has_key("blocked") && !sent.has_key("fields"), "a parameter is not a member");
    }

    #[test]
    fn members_are_visited_with_their_pointers() {
        let mut pointers = Vec::new();
        let value = json!({ "a/b": 1, "list": [{ "c": 2 }] });
        each_member(&value, "", &mut |pointer, _, _| pointers.push(pointer.to_owned()));
        assert_eq!(pointers, ["/a~1b", "/list", "/list/*/c"]);
    }
}
