//! Lists without an order: the service answers the same values in two orders although nothing was written in between.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::conformance::recording::cassette::{Altered, Cassette};
use crate::conformance::recording::replay::sent::each_member;

/// The kind of resource and the pointer of each such list.
#[derive(Debug, Default)]
pub(super) struct Unordered(HashSet<(String, String)>);

impl Unordered {
    /// Compares each answer to a read with the latest answer about the same path. `kind` is the kind of resource of a path.
    pub(super) fn learn(&mut self, cassette: &Cassette, kind: fn(&str) -> String) {
        let mut latest: HashMap<&str, &Value> = HashMap::new();
        for item in &cassette.interactions {
            let (path, answer) = (item.path.as_str(), &item.response);
            let is_read = item.method == "GET";
            if !is_read {
                latest.retain(|known, _| !is_within(known, path) && !is_within(path, known));
            }
            if item.status >= 300 || !answer.is_object() || item.recorder_altered == Some(Altered::Replaced) {
                continue;
            }
            if let Some(earlier) = latest.insert(path, answer).filter(|_| is_read) {
                each_member(answer, "", &mut |pointer, _, value| {
                    if earlier.pointer(pointer).is_some_and(|earlier| is_reordered(earlier, value)) {
                        self.0.insert((kind(path), pointer.to_owned()));
                    }
                });
            }
        }
    }

    pub(super) fn has(&self, kind: &str, pointer: &str) -> bool {
        self.0.contains(&(kind.to_owned(), pointer.to_owned()))
    }
}

/// Whether a path is another one or lies below it.
fn is_within(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether two lists of plain values have the same values in different orders.
fn is_reordered(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one.as_array(), other.as_array()) else { return false };
    let is_plain = |value: &Value| !value.is_object() && !value.is_array();
    let sorted = |values: &[Value]| {
        let mut texts: Vec<String> = values.iter().map(Value::to_string).collect();
        texts.sort();
        texts
    };
    one != other && one.iter().chain(other).all(is_plain) && sorted(one) == sorted(other)
}
