//! Compares the members of every modelled operation with the published ones.
//!
//! A difference is a fault of ours, or a line in `differences.rs`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::families;
use super::differences::DIFFERENCES;
use super::facts::members;
use super::golden::published_schemas;
use super::schemas::{Place, key};

/// The published facts about each member of each operation.
#[derive(Debug, Default)]
struct Table {
    operations: BTreeSet<String>,
    members: BTreeMap<(String, Place, String), String>,
}

/// The members that the schema files of the families have.
fn modelled() -> Table {
    let mut table = Table::default();
    for family in families() {
        let file = family.schemas.file();
        let definition = |name: &str| &file["shared"][name];
        for row in family.operations {
            let operation = key(row.method, row.path);
            table.operations.insert(operation.clone());
            let mut add = |place: Place, prefix: &str, schema: &Value| {
                for (member, facts) in members(schema, &|name| definition(name)) {
                    table.members.insert((operation.clone(), place, format!("{prefix}{member}")), facts);
                }
            };
            if let Some(body) = row.body {
                add(Place::Body, "", &file["bodies"][body]);
            }
            let no_query = json!({ "type": "object", "additionalProperties": false });
            add(Place::Query, "", row.query.map_or(&no_query, |query| &file["queries"][query]));
            let anything = json!({ "type": "string" });
            let rules = row.parameters.map(|name| &file["paths"][name]);
            let names = row.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
            for (number, name) in names.enumerate() {
                let rule = rules.and_then(|rules| rules.get(name)).unwrap_or(&anything);
                add(Place::Path, &(number + 1).to_string(), rule);
            }
        }
    }
    table
}

/// The members that the published schemas have.
fn published() -> Table {
    let schemas = published_schemas();
    let definition = |name: &str| schemas.definition(name);
    let mut table = Table::default();
    for operation in schemas.operations() {
        table.operations.insert(operation.to_owned());
        let path = schemas.path(operation).iter().enumerate();
        let path = path.map(|(number, rule)| (Place::Path, (number + 1).to_string(), rule));
        let query = [(Place::Query, String::new(), schemas.query(operation))];
        let body = schemas.body(operation).map(|body| (Place::Body, String::new(), body));
        for (place, prefix, schema) in path.chain(query).chain(body) {
            for (member, facts) in members(schema, &definition) {
                table.members.insert((operation.to_owned(), place, format!("{prefix}{member}")), facts);
            }
        }
    }
    table
}

#[test]
fn every_operation_takes_the_published_members_and_no_others() {
    let modelled = modelled();
    let published = published();
    let missing: Vec<_> = modelled.operations.difference(&published.operations).collect();
    assert!(missing.is_empty(), "fixtures/published_schemas.tsv says nothing of {missing:#?}");

    let mut allowed: BTreeSet<(String, Place, String)> = BTreeSet::new();
    for (operations, place, members, reason) in DIFFERENCES {
        assert!(!reason.is_empty());
        for operation in *operations {
            allowed.extend(members.iter().map(|member| ((*operation).to_owned(), *place, (*member).to_owned())));
        }
    }
    let of_modelled = |(operation, ..): &&(String, Place, String)| modelled.operations.contains(operation);
    let all: BTreeSet<_> = modelled.members.keys().chain(published.members.keys()).filter(of_modelled).collect();
    let differing: BTreeSet<_> =
        all.into_iter().filter(|member| modelled.members.get(*member) != published.members.get(*member)).collect();
    let line = |member: &(String, Place, String)| {
        let facts = |table: &Table| table.members.get(member).map_or("not there", String::as_str).to_owned();
        let (operation, place, name) = member;
        format!(
            "{operation} {place:?} {name:?}\n    published: {}\n    here: {}\n",
            facts(&published),
            facts(&modelled)
        )
    };
    let unknown: String =
        differing.iter().filter(|member| !allowed.contains(**member)).map(|member| line(member)).collect();
    assert!(unknown.is_empty(), "differences that differences.rs does not explain:\n{unknown}");
    let needless: Vec<_> = allowed.iter().filter(|member| !differing.contains(member)).collect();
    assert!(needless.is_empty(), "differences.rs explains what does not differ: {needless:#?}");
}
