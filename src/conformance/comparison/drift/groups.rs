//! Groups of differences with the same operation, place and kind.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Drift, RequestPair};

/// Differences of one kind at one place of one operation.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Group {
    /// Method and path, with a placeholder for each name in it.
    pub operation: String,
    /// Place and kind of the difference, with what both sides have there in the first scenario.
    pub difference: String,
    /// In how many requests it was seen.
    pub requests: usize,
    /// In how many scenarios it was seen.
    pub scenarios: usize,
}

impl Drift {
    /// The differences by operation, place and kind; the most frequent first.
    pub(crate) fn groups(&self) -> Vec<Group> {
        let mut groups: BTreeMap<(String, String), (String, usize, BTreeSet<usize>)> = BTreeMap::new();
        for (number, scenario) in self.scenarios.iter().enumerate() {
            for (request, place_and_kind, sentence) in scenario.placed_differences() {
                let key = (operation(request), place_and_kind);
                let (_, requests, scenarios) = groups.entry(key).or_insert_with(|| (sentence, 0, BTreeSet::new()));
                *requests += 1;
                scenarios.insert(number);
            }
        }
        let mut groups: Vec<Group> = groups
            .into_iter()
            .map(|((operation, _), (difference, requests, scenarios))| Group {
                operation,
                difference,
                requests,
                scenarios: scenarios.len(),
            })
            .collect();
        groups.sort_by_key(|group| Reverse(group.requests));
        groups
    }
}

/// The method and the path without its query; each part that names something is a placeholder.
fn operation(request: &RequestPair) -> String {
    let path = request.request.split('?').next().unwrap_or_default();
    let parts = path.split('/').map(|part| if part.contains('<') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
