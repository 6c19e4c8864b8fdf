//! Makes the table of published schemas from the folder of reference texts, which is not part of this project.
//!
//! The folder has JSON Schemas of all bodies, and a list of operations whose queries and paths are written in a short
//! form: `take:integer:1..100, sort:string:len ..9:pattern ^a$, email!:string`. An exclamation mark means required.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::schemas::{Part, PublishedSchemas, key};

/// The published schemas of every operation.
pub(super) fn schemas(folder: &Path) -> PublishedSchemas {
    let read = |name: &str| {
        let path = folder.join("reference/api").join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let json = |name: &str| -> Value { serde_json::from_str(&read(name)).expect("JSON") };
    let (first, later) = (json("schemas.json"), json("schemas-2026-08.json"));
    let definition = |name: &str| {
        let newest = [&later["replaces"][name], &later["$defs"][name], &first["$defs"][name]];
        newest.into_iter().find(|schema| !schema.is_null()).unwrap_or_else(|| panic!("no definition {name}"))
    };

    let mut schemas = PublishedSchemas::default();
    for file in ["operations.tsv", "operations-2026-08.tsv"] {
        for row in rows(&read(file)) {
            if row.get("mark").is_some_and(|mark| mark == "gone") {
                continue;
            }
            let operation = key(&row["method"], &row["path"]);
            let mut add = |part: Part, schema: Value| schemas.insert(&operation, part, schema);
            if row["request"] != "-" {
                add(Part::Body, reference_to(&row["request"]));
            }
            add(Part::Query, query(&row["query"]));
            let in_path = query_of_path(&row["path_params"]);
            let names = row["path"].split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
            add(Part::Path, names.map(|name| in_path[name].clone()).collect());
            // A stream of events has no schema of an answer as a whole, and 204 has no answer.
            let answers = row["success"].split("; ").filter_map(|answer| answer.split_once(' '));
            for (status, name) in answers.filter(|(status, name)| *status != "204" && !name.contains('(')) {
                let status = status.parse().expect("a status is a number");
                let items = name.strip_prefix("array<").and_then(|name| name.strip_suffix('>'));
                let list = |items: &str| json!({ "type": "array", "items": reference_to(items) });
                add(Part::Answer(status), items.map_or_else(|| reference_to(name), list));
            }
        }
    }
    let inlined = Inlining::of(&schemas, &definition);
    for schema in schemas.parts_mut() {
        *schema = inlined.schema(schema, &definition);
    }
    for name in inlined.shared() {
        schemas.define(name, inlined.schema(definition(name), &definition));
    }
    schemas
}

fn reference_to(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// How often each definition is named: what is named once stands where it is named.
#[derive(Default)]
struct Inlining {
    uses: BTreeMap<String, usize>,
}

impl Inlining {
    fn of<'a>(schemas: &PublishedSchemas, definition: &dyn Fn(&str) -> &'a Value) -> Inlining {
        let mut inlining = Inlining::default();
        schemas.parts().for_each(|schema| inlining.count(schema, definition));
        inlining
    }

    fn count<'a>(&mut self, schema: &Value, definition: &dyn Fn(&str) -> &'a Value) {
        match schema {
            Value::Object(members) => {
                if let Some(name) = referred(schema) {
                    let uses = self.uses.entry(name.to_owned()).or_default();
                    *uses += 1;
                    if *uses == 1 {
                        self.count(definition(name), definition);
                    }
                }
                members.values().for_each(|inner| self.count(inner, definition));
            }
            Value::Array(items) => items.iter().for_each(|inner| self.count(inner, definition)),
            _ => {}
        }
    }

    fn shared(&self) -> BTreeSet<&str> {
        self.uses.iter().filter(|(_, uses)| **uses > 1).map(|(name, _)| name.as_str()).collect()
    }

    /// The schema with what is named once in it, and without examples.
    fn schema<'a>(&self, schema: &Value, definition: &dyn Fn(&str) -> &'a Value) -> Value {
        if let Some(name) = referred(schema).filter(|name| self.uses.get(*name) == Some(&1)) {
            return self.schema(definition(name), definition);
        }
        let Value::Object(rules) = schema else { return schema.clone() };
        let whole = |inner: &Value| self.schema(inner, definition);
        let mut made = Map::new();
        for (keyword, rule) in rules.iter().filter(|(keyword, _)| *keyword != "default") {
            let rule = match (keyword.as_str(), rule) {
                ("properties", Value::Object(members)) => {
                    members.iter().map(|(name, inner)| (name.clone(), whole(inner))).collect()
                }
                ("allOf" | "anyOf" | "oneOf", Value::Array(branches)) => branches.iter().map(whole).collect(),
                ("additionalProperties" | "items", rule) => whole(rule),
                (_, rule) => rule.clone(),
            };
            made.insert(keyword.clone(), rule);
        }
        Value::Object(made)
    }
}

/// The definition that a schema refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// The rows of a table whose first line names the columns.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned));
    let names: Vec<String> = lines.next().into_iter().flatten().collect();
    lines.map(|row| names.iter().cloned().zip(row).collect()).collect()
}

/// A query as the schema of one object.
fn query(text: &str) -> Value {
    let parameters = parameters(text);
    let required: Vec<&str> =
        parameters.iter().filter(|(_, required, _)| *required).map(|(name, ..)| name.as_str()).collect();
    let properties: Map<String, Value> =
        parameters.iter().map(|(name, _, schema)| (name.clone(), schema.clone())).collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

fn query_of_path(text: &str) -> BTreeMap<String, Value> {
    parameters(text).into_iter().map(|(name, _, schema)| (name, schema)).collect()
}

/// Name, whether it is required, and schema of each parameter.
fn parameters(text: &str) -> Vec<(String, bool, Value)> {
    let mut written: Vec<String> = Vec::new();
    // A pattern may have a comma in it: what does not begin with a name and its colon goes on with the one before.
    for part in text.split(", ").filter(|_| text != "-") {
        let begins = part.split_once(':').is_some_and(|(name, _)| {
            name.trim_end_matches('!').bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        match written.last_mut().filter(|_| !begins) {
            Some(last) => last.extend([", ", part]),
            None => written.push(part.to_owned()),
        }
    }
    written.iter().map(|text| parameter(text)).collect()
}

fn parameter(text: &str) -> (String, bool, Value) {
    let (name, rest) = text.split_once(':').expect("a parameter has a name and a type");
    if let Some(choices) = rest.strip_prefix("string:oneOf ") {
        let choices: Vec<Value> =
            choices.split(" or ").map(|choice| parameter(&format!("{name}:{choice}")).2).collect();
        return (name.to_owned(), false, json!({ "type": "string", "oneOf": choices }));
    }
    let (kind, facets) = rest.split_once(':').unwrap_or((rest, ""));
    let items = kind.strip_prefix("array<").and_then(|kind| kind.strip_suffix('>'));
    let schema = narrowed(items.unwrap_or(kind), facets);
    let schema = if items.is_some() { json!({ "type": "array", "items": schema }) } else { schema };
    (name.trim_end_matches('!').to_owned(), name.ends_with('!'), schema)
}

fn narrowed(kind: &str, facets: &str) -> Value {
    if let Some(branches) = facets.strip_prefix("oneOf ") {
        let branch = |branch: &str| {
            let (kind, facets) = branch.split_once(':').unwrap_or((branch, ""));
            narrowed(kind, facets)
        };
        return json!({ "type": kind, "oneOf": branches.split(" or ").map(branch).collect::<Vec<_>>() });
    }
    let mut schema = json!({ "type": kind });
    let mut left = facets;
    while !left.is_empty() {
        // A pattern may have colons in it, and is the last facet.
        let whole = if left.starts_with("pattern ") { None } else { left.split_once(':') };
        let (facet, more) = whole.unwrap_or((left, ""));
        left = more;
        let (facet, rule) = facet.split_once(' ').unwrap_or(("range", facet));
        match facet {
            "range" => limit(&mut schema, rule, ["minimum", "maximum"]),
            "len" => limit(&mut schema, rule, ["minLength", "maxLength"]),
            "enum" => {
                let value = |text: &str| if kind == "boolean" { json!(text == "true") } else { json!(text) };
                schema["enum"] = rule.split('|').map(value).collect();
            }
            "format" | "pattern" => schema[facet] = rule.into(),
            // The names that a comma separated list may hold: ASSUMPTIONS.md says what becomes of others.
            "csv" => {}
            // A path always has the parameter.
            "default" => {}
            _ => panic!("what does {facet} mean in {facets}?"),
        }
    }
    schema
}

/// `1..100`, `..100` or `1..`.
fn limit(schema: &mut Value, range: &str, keywords: [&str; 2]) {
    let (least, most) = range.split_once("..").expect("a range");
    for (keyword, limit) in keywords.into_iter().zip([least, most]) {
        if let Ok(limit) = limit.parse::<i64>() {
            schema[keyword] = limit.into();
        }
    }
}
