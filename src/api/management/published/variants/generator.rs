//! Generates the variants of a document from its schema: for every member the smallest and the largest value, each value of
//! a list, each limit and the value beyond it, every other type, `null`, and nothing; and an unknown member.
//!
//! A variant differs in one place from the smallest document that has this place, so a difference at one member does not
//! hide those at others. The generator does not know which variants are valid: the schema tells.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value, json};

use super::samples;
use super::verdict::Verdicts;
use crate::api::management::published::facts::{Branch, branches};
use crate::api::management::published::schemas::PublishedSchemas;

/// A document that differs in one place from the smallest one.
pub(super) struct Variant {
    /// The member at this place, as in the table of members: `/a/b`, `/a[]`, `/a/*`.
    pub(super) member: String,
    /// The difference.
    pub(super) change: &'static str,
    pub(super) document: Value,
}

/// The change of a document that has nothing but what is required.
pub(super) const SMALLEST: &str = "the smallest";

/// The change of a document with every member.
pub(super) const LARGEST: &str = "the largest";

/// Texts and lists beyond this size are not generated: a request has at most 1 MiB.
const LONGEST: u64 = 20_000;

/// Every variant of a document with this schema. `known` are the values that name entities, by the name of the member.
pub(super) fn variants(
    schema: &Value,
    schemas: &PublishedSchemas,
    verdicts: &Verdicts,
    known: &BTreeMap<&'static str, String>,
) -> Vec<Variant> {
    let mut generator = Generator { schemas, verdicts, known, seen: HashSet::new(), found: Vec::new() };
    generator.walk(schema, "", &[], &|value| value);
    generator.found
}

struct Generator<'a> {
    schemas: &'a PublishedSchemas,
    verdicts: &'a Verdicts,
    known: &'a BTreeMap<&'static str, String>,
    /// The documents that are there already.
    seen: HashSet<String>,
    found: Vec<Variant>,
}

impl Generator<'_> {
    fn branches(&self, schema: &Value) -> Vec<Branch> {
        branches(schema, &|name| self.schemas.definition(name))
    }

    /// The variants at one place; `whole` makes a document of a value at this place.
    fn walk(&mut self, schema: &Value, member: &str, within: &[&str], whole: &dyn Fn(Value) -> Value) {
        let reference = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
        self.add(member, SMALLEST, whole(self.smallest(schema, member)));
        if reference.is_some_and(|reference| within.contains(&reference)) {
            return;
        }
        let within = &Vec::from_iter(within.iter().copied().chain(reference));
        self.add(member, LARGEST, whole(self.largest(schema, member, within)));
        for (change, value) in samples::of_each_type() {
            self.add(member, change, whole(value));
        }
        for branch in self.branches(schema) {
            for (change, value) in self.values(&branch, member) {
                self.add(member, change, whole(value));
            }
            self.walk_members(&branch, member, within, whole);
            self.walk_items(&branch, member, within, whole);
        }
    }

    fn walk_members(&mut self, branch: &Branch, member: &str, within: &[&str], whole: &dyn Fn(Value) -> Value) {
        if !may_be("object", branch) {
            return;
        }
        let smallest = self.smallest_object(branch, member);
        for name in required(branch) {
            let mut without = smallest.clone();
            without.remove(name);
            self.add(&format!("{member}/{name}"), "missing", whole(without.into()));
        }
        for (name, inner) in branch.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let with = |value: Value| whole(with(&smallest, name, value));
            self.walk(inner, &format!("{member}/{name}"), within, &with);
        }
        self.add(member, "an unknown member", whole(with(&smallest, "no_such_member", json!("a"))));
        if let Some(inner) = branch.get("additionalProperties").filter(|inner| has_rules(inner)) {
            let with = |value: Value| whole(with(&smallest, "any", value));
            self.walk(inner, &format!("{member}/*"), within, &with);
        }
        let limit = |keyword: &str| branch.get(keyword).and_then(Value::as_u64).filter(|limit| *limit <= 1_000);
        for (keyword, change) in
            [("minProperties", "as few members as may be"), ("maxProperties", "as many members as may be")]
        {
            for size in limit(keyword).into_iter().flat_map(|limit| around(keyword, limit)) {
                let others = branch.get("additionalProperties").filter(|inner| has_rules(inner));
                let value = others.map_or(json!("a"), |inner| self.smallest(inner, member));
                let named = (0..size).map(|number| (format!("a{number}"), value.clone()));
                self.add(member, change, whole(named.collect()));
            }
        }
    }

    fn walk_items(&mut self, branch: &Branch, member: &str, within: &[&str], whole: &dyn Fn(Value) -> Value) {
        if !may_be("array", branch) {
            return;
        }
        let member = &format!("{member}[]");
        let anything = json!({ "type": "string" });
        let inner = branch.get("items").filter(|inner| has_rules(inner)).unwrap_or(&anything);
        let least = branch.get("minItems").and_then(Value::as_u64).unwrap_or(1).max(1);
        let with = |value: Value| {
            let others = (1..least).map(|_| self.smallest(inner, member));
            whole(std::iter::once(value).chain(others).collect())
        };
        // The generator is borrowed by the document around the items, so another one goes into them.
        let mut items = Generator { seen: HashSet::new(), found: Vec::new(), ..*self };
        if branch.get("items").is_some_and(has_rules) {
            items.walk(inner, member, within, &with);
        }
        if let Some(limit) = branch.get("minItems").and_then(Value::as_u64) {
            for size in around("minItems", limit) {
                let list = (0..size).map(|_| self.smallest(inner, member)).collect();
                items.add(member, "a list at a limit", whole(list));
            }
        }
        for Variant { member, change, document } in items.found {
            self.add(&member, change, document);
        }
    }

    /// Values on the limits of one branch, and beyond them.
    fn values(&self, branch: &Branch, member: &str) -> Vec<(&'static str, Value)> {
        let mut values: Vec<(&str, Value)> = Vec::new();
        if let Some(listed) = branch.get("enum").and_then(Value::as_array) {
            values.extend(listed.iter().map(|value| ("a listed value", value.clone())));
            values.push(("a value that is not listed", json!("no_such_value")));
        }
        if may_be("string", branch) {
            let texts = samples::texts(branch).into_iter().map(|text| ("a text of this form", json!(text)));
            values.extend(texts);
            values.extend(samples::ODD_TEXTS.iter().map(|text| ("an odd text", json!(text))));
            for keyword in ["minLength", "maxLength"] {
                let limit = branch.get(keyword).and_then(Value::as_u64).filter(|limit| *limit <= LONGEST);
                for length in limit.into_iter().flat_map(|limit| around(keyword, limit)) {
                    let texts = samples::texts_of_length(branch, length as usize).into_iter();
                    values.extend(texts.map(|text| ("a text at a limit", json!(text))));
                }
            }
        }
        if may_be("integer", branch) || may_be("number", branch) {
            for keyword in ["minimum", "maximum"] {
                let limit = branch.get(keyword).and_then(Value::as_f64);
                let values_around = limit.into_iter().flat_map(|limit| [limit - 1.0, limit, limit + 1.0, limit + 0.5]);
                values.extend(values_around.map(|number| ("a number at a limit", samples::number(number))));
            }
        }
        if may_be("object", branch) {
            values.push((SMALLEST, self.smallest_object(branch, member).into()));
        }
        values
    }

    fn add(&mut self, member: &str, change: &'static str, document: Value) {
        if self.seen.insert(document.to_string()) {
            self.found.push(Variant { member: member.to_owned(), change, document });
        }
    }

    /// The smallest value of a schema: of a choice, the smallest value of the first branch for which the schema has it.
    fn smallest(&self, schema: &Value, member: &str) -> Value {
        let branches = self.branches(schema);
        let values: Vec<Value> = branches.iter().map(|branch| self.smallest_of(branch, member)).collect();
        if let [value] = values.as_slice() {
            return value.clone();
        }
        // An object without members may satisfy several branches, of which only one may be satisfied.
        let larger = branches.iter().filter(|branch| may_be("object", branch)).flat_map(|branch| {
            let smallest = self.smallest_object(branch, member);
            let members = branch.get("properties").and_then(Value::as_object).into_iter().flatten();
            let larger =
                members.map(|(name, inner)| with(&smallest, name, self.smallest(inner, &format!("{member}/{name}"))));
            larger.collect::<Vec<Value>>()
        });
        let first = values.first().cloned().unwrap_or_default();
        values
            .into_iter()
            .filter(|value| !value.is_null())
            .chain(larger)
            .find(|value| self.verdicts.is_valid(schema, value))
            .unwrap_or(first)
    }

    fn smallest_of(&self, branch: &Branch, member: &str) -> Value {
        if let Some(value) = branch.get("enum").and_then(Value::as_array).and_then(|values| values.first()) {
            return value.clone();
        }
        if may_be("object", branch) {
            return self.smallest_object(branch, member).into();
        }
        if may_be("array", branch) {
            let anything = json!({ "type": "string" });
            let inner = branch.get("items").filter(|inner| has_rules(inner)).unwrap_or(&anything);
            let least = branch.get("minItems").and_then(Value::as_u64).unwrap_or_default();
            return (0..least).map(|_| self.smallest(inner, &format!("{member}[]"))).collect();
        }
        if may_be("string", branch) {
            let name = member.trim_end_matches("[]").rsplit('/').next().unwrap_or_default();
            let known = self.known.get(name).cloned();
            let mut texts = known.into_iter().chain(samples::texts(branch)).map(Value::from);
            let schema = Value::Object(branch.clone());
            return texts.find(|text| self.verdicts.is_valid(&schema, text)).unwrap_or(json!("a"));
        }
        if may_be("integer", branch) || may_be("number", branch) {
            let least = branch.get("minimum").and_then(Value::as_f64);
            let most = branch.get("maximum").and_then(Value::as_f64).unwrap_or(1.0);
            return samples::number(least.unwrap_or_else(|| most.min(1.0)));
        }
        if may_be("boolean", branch) {
            return json!(true);
        }
        if branch.contains_key("type") { Value::Null } else { json!({}) }
    }

    fn smallest_object(&self, branch: &Branch, member: &str) -> Map<String, Value> {
        let properties = branch.get("properties").and_then(Value::as_object);
        let others = branch.get("additionalProperties").filter(|inner| has_rules(inner));
        let value = |name: &str| {
            let inner = properties.and_then(|properties| properties.get(name)).or(others);
            inner.map_or(json!("a"), |inner| self.smallest(inner, &format!("{member}/{name}")))
        };
        let mut object: Map<String, Value> = required(branch).map(|name| (name.to_owned(), value(name))).collect();
        let least = branch.get("minProperties").and_then(Value::as_u64).unwrap_or_default() as usize;
        let names = properties.into_iter().flatten().map(|(name, _)| name.as_str()).chain(["any"]);
        for name in names {
            if object.len() < least && !object.contains_key(name) {
                object.insert(name.to_owned(), value(name));
            }
        }
        object
    }

    /// A value with every member: of a choice, that of the first branch for which the schema has it.
    fn largest(&self, schema: &Value, member: &str, within: &[&str]) -> Value {
        let reference = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
        if reference.is_some_and(|reference| within.iter().filter(|one| **one == reference).count() > 1) {
            return self.smallest(schema, member);
        }
        let within = &Vec::from_iter(within.iter().copied().chain(reference));
        let branches = self.branches(schema);
        let mut values = branches.iter().map(|branch| self.largest_of(branch, member, within));
        if branches.len() == 1 {
            return values.next().unwrap_or_default();
        }
        values
            .find(|value| !value.is_null() && self.verdicts.is_valid(schema, value))
            .unwrap_or_else(|| self.smallest(schema, member))
    }

    fn largest_of(&self, branch: &Branch, member: &str, within: &[&str]) -> Value {
        if may_be("object", branch) {
            let mut object = self.smallest_object(branch, member);
            let most = branch.get("maxProperties").and_then(Value::as_u64).map_or(usize::MAX, |most| most as usize);
            for (name, inner) in branch.get("properties").and_then(Value::as_object).into_iter().flatten() {
                if object.len() < most || object.contains_key(name) {
                    object.insert(name.clone(), self.largest(inner, &format!("{member}/{name}"), within));
                }
            }
            return object.into();
        }
        if may_be("array", branch) && branch.get("items").is_some_and(has_rules) {
            let inner = &branch["items"];
            let least = branch.get("minItems").and_then(Value::as_u64).unwrap_or(1).max(1);
            let first = self.largest(inner, &format!("{member}[]"), within);
            let others = (1..least).map(|_| self.smallest(inner, &format!("{member}[]")));
            return std::iter::once(first).chain(others).collect();
        }
        self.smallest_of(branch, member)
    }
}

fn with(object: &Map<String, Value>, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    object.insert(name.to_owned(), value);
    object.into()
}

fn required(branch: &Branch) -> impl Iterator<Item = &str> {
    branch.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn has_rules(schema: &Value) -> bool {
    schema.as_object().is_some_and(|rules| !rules.is_empty())
}

/// Whether a value of this type satisfies the branch, as far as `type` says.
fn may_be(kind: &str, branch: &Branch) -> bool {
    match branch.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|one| one == kind),
        Some(one) => one == kind,
        None => false,
    }
}

/// A limit, and the size beyond it.
fn around(keyword: &str, limit: u64) -> impl Iterator<Item = u64> {
    let beyond = if keyword.starts_with("min") { limit.checked_sub(1) } else { Some(limit + 1) };
    std::iter::once(limit).chain(beyond)
}
