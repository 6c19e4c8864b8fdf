//! The members whose values the service echoes, and since when.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::agreement::ENOUGH;
use crate::conformance::recording::cassette::{Cassette, Interaction};
use crate::conformance::recording::replay::sent::each_member;

/// Whether each scalar value in a request came back, by kind of resource and pointer.
#[derive(Debug, Default)]
pub(super) struct Echoes(HashMap<(String, String), Vec<Echo>>);

#[derive(Debug)]
struct Echo {
    date: String,
    cassette: String,
    echoed: bool,
}

impl Echoes {
    pub(super) fn learn(&mut self, kind: &str, item: &Interaction, cassette: &Cassette, date: &str) {
        if !item.request.is_object() || !item.response.is_object() || item.recorder_altered.is_some() {
            return;
        }
        each_member(&item.request, "", &mut |pointer, _, value| {
            let is_scalar = matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_));
            if is_scalar && !pointer.contains("/*") {
                let echoed = item.response.pointer(pointer) == Some(value);
                let echo = Echo { date: date.to_owned(), cassette: cassette.cassette.clone(), echoed };
                self.0.entry((kind.to_owned(), pointer.to_owned())).or_default().push(echo);
            }
        });
    }

    /// Whether a recording from this date or later answers with another value, and every recording after that echoes the value.
    pub(super) fn echoed_since(&self, kind: &str, pointer: &str, date: &str) -> bool {
        let Some(echoes) = self.0.get(&(kind.to_owned(), pointer.to_owned())) else { return false };
        let others = echoes.iter().filter(|echo| !echo.echoed).map(|echo| echo.date.as_str());
        let Some(last_other) = others.max() else { return false };
        let later = echoes.iter().filter(|echo| echo.date.as_str() > last_other);
        date <= last_other && later.map(|echo| &echo.cassette).collect::<HashSet<_>>().len() >= ENOUGH
    }
}
