//! The dates of cassettes.

use std::collections::HashMap;

use serde_json::Value;

use crate::conformance::recording::cassette::{Cassette, Interaction};
use crate::conformance::recording::replay::compare::Moment;

/// Members in which the service writes the current time.
const WRITTEN_BY_THE_SERVICE: [&str; 4] = ["created_at", "date", "deleted_at", "updated_at"];
const TO_THE_MINUTE: usize = "2026-01-01T10:00".len();

/// The minute of recording, by source and name of the cassette. The minutes sort as texts.
#[derive(Debug, Default)]
pub(super) struct Dates(HashMap<(String, String), String>);

impl Dates {
    /// The date of a cassette is its newest timestamp of the service. A cassette without a timestamp has the date of the oldest
    /// cassette from the same version of the SDK.
    pub(super) fn of<'a>(corpus: impl Iterator<Item = &'a Cassette> + Clone) -> Dates {
        let mut dates = HashMap::new();
        let mut oldest: HashMap<Option<&str>, String> = HashMap::new();
        for cassette in corpus.clone() {
            let Some(newest) = cassette.interactions.iter().filter_map(newest_moment).max() else { continue };
            let of_version = oldest.entry(cassette.recorded_with.as_deref()).or_insert_with(|| newest.to_owned());
            if newest < of_version.as_str() {
                newest.clone_into(of_version);
            }
            dates.insert(key(cassette), newest.to_owned());
        }
        for cassette in corpus {
            if let Some(date) = oldest.get(&cassette.recorded_with.as_deref()) {
                dates.entry(key(cassette)).or_insert_with(|| date.clone());
            }
        }
        Dates(dates)
    }

    pub(super) fn of_cassette(&self, cassette: &Cassette) -> Option<&str> {
        self.0.get(&key(cassette)).map(String::as_str)
    }
}

fn key(cassette: &Cassette) -> (String, String) {
    (cassette.source.clone(), cassette.cassette.clone())
}

fn newest_moment(item: &Interaction) -> Option<&str> {
    fn newest<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
        match value {
            Value::Object(members) => members.iter().filter_map(|(key, value)| newest(value, key)).max(),
            Value::Array(items) => items.iter().filter_map(|item| newest(item, "")).max(),
            Value::String(text) if WRITTEN_BY_THE_SERVICE.contains(&key) => {
                Moment::of(text).and_then(|_| text.get(..TO_THE_MINUTE))
            }
            _ => None,
        }
    }
    newest(&item.response, "")
}
