//! The state of a cassette during its replay, in recorded terms: the entities that it created, changed and deleted so far.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use super::compare::{IDENTITY, List};
use super::family::names_in;
use super::sent::{SentValues, collect_texts};
use crate::conformance::recording::cassette::Interaction;
use crate::conformance::recording::identifiers::{Identifiers, decoded, is_identifier};

/// Further members that name what was made.
const NAMES: [&str; 4] = ["domain", "email", "template", "username"];

/// Whose an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The cassette established everything in it.
    Own,
    /// It may show the tenant's earlier life.
    Tenant,
}

/// The state of one cassette.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub ids: Identifiers,
    /// What the requests so far have sent.
    pub sent: SentValues,
    /// Paths that were written or deleted.
    pub touched: HashSet<String>,
    /// Names of things whose creation failed on the live tenant.
    failed: HashSet<String>,
    /// Texts from the tenant's earlier life.
    pub foreign: HashSet<String>,
    caller: String,
    created: HashSet<String>,
    written: BTreeMap<String, Map<String, Value>>,
    own_paths: HashSet<String>,
    posts: HashSet<String>,
    /// How often each path was deleted with success.
    deletions: HashMap<String, usize>,
}

impl Story {
    /// A story that this client tells.
    pub(super) fn of(caller: &str) -> Story {
        Story { caller: caller.to_owned(), ..Story::default() }
    }

    /// Whether the cassette made this item.
    pub(super) fn is_known(&self, item: &Value) -> bool {
        let Value::Object(members) = item else {
            return item.as_str().is_some_and(|text| self.created.contains(text));
        };
        let identity = IDENTITY.iter().chain(&["resource_server_identifier"]);
        let identity: Vec<&str> = identity.filter_map(|key| members.get(*key)?.as_str()).collect();
        let identifiers: Vec<&str> = identity.iter().copied().filter(|text| is_identifier(text)).collect();
        let telling = if identifiers.is_empty() { identity } else { identifiers };
        telling.iter().any(|text| self.created.contains(*text))
    }

    pub(super) fn scope(&self, item: &Interaction) -> Scope {
        let writes = ["POST", "PUT", "DELETE"].contains(&item.method.as_str());
        let bindings = item.path.ends_with("/bindings") && item.method == "PATCH";
        let own = !names_in(&item.path).is_empty() || item.status >= 400 || writes || bindings;
        if own || self.own_paths.contains(&item.path) { Scope::Own } else { Scope::Tenant }
    }

    /// What the cassette wrote of the tenant-wide object at a path.
    pub(super) fn written(&self, path: &str) -> Option<&Map<String, Value>> {
        self.written.get(path).filter(|written| !written.is_empty())
    }

    /// Whether a text names a thing that the cassette made.
    pub(super) fn has_made(&self, name: &str) -> bool {
        self.created.contains(name)
    }

    /// Whether a text is the client id of the client that replays.
    pub(super) fn is_caller(&self, client_id: &str) -> bool {
        self.caller == client_id
    }

    /// Whether a scored interaction before this one created something at a path.
    pub(super) fn has_posted_to(&self, path: &str) -> bool {
        self.posts.contains(path)
    }

    /// Whether two statuses say the same of this request. The service deletes connections in the background: a second
    /// `DELETE` of the same path is answered 202 until that is done, and 204 afterwards (recorded).
    pub(super) fn are_alike(&self, item: &Interaction, one: u16, other: u16) -> bool {
        let deletes_again = item.method == "DELETE" && self.deletions.get(&item.path).is_some_and(|times| *times > 1);
        one == other || deletes_again && [(202, 204), (204, 202)].contains(&(one, other))
    }

    /// Takes note of what an interaction sends.
    pub(super) fn note_request(&mut self, item: &Interaction) {
        self.sent.note(item);
        if item.status >= 300 || item.method == "GET" {
            return;
        }
        let path = &item.path;
        self.touched.insert(path.clone());
        if item.method == "PUT" || path.ends_with("/bindings") {
            self.own_paths.insert(path.clone());
            self.created.insert(decoded(path.rsplit('/').next().unwrap_or_default()));
        }
        if let ("PATCH" | "PUT", Value::Object(body)) = (item.method.as_str(), &item.request) {
            mark_written(self.written.entry(path.clone()).or_default(), body);
        }
        if item.method == "DELETE" {
            *self.deletions.entry(path.clone()).or_default() += 1;
            self.written.remove(path);
            self.own_paths.remove(path);
        }
    }

    /// Takes note of what the latest interaction made; only of one that was scored.
    pub(super) fn note_answer(&mut self, item: &Interaction) {
        if item.status >= 300 || self.scope(item) != Scope::Own {
            return;
        }
        let mut texts = HashSet::new();
        collect_texts(&item.response, &mut texts);
        texts.retain(|text| is_identifier(text) && !self.sent.had_text(text) && !self.foreign.contains(text));
        self.created.extend(texts);
        if item.method != "POST" {
            return;
        }
        for source in [&item.request, &item.response].into_iter().filter_map(Value::as_object) {
            let named = IDENTITY.iter().chain(&NAMES).filter_map(|key| source.get(*key)?.as_str());
            self.created.extend(named.map(str::to_owned));
        }
        let Value::Object(body) = &item.response else { return };
        // An answer with a new id at its top level is one of many: the list of them stays the tenant's.
        let is_new = |text: &str| is_identifier(text) && !self.sent.had_text(text);
        let one_of_many = body.values().filter_map(Value::as_str).any(is_new);
        if !one_of_many && names_in(&item.path).is_empty() {
            self.own_paths.insert(item.path.clone());
            if let Some(template) = body.get("template").and_then(Value::as_str) {
                self.own_paths.insert(format!("{}/{template}", item.path));
            }
        }
    }

    /// Takes note of an interaction that was sent, whatever came of it.
    pub(super) fn note_sent(&mut self, item: &Interaction) {
        if item.method == "POST" && item.status < 300 {
            self.posts.insert(item.path.clone());
        }
    }

    /// Takes note of a list that shows the tenant's earlier life.
    pub(super) fn note_strangers(&mut self, body: &Value) {
        let Some(list) = List::of(body) else { return };
        let mut texts = HashSet::new();
        list.items.iter().filter(|item| !self.is_known(item)).for_each(|item| collect_texts(item, &mut texts));
        texts.retain(|text| !self.created.contains(text));
        self.foreign.extend(texts);
    }

    /// Takes note of a write that succeeded in the recording and failed on the live tenant.
    pub(super) fn note_failure(&mut self, item: &Interaction) {
        let mut texts = HashSet::new();
        collect_texts(&item.response, &mut texts);
        texts.retain(|text| !self.created.contains(text));
        self.failed.extend(texts);
    }

    /// Whether a path names a thing whose creation failed on the live tenant.
    pub(super) fn follows_a_failure(&self, path: &str) -> bool {
        names_in(path).iter().any(|name| self.failed.contains(name))
    }
}

fn mark_written(tree: &mut Map<String, Value>, body: &Map<String, Value>) {
    for (key, value) in body {
        match value {
            // An empty object is written, but nothing below it.
            Value::Object(members) => {
                let within = tree.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(within) = within {
                    mark_written(within, members);
                }
            }
            _ => {
                tree.insert(key.clone(), Value::Bool(true));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{Scope, Story};
    use crate::conformance::recording::cassette::Interaction;

    fn interaction(method: &str, path: &str, request: Value, status: u16, response: Value) -> Interaction {
        let (method, path) = (method.to_owned(), path.to_owned());
        Interaction { method, path, request, status, response, ..Interaction::default() }
    }

    fn told(items: &[Interaction]) -> Story {
        let mut story = Story::of("caller");
        for item in items {
            story.note_request(item);
            story.note_answer(item);
            story.note_sent(item);
        }
        story
    }

    #[rstest]
    #[case::one_of_many_by_its_id(json!({ "id": "org_Rec0rdedRec0rded" }), Scope::Tenant)]
    #[case::one_of_many_by_another_id(json!({ "client_id": "Rec0rdedRec0rdedRec0rdedRec0rded" }), Scope::Tenant)]
    #[case::the_only_one(json!({ "name": "smtp", "enabled": true }), Scope::Own)]
    fn a_list_stays_the_tenants_when_one_of_many_is_created(#[case] response: Value, #[case] expected: Scope) {
        let story = told(&[interaction("POST", "/api/v2/things", json!({ "name": "smtp" }), 201, response)]);
        assert_eq!(story.scope(&interaction("GET", "/api/v2/things", Value::Null, 200, json!([]))), expected);
    }

    #[test]
    fn the_second_deletion_of_a_path_is_answered_202_or_204() {
        let delete = interaction("DELETE", "/api/v2/connections/con_1", Value::Null, 202, Value::Null);
        let once = told(std::slice::from_ref(&delete));
        assert!(!once.are_alike(&delete, 204, 202), "the first answer counts");
        let twice = told(&[delete.clone(), delete.clone()]);
        assert!(twice.are_alike(&delete, 204, 202) && twice.are_alike(&delete, 202, 204));
        assert!(!twice.are_alike(&delete, 204, 404));
        let elsewhere = interaction("DELETE", "/api/v2/connections/con_2", Value::Null, 204, Value::Null);
        assert!(!twice.are_alike(&elsewhere, 204, 202));
    }

    #[test]
    fn an_empty_object_in_settings_is_written_without_anything_below_it() {
        let path = "/api/v2/tenants/settings";
        let patch = |body| interaction("PATCH", path, body, 200, json!({}));
        let story = told(&[patch(json!({ "flags": {}, "session_cookie": { "mode": "persistent" } }))]);
        let written = json!({ "flags": {}, "session_cookie": { "mode": true } });
        assert_eq!(story.written(path).map(|written| json!(written)), Some(written));
        let story = told(&[patch(json!({ "flags": null })), patch(json!({ "flags": {} }))]);
        assert_eq!(story.written(path).map(|written| json!(written)), Some(json!({ "flags": true })));
    }

    #[test]
    fn a_failed_change_of_an_own_thing_is_no_failed_creation() {
        let made = json!({ "id": "org_Rec0rdedRec0rded" });
        let create = interaction("POST", "/api/v2/organizations", json!({}), 201, made.clone());
        let path = "/api/v2/organizations/org_Rec0rdedRec0rded";
        let mut story = told(std::slice::from_ref(&create));
        story.note_failure(&interaction("PATCH", path, json!({}), 200, made));
        assert!(!story.follows_a_failure(path));
        let mut story = Story::of("caller");
        story.note_failure(&create);
        assert!(story.follows_a_failure(path));
    }
}
