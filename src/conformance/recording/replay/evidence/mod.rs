//! Evidence from all recordings together. The service changes over the years. Newer recordings show which members it has added,
//! dropped, or started to echo since an older recording.

mod agreement;
mod creations;
mod dates;
mod echoes;
mod members;
mod order;
mod settings;

use std::collections::BTreeSet;

use serde_json::Value;

use super::sent::{SentValues, key_of};
use crate::conformance::recording::cassette::{Altered, Cassette, Interaction};
use crate::conformance::recording::identifiers::template;

use creations::Creations;
use dates::Dates;
use echoes::Echoes;
use members::Members;
use order::Unordered;
use settings::Settings;

pub(super) use settings::pointers;

/// The evidence of a corpus.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    dates: Dates,
    members: Members,
    creations: Creations,
    echoes: Echoes,
    settings: Settings,
    unordered: Unordered,
}

impl Evidence {
    /// Reads the cassettes of the replay, and further ones.
    pub(super) fn of(corpus: &[Cassette], further: &[Cassette]) -> Evidence {
        let cassettes = || corpus.iter().chain(further);
        let mut evidence = Evidence { dates: Dates::of(cassettes()), ..Evidence::default() };
        for cassette in cassettes() {
            evidence.learn(cassette);
        }
        evidence.settings = Settings::of(cassettes());
        evidence
    }

    /// The same with what can be inferred: which lists have no order, and which settings are a tenant's own choice.
    pub(super) fn with_inferences(mut self, corpus: &[Cassette], further: &[Cassette]) -> Evidence {
        corpus.iter().chain(further).for_each(|cassette| self.unordered.learn(cassette, kind_of_resource));
        self.settings.forget_choices();
        self
    }

    fn learn(&mut self, cassette: &Cassette) {
        let date = self.dates.of_cassette(cassette);
        let mut sent = SentValues::default();
        for item in &cassette.interactions {
            sent.note(item);
            let has_body = item.response.is_object() || item.response.is_array();
            if item.status >= 300 || !has_body || item.recorder_altered == Some(Altered::Replaced) {
                continue;
            }
            let kind = kind_of_resource(&item.path);
            self.members.learn(&kind, item, &sent, date);
            if let Some(date) = date {
                self.echoes.learn(&kind, item, cassette, date);
                self.creations.learn(&kind, item, cassette, date);
            }
        }
    }

    /// The evidence that applies to one interaction of a cassette, given the values sent so far.
    pub(super) fn precedent<'a>(
        &'a self,
        cassette: &Cassette,
        item: &'a Interaction,
        sent: &'a SentValues,
    ) -> Precedent<'a> {
        let date = self.dates.of_cassette(cassette);
        Precedent { evidence: self, kind: kind_of_resource(&item.path), method: &item.method, date, sent }
    }

    /// The pointers that a tenant-wide object always has; `None` if there are too few recordings.
    pub(super) fn always_at(&self, path: &str) -> Option<&BTreeSet<String>> {
        self.settings.always_at(path)
    }

    /// Whether a tenant-wide object exists in some recordings and not in others.
    pub(super) fn is_optional(&self, path: &str) -> bool {
        self.settings.is_optional(path)
    }
}

/// The evidence that applies to one interaction. Pointers are relative to one entity, with `*` for indexes.
pub(super) struct Precedent<'a> {
    evidence: &'a Evidence,
    kind: String,
    method: &'a str,
    /// The date of the recording.
    date: Option<&'a str>,
    sent: &'a SentValues,
}

impl Precedent<'_> {
    /// Whether the service is known to add a member with this default value to an entity with this name.
    ///
    /// Other recordings must show the same value without having sent it. A member that is newer than the cassette may also have a
    /// value that the cassette sent under the same name.
    pub(super) fn adds(&self, pointer: &str, value: &Value, name: Option<&str>) -> bool {
        let Precedent { evidence, kind, sent, .. } = self;
        let key = key_of(pointer);
        if !sent.has_key(key) && evidence.members.is_default(kind, pointer, value, name) {
            return true;
        }
        let introduced = evidence.members.introduced(self.method, kind, pointer);
        let (Some(date), Some(introduced)) = (self.date, introduced) else { return false };
        // A list of organizations below another resource also has organizations as its items.
        let resource = format!("/api/v2/{}", kind.rsplit('/').next().unwrap_or_default());
        date < introduced
            && (sent.has_value(key, value)
                || evidence.members.is_default(kind, pointer, value, name)
                || evidence.members.is_default(&resource, pointer, value, name))
    }

    /// Whether the service has stopped adding a member of this name as a default.
    pub(super) fn drops(&self, pointer: &str) -> bool {
        let key = pointer.strip_prefix('/').unwrap_or_default();
        !key.contains('/')
            && !self.sent.has_key(key)
            && self.date.is_some_and(|date| self.evidence.creations.dropped(&self.kind, key, date))
    }

    /// Whether the list here has no order.
    pub(super) fn is_unordered(&self, pointer: &str) -> bool {
        self.evidence.unordered.has(&self.kind, pointer)
    }

    /// Whether this value was sent, and the service has started to echo it at this pointer.
    pub(super) fn echoes(&self, pointer: &str, value: &Value) -> bool {
        self.sent.has_value(key_of(pointer), value)
            && self.date.is_some_and(|date| self.evidence.echoes.echoed_since(&self.kind, pointer, date))
    }
}

/// The kind of resource of a path: its template without the id or name of the entity itself.
fn kind_of_resource(path: &str) -> String {
    let mut kind = template(path);
    if let Some((before, name)) = kind.rsplit_once("/name/")
        && !name.is_empty()
        && !name.contains('/')
    {
        kind.truncate(before.len());
    }
    kind.strip_suffix("/{id}").map_or_else(|| kind.clone(), str::to_owned)
}

#[cfg(test)]
mod tests;
