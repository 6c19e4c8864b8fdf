//! The members that the service adds to whatever is created, and when it stopped adding one.

use std::collections::{HashMap, HashSet};

use super::agreement::ENOUGH;
use crate::conformance::recording::cassette::{Cassette, Interaction};

/// By kind of resource.
#[derive(Debug, Default)]
pub(super) struct Creations {
    creations: HashMap<String, Vec<Creation>>,
    /// By kind and source of recordings: the members that the recorder of that source lets through.
    recordable: HashMap<(String, String), HashSet<String>>,
}

#[derive(Debug)]
struct Creation {
    source: String,
    cassette: String,
    date: String,
    sent: HashSet<String>,
    answered: HashSet<String>,
    altered: bool,
}

impl Creations {
    pub(super) fn learn(&mut self, kind: &str, item: &Interaction, cassette: &Cassette, date: &str) {
        let (true, Some(body)) = (item.method == "POST", item.response.as_object()) else { return };
        let answered: HashSet<String> = body.keys().cloned().collect();
        let place = (kind.to_owned(), cassette.source.clone());
        self.recordable.entry(place).or_default().extend(answered.iter().cloned());
        self.creations.entry(kind.to_owned()).or_default().push(Creation {
            source: cassette.source.clone(),
            cassette: cassette.cassette.clone(),
            date: date.to_owned(),
            sent: item.request.as_object().into_iter().flat_map(|sent| sent.keys().cloned()).collect(),
            answered,
            altered: item.recorder_altered.is_some(),
        });
    }

    /// Whether every creation at the time of this date was answered with the member unasked, and no later one is.
    pub(super) fn dropped(&self, kind: &str, key: &str, date: &str) -> bool {
        let Some(creations) = self.creations.get(kind) else { return false };
        // A recorder that prints bodies from a structure of its own loses members: their absence says nothing.
        let recordable = |creation: &Creation| {
            !creation.altered
                || self
                    .recordable
                    .get(&(kind.to_owned(), creation.source.clone()))
                    .is_some_and(|keys| keys.contains(key))
        };
        let unasked: Vec<&Creation> =
            creations.iter().filter(|creation| !creation.sent.contains(key) && recordable(creation)).collect();
        let shows = |creation: &Creation| creation.answered.contains(key);
        let dates = || unasked.iter().filter(|creation| shows(creation)).map(|creation| creation.date.as_str());
        let (Some(first), Some(last)) = (dates().min(), dates().max()) else { return false };
        let then = |creation: &Creation| (first..=last).contains(&creation.date.as_str());
        let cassettes = |counts: &dyn Fn(&Creation) -> bool| {
            let counted = unasked.iter().filter(|creation| counts(creation));
            counted.map(|creation| (&creation.source, &creation.cassette)).collect::<HashSet<_>>().len()
        };
        (first..=last).contains(&date)
            && unasked.iter().all(|creation| !then(creation) || shows(creation))
            && cassettes(&shows) >= ENOUGH
            && cassettes(&|creation| creation.date.as_str() > last) >= ENOUGH
    }
}
