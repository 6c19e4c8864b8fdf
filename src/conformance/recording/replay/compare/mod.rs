//! Compares a recorded body with a live one: identifiers by reference, volatile values by form, everything else exactly.

mod envelope;
mod kind;
mod list;
mod moment;
mod value;

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::evidence::Precedent;
use super::sent::SentValues;
use crate::conformance::recording::identifiers::Identifiers;

pub(super) use envelope::List;
pub(super) use kind::{kind_of, starred};
pub(super) use list::{IDENTITY, IDS, Page};
pub(super) use moment::Moment;

/// The note about a list without an order.
pub(super) const ORDER_OF_VALUES: &str = "order of values";

/// One difference between two bodies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// JSON pointer into the recorded body; `*` for an item without a partner.
    pub pointer: String,
    /// The kind of difference.
    pub kind: String,
    /// The recorded value.
    pub(crate) recorded: Option<Value>,
    /// The live value.
    pub(crate) live: Option<Value>,
}

/// The part of a recorded body that follows from the requests of the cassette.
#[derive(Clone, Copy)]
pub(super) enum Proven<'a> {
    /// The whole body.
    All,
    /// Nothing: only its shape counts.
    Nothing,
    /// The members that the cassette wrote.
    Written(&'a Map<String, Value>),
}

impl<'a> Proven<'a> {
    fn member(self, key: &str) -> Proven<'a> {
        match self {
            Proven::Written(members) => Proven::of(members.get(key)),
            other => other,
        }
    }

    /// From the tree of written members: `true`, or the members of an object.
    pub(super) fn of(written: Option<&'a Value>) -> Proven<'a> {
        match written {
            Some(Value::Object(members)) => Proven::Written(members),
            Some(Value::Bool(true)) => Proven::All,
            _ => Proven::Nothing,
        }
    }
}

/// The context of a comparison.
pub(super) struct Basis<'a> {
    /// The values that the cassette has sent so far, whose echoes must be exact.
    pub sent: &'a SentValues,
    /// Texts from the recorded tenant's earlier data.
    pub foreign: &'a HashSet<String>,
    /// Whether the recorder printed the body from a typed structure, so that members may be missing.
    pub lenient: bool,
    /// Members that the recorder added.
    pub injected: &'a [String],
    /// Whether the cassette created an item.
    pub known: &'a dyn Fn(&Value) -> bool,
    /// The evidence of other recordings about the same resource; `None` where only the shape is compared.
    pub precedent: Option<&'a Precedent<'a>>,
}

/// The comparison of a recorded body with a live body.
pub(super) struct Comparison<'a> {
    ids: &'a mut Identifiers,
    basis: &'a Basis<'a>,
    /// The pointer of the items of a list. Pointers member an item are relative to it.
    item_root: Option<String>,
    /// The name of the live entity, which the service repeats in other members.
    name: Option<String>,
    pub differences: Vec<Difference>,
    pub notes: BTreeSet<&'static str>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(ids: &'a mut Identifiers, basis: &'a Basis<'a>) -> Self {
        Comparison { ids, basis, item_root: None, name: None, differences: Vec::new(), notes: BTreeSet::new() }
    }

    pub(super) fn differ(
        &mut self,
        pointer: &str,
        kind: impl Into<String>,
        recorded: Option<&Value>,
        live: Option<&Value>,
    ) {
        self.differences.push(Difference {
            pointer: pointer.to_owned(),
            kind: kind.into(),
            recorded: recorded.cloned(),
            live: live.cloned(),
        });
    }
}

#[cfg(test)]
mod tests;
