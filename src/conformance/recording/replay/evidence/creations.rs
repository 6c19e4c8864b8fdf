//! The members that the service adds to a created entity, and when it stopped adding one.

use std::collections::{HashMap, HashSet};

use super::agreement::ENOUGH;
use crate::conformance::recording::cassette::{Cassette, Interaction};

/// The creations by kind of resource.
#[derive(Debug, Default)]
pub(super) struct Creations {
    creations: HashMap<String, Vec<Creation>>,
    /// The members that the recorder preserves, by kind of resource and source of the recordings.
    recordable: HashMap<(String, String), HashSet<String>>,
}

#[derive(Debug)]
struct Creation {
    source: String,
    cassette: String,
    date: String,
    request_keys: HashSet<String>,
    answer_keys: HashSet<String>,
    altered: bool,
}

impl Creations {
    pub(super) fn learn(&mut self, kind: &str, item: &Interaction, cassette: &Cassette, date: &str) {
        let (true, Some(body)) = (item.method == "POST", item.response.as_object()) else { return };
        let answer_keys: HashSet<String> = body.keys().cloned().collect();
        let place = (kind.to_owned(), cassette.source.clone());
        self.recordable.entry(place).or_default().extend(answer_keys.iter().cloned());
        self.creations.entry(kind.to_owned()).or_default().push(Creation {
            source: cassette.source.clone(),
            cassette: cassette.cassette.clone(),
            date: date.to_owned(),
            request_keys: item.request.as_object().into_iter().flat_map(|request| request.keys().cloned()).collect(),
            answer_keys,
            altered: item.recorder_altered.is_some(),
        });
    }

    /// Whether every creation at the time of this date got the member as a default, and no later creation did.
    pub(super) fn dropped(&self, kind: &str, key: &str, date: &str) -> bool {
        let Some(creations) = self.creations.get(kind) else { return false };
        // A recorder that prints bodies from a typed structure drops unknown members, so their absence is no evidence.
        let recordable = |creation: &Creation| {
            !creation.altered
                || self
                    .recordable
                    .get(&(kind.to_owned(), creation.source.clone()))
                    .is_some_and(|keys| keys.contains(key))
        };
        let not_sent: Vec<&Creation> =
            creations.iter().filter(|creation| !creation.request_keys.contains(key) && recordable(creation)).collect();
        let shows = |creation: &Creation| creation.answer_keys.contains(key);
        let dates = || not_sent.iter().filter(|creation| shows(creation)).map(|creation| creation.date.as_str());
        let (Some(first), Some(last)) = (dates().min(), dates().max()) else { return false };
        let is_of_that_time = |creation: &Creation| (first..=last).contains(&creation.date.as_str());
        let cassettes = |counts: &dyn Fn(&Creation) -> bool| {
            let matching = not_sent.iter().filter(|creation| counts(creation));
            matching.map(|creation| (&creation.source, &creation.cassette)).collect::<HashSet<_>>().len()
        };
        (first..=last).contains(&date)
            && not_sent.iter().all(|creation| !is_of_that_time(creation) || shows(creation))
            && cassettes(&shows) >= ENOUGH
            && cassettes(&|creation| creation.date.as_str() > last) >= ENOUGH
    }
}
