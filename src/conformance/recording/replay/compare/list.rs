//! Compares lists: pairs their items, decides which items may be missing, and compares the envelope.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::envelope::List;
use super::kind::type_of;
use super::{Basis, Comparison, Proven};
use crate::conformance::recording::cassette::Interaction;
use crate::conformance::recording::identifiers::is_identifier;

/// Members that identify an item of a list, in order of preference.
pub(crate) const IDENTITY: [&str; 11] = [
    "id",
    "client_id",
    "user_id",
    "connection_id",
    "custom_domain_id",
    "token_id",
    "template",
    "key",
    "identifier",
    "permission_name",
    "name",
];
/// Members that identify an item whose id is not mapped yet.
const NATURAL: [&str; 7] = ["identifier", "name", "email", "display_name", "value", "key", "domain"];
/// Members that contain a generated identifier.
pub(crate) const IDS: [&str; 5] = ["id", "client_id", "user_id", "connection_id", "custom_domain_id"];

impl Comparison<'_> {
    /// Compares two lists. Items that the cassette created count, and all items of a list that is its own.
    pub(crate) fn list(&mut self, recorded: &Value, live: &Value, page: &Page<'_>) {
        let own = page.own;
        let Some(expected) = List::of(recorded) else { return };
        let actual = match List::of(live) {
            Some(actual) if actual.key == expected.key => actual,
            _ => {
                let kind = format!("envelope {} -> {}", envelope_kind(recorded), envelope_kind(live));
                self.differ("", kind, Some(&keys_of(recorded)), Some(&keys_of(live)));
                return;
            }
        };
        let root = expected.key.map(|key| format!("/{key}")).unwrap_or_default();
        self.item_root = Some(root.clone());
        let (known, foreign): (Vec<&Value>, Vec<&Value>) =
            expected.items.iter().partition(|item| own || (self.basis.known)(item));
        let has_foreign = !foreign.is_empty();
        let is_complete = expected.items.len() < page.size;
        let Paired { pairs, missing, surplus } = self.pair(known, actual.items.iter().enumerate().collect(), own);
        let Paired { pairs: foreign_pairs, surplus, .. } = self.pair(foreign, surplus, false);
        let (surplus, live_foreign): (Vec<_>, Vec<_>) =
            surplus.into_iter().partition(|(_, item)| own || self.was_created_here(item));
        let limit =
            actual.envelope.get("limit").and_then(|limit| limit.as_u64()).and_then(|limit| usize::try_from(limit).ok());
        let page_is_full = !live_foreign.is_empty() && actual.items.len() >= limit.unwrap_or(page.size);
        // On a later page, or on a full page with foreign items, an own item may take the place of a foreign item of the recording.
        let countable = own || !page.is_later && (is_complete || !has_foreign);
        let paired: Vec<Vec<Option<&Value>>> = pairs.iter().map(|(_, (_, actual))| identity(actual)).collect();
        let surplus: Vec<_> =
            surplus.into_iter().filter(|(_, item)| countable || paired.contains(&identity(item))).collect();

        let order: Vec<usize> = pairs.iter().map(|(_, (index, _))| *index).collect();
        for (index, (expected, (_, actual))) in pairs.into_iter().enumerate() {
            self.value(expected, actual, &format!("{root}/{index}"), "", Proven::All);
        }
        let here = format!("{root}/*");
        for (expected, (_, actual)) in foreign_pairs {
            match (page.written)(expected).filter(|written| !written.is_empty()) {
                Some(written) => self.value(expected, actual, &here, "", Proven::Written(written)),
                None => {
                    // Maps its identifiers and scores nothing.
                    let basis = Basis { lenient: true, injected: &[], precedent: None, ..*self.basis };
                    Comparison::new(self.ids, &basis).value(expected, actual, "", "", Proven::Nothing);
                }
            }
        }
        self.unpaired(&here, if page_is_full { &[] } else { &missing }, &surplus);
        if !order.is_sorted() {
            self.notes.insert("order of items");
        }
        self.envelope(&expected, &actual, !has_foreign && live_foreign.is_empty());
    }

    fn envelope(&mut self, recorded: &List<'_>, live: &List<'_>, countable: bool) {
        let keys: BTreeSet<&str> = recorded.envelope.keys().chain(live.envelope.keys()).copied().collect();
        for key in keys {
            let here = format!("/{key}");
            let (expected, actual) = (recorded.envelope.get(key).copied(), live.envelope.get(key).copied());
            if ["total", "length", "next"].contains(&key) && !countable {
                if key == "next" {
                    // Later requests send this page token back, even in a list of foreign items.
                    if let (Some(Value::String(expected)), Some(Value::String(actual))) = (expected, actual) {
                        self.ids.learn(expected, actual);
                    }
                } else if !self.basis.lenient && (expected.is_none() || actual.is_none()) {
                    self.differ(&here, if actual.is_none() { "missing" } else { "extra" }, expected, actual);
                }
                continue;
            }
            match (expected, actual) {
                (Some(expected), Some(actual)) => self.value(expected, actual, &here, key, Proven::All),
                (Some(expected), None) if !(self.basis.lenient && is_empty_value(expected)) => {
                    self.differ(&here, "missing", Some(expected), None);
                }
                (None, Some(actual)) if !self.basis.lenient => self.differ(&here, "extra", None, Some(actual)),
                _ => {}
            }
        }
    }

    /// Pairs items by mapped identity, then by natural key, then, with `by_position`, by position.
    pub(super) fn pair<'b>(
        &self,
        recorded: Vec<&'b Value>,
        live: Vec<(usize, &'b Value)>,
        by_position: bool,
    ) -> Paired<'b> {
        let (mut pairs, mut missing, mut surplus) = (Vec::new(), Vec::new(), live);
        for item in recorded {
            match self.find(item, &surplus) {
                Some(index) => pairs.push((item, surplus.remove(index))),
                None => missing.push(item),
            }
        }
        if by_position && missing.len() == surplus.len() {
            pairs.extend(missing.drain(..).zip(surplus.drain(..)));
        }
        Paired { pairs, missing, surplus }
    }

    fn find(&self, item: &Value, candidates: &[(usize, &Value)]) -> Option<usize> {
        let Value::Object(members) = item else {
            let expected = self.ids.value_to_live(item);
            return candidates.iter().position(|(_, other)| **other == expected);
        };
        let text = |key: &str| members.get(key).and_then(Value::as_str);
        let same = |other: &Value, key: &str, expected: &str| {
            other.get(key).and_then(Value::as_str) == Some(expected)
                && other.get("permission_name") == members.get("permission_name")
        };
        for key in IDENTITY {
            let Some(value) = text(key) else { continue };
            let is_unmapped = is_identifier(value) && self.ids.live_for(value).is_none();
            if is_unmapped || key == "permission_name" {
                continue;
            }
            let expected = self.ids.to_live(value);
            if let Some(index) = candidates.iter().position(|(_, other)| same(other, key, &expected)) {
                return Some(index);
            }
            if is_identifier(value) {
                return None;
            }
        }
        NATURAL.iter().find_map(|key| {
            let expected = self.ids.to_live(text(key).filter(|text| !text.is_empty())?);
            candidates.iter().position(|(_, other)| same(other, key, &expected) && !self.was_created_here(other))
        })
    }

    fn was_created_here(&self, item: &Value) -> bool {
        IDS.iter().any(|key| item.get(key).and_then(Value::as_str).is_some_and(|id| self.ids.is_learnt(id)))
    }

    pub(super) fn unpaired(&mut self, pointer: &str, missing: &[&Value], surplus: &[(usize, &Value)]) {
        for item in missing {
            self.differ(pointer, "missing item", Some(item), None);
        }
        for (_, item) in surplus {
            self.differ(pointer, "extra item", None, Some(item));
        }
    }
}

/// The page of a list, as the request describes it.
pub(crate) struct Page<'a> {
    /// Whether the cassette created every item of the list.
    pub own: bool,
    /// The number of items that the request asks for.
    pub size: usize,
    /// Whether the request asks for a page after the first.
    pub is_later: bool,
    /// The members that the cassette wrote of an item that belongs to the whole tenant.
    pub written: &'a dyn Fn(&Value) -> Option<&'a Map<String, Value>>,
}

impl<'a> Page<'a> {
    /// The page that a request asks for.
    pub(crate) fn of(
        item: &Interaction,
        own: bool,
        written: &'a dyn Fn(&Value) -> Option<&'a Map<String, Value>>,
    ) -> Page<'a> {
        /// The default page size (documented).
        const DEFAULT_SIZE: usize = 50;
        let parameter = |name: &str| item.query.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let size = parameter("take").or_else(|| parameter("per_page")).and_then(|size| size.parse().ok());
        let is_later = item.query.contains_key("from") || item.query.get("page").is_some_and(|page| page != "0");
        Page { own, size: size.unwrap_or(DEFAULT_SIZE), is_later, written }
    }
}

/// Pairs of items, recorded items without a partner, and live items without a partner. Live items have their indexes.
pub(super) struct Paired<'b> {
    pub pairs: Vec<(&'b Value, (usize, &'b Value))>,
    pub missing: Vec<&'b Value>,
    pub surplus: Vec<(usize, &'b Value)>,
}

/// The identity of an item: its ids, or the item itself if it is not an object.
fn identity(item: &Value) -> Vec<Option<&Value>> {
    if item.is_object() { IDS.iter().map(|key| item.get(key)).collect() } else { vec![Some(item)] }
}

fn is_empty_value(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

fn envelope_kind(body: &Value) -> String {
    match List::of(body) {
        None => type_of(body).to_owned(),
        Some(List { key: None, .. }) => "array".to_owned(),
        Some(List { key: Some(key), .. }) => format!("{{{key}}}"),
    }
}

fn keys_of(body: &Value) -> Value {
    match body {
        Value::Object(members) => members.keys().cloned().collect(),
        other => type_of(other).into(),
    }
}
