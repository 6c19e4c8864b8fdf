//! The interpreter: walks a schema and a value side by side and collects faults.
//!
//! A check without faults clones and allocates nothing: a location is a chain of borrowed steps on the stack, and
//! becomes text only for a fault.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::instance_location::InstanceLocation;
use super::json_sections::JsonSections;
use super::part::Part;
use super::sent::Sent;
use super::wording::{self, Sentences};
use super::{formats, order, pattern};
use crate::domain::{BoundedText, Sentence};

/// The schema itself, or the shared schema of its reference.
///
/// # Panics
///
/// A reference without a schema: a schema file of this crate is wrong.
pub(super) fn follow<'a>(file: &'a JsonSections, mut schema: &'a Value) -> &'a Value {
    while let Some(Value::String(reference)) = schema.get("$ref") {
        let shared = reference.strip_prefix("#/shared/");
        schema = match shared.and_then(|name| file.get("shared", name)) {
            Some(schema) => schema,
            None => panic!("the reference {reference:?} of a schema file leads nowhere"),
        };
    }
    schema
}

/// One check of one document.
pub(super) struct Check<'a> {
    file: &'a JsonSections,
    part: Part,
    sent: Sent<'a>,
    sentences: Sentences,
}

impl<'a> Check<'a> {
    pub(super) fn new(file: &'a JsonSections, part: Part, sent: Sent<'a>) -> Check<'a> {
        Check { file, part, sent, sentences: Sentences::default() }
    }

    pub(super) fn verdict(self) -> Result<(), Sentence> {
        if self.sentences.is_empty() { Ok(()) } else { Err(self.sentences.together()) }
    }

    /// Checks `type`, the other keywords, then the children. The first broken keyword ends the check, except for the
    /// types of later siblings: the vendor's validator continues with them and checks only their type.
    pub(super) fn value(&mut self, schema: &'a Value, value: &Value, location: &InstanceLocation<'_>) {
        let Some(schema) = follow(self.file, schema).as_object().filter(|_| !self.sentences.is_full()) else {
            return;
        };
        if let Some(types) = schema.get("type")
            && !has_type(value, types)
        {
            let found = wording::type_name(value);
            self.fault("type", &[&wording::printed(types), found], schema, location);
            return;
        }
        for keyword in order::keywords(value) {
            if !self.sentences.is_empty() {
                return;
            }
            if let Some(rule) = schema.get(keyword) {
                self.keyword(keyword, rule, schema, value, location);
            }
        }
        if self.sentences.is_empty() {
            self.children(schema, value, location);
        }
    }

    fn children(&mut self, schema: &'a Map<String, Value>, value: &Value, location: &InstanceLocation<'_>) {
        match value {
            Value::Array(items) => {
                let Some(rule) = schema.get("items") else {
                    return;
                };
                for (index, item) in items.iter().enumerate() {
                    self.value(rule, item, &InstanceLocation::Item(location, index));
                }
            }
            Value::Object(members) => {
                let properties = schema.get("properties").and_then(Value::as_object);
                let others = schema.get("additionalProperties");
                for (name, member) in members {
                    let rule = properties.and_then(|rules| rules.get(name)).or(others);
                    if let Some(rule) = rule {
                        self.value(rule, member, &InstanceLocation::Property(location, name));
                    }
                }
            }
            _ => {}
        }
    }

    fn keyword(
        &mut self,
        keyword: &'static str,
        rule: &'a Value,
        schema: &'a Map<String, Value>,
        value: &Value,
        location: &InstanceLocation<'_>,
    ) {
        let sent = self.sent;
        let mut fault = |parameters: &[&str]| self.fault(keyword, parameters, schema, location);
        match (keyword, rule, value) {
            ("enum", Value::Array(allowed), _) if !allowed.iter().any(|one| same(one, value)) => {
                fault(&[&wording::printed(value)]);
            }
            ("const", allowed, _) if !same(allowed, value) => {
                fault(&[&wording::printed(value)]);
            }
            ("format", Value::String(format), Value::String(text)) if !formats::accepts(format, text) => {
                fault(&[format, text]);
            }
            ("pattern", Value::String(pattern), Value::String(text)) if !pattern::occurs(pattern, text) => {
                fault(&[pattern, text]);
            }
            ("minLength" | "maxLength", limit, Value::String(text)) => {
                let characters = text.chars().count();
                if !fits(keyword, limit, characters) {
                    fault(&[&characters.to_string(), &wording::printed(limit)]);
                }
            }
            ("minItems" | "maxItems", limit, Value::Array(items)) if !fits(keyword, limit, items.len()) => {
                fault(&[&items.len().to_string(), &wording::printed(limit)]);
            }
            ("minProperties" | "maxProperties", limit, Value::Object(members))
                if !fits(keyword, limit, members.len()) =>
            {
                fault(&[&members.len().to_string(), &wording::printed(limit)]);
            }
            ("minimum" | "maximum" | "multipleOf", limit, Value::Number(_)) if !in_range(keyword, limit, value) => {
                fault(&[&wording::printed(value), &wording::printed(limit)]);
            }
            ("uniqueItems", Value::Bool(true), Value::Array(items)) => {
                if let Some((first, second)) = twins(items) {
                    fault(&[&first.to_string(), &second.to_string()]);
                }
            }
            ("required", Value::Array(names), Value::Object(members)) => {
                for name in names.iter().filter_map(Value::as_str) {
                    if !members.contains_key(name) {
                        fault(&[name]);
                    }
                }
            }
            ("additionalProperties", Value::Bool(false), Value::Object(members)) => {
                let known = schema.get("properties").and_then(Value::as_object);
                let is_unknown = |name: &&str| !known.is_some_and(|known| known.contains_key(*name));
                let unknown: Vec<&str> = members.keys().map(String::as_str).filter(is_unknown).collect();
                if !unknown.is_empty() {
                    fault(&[&sent.last_first_at(location, unknown).join(",")]);
                }
            }
            ("allOf", Value::Array(branches), _) => {
                for branch in branches {
                    if self.sentences.is_empty() {
                        self.value(branch, value, location);
                    }
                }
            }
            ("anyOf" | "oneOf", Value::Array(branches), _) => {
                self.choice(keyword, branches, schema, value, location);
            }
            _ => {}
        }
    }

    /// `anyOf` and `oneOf`: the faults of every branch become the inner errors.
    fn choice(
        &mut self,
        keyword: &'static str,
        branches: &'a [Value],
        schema: &'a Map<String, Value>,
        value: &Value,
        location: &InstanceLocation<'_>,
    ) {
        let mut met = 0;
        let mut inner = Sentences::default();
        for branch in branches {
            let mut attempt = Check::new(self.file, self.part, self.sent);
            attempt.value(branch, value, location);
            if !attempt.sentences.is_empty() {
                inner.append(attempt.sentences);
                continue;
            }
            met += 1;
            if keyword == "anyOf" {
                return;
            }
        }
        match met {
            0 => self.report(keyword, &[], schema, location, &inner),
            1 => {}
            _ => self.report(wording::SEVERAL, &[], schema, location, &Sentences::default()),
        }
    }

    fn fault(
        &mut self,
        keyword: &'static str,
        parameters: &[&str],
        schema: &Map<String, Value>,
        location: &InstanceLocation<'_>,
    ) {
        self.report(keyword, parameters, schema, location, &Sentences::default());
    }

    fn report(
        &mut self,
        keyword: &'static str,
        parameters: &[&str],
        schema: &Map<String, Value>,
        location: &InstanceLocation<'_>,
        inner: &Sentences,
    ) {
        if self.sentences.is_full() {
            return;
        }
        let message = wording::message(keyword, parameters);
        let label = schema.get("description").and_then(Value::as_str);
        let location = BoundedText::<1024>::of(location);
        self.sentences.add(wording::sentence(self.part, &message, &location, label, inner));
    }
}

/// Whether a value has one of these types. An integer is a number, too.
fn has_type(value: &Value, types: &Value) -> bool {
    let found = wording::type_name(value);
    let fits = |name: &Value| name == found || (found == "integer" && name == "number");
    match types {
        Value::Array(names) => names.iter().any(fits),
        name => fits(name),
    }
}

/// Whether a size is within a limit, whose keyword begins with `min` or `max`.
fn fits(keyword: &str, limit: &Value, size: usize) -> bool {
    match limit.as_u64() {
        Some(limit) if keyword.starts_with("min") => size as u64 >= limit,
        Some(limit) => size as u64 <= limit,
        None => true,
    }
}

fn in_range(keyword: &str, limit: &Value, value: &Value) -> bool {
    let (Some(limit), Some(number)) = (limit.as_f64(), value.as_f64()) else {
        return true;
    };
    match keyword {
        "minimum" => number >= limit,
        "maximum" => number <= limit,
        _ => (number / limit).fract() == 0.0,
    }
}

/// JSON Schema's equality: numbers by value, so that 1 is 1.0.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => one == other,
    }
}

/// The first two equal items. Only items with the same [`sketch`] are compared; most sketches belong to one item.
fn twins(items: &[Value]) -> Option<(usize, usize)> {
    let mut seen: HashMap<String, Vec<usize>> = HashMap::new();
    for (second, item) in items.iter().enumerate() {
        let mut text = String::new();
        sketch(item, &mut text);
        let alike = seen.entry(text).or_default();
        if let Some(first) = alike.iter().find(|first| same(&items[**first], item)) {
            return Some((*first, second));
        }
        alike.push(second);
    }
    None
}

/// Appends a text that is the same for equal values. Numbers are written as the nearest `f64`, so different large
/// numbers may have the same text. The order of an object's members has no effect.
fn sketch(value: &Value, text: &mut String) {
    match value {
        // Adding zero makes -0.0 the 0.0 that it equals.
        Value::Number(number) => text.push_str(&number.as_f64().map_or(0.0, |number| number + 0.0).to_string()),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                sketch(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            for (name, member) in members {
                text.push_str(&format!("{name:?}"));
                text.push(':');
                sketch(member, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Null | Value::Bool(_) | Value::String(_) => text.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{same, twins};

    /// A few values, so that many are equal, also numbers in different notations.
    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            prop::sample::select(vec![
                json!(null),
                json!(true),
                json!("a"),
                json!("1"),
                json!(""),
                json!(0),
                json!(-0.0)
            ]),
            prop::sample::select(vec![json!(1), json!(1.0), json!(9_007_199_254_740_992_u64)]),
            prop::sample::select(vec![json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992.0)]),
        ];
        leaf.prop_recursive(2, 8, 2, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map("[ab]", inner, 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// The model compares every item with every earlier one.
        #[test]
        fn the_twins_are_the_first_pair_of_equal_items(items in prop::collection::vec(value(), 0..8)) {
            let first_of = |second: usize| items[..second].iter().position(|one| same(one, &items[second]));
            let expected = (0..items.len()).find_map(|second| Some((first_of(second)?, second)));
            prop_assert_eq!(twins(&items), expected);
        }
    }
}
