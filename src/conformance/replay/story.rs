//! What a cassette has done so far, in recorded terms: which things are its own, and which answers say anything about
//! another tenant at all.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::cassette::Interaction;
use super::compare::{IDENTITY, List};
use super::evidence::collect_keys;
use super::family::names_in;
use super::identifiers::{Identifiers, decoded, is_identifier};

/// Members of requests that point at other things.
const REFERENCES: [&str; 17] = [
    "action_id",
    "audience",
    "client_id",
    "clients",
    "connection_id",
    "connection_profile_id",
    "custom_domain_id",
    "enabled_clients",
    "grant_id",
    "members",
    "organization_id",
    "resource_server_identifier",
    "role_id",
    "roles",
    "user_attribute_profile_id",
    "user_id",
    "users",
];
/// Members within which the same names mean nothing.
const FREE_DATA: [&str; 13] = [
    "addons",
    "app_metadata",
    "client_metadata",
    "condition",
    "configuration",
    "destination",
    "metadata",
    "nodes",
    "options",
    "payload",
    "setup",
    "sink",
    "user_metadata",
];
/// Further members that name what was made.
const NAMES: [&str; 3] = ["domain", "email", "username"];
/// Words with which a plan's limit is told.
const PLAN: [&str; 7] = ["upgrade", "subscription", "entitle", "your plan", "not enabled", "feature", "not available"];

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
    /// Texts sent so far.
    pub sent: HashSet<String>,
    /// Names of members sent so far.
    pub sent_keys: HashSet<String>,
    /// Paths that were written or deleted.
    pub touched: HashSet<String>,
    /// Names of things that could not be made.
    pub failed: HashSet<String>,
    /// Texts from the tenant's earlier life.
    pub foreign: HashSet<String>,
    caller: String,
    created: HashSet<String>,
    written: BTreeMap<String, Map<String, Value>>,
    own_paths: HashSet<String>,
    posts: HashSet<String>,
}

impl Story {
    /// A story that this client tells.
    pub fn of(caller: &str) -> Story {
        Story { caller: caller.to_owned(), ..Story::default() }
    }

    /// Whether the cassette made this item.
    pub fn is_known(&self, item: &Value) -> bool {
        let Value::Object(members) = item else {
            return item.as_str().is_some_and(|text| self.created.contains(text));
        };
        let identity = IDENTITY.iter().chain(&["resource_server_identifier"]);
        let identity: Vec<&str> = identity.filter_map(|key| members.get(*key)?.as_str()).collect();
        let identifiers: Vec<&str> = identity.iter().copied().filter(|text| is_identifier(text)).collect();
        let telling = if identifiers.is_empty() { identity } else { identifiers };
        telling.iter().any(|text| self.created.contains(*text))
    }

    pub fn scope(&self, item: &Interaction) -> Scope {
        let writes = ["POST", "PUT", "DELETE"].contains(&item.method.as_str());
        let bindings = item.path.ends_with("/bindings") && item.method == "PATCH";
        let own = !names_in(&item.path).is_empty() || item.status >= 400 || writes || bindings;
        if own || self.own_paths.contains(&item.path) { Scope::Own } else { Scope::Tenant }
    }

    /// What the cassette wrote of the tenant-wide object at a path.
    pub fn written(&self, path: &str) -> Option<&Map<String, Value>> {
        self.written.get(path).filter(|written| !written.is_empty())
    }

    /// The reason why an interaction says nothing about another tenant, if there is one.
    pub fn why_unfair(&self, item: &Interaction) -> Option<&'static str> {
        let (status, path) = (item.status, item.path.as_str());
        if status == 429 || status >= 500 {
            return Some("recorded 429 or 5xx");
        }
        if !path.starts_with("/api/v2/") {
            let has = |key: &str| item.request.get(key).is_some();
            let own = item.request.get("grant_type").is_some_and(|grant| grant == "client_credentials")
                && has("client_secret");
            let comparable = path == "/oauth/token" && own && !has("organization");
            return (!comparable).then_some("authentication API: the tenant's own application, users or codes");
        }
        if sends_a_flag_that_another_tenant_locks(item) {
            return Some("changes a flag that only some tenants can change");
        }
        if path.starts_with("/api/v2/clients/cimd/") {
            return Some("the live service downloads a document from the internet");
        }
        let code = item.response.get("errorCode").and_then(Value::as_str);
        let told = item.response.to_string().to_lowercase();
        if status == 403 && PLAN.iter().any(|word| told.contains(word)) {
            return Some("limit of the recorded tenant's plan");
        }
        if status == 401 {
            return Some("recorded with other credentials");
        }
        if code == Some("insufficient_scope") {
            return Some("limit of the recorded token's scopes");
        }
        let about_the_id = status == 404 || status == 400 && code == Some("invalid_uri");
        if !about_the_id && names_in(path).iter().any(|name| !self.created.contains(name)) {
            return Some("names a thing that the cassette did not make");
        }
        if status < 400 && item.method != "GET" && self.refers_elsewhere(item) {
            return Some("refers to a thing that the cassette did not make");
        }
        if status == 409 && !self.posts.contains(path) {
            return Some("conflict with something that the cassette did not make");
        }
        None
    }

    fn refers_elsewhere(&self, item: &Interaction) -> bool {
        let path = item.path.as_str();
        let last = path.rsplit('/').next().unwrap_or_default();
        self.any_foreign(&item.request, last, path)
    }

    fn any_foreign(&self, value: &Value, key: &str, path: &str) -> bool {
        match value {
            Value::Object(members) => members
                .iter()
                .any(|(key, value)| !FREE_DATA.contains(&key.as_str()) && self.any_foreign(value, key, path)),
            Value::Array(items) => items.iter().any(|item| self.any_foreign(item, key, path)),
            Value::String(text) if REFERENCES.contains(&key) && !self.created.contains(text) => {
                let api = key == "resource_server_identifier" || key == "audience" && path == "/api/v2/client-grants";
                let new_user = key == "user_id" && path == "/api/v2/users";
                api && !text.ends_with("/api/v2/") || is_identifier(text) && !new_user && *text != self.caller
            }
            _ => false,
        }
    }

    /// Takes note of what an interaction sends.
    pub fn note_request(&mut self, item: &Interaction) {
        collect_texts(&item.request, &mut self.sent);
        collect_keys(&item.request, &mut self.sent_keys);
        item.query.values().for_each(|value| collect_texts(value, &mut self.sent));
        self.sent.extend(item.path.split('/').map(decoded));
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
            self.written.remove(path);
            self.own_paths.remove(path);
        }
    }

    /// Takes note of what an interaction made that was scored; `sent_before` is what had been sent before it.
    pub fn note_answer(&mut self, item: &Interaction, sent_before: &HashSet<String>) {
        if item.status >= 300 || self.scope(item) != Scope::Own {
            return;
        }
        let mut texts = HashSet::new();
        collect_texts(&item.response, &mut texts);
        texts.retain(|text| is_identifier(text) && !sent_before.contains(text) && !self.foreign.contains(text));
        self.created.extend(texts);
        if item.method != "POST" {
            return;
        }
        for source in [&item.request, &item.response].into_iter().filter_map(Value::as_object) {
            let named = IDENTITY.iter().chain(&NAMES).filter_map(|key| source.get(*key)?.as_str());
            self.created.extend(named.map(str::to_owned));
        }
        if let Value::Object(body) = &item.response
            && !body.contains_key("id")
            && names_in(&item.path).is_empty()
        {
            self.own_paths.insert(item.path.clone());
            if let Some(template) = body.get("template").and_then(Value::as_str) {
                self.own_paths.insert(format!("{}/{template}", item.path));
            }
        }
    }

    /// Takes note of an interaction that was sent, whatever came of it.
    pub fn note_sent(&mut self, item: &Interaction) {
        if item.method == "POST" && item.status < 300 {
            self.posts.insert(item.path.clone());
        }
    }

    /// Takes note of a list that shows the tenant's earlier life.
    pub fn note_strangers(&mut self, body: &Value) {
        let Some(list) = List::of(body) else { return };
        let mut texts = HashSet::new();
        list.items.iter().filter(|item| !self.is_known(item)).for_each(|item| collect_texts(item, &mut texts));
        texts.retain(|text| !self.created.contains(text));
        self.foreign.extend(texts);
    }

    /// The things in a path that could not be made, if any.
    pub fn follows_a_failure(&self, path: &str) -> bool {
        names_in(path).iter().any(|name| self.failed.contains(name))
    }
}

/// Whether the recorded tenant changed its flag `enable_sso`, which another of its flags allows and few tenants can.
fn sends_a_flag_that_another_tenant_locks(item: &Interaction) -> bool {
    item.status < 300
        && item.method == "PATCH"
        && item.request.pointer("/flags/enable_sso").is_some()
        && item.response.pointer("/flags/allow_changing_enable_sso") == Some(&Value::Bool(true))
}

/// Every text, at any depth.
pub(super) fn collect_texts(value: &Value, into: &mut HashSet<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| collect_texts(value, into)),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, into)),
        Value::String(text) => {
            into.insert(text.clone());
        }
        _ => {}
    }
}

fn mark_written(tree: &mut Map<String, Value>, body: &Map<String, Value>) {
    for (key, value) in body {
        match value {
            Value::Object(members) if !members.is_empty() => {
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
