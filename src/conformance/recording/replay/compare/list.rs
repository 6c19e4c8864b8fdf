//! Lists: which item is which, what may be missing, and what stands beside the items.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::envelope::List;
use super::kind::type_of;
use super::{Basis, Comparison, Proven};
use crate::conformance::recording::cassette::Interaction;
use crate::conformance::recording::identifiers::is_identifier;

/// By which an item of a list is found again.
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
const NATURAL: [&str; 7] = ["identifier", "name", "email", "display_name", "value", "key", "domain"];
/// Members that hold the identifier of a thing.
const IDS: [&str; 5] = ["id", "client_id", "user_id", "connection_id", "custom_domain_id"];

impl Comparison<'_> {
    /// A whole list. The items that the cassette made count, and all items of a list that is its own.
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
        let among_foreigners = !foreign.is_empty();
        let shows_all = expected.items.len() < page.size;
        let Paired { pairs, lost, rest } = self.pair(known, actual.items.iter().enumerate().collect(), own);
        let Paired { pairs: foreign_pairs, rest: surplus, .. } = self.pair(foreign, rest, false);
        let (surplus, strangers): (Vec<_>, Vec<_>) =
            surplus.into_iter().partition(|(_, item)| own || self.was_made_here(item));
        let limit =
            actual.envelope.get("limit").and_then(|limit| limit.as_u64()).and_then(|limit| usize::try_from(limit).ok());
        let page_is_full = !strangers.is_empty() && actual.items.len() >= limit.unwrap_or(page.size);
        // On a later page, or among strangers on a full one, an own item may stand where the recorded tenant had another.
        let countable = own || !page.is_later && (shows_all || !among_foreigners);
        let paired: Vec<Vec<Option<&Value>>> = pairs.iter().map(|(_, (_, actual))| identity(actual)).collect();
        let surplus: Vec<_> =
            surplus.into_iter().filter(|(_, item)| countable || paired.contains(&identity(item))).collect();

        let order: Vec<usize> = pairs.iter().map(|(_, (place, _))| *place).collect();
        for (index, (expected, (_, actual))) in pairs.into_iter().enumerate() {
            self.value(expected, actual, &format!("{root}/{index}"), "", Proven::All);
        }
        let here = format!("{root}/*");
        for (expected, (_, actual)) in foreign_pairs {
            match (page.written)(expected).filter(|written| !written.is_empty()) {
                Some(written) => self.value(expected, actual, &here, "", Proven::Written(written)),
                None => {
                    // Learns its identifiers, scores nothing.
                    let basis = Basis { lenient: true, injected: &[], precedent: None, ..*self.basis };
                    Comparison::new(self.ids, &basis).value(expected, actual, "", "", Proven::Nothing);
                }
            }
        }
        self.unpaired(&here, if page_is_full { &[] } else { &lost }, &surplus);
        if !order.is_sorted() {
            self.notes.insert("order of items");
        }
        self.envelope(&expected, &actual, !among_foreigners && strangers.is_empty());
    }

    fn envelope(&mut self, recorded: &List<'_>, live: &List<'_>, countable: bool) {
        let keys: BTreeSet<&str> = recorded.envelope.keys().chain(live.envelope.keys()).copied().collect();
        for key in keys {
            let here = format!("/{key}");
            let (expected, actual) = (recorded.envelope.get(key).copied(), live.envelope.get(key).copied());
            if ["total", "length", "next"].contains(&key) && !countable {
                if key == "next" {
                    // A page token among strangers leads on all the same: later requests send it back.
                    if let (Some(Value::String(then)), Some(Value::String(now))) = (expected, actual) {
                        self.ids.learn(then, now);
                    }
                } else if !self.basis.lenient && (expected.is_none() || actual.is_none()) {
                    self.differ(&here, if actual.is_none() { "missing" } else { "extra" }, expected, actual);
                }
                continue;
            }
            match (expected, actual) {
                (Some(expected), Some(actual)) => self.value(expected, actual, &here, key, Proven::All),
                (Some(expected), None) if !(self.basis.lenient && is_nothing(expected)) => {
                    self.differ(&here, "missing", Some(expected), None);
                }
                (None, Some(actual)) if !self.basis.lenient => self.differ(&here, "extra", None, Some(actual)),
                _ => {}
            }
        }
    }

    /// Pairs items: by mapped identity, then by natural key, then, if asked, by place.
    pub(super) fn pair<'b>(
        &self,
        recorded: Vec<&'b Value>,
        live: Vec<(usize, &'b Value)>,
        by_place: bool,
    ) -> Paired<'b> {
        let (mut pairs, mut lost, mut rest) = (Vec::new(), Vec::new(), live);
        for item in recorded {
            match self.find(item, &rest) {
                Some(found) => pairs.push((item, rest.remove(found))),
                None => lost.push(item),
            }
        }
        if by_place && lost.len() == rest.len() {
            pairs.extend(lost.drain(..).zip(rest.drain(..)));
        }
        Paired { pairs, lost, rest }
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
            let not_yet_learnt = is_identifier(value) && self.ids.live_for(value).is_none();
            if not_yet_learnt || key == "permission_name" {
                continue;
            }
            let expected = self.ids.to_live(value);
            if let Some(found) = candidates.iter().position(|(_, other)| same(other, key, &expected)) {
                return Some(found);
            }
            if is_identifier(value) {
                return None;
            }
        }
        NATURAL.iter().find_map(|key| {
            let expected = self.ids.to_live(text(key).filter(|text| !text.is_empty())?);
            candidates.iter().position(|(_, other)| same(other, key, &expected) && !self.was_made_here(other))
        })
    }

    fn was_made_here(&self, item: &Value) -> bool {
        IDS.iter().any(|key| item.get(key).and_then(Value::as_str).is_some_and(|id| self.ids.is_learnt(id)))
    }

    pub(super) fn unpaired(&mut self, pointer: &str, lost: &[&Value], rest: &[(usize, &Value)]) {
        for item in lost {
            self.differ(pointer, "missing item", Some(item), None);
        }
        for (_, item) in rest {
            self.differ(pointer, "extra item", None, Some(item));
        }
    }
}

/// What is known of a list beside its content.
pub(crate) struct Page<'a> {
    /// Whether the cassette made everything in the list.
    pub own: bool,
    /// How many items the request asked for.
    pub size: usize,
    /// Whether the request asked for another page than the first.
    pub is_later: bool,
    /// What the cassette wrote of an item that belongs to the tenant as a whole.
    pub written: &'a dyn Fn(&Value) -> Option<&'a Map<String, Value>>,
}

impl<'a> Page<'a> {
    /// The page that a request asks for.
    pub(crate) fn of(
        item: &Interaction,
        own: bool,
        written: &'a dyn Fn(&Value) -> Option<&'a Map<String, Value>>,
    ) -> Page<'a> {
        /// The size of a page where the request does not say (documented).
        const USUAL: usize = 50;
        let parameter = |name: &str| item.query.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let size = parameter("take").or_else(|| parameter("per_page")).and_then(|size| size.parse().ok());
        let is_later = item.query.contains_key("from") || item.query.get("page").is_some_and(|page| page != "0");
        Page { own, size: size.unwrap_or(USUAL), is_later, written }
    }
}

/// Pairs of items, recorded ones without a partner, and live ones (with their places) without.
pub(super) struct Paired<'b> {
    pub pairs: Vec<(&'b Value, (usize, &'b Value))>,
    pub lost: Vec<&'b Value>,
    pub rest: Vec<(usize, &'b Value)>,
}

/// The members that tell an item from every other; an item without members is its own identity.
fn identity(item: &Value) -> Vec<Option<&Value>> {
    if item.is_object() { IDS.iter().map(|key| item.get(key)).collect() } else { vec![Some(item)] }
}

fn is_nothing(value: &Value) -> bool {
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
