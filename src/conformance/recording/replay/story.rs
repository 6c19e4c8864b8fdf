//! The state of a cassette during its replay, in recorded terms: the entities that it created, changed and deleted so far.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use super::compare::{IDENTITY, List};
use super::family::names_in;
use super::sent::{SentValues, collect_texts};
use crate::conformance::recording::cassette::Interaction;
use crate::conformance::recording::identifiers::{Identifiers, decoded, is_identifier};

/// Further members that name a created entity.
const NAMES: [&str; 4] = ["domain", "email", "template", "username"];

/// The origin of the data in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The requests of the cassette determine the whole answer.
    Own,
    /// The answer may show earlier data of the tenant.
    Tenant,
}

/// The state of one cassette.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub ids: Identifiers,
    /// The values that the requests so far have sent.
    pub sent: SentValues,
    /// Paths of successful writes and deletions.
    pub changed_paths: HashSet<String>,
    /// Names of entities whose creation failed on the live tenant.
    failed: HashSet<String>,
    /// Texts from the tenant's earlier data.
    pub foreign: HashSet<String>,
    caller: String,
    created: HashSet<String>,
    written: BTreeMap<String, Map<String, Value>>,
    own_paths: HashSet<String>,
    posts: HashSet<String>,
    /// The number of successful deletions of each path.
    deletions: HashMap<String, usize>,
}

impl Story {
    /// The state before the first request. `caller` is the client id of the replay.
    pub(super) fn of(caller: &str) -> Story {
        Story { caller: caller.to_owned(), ..Story::default() }
    }

    /// Whether the cassette created this item.
    pub(super) fn is_known(&self, item: &Value) -> bool {
        let Value::Object(members) = item else {
            return item.as_str().is_some_and(|text| self.created.contains(text));
        };
        let identity = IDENTITY.iter().chain(&["resource_server_identifier"]);
        let identity: Vec<&str> = identity.filter_map(|key| members.get(*key)?.as_str()).collect();
        let identifiers: Vec<&str> = identity.iter().copied().filter(|text| is_identifier(text)).collect();
        let names = if identifiers.is_empty() { identity } else { identifiers };
        names.iter().any(|text| self.created.contains(*text))
    }

    pub(super) fn scope(&self, item: &Interaction) -> Scope {
        let writes = ["POST", "PUT", "DELETE"].contains(&item.method.as_str());
        let bindings = item.path.ends_with("/bindings") && item.method == "PATCH";
        let own = !names_in(&item.path).is_empty() || item.status >= 400 || writes || bindings;
        if own || self.own_paths.contains(&item.path) { Scope::Own } else { Scope::Tenant }
    }

    /// The members that the cassette wrote of the tenant-wide object at a path.
    pub(super) fn written(&self, path: &str) -> Option<&Map<String, Value>> {
        self.written.get(path).filter(|written| !written.is_empty())
    }

    /// Whether a text names an entity that the cassette created.
    pub(super) fn has_created(&self, name: &str) -> bool {
        self.created.contains(name)
    }

    /// Whether a text is the client id of the replay.
    pub(super) fn is_caller(&self, client_id: &str) -> bool {
        self.caller == client_id
    }

    /// Whether an earlier scored interaction created an entity at a path.
    pub(super) fn has_posted_to(&self, path: &str) -> bool {
        self.posts.contains(path)
    }

    /// Whether two statuses are equivalent for this request. The service deletes connections in the background: it answers a second
    /// `DELETE` of the same path with 202 until the deletion is done, and with 204 afterwards (recorded).
    pub(super) fn are_alike(&self, item: &Interaction, one: u16, other: u16) -> bool {
        let deletes_again = item.method == "DELETE" && self.deletions.get(&item.path).is_some_and(|times| *times > 1);
        one == other || deletes_again && [(202, 204), (204, 202)].contains(&(one, other))
    }

    /// Records the request of an interaction.
    pub(super) fn note_request(&mut self, item: &Interaction) {
        self.sent.note(item);
        if item.status >= 300 || item.method == "GET" {
            return;
        }
        let path = &item.path;
        self.changed_paths.insert(path.clone());
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

    /// Records the entities that the latest interaction created. Only for scored interactions.
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
            let names = IDENTITY.iter().chain(&NAMES).filter_map(|key| source.get(*key)?.as_str());
            self.created.extend(names.map(str::to_owned));
        }
        let Value::Object(body) = &item.response else { return };
        // An answer with a new id at its top level is an entity of a collection. The list of that collection still belongs to the tenant.
        let is_new = |text: &str| is_identifier(text) && !self.sent.had_text(text);
        let is_collection_entity = body.values().filter_map(Value::as_str).any(is_new);
        if !is_collection_entity && names_in(&item.path).is_empty() {
            self.own_paths.insert(item.path.clone());
            if let Some(template) = body.get("template").and_then(Value::as_str) {
                self.own_paths.insert(format!("{}/{template}", item.path));
            }
        }
    }

    /// Records the name of an entity that the replay created in advance.
    pub(super) fn note_given(&mut self, name: &str) {
        self.created.insert(name.to_owned());
    }

    /// Records an interaction that was sent, with any outcome.
    pub(super) fn note_sent(&mut self, item: &Interaction) {
        if item.method == "POST" && item.status < 300 {
            self.posts.insert(item.path.clone());
        }
    }

    /// Records the texts of a list that shows earlier data of the tenant.
    pub(super) fn note_foreign(&mut self, body: &Value) {
        let Some(list) = List::of(body) else { return };
        let mut texts = HashSet::new();
        list.items.iter().filter(|item| !self.is_known(item)).for_each(|item| collect_texts(item, &mut texts));
        texts.retain(|text| !self.created.contains(text));
        self.foreign.extend(texts);
    }

    /// Records a write that succeeded in the recording and failed on the live tenant.
    pub(super) fn note_failure(&mut self, item: &Interaction) {
        let mut texts = HashSet::new();
        collect_texts(&item.response, &mut texts);
        texts.retain(|text| !self.created.contains(text));
        self.failed.extend(texts);
    }

    /// Whether a path names an entity whose creation failed on the live tenant.
    pub(super) fn follows_a_failure(&self, path: &str) -> bool {
        names_in(path).iter().any(|name| self.failed.contains(name))
    }
}

fn mark_written(tree: &mut Map<String, Value>, body: &Map<String, Value>) {
    for (key, value) in body {
        match value {
            // An empty object is written without any member.
            Value::Object(members) => {
                let subtree = tree.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(subtree) = subtree {
                    mark_written(subtree, members);
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

    fn story_of(items: &[Interaction]) -> Story {
        let mut story = Story::of("caller");
        for item in items {
            story.note_request(item);
            story.note_answer(item);
            story.note_sent(item);
        }
        story
    }

    #[rstest]
    #[case::an_entity_with_an_id(json!({ "id": "org_Rec0rdedRec0rded" }), Scope::Tenant)]
    #[case::an_entity_with_another_id(json!({ "client_id": "Rec0rdedRec0rdedRec0rdedRec0rded" }), Scope::Tenant)]
    #[case::a_single_object(json!({ "name": "smtp", "enabled": true }), Scope::Own)]
    fn a_created_entity_leaves_the_list_with_the_tenant(#[case] response: Value, #[case] expected: Scope) {
        let story = story_of(&[interaction("POST", "/api/v2/things", json!({ "name": "smtp" }), 201, response)]);
        assert_eq!(story.scope(&interaction("GET", "/api/v2/things", Value::Null, 200, json!([]))), expected);
    }

    #[test]
    fn the_second_deletion_of_a_path_is_answered_202_or_204() {
        let delete = interaction("DELETE", "/api/v2/connections/con_1", Value::Null, 202, Value::Null);
        let once = story_of(std::slice::from_ref(&delete));
        assert!(!once.are_alike(&delete, 204, 202), "the first answer counts");
        let twice = story_of(&[delete.clone(), delete.clone()]);
        assert!(twice.are_alike(&delete, 204, 202) && twice.are_alike(&delete, 202, 204));
        assert!(!twice.are_alike(&delete, 204, 404));
        let elsewhere = interaction("DELETE", "/api/v2/connections/con_2", Value::Null, 204, Value::Null);
        assert!(!twice.are_alike(&elsewhere, 204, 202));
    }

    #[test]
    fn an_empty_object_in_settings_is_written_without_anything_below_it() {
        let path = "/api/v2/tenants/settings";
        let patch = |body| interaction("PATCH", path, body, 200, json!({}));
        let story = story_of(&[patch(json!({ "flags": {}, "session_cookie": { "mode": "persistent" } }))]);
        let written = json!({ "flags": {}, "session_cookie": { "mode": true } });
        assert_eq!(story.written(path).map(|written| json!(written)), Some(written));
        let story = story_of(&[patch(json!({ "flags": null })), patch(json!({ "flags": {} }))]);
        assert_eq!(story.written(path).map(|written| json!(written)), Some(json!({ "flags": true })));
    }

    #[test]
    fn a_failed_change_of_an_own_entity_is_no_failed_creation() {
        let made = json!({ "id": "org_Rec0rdedRec0rded" });
        let create = interaction("POST", "/api/v2/organizations", json!({}), 201, made.clone());
        let path = "/api/v2/organizations/org_Rec0rdedRec0rded";
        let mut story = story_of(std::slice::from_ref(&create));
        story.note_failure(&interaction("PATCH", path, json!({}), 200, made));
        assert!(!story.follows_a_failure(path));
        let mut story = Story::of("caller");
        story.note_failure(&create);
        assert!(story.follows_a_failure(path));
    }
}
