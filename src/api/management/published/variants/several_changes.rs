//! Documents with several changes: a variant, in which values are replaced by those of other variants.

use fastrand::Rng;
use serde_json::Value;

use super::generator::Variant;
use super::samples;

/// What such a document says of its change.
pub(super) const SEVERAL_CHANGES: &str = "several changes";

/// Draws documents; the same seed gives the same ones.
pub(super) struct SeveralChanges {
    random: Rng,
}

impl SeveralChanges {
    pub(super) fn new(seed: u64) -> SeveralChanges {
        SeveralChanges { random: Rng::with_seed(seed) }
    }

    /// This number of documents, made of variants of one schema.
    pub(super) fn of(&mut self, variants: &[Variant], count: u64) -> Vec<Variant> {
        (0..count).filter_map(|_| self.one(variants)).collect()
    }

    fn one(&mut self, variants: &[Variant]) -> Option<Variant> {
        let mut document = self.random.choice(variants)?.document.clone();
        for _ in 0..self.random.usize(1..4) {
            let other = &self.random.choice(variants)?.document;
            match (&mut document, other) {
                // What another variant has at the top goes beside what is there.
                (Value::Object(members), Value::Object(others)) if self.random.bool() => {
                    members.extend(others.clone());
                }
                (document, _) => {
                    let value = self.random.choice(samples::of_each_type())?.1;
                    let place = self.place(document);
                    *document.pointer_mut(&place)? = value;
                }
            }
        }
        Some(Variant { member: String::new(), change: SEVERAL_CHANGES, document })
    }

    /// A place in a document, drawn level by level.
    fn place(&mut self, document: &Value) -> String {
        let (mut value, mut place) = (document, String::new());
        while place.is_empty() || self.random.bool() {
            let (name, inner) = match value {
                Value::Object(members) if !members.is_empty() => {
                    let at = self.random.usize(..members.len());
                    let Some((name, inner)) = members.iter().nth(at) else { break };
                    (name.replace('~', "~0").replace('/', "~1"), inner)
                }
                Value::Array(items) if !items.is_empty() => {
                    let at = self.random.usize(..items.len());
                    (at.to_string(), &items[at])
                }
                _ => break,
            };
            place = format!("{place}/{name}");
            value = inner;
        }
        place
    }
}
