//! A recorded body beside a live one: identifiers by reference, volatile values by shape, everything else exactly.

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
pub(super) use list::{IDENTITY, Page};
pub(super) use moment::Moment;

/// One place where two bodies differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// JSON pointer into the recorded body; `*` for an item that has no partner.
    pub pointer: String,
    /// In which way.
    pub kind: String,
    /// What was recorded there.
    pub(crate) recorded: Option<Value>,
    /// What the live answer has there.
    pub(crate) live: Option<Value>,
}

/// How much of a recorded body the cassette itself established.
#[derive(Clone, Copy)]
pub(super) enum Proven<'a> {
    /// All of it.
    All,
    /// Nothing: only its shape counts.
    Nothing,
    /// The members that it wrote.
    Written(&'a Map<String, Value>),
}

impl<'a> Proven<'a> {
    fn within(self, key: &str) -> Proven<'a> {
        match self {
            Proven::Written(members) => Proven::of(members.get(key)),
            other => other,
        }
    }

    /// By what was written of a value: `true`, or the members of an object.
    pub(super) fn of(written: Option<&'a Value>) -> Proven<'a> {
        match written {
            Some(Value::Object(members)) => Proven::Written(members),
            Some(Value::Bool(true)) => Proven::All,
            _ => Proven::Nothing,
        }
    }
}

/// What a comparison goes by.
pub(super) struct Basis<'a> {
    /// The requests of the cassette so far: a text that comes back must come back exactly.
    pub sent: &'a SentValues,
    /// Texts from the recorded tenant's earlier life.
    pub foreign: &'a HashSet<String>,
    /// The recorder printed the body from a structure of its own, so members may be lost.
    pub lenient: bool,
    /// Members that the recorder put in.
    pub injected: &'a [String],
    /// Whether the cassette made an item.
    pub known: &'a dyn Fn(&Value) -> bool,
    /// What other recordings show of the same resource; nothing where only the shape is compared.
    pub precedent: Option<&'a Precedent<'a>>,
}

/// One recorded body against one live body.
pub(super) struct Comparison<'a> {
    ids: &'a mut Identifiers,
    basis: &'a Basis<'a>,
    /// Where the items of a list stand, so that pointers within them are told from there.
    item_root: Option<String>,
    /// The name of the live thing that is compared. The service repeats it in other members.
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
