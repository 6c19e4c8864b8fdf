//! A schema as a table: one line for each member, however the schema is written.
//!
//! A choice (`oneOf`, `anyOf`) counts as one schema that takes what any branch takes, and `allOf` as one that has what
//! every part has, because the published schemas and ours are divided in different ways. Texts for people (`description`,
//! `default`) are left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// A schema as [`members`] takes it apart: what it refers to is looked up by the last part of the reference.
pub(super) type Definitions<'a> = dyn Fn(&str) -> &'a Value + 'a;

const LEAST: [&str; 5] = ["minItems", "minLength", "minProperties", "minimum", "multipleOf"];
const MOST: [&str; 4] = ["maxItems", "maxLength", "maxProperties", "maximum"];
const TEXTS: [&str; 2] = ["format", "pattern"];

/// What the schema says of each member. The schema itself has the empty name; `[]` is an item, `/*` a member of any name.
pub(super) fn members(schema: &Value, definitions: &Definitions<'_>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    gather(schema, definitions, "", true, &[], &mut found);
    found.into_iter().map(|(name, branches)| (name, line(&branches))).collect()
}

/// One way through the choices of a schema: all its keywords but `$ref`, `allOf`, `anyOf` and `oneOf`.
pub(super) type Branch = Map<String, Value>;

/// One branch of a member, and whether it is required.
struct OfMember {
    schema: Branch,
    required: bool,
}

fn gather(
    schema: &Value,
    definitions: &Definitions<'_>,
    name: &str,
    required: bool,
    within: &[&str],
    found: &mut BTreeMap<String, Vec<OfMember>>,
) {
    let reference = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    // A definition that contains itself is taken apart once.
    if let Some(definition) = reference.filter(|reference| within.contains(reference)) {
        let kind = definitions(definition).get("type").map(|kind| ("type".to_owned(), kind.clone()));
        let branch = OfMember { schema: Map::from_iter(kind), required };
        found.entry(name.to_owned()).or_default().push(branch);
        return;
    }
    let within = &Vec::from_iter(within.iter().copied().chain(reference));
    for schema in branches(schema, definitions) {
        let is_required = |member: &str| {
            schema.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|one| one == member))
        };
        for (member, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            gather(inner, definitions, &format!("{name}/{member}"), is_required(member), within, found);
        }
        let others = schema.get("additionalProperties").and_then(Value::as_object);
        if let Some(inner) = others.filter(|inner| !inner.is_empty()) {
            gather(&Value::Object(inner.clone()), definitions, &format!("{name}/*"), false, within, found);
        }
        let items = schema.get("items").filter(|inner| inner.as_object().is_some_and(|rules| !rules.is_empty()));
        if let Some(inner) = items {
            gather(inner, definitions, &format!("{name}[]"), false, within, found);
        }
        found.entry(name.to_owned()).or_default().push(OfMember { schema, required });
    }
}

/// The schema without references, choices and `allOf`: one for each way through its choices.
pub(super) fn branches(schema: &Value, definitions: &Definitions<'_>) -> Vec<Branch> {
    let mut schema = schema;
    while let Some(reference) = schema["$ref"].as_str() {
        schema = definitions(reference.rsplit('/').next().unwrap_or_default());
    }
    let mut own = schema.as_object().cloned().unwrap_or_default();
    let choice = own.remove("oneOf").or_else(|| own.remove("anyOf"));
    let parts = own.remove("allOf");
    let mut whole = vec![own];
    for part in parts.iter().filter_map(Value::as_array).flatten() {
        let part = branches(part, definitions);
        whole = whole.iter().flat_map(|own| part.iter().map(|part| joined(part, own))).collect();
    }
    if let Some(Value::Array(choice)) = choice {
        let choice: Vec<_> = choice.iter().flat_map(|branch| branches(branch, definitions)).collect();
        whole = whole.iter().flat_map(|own| choice.iter().map(|branch| joined(own, branch))).collect();
    }
    whole
}

/// Both schemas in one; of two rules for the same keyword the second counts.
fn joined(first: &Map<String, Value>, second: &Map<String, Value>) -> Map<String, Value> {
    let mut joined = first.clone();
    for (keyword, rule) in second {
        match (joined.get_mut(keyword), rule) {
            (Some(Value::Object(members)), Value::Object(more)) if keyword == "properties" => {
                members.extend(more.clone());
            }
            _ => {
                joined.insert(keyword.clone(), rule.clone());
            }
        }
    }
    joined
}

/// The types, then what else holds in every branch that is not only `null`.
fn line(branches: &[OfMember]) -> String {
    let all_types: BTreeSet<&str> = branches.iter().flat_map(|branch| types(&branch.schema)).collect();
    let mut facts = vec![Vec::from_iter(all_types).join(" ")];
    let named: Vec<&Map<String, Value>> = branches.iter().map(|branch| &branch.schema).collect();
    let narrow: Vec<_> = named.iter().copied().filter(|schema| types(schema) != ["null"]).collect();
    let named = if narrow.is_empty() { named } else { narrow };
    if branches.iter().all(|branch| branch.required) {
        facts.push("required".to_owned());
    }
    if named.iter().all(|schema| schema.get("additionalProperties") == Some(&Value::Bool(false))) {
        facts.push("closed".to_owned());
    }
    if named.iter().all(|schema| schema.get("uniqueItems") == Some(&Value::Bool(true))) {
        facts.push("unique".to_owned());
    }
    facts.extend(values(&named));
    facts.extend(LEAST.iter().filter_map(|keyword| limit(keyword, &named, f64::min)));
    facts.extend(MOST.iter().filter_map(|keyword| limit(keyword, &named, f64::max)));
    for keyword in TEXTS {
        let texts: Option<BTreeSet<String>> =
            named.iter().map(|schema| schema.get(keyword).map(Value::to_string)).collect();
        facts.extend(texts.map(|texts| format!("{keyword} {}", Vec::from_iter(texts).join(" "))));
    }
    facts.join("; ")
}

fn types(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(name) => name.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}

fn values(named: &[&Map<String, Value>]) -> Option<String> {
    let lists: Option<Vec<&Vec<Value>>> = named.iter().map(|schema| schema.get("enum")?.as_array()).collect();
    let values: BTreeSet<String> =
        lists?.into_iter().flatten().filter(|value| !value.is_null()).map(Value::to_string).collect();
    Some(format!("enum {}", Vec::from_iter(values).join(" ")))
}

/// A limit that each branch has; of several the widest. A size of at least nothing is no limit.
fn limit(keyword: &str, named: &[&Map<String, Value>], widest: fn(f64, f64) -> f64) -> Option<String> {
    let limits: Option<Vec<f64>> = named.iter().map(|schema| schema.get(keyword)?.as_f64()).collect();
    let limit = limits?.into_iter().reduce(widest)?;
    let says_nothing = limit == 0.0 && keyword.starts_with("min") && keyword != "minimum";
    (!says_nothing).then(|| format!("{keyword} {limit}"))
}
