//! What one scenario knows: the things it made, the last answer, and how to undo what it did.
//!
//! Texts of a scenario refer to what is known in braces: `{acme.id}` is the id of the thing
//! called "acme", `{answer.next}` a member of the last answer. Names made unique per scenario
//! let scenarios run side by side in one tenant.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde_json::{Value, json};

use crate::target::{Answer, Target, send};

#[derive(Debug, cucumber::World)]
#[world(init = Self::new)]
pub struct World {
    /// Ends every name that this scenario gives to something.
    label: String,
    known: BTreeMap<String, Value>,
    undo: Vec<Undo>,
    last: Option<Answer>,
    /// Everything that a walk over pages brought.
    pub items: Vec<Value>,
}

/// One step back to the tenant as it was before the scenario.
#[derive(Debug)]
enum Undo {
    Delete(String),
    Patch(String, Value),
}

static SCENARIOS: AtomicUsize = AtomicUsize::new(0);

impl World {
    fn new() -> World {
        let number = SCENARIOS.fetch_add(1, Ordering::Relaxed);
        let run = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let known = Target::current().facts().map(|(name, facts)| (name.to_owned(), facts));
        World {
            label: format!("{run:x}-{number}"),
            known: known.into(),
            undo: Vec::new(),
            last: None,
            items: Vec::new(),
        }
    }

    /// The name that the tenant sees for what the scenario calls `name`.
    pub fn unique(&self, name: &str) -> String {
        format!("{}-{}", name.replace(' ', "-"), self.label)
    }

    pub fn remember(&mut self, name: &str, value: Value) {
        self.known.insert(name.to_owned(), value);
    }

    /// The text of `path` ("acme.id") among what is known.
    pub fn get(&self, path: &str) -> String {
        match self.find(path) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => panic!("nothing is known as {{{path}}}; known: {:?}", self.known),
        }
    }

    fn find(&self, path: &str) -> Option<&Value> {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        member(self.known.get(name)?, rest)
    }

    /// `text` with every `{name.member}` replaced by what it stands for.
    pub fn fill(&self, text: &str) -> String {
        self.fill_with(text, |value| value)
    }

    /// The same for a path with a query string, where a value is one segment or one parameter.
    pub fn fill_path(&self, text: &str) -> String {
        self.fill_with(text, |value| {
            percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC).to_string()
        })
    }

    fn fill_with(&self, text: &str, write: impl Fn(String) -> String) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            filled.push_str(&rest[..open]);
            rest = &rest[open..];
            match rest.find('}').map(|close| (&rest[1..close], &rest[close + 1..])) {
                Some((path, after)) if is_reference(path) => {
                    filled.push_str(&write(self.get(path)));
                    rest = after;
                }
                _ => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled + rest
    }

    /// A JSON text of a scenario, references filled in.
    pub fn json(&self, text: &str) -> Value {
        let filled = self.fill(text);
        serde_json::from_str(&filled).unwrap_or_else(|error| panic!("not JSON ({error}): {filled}"))
    }

    /// A cell of a table: what it refers to, or JSON where it is JSON, else a text.
    pub fn cell(&self, text: &str) -> Value {
        // An id of digits only is a text as well.
        if let Some(value) = text.strip_prefix('{').and_then(|text| self.find(text.strip_suffix('}')?)) {
            return value.clone();
        }
        let filled = self.fill(text);
        serde_json::from_str(&filled).unwrap_or(Value::String(filled))
    }

    pub fn last(&self) -> &Answer {
        self.last.as_ref().unwrap_or_else(|| panic!("nothing was asked yet"))
    }

    /// The token of the last answer, or the one given before it.
    pub fn token(&self) -> String {
        self.get("token")
    }

    /// Keeps an answer, and the token in it if there is one.
    pub fn keep(&mut self, answer: Answer) {
        if let Some(token) = answer.body["access_token"].as_str() {
            self.known.insert("token".to_owned(), json!(token));
        }
        self.known.insert("answer".to_owned(), answer.body.clone());
        self.last = Some(answer);
    }

    /// Calls the Management API as the management application, and remembers how to undo it.
    pub async fn call(&mut self, method: Method, path: &str, body: Option<Value>) {
        let bearer = format!("Bearer {}", Target::current().management_token().await);
        self.call_as(Some(&bearer), method, path, body).await;
    }

    /// Calls the Management API with an `Authorization` header of the scenario's choice.
    pub async fn call_as(&mut self, authorization: Option<&str>, method: Method, path: &str, body: Option<Value>) {
        let restore = match &body {
            Some(body) if method == Method::PATCH && path == "/tenants/settings" => {
                Some(Undo::Patch(path.to_owned(), self.settings_before(body).await))
            }
            _ => None,
        };
        let mut request = Target::current().request(method.clone(), &format!("/api/v2{path}"));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        if let Some(body) = &body {
            request = request.json(body);
        }
        let answer = send(request).await;
        if method == Method::POST && matches!(answer.status, 200 | 201) {
            self.undo.extend(undo_of_create(path, &answer.body).map(Undo::Delete));
        }
        if answer.status == 200 {
            self.undo.extend(restore);
        }
        self.keep(answer);
    }

    /// Creates something for the scenario's story and remembers it as `name`.
    pub async fn create(&mut self, name: &str, path: &str, body: Value) {
        self.call(Method::POST, path, Some(body)).await;
        let answer = self.last();
        assert!(matches!(answer.status, 200 | 201), "POST {path} for \"{name}\" answered {answer}");
        let made = answer.body.clone();
        self.remember(name, made);
    }

    /// The members of the tenant settings that `patch` is about to change, as they are now.
    async fn settings_before(&self, patch: &Value) -> Value {
        let request = Target::current()
            .request(Method::GET, "/api/v2/tenants/settings")
            .bearer_auth(Target::current().management_token().await);
        let settings = send(request).await.body;
        let members = patch.as_object().into_iter().flatten();
        members.map(|(name, _)| (name.clone(), settings[name.as_str()].clone())).collect()
    }

    /// Takes back what the scenario did, the last thing first.
    pub async fn clean_up(&mut self) {
        let target = Target::current();
        let token = target.management_token().await;
        while let Some(undo) = self.undo.pop() {
            let request = match &undo {
                Undo::Delete(path) => target.request(Method::DELETE, &format!("/api/v2{path}")),
                Undo::Patch(path, body) => target.request(Method::PATCH, &format!("/api/v2{path}")).json(body),
            };
            let answer = send(request.bearer_auth(token)).await;
            // The scenario may have deleted it itself.
            assert!(matches!(answer.status, 200 | 202 | 204 | 404), "{undo:?} answered {answer}");
        }
    }
}

/// The member of `value` at `path`, names joined by dots; the empty path is the value itself.
pub fn member<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return Some(value);
    }
    path.split('.').try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

/// Whether what stands in braces is a reference, and not the inside of a JSON object.
fn is_reference(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.'))
}

/// The path that deletes what a create on `path` made, if that is something of its own.
fn undo_of_create(path: &str, made: &Value) -> Option<String> {
    let id = match path {
        "/clients" => &made["client_id"],
        "/client-grants" | "/connections" | "/organizations" | "/resource-servers" | "/roles" => &made["id"],
        "/users" => &made["user_id"],
        _ => return None,
    };
    // The id of a user holds a `|`.
    let id = percent_encoding::utf8_percent_encode(id.as_str()?, percent_encoding::NON_ALPHANUMERIC);
    Some(format!("{path}/{id}"))
}
