//! The state of a new tenant, which a snapshot leaves out, and the members of its documents in a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::references::References;
use crate::api::journal::MASK;
use crate::redaction;
use crate::store::{Document, KINDS, State};

/// The state of a new tenant. A snapshot leaves out what has not changed since.
#[derive(Debug)]
pub(in crate::api) struct Baseline {
    pub(super) state: Arc<State>,
}

impl Baseline {
    pub(in crate::api) fn with(state: Arc<State>) -> Baseline {
        Baseline { state }
    }

    /// Whether a document belongs to every new tenant and is unchanged.
    pub(super) fn holds(&self, document: &Document) -> bool {
        let mut baseline = KINDS.iter().flat_map(|spec| self.state[spec.kind].iter());
        baseline.any(|baseline| Document::ptr_eq(baseline, document) || shown(baseline).eq(shown(document)))
    }

    /// The things as a snapshot would show them. A state that was imported began with others, unlike these in their ids and
    /// secrets only.
    pub(super) fn render(&self, authority: &str, moments: bool) -> BTreeMap<String, BTreeMap<String, Value>> {
        let mut references = References::of(&self.state, authority, moments);
        let mut things = BTreeMap::new();
        for collection in KINDS.iter().map(|spec| &self.state[spec.kind]) {
            for seq in collection.order().iter() {
                let (Some(id), Some(document)) = (collection.id_at(seq), collection.at(seq)) else { continue };
                things.insert(references.text(id), members(shown(document), &mut references));
            }
        }
        things
    }
}

/// The members that a snapshot shows. Keys with which tokens are signed are the tenant's, and long.
pub(super) fn shown(document: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    document.iter().filter(|(name, _)| *name != "signing_keys")
}

pub(super) fn members<'d>(
    document: impl Iterator<Item = (&'d String, &'d Value)>,
    references: &mut References,
) -> BTreeMap<String, Value> {
    let mut document = Value::Object(document.map(|(name, held)| (name.clone(), held.clone())).collect());
    redaction::value(&mut document, "/api/v2/", MASK);
    let document = document.as_object().into_iter().flatten();
    document.map(|(name, held)| (name.clone(), value(name, held, references))).collect()
}

/// A value with its members in the order of their names.
fn value(name: &str, held: &Value, references: &mut References) -> Value {
    match held {
        Value::String(_) if is_drawn(name) => MASK.into(),
        Value::String(text) => references.text(text).into(),
        Value::Array(items) => items.iter().map(|item| value(name, item, references)).collect(),
        // Built anew, in the order of names: the user's build may keep the order of insertion.
        Value::Object(inner) => {
            let members: BTreeMap<&String, Value> =
                inner.iter().map(|(name, held)| (name, value(name, held, references))).collect();
            members.into_iter().map(|(name, held)| (name.clone(), held)).collect()
        }
        other => other.clone(),
    }
}

/// Whether a member with this name holds a text that is drawn or made anew in each run, without being a secret.
fn is_drawn(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["private", "recovery", "key", "pem", "cert", "pkcs"].iter().any(|word| name.contains(word))
}
