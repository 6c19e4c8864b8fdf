//! Snapshots: the entities and requests of a tenant as a text that is equal in each run.
//!
//! References replace ids (`<org:granite-tours>`), secrets are left out, and times are shown only if the clock was frozen from the
//! start. Unchanged entities of a new tenant are left out.

pub(super) mod baseline;
mod references;

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::journal::{JournalEntry, TokenDecision, printable};
use super::lock::lock;
use super::tenant::Tenant;
use crate::domain::clock::Mode;
use crate::store::{KINDS, State};
use baseline::{members, shown};
use references::References;

/// The entities and requests of a tenant, in a form that is equal in each run of a test.
///
/// It prints as lines and serializes as an object with `state` and `requests`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// Entities by kind and reference, and relations.
    state: BTreeMap<&'static str, Section>,
    /// The journal, oldest first.
    requests: Vec<Value>,
    #[serde(skip)]
    lines: Vec<String>,
}

/// One kind of things.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Section {
    /// Each with its members.
    Things(BTreeMap<String, BTreeMap<String, Value>>),
    /// Which of them belong together.
    Relations(Vec<String>),
    /// Members of the tenant itself.
    Members(BTreeMap<String, Value>),
}

impl Tenant {
    /// The present state of the tenant, for a caller that reaches it at this authority (`127.0.0.1:8080`).
    pub fn snapshot(&self, authority: &str) -> Snapshot {
        let entries = self.requests();
        let state = self.state().clone();
        let moments = matches!(lock(&self.initial).clock, Mode::Frozen { .. });
        let mut references = References::of(&state, authority, moments);
        let baseline = LazyCell::new(|| self.baseline.render(authority, moments));
        let state = self.shown_state(&state, &mut references, |name, members| baseline.get(name) == Some(members));
        let (requests, lines) = entries.into_iter().map(|entry| request(entry, &mut references)).unzip();
        Snapshot { state, requests, lines }
    }

    /// Without the things that were there from the beginning, by themselves or by how they are shown.
    fn shown_state(
        &self,
        state: &State,
        references: &mut References,
        is_in_baseline: impl Fn(&str, &BTreeMap<String, Value>) -> bool,
    ) -> BTreeMap<&'static str, Section> {
        let mut sections = BTreeMap::new();
        for spec in KINDS {
            let (collection, mut things) = (&state[spec.kind], BTreeMap::new());
            for seq in collection.order().iter() {
                let (Some(id), Some(document)) = (collection.id_at(seq), collection.at(seq)) else { continue };
                if self.baseline.holds(document) {
                    continue;
                }
                let (reference, members) = (references.text(id), members(shown(document), references));
                if !is_in_baseline(&reference, &members) {
                    things.insert(reference, members);
                }
            }
            if !things.is_empty() {
                sections.insert(spec.name, Section::Things(things));
            }
        }
        for (kind, related) in state.relations() {
            let line = |ids: &Vec<&str>| ids.iter().map(|id| references.text(id)).collect::<Vec<_>>().join(" ");
            let lines: Vec<String> = related.iter().map(line).collect();
            if !lines.is_empty() {
                sections.insert(kind, Section::Relations(lines));
            }
        }
        let baseline = self.baseline.state.settings.tenant();
        let changed = members(
            state.settings.tenant().iter().filter(|(name, value)| baseline.get(*name) != Some(*value)),
            references,
        );
        if !changed.is_empty() {
            sections.insert("settings", Section::Members(changed));
        }
        sections
    }
}

/// A request as an object and as a line.
fn request(mut entry: JournalEntry, references: &mut References) -> (Value, String) {
    let moments = references.shows_moments();
    entry.at = references.text(&entry.at);
    for text in std::iter::once(&mut entry.path).chain(&mut entry.refusal).chain(&mut entry.client_id) {
        *text = references.text(text).into();
    }
    if let Some(decision) = &mut entry.token {
        let TokenDecision { why, client_id, audience, organization, organization_id, scope, .. } = decision;
        let rest = [client_id, audience, organization, organization_id, scope].into_iter().flatten();
        let rest = rest.chain(&mut decision.client_authentication_error).chain(&mut decision.console);
        for text in std::iter::once(why).chain(rest) {
            *text = references.text(text).into();
        }
        for lookup in decision.facts.lookups_mut() {
            for text in std::iter::once(&mut lookup.value).chain(lookup.found.as_mut().map(|found| &mut found.id)) {
                *text = references.text(text).into();
            }
        }
    }
    let line = entry.to_string();
    // Every entry begins with its time.
    let line = if moments { line } else { line.split_once(' ').map(|(_, rest)| rest.to_owned()).unwrap_or_default() };
    let line = format!("{} {line}", entry.number);
    let Ok(Value::Object(mut object)) = serde_json::to_value(entry) else { return (Value::Null, line) };
    if !moments {
        object.remove("at");
    }
    let object: BTreeMap<String, Value> = object.into_iter().collect();
    (object.into_iter().collect(), line)
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, section) in &self.state {
            writeln!(f, "{kind}:")?;
            match section {
                Section::Things(things) => {
                    for (reference, members) in things {
                        writeln!(f, "  {}:", printable(reference))?;
                        write_members(f, "    ", members)?;
                    }
                }
                Section::Relations(lines) => lines.iter().try_for_each(|line| writeln!(f, "  {}", printable(line)))?,
                Section::Members(members) => write_members(f, "  ", members)?,
            }
        }
        if !self.lines.is_empty() {
            writeln!(f, "requests:")?;
        }
        self.lines.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

fn write_members(f: &mut fmt::Formatter<'_>, indent: &str, members: &BTreeMap<String, Value>) -> fmt::Result {
    members.iter().try_for_each(|(name, value)| writeln!(f, "{indent}{}: {value}", printable(name)))
}
