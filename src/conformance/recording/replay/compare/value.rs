//! Compares two values at the same pointer: identifiers by reference, volatile texts by form, everything else exactly.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::kind::{is_index, is_volatile, starred, type_of};
use super::list::Paired;
use super::moment::Moment;
use super::{Basis, Comparison, ORDER_OF_VALUES, Proven};
use crate::conformance::recording::identifiers::{is_identifier, same_form};
use crate::conformance::recording::replay::sent::escaped;

/// Members that are compared by type only, because the service has their values from elsewhere.
const OPAQUE: [&str; 5] = ["certs", "oidc_metadata", "recovery_codes", "signing_keys", "thumbprints"];
/// Members that the live service has removed or renamed.
const RETIRED: [&str; 1] = ["cross_origin_auth"];
/// The texts that recorders write in place of a secret.
const REDACTED: [&str; 5] =
    ["[REDACTED]", "[ROTATED-REDACTED]", "test-access-token", "test-other-access-token", "test-refresh-token"];

impl Comparison<'_> {
    /// Compares two values at the same pointer. `key` is the name of the nearest enclosing member.
    pub(crate) fn value(&mut self, recorded: &Value, live: &Value, pointer: &str, key: &str, proven: Proven<'_>) {
        if OPAQUE.contains(&key) && type_of(recorded) == type_of(live) {
            return;
        }
        let full = match proven {
            Proven::All => true,
            Proven::Nothing => false,
            Proven::Written(_) => !recorded.is_object(),
        };
        match (recorded, live) {
            (Value::Object(recorded), Value::Object(live)) => self.object(recorded, live, pointer, proven),
            (Value::Array(recorded), Value::Array(live)) => self.array(recorded, live, pointer, key, proven),
            // Where only the shape counts, null fits every type.
            _ if type_of(recorded) != type_of(live) && (full || !recorded.is_null() && !live.is_null()) => {
                let kind = format!("type {} -> {}", type_of(recorded), type_of(live));
                self.differ(pointer, kind, Some(recorded), Some(live));
            }
            (Value::String(recorded), Value::String(live)) => self.text(recorded, live, pointer, key, full),
            (Value::Bool(expected), Value::Bool(actual)) if full && expected != actual && !is_volatile(key) => {
                self.differ(pointer, format!("value {expected} -> {actual}"), Some(recorded), Some(live));
            }
            (Value::Number(expected), Value::Number(actual))
                if full && expected.as_f64() != actual.as_f64() && !is_volatile(key) =>
            {
                self.differ(pointer, "value", Some(recorded), Some(live));
            }
            _ => {}
        }
    }

    fn object(&mut self, recorded: &Map<String, Value>, live: &Map<String, Value>, pointer: &str, proven: Proven<'_>) {
        if self.general(pointer).is_empty() {
            self.name = live.get("name").and_then(Value::as_str).map(str::to_owned);
        }
        let keys: BTreeSet<&String> = recorded.keys().chain(live.keys()).collect();
        for key in keys {
            let here = format!("{pointer}/{}", escaped(key));
            let part = proven.member(key);
            match (recorded.get(key), live.get(key)) {
                (Some(expected), Some(actual)) => self.value(expected, actual, &here, key, part),
                _ if matches!(part, Proven::Nothing) => {}
                (Some(expected), None) => {
                    let is_known = self.basis.injected.contains(key)
                        || RETIRED.contains(&key.as_str())
                        || self.basis.precedent.is_some_and(|precedent| precedent.drops(&self.general(&here)));
                    if !is_known {
                        self.differ(&here, "missing", Some(expected), None);
                    }
                }
                (None, Some(actual)) => {
                    if !self.basis.lenient && !self.is_newer_member(&self.general(&here), actual) {
                        self.differ(&here, "extra", None, Some(actual));
                    }
                }
                (None, None) => {}
            }
        }
    }

    /// Whether newer recordings explain a member that this recording lacks: as a default or as an echo.
    fn is_newer_member(&self, pointer: &str, live: &Value) -> bool {
        self.basis.precedent.is_some_and(|precedent| {
            precedent.adds(pointer, live, self.name.as_deref()) || precedent.echoes(pointer, live)
        })
    }

    /// The pointer relative to its object or list item, with `*` for indexes.
    fn general(&self, pointer: &str) -> String {
        let mut pointer = pointer;
        if let Some(rest) = self.item_root.as_deref().and_then(|root| pointer.strip_prefix(root)) {
            let item = rest.strip_prefix('/').unwrap_or_default();
            let end = item.find('/').unwrap_or(item.len());
            if is_index(&item[..end]) {
                pointer = &item[end..];
            }
        }
        starred(pointer)
    }

    fn array(&mut self, recorded: &[Value], live: &[Value], pointer: &str, key: &str, proven: Proven<'_>) {
        if matches!(proven, Proven::Nothing) {
            let here = format!("{pointer}/*");
            for (expected, actual) in recorded.iter().zip(live) {
                self.value(expected, actual, &here, key, Proven::Nothing);
            }
            return;
        }
        if recorded.iter().chain(live).any(Value::is_object) {
            let Paired { pairs, missing, surplus } =
                self.pair(recorded.iter().collect(), live.iter().enumerate().collect(), true);
            for (index, (expected, (_, actual))) in pairs.into_iter().enumerate() {
                self.value(expected, actual, &format!("{pointer}/{index}"), key, Proven::All);
            }
            self.unpaired(&format!("{pointer}/*"), &missing, &surplus);
            return;
        }
        // The cassette does not show how foreign entities came into this array.
        let unknown =
            |text: &str| is_identifier(text) && self.basis.foreign.contains(text) && self.ids.live_for(text).is_none();
        if recorded.iter().filter_map(Value::as_str).any(unknown) {
            return;
        }
        if recorded.len() == live.len() {
            let basis = Basis { injected: &[], known: &|_| true, precedent: None, ..*self.basis };
            let mut attempt = Comparison::new(self.ids, &basis);
            for (expected, actual) in recorded.iter().zip(live) {
                attempt.value(expected, actual, pointer, key, Proven::All);
            }
            if attempt.differences.is_empty() {
                return;
            }
            let sorted = |values: Vec<Value>| {
                let mut texts: Vec<String> = values.iter().map(Value::to_string).collect();
                texts.sort();
                texts
            };
            let mapped = recorded.iter().map(|value| self.ids.value_to_live(value)).collect();
            if sorted(mapped) == sorted(live.to_vec()) {
                let by_ids = recorded.iter().filter_map(Value::as_str).any(|text| self.ids.live_for(text).is_some());
                let here = self.general(pointer);
                if self.basis.precedent.is_some_and(|precedent| precedent.is_unordered(&here)) {
                    self.notes.insert(ORDER_OF_VALUES);
                } else if !by_ids {
                    // The order of random ids is random too.
                    self.differ(pointer, "order", Some(&recorded.into()), Some(&live.into()));
                }
                return;
            }
        }
        self.differ(pointer, "value (array)", Some(&recorded.into()), Some(&live.into()));
    }

    fn text(&mut self, recorded: &str, live: &str, pointer: &str, key: &str, full: bool) {
        let json = |text: &str| Value::from(text);
        let sent = |text: &str| self.basis.sent.has_text(text);
        if let Some(mapped) = self.ids.live_for(recorded) {
            if full && live != mapped {
                self.differ(pointer, "value (another id)", Some(&json(recorded)), Some(&json(live)));
            }
        } else if is_identifier(recorded) && !sent(recorded) && !sent(recorded.rsplit('|').next().unwrap_or_default()) {
            if same_form(recorded, live) && self.ids.learn(recorded, live) {
                return;
            }
            if full && !is_volatile(key) {
                self.differ(pointer, "format of id", Some(&json(recorded)), Some(&json(live)));
            }
        } else if !full || self.ids.to_live(recorded) == live {
            // No difference.
        } else if REDACTED.iter().any(|mark| recorded.contains(mark)) || is_volatile(key) && !sent(recorded) {
            if live.is_empty() {
                self.differ(pointer, "empty", Some(&json(recorded)), Some(&json(live)));
            } else if key == "next" {
                // Later requests send this page token back.
                self.ids.learn(recorded, live);
            }
        } else if is_encrypted(pointer) && !sent(recorded) {
            if live.is_empty() || sent(live) {
                self.differ(pointer, "not encrypted", Some(&json(recorded)), Some(&json(live)));
            }
        } else if let Some(form) = Moment::of(recorded).filter(|_| !sent(recorded)) {
            if Moment::of(live).is_none_or(|live| !form.is_like(live, self.basis.lenient)) {
                self.differ(pointer, "format of timestamp", Some(&json(recorded)), Some(&json(live)));
            }
        } else if !self.basis.precedent.is_some_and(|precedent| precedent.echoes(&self.general(pointer), &json(live))) {
            let expected = json(&self.ids.to_live(recorded));
            self.differ(pointer, "value", Some(&expected), Some(&json(live)));
        }
    }
}

/// Whether a pointer leads to a parameter of a database connection's scripts, which the service encrypts (recorded).
fn is_encrypted(pointer: &str) -> bool {
    pointer
        .rsplit_once('/')
        .is_some_and(|(parent, name)| parent.ends_with("/options/configuration") && !name.is_empty())
}
