//! Compares the members of every modelled operation with the published ones, `fixtures/published_members.tsv`.
//!
//! The table holds facts (name, type, limits) and no text of the vendor. It is made from the reference texts:
//! `UPDATE_GOLDEN=1 M2MOCK_SHARED=FOLDER cargo test --lib published_members`. A new operation needs its rows there;
//! where we know better than the published schema, `differences.rs` says from what.

mod differences;
mod facts;
mod reference;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use differences::DIFFERENCES;
use facts::members;
use serde_json::{Value, json};

use self::table::{Place, Table, key};
use super::families;

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

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/published_members.tsv")
}

/// The table of the published members; made again first if that is asked for.
fn published(modelled: &Table) -> Table {
    if env::var_os("UPDATE_GOLDEN").is_some() {
        let folder = env::var_os("M2MOCK_SHARED").expect("M2MOCK_SHARED names the folder of reference texts");
        let table = reference::table(Path::new(&folder), &modelled.operations);
        fs::write(golden(), table.written()).expect("the table can be written");
    }
    Table::read(&fs::read_to_string(golden()).expect("fixtures/published_members.tsv can be read"))
}

#[test]
fn every_operation_takes_the_published_members_and_no_others() {
    let modelled = modelled();
    let published = published(&modelled);
    let missing: Vec<_> = modelled.operations.difference(&published.operations).collect();
    assert!(missing.is_empty(), "fixtures/published_members.tsv says nothing of {missing:#?}");

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
