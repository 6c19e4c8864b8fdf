//! Reads a tenant for an export: the answers of the Management API, with names instead of ids.

use std::cell::RefCell;
use std::collections::HashMap;

use http::Method;
use serde_json::{Map, Value};

use super::kinds::{Kind, List, Traits, text};
use super::segment;

/// The text that replaces a secret, or a value that the Management API never shows. The Management API has the same text for
/// the secrets of hooks.
pub(crate) const NOT_SHOWN: &str = "_VALUE_NOT_SHOWN_";

type Entry = Map<String, Value>;

/// A tenant whose sections are read.
pub(crate) trait Readable {
    /// The answer of the Management API to a `GET`; `None` for a refusal.
    fn get(&self, path: &str) -> Option<Value>;
    /// All entities of a list.
    fn list(&self, path: &str, list: List) -> Vec<Value>;
    /// The paths of the settings documents that were written.
    fn documents(&self) -> Vec<String>;
    /// The id of the management application.
    fn management_client(&self) -> String;
    /// The identifier of the Management API.
    fn management_audience(&self) -> String;
    /// Removes the members that an operation does not accept.
    fn keep_known(&self, method: Method, path: &str, body: &mut Value);
    /// Replaces the secrets in the answer of a path by [`NOT_SHOWN`], unless the export has secrets.
    fn hide(&self, path: &str, answer: &mut Value);
    /// Whether the export has secrets.
    fn shows_secrets(&self) -> bool;
}

/// Reads a tenant, and remembers the names of its entities.
pub(crate) struct Reader<'t> {
    pub(super) tenant: &'t dyn Readable,
    documents: Vec<String>,
    /// The names of each kind by id, as far as they are unique.
    names: RefCell<HashMap<Kind, HashMap<String, String>>>,
}

/// Adds members of an answer and of further answers to an entry.
pub(super) type Complete = fn(&mut Entry, &Entry, &Reader<'_>);

impl<'t> Reader<'t> {
    pub(super) fn of(tenant: &'t dyn Readable) -> Reader<'t> {
        Reader { tenant, documents: tenant.documents(), names: RefCell::default() }
    }

    pub(super) fn get(&self, path: &str) -> Option<Value> {
        self.tenant.get(path)
    }

    pub(super) fn list(&self, path: &str, list: List) -> Vec<Value> {
        self.tenant.list(path, list)
    }

    /// A template with the id of an entity instead of `{id}`.
    pub(super) fn below(template: &str, entity: &Entry) -> String {
        template.replace("{id}", &segment(text(entity, "id").unwrap_or_default()))
    }

    /// The settings document at a path, with the members that the operation accepts which writes it. `None` if no request wrote it.
    pub(super) fn document(&self, method: Method, path: &str) -> Option<Entry> {
        let is_written = self.documents.iter().any(|written| written == path);
        let mut document = is_written.then(|| self.get(path)).flatten()?;
        self.tenant.hide(path, &mut document);
        self.tenant.keep_known(method, path, &mut document);
        let mut document = object(document);
        document.retain(|_, value| !value.is_null());
        Some(document)
    }

    /// The paths of written documents that match a template, each with the values of its parameters.
    pub(super) fn written(&self, template: &str) -> Vec<(&str, Vec<(String, String)>)> {
        let fits = |path: &str| {
            let (steps, parts) = (template.split('/'), path.split('/'));
            if steps.clone().count() != parts.clone().count() {
                return None;
            }
            let mut values = Vec::new();
            for (step, part) in steps.zip(parts) {
                match step.strip_prefix('{').and_then(|step| step.strip_suffix('}')) {
                    Some(member) => values.push((member.to_owned(), part.to_owned())),
                    None if step == part => {}
                    None => return None,
                }
            }
            Some(values)
        };
        self.documents.iter().filter_map(|path| Some((path.as_str(), fits(path)?))).collect()
    }

    /// The name of an entity, or its id if several have the name.
    pub(super) fn name(&self, kind: Kind, id: &str) -> String {
        let mut names = self.names.borrow_mut();
        let of_kind = names.entry(kind).or_insert_with(|| self.names_of(kind.traits()));
        of_kind.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    fn names_of(&self, traits: &Traits) -> HashMap<String, String> {
        let Some(member) = traits.named_by.first() else { return HashMap::new() };
        let entities = self.tenant.list(traits.path, traits.list);
        let named =
            |entity: &Value| Some((entity[traits.id].as_str()?.to_owned(), entity[*member].as_str()?.to_owned()));
        let all: Vec<(String, String)> = entities.iter().filter_map(named).collect();
        let mut uses: HashMap<String, usize> = HashMap::new();
        all.iter().for_each(|(_, name)| *uses.entry(name.clone()).or_default() += 1);
        all.into_iter().filter(|(_, name)| uses.get(name) == Some(&1)).collect()
    }
}

/// The members of an object; anything else has none.
pub(super) fn object(value: Value) -> Entry {
    match value {
        Value::Object(members) => members,
        _ => Entry::new(),
    }
}
