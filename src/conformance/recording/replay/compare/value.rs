//! Two values at one place: identifiers by reference, volatile texts by shape, everything else exactly.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::kind::{is_index, is_volatile, starred, type_of};
use super::list::Paired;
use super::moment::Moment;
use super::{Basis, Comparison, Proven};
use crate::conformance::recording::identifiers::{is_identifier, same_form};
use crate::conformance::recording::replay::sent::escaped;

/// Members of which only the type counts: the live service has them from elsewhere.
const OPAQUE: [&str; 5] = ["certs", "oidc_metadata", "recovery_codes", "signing_keys", "thumbprints"];
/// Members that the live service no longer has under this name.
const RETIRED: [&str; 1] = ["cross_origin_auth"];
/// What recorders write in the place of a secret.
const REDACTED: [&str; 5] =
    ["[REDACTED]", "[ROTATED-REDACTED]", "test-access-token", "test-other-access-token", "test-refresh-token"];

impl Comparison<'_> {
    /// Two values at one place. `key` is the name of the nearest member around them.
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
            // Where only the shape counts, nothing is as good as something.
            _ if type_of(recorded) != type_of(live) && (full || !recorded.is_null() && !live.is_null()) => {
                let kind = format!("type {} -> {}", type_of(recorded), type_of(live));
                self.differ(pointer, kind, Some(recorded), Some(live));
            }
            (Value::String(recorded), Value::String(live)) => self.text(recorded, live, pointer, key, full),
            (Value::Bool(then), Value::Bool(now)) if full && then != now && !is_volatile(key) => {
                self.differ(pointer, format!("value {then} -> {now}"), Some(recorded), Some(live));
            }
            (Value::Number(then), Value::Number(now)) if full && then.as_f64() != now.as_f64() && !is_volatile(key) => {
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
            let part = proven.within(key);
            match (recorded.get(key), live.get(key)) {
                (Some(expected), Some(actual)) => self.value(expected, actual, &here, key, part),
                _ if matches!(part, Proven::Nothing) => {}
                (Some(expected), None) => {
                    let explained = self.basis.injected.contains(key)
                        || RETIRED.contains(&key.as_str())
                        || self.basis.precedent.is_some_and(|precedent| precedent.drops(&self.general(&here)));
                    if !explained {
                        self.differ(&here, "missing", Some(expected), None);
                    }
                }
                (None, Some(actual)) => {
                    if !self.basis.lenient && !self.is_expected_since(&self.general(&here), actual) {
                        self.differ(&here, "extra", None, Some(actual));
                    }
                }
                (None, None) => {}
            }
        }
    }

    /// Whether the service is known to answer this member, which the recording lacks, by itself or as an echo.
    fn is_expected_since(&self, pointer: &str, live: &Value) -> bool {
        self.basis.precedent.is_some_and(|precedent| {
            precedent.adds(pointer, live, self.name.as_deref()) || precedent.echoes(pointer, live)
        })
    }

    /// A pointer within one object, also for an item of a list, with `*` for indexes.
    fn general(&self, pointer: &str) -> String {
        let mut pointer = pointer;
        if let Some(within) = self.item_root.as_deref().and_then(|root| pointer.strip_prefix(root)) {
            let item = within.strip_prefix('/').unwrap_or_default();
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
            let Paired { pairs, lost, rest } =
                self.pair(recorded.iter().collect(), live.iter().enumerate().collect(), true);
            for (index, (expected, (_, actual))) in pairs.into_iter().enumerate() {
                self.value(expected, actual, &format!("{pointer}/{index}"), key, Proven::All);
            }
            self.unpaired(&format!("{pointer}/*"), &lost, &rest);
            return;
        }
        // How an array came to name things that the live tenant lacks is not part of the cassette.
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
                if !by_ids {
                    // An order by ids that were drawn cannot be had again.
                    self.differ(pointer, "order", Some(&recorded.into()), Some(&live.into()));
                }
                return;
            }
        }
        self.differ(pointer, "value (array)", Some(&recorded.into()), Some(&live.into()));
    }

    fn text(&mut self, recorded: &str, live: &str, pointer: &str, key: &str, full: bool) {
        let told = |text: &str| Value::from(text);
        let sent = |text: &str| self.basis.sent.has_text(text);
        if let Some(mapped) = self.ids.live_for(recorded) {
            if full && live != mapped {
                self.differ(pointer, "value (another id)", Some(&told(recorded)), Some(&told(live)));
            }
        } else if is_identifier(recorded) && !sent(recorded) && !sent(recorded.rsplit('|').next().unwrap_or_default()) {
            if same_form(recorded, live) && self.ids.learn(recorded, live) {
                return;
            }
            if full && !is_volatile(key) {
                self.differ(pointer, "format of id", Some(&told(recorded)), Some(&told(live)));
            }
        } else if !full || self.ids.to_live(recorded) == live {
            // Nothing to say.
        } else if REDACTED.iter().any(|mark| recorded.contains(mark)) || is_volatile(key) && !sent(recorded) {
            if live.is_empty() {
                self.differ(pointer, "empty", Some(&told(recorded)), Some(&told(live)));
            } else if key == "next" {
                // A page token: later requests send it back.
                self.ids.learn(recorded, live);
            }
        } else if is_encrypted(pointer) && !sent(recorded) {
            if live.is_empty() || sent(live) {
                self.differ(pointer, "not encrypted", Some(&told(recorded)), Some(&told(live)));
            }
        } else if let Some(form) = Moment::of(recorded).filter(|_| !sent(recorded)) {
            if Moment::of(live).is_none_or(|live| !form.is_like(live, self.basis.lenient)) {
                self.differ(pointer, "format of timestamp", Some(&told(recorded)), Some(&told(live)));
            }
        } else if !self.basis.precedent.is_some_and(|precedent| precedent.echoes(&self.general(pointer), &told(live))) {
            let expected = told(&self.ids.to_live(recorded));
            self.differ(pointer, "value", Some(&expected), Some(&told(live)));
        }
    }
}

/// Whether a pointer leads to a parameter of a database connection's scripts: the service answers it encrypted (recorded).
fn is_encrypted(pointer: &str) -> bool {
    pointer
        .rsplit_once('/')
        .is_some_and(|(around, name)| around.ends_with("/options/configuration") && !name.is_empty())
}
