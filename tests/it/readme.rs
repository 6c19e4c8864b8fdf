//! The tables of modelled operations in the README and in `docs/operations.md` are generated from the rows.
//!
//! Two facts about an operation are in files: `fixtures/operation-state.tsv` has what the tenant keeps for those that a function
//! answers, unless that is a collection, and `fixtures/operation-evidence.tsv` has the number of recordings and the edition of
//! the published list. `UPDATE_GOLDEN=1 M2MOCK_SHARED=FOLDER cargo test --test it readme` makes the second one from the reference.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use m2mock::internal::{ModelledOperation, operation_name, operations};
use serde_json::Value;

const BEGINS: &str = "<!-- operations: generated from the rows by the test `readme`; UPDATE_GOLDEN=1 rewrites it -->\n";
const ENDS: &str = "<!-- /operations -->";

fn by_area() -> BTreeMap<&'static str, Vec<ModelledOperation>> {
    let mut areas: BTreeMap<&str, Vec<ModelledOperation>> = BTreeMap::new();
    for operation in operations() {
        areas.entry(operation.area).or_default().push(operation);
    }
    areas
}

/// One line for each area, with the first segments of its paths.
fn summary() -> String {
    let mut table = String::from("| area | operations | paths below `/api/v2` |\n|---|---|---|\n");
    for (area, operations) in by_area() {
        let first = |operation: &ModelledOperation| operation.path.split('/').nth(1).unwrap_or_default();
        let paths: BTreeSet<String> = operations.iter().map(|operation| format!("`/{}`", first(operation))).collect();
        let paths: Vec<String> = paths.into_iter().collect();
        writeln!(table, "| {area} | {} | {} |", operations.len(), paths.join(", ")).expect("a text takes every line");
    }
    table
}

/// One line for each operation.
fn whole() -> String {
    let (states, evidence) = (rows("fixtures/operation-state.tsv"), rows("fixtures/operation-evidence.tsv"));
    let mut table = String::new();
    for (area, mut operations) in by_area() {
        operations.sort_by_key(|operation| (operation.path, operation.method));
        let head = "| operation | any of these scopes | success | checked | state | recordings | published |";
        write!(table, "\n## {area}\n\n{head}\n|---|---|---|---|---|---|---|\n").expect("a text takes every line");
        for operation in operations {
            let name = name(&operation);
            let ModelledOperation { scopes, success, body, parameters, state, .. } = operation;
            let checked = [("path", parameters.is_some()), ("body", body.is_some())];
            let checked: Vec<&str> =
                checked.into_iter().filter(|(_, is_checked)| *is_checked).map(|(part, _)| part).collect();
            let scopes: Vec<String> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
            let state = state.or_else(|| Some(states.get(&name)?[0].as_str())).unwrap_or("collection");
            let [recordings, published] = &evidence[&name][..] else { panic!("{name} has two facts") };
            let (method, path) = name.split_once(' ').expect("a method and a path");
            writeln!(
                table,
                "| {method} `{path}` | {} | {success} | {} | {state} | {recordings} | {published} |",
                scopes.join(", "),
                checked.join(", ")
            )
            .expect("a text takes every line");
        }
    }
    table
}

fn name(operation: &ModelledOperation) -> String {
    format!("{} {}", operation.method, operation.path)
}

fn in_the_project(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// The rows of a table by their first column.
fn rows(file: &str) -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(in_the_project(file)).expect("the table is there");
    let row = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        (cells.next().unwrap_or_default(), cells.collect())
    };
    text.lines().skip(1).map(row).collect()
}

/// For each operation the number of its recorded requests, and the edition of the published list that has it first.
fn evidence(shared: &Path) -> String {
    let mut recordings: BTreeMap<String, usize> = BTreeMap::new();
    for cassette in files_below(&shared.join("corpus")) {
        let text = fs::read_to_string(&cassette).expect("a cassette can be read");
        let cassette: Value = serde_json::from_str(&text).expect("a cassette is JSON");
        for interaction in cassette["interactions"].as_array().into_iter().flatten() {
            let path = interaction["path"].as_str().and_then(|path| path.strip_prefix("/api/v2"));
            let method = interaction["method"].as_str().unwrap_or_default();
            if let Some(name) = path.and_then(|path| operation_name(method, path)) {
                *recordings.entry(name).or_default() += 1;
            }
        }
    }
    let editions = editions(shared);
    let mut table = "operation\trecordings\tpublished\n".to_owned();
    let mut names: Vec<(&str, &str)> =
        operations().iter().map(|operation| (operation.path, operation.method)).collect();
    names.sort_unstable();
    for (path, method) in names {
        let name = format!("{method} {path}");
        let count = recordings.get(&name).copied().unwrap_or_default();
        let edition = editions.get(&name).map_or("recorded", String::as_str);
        writeln!(table, "{name}\t{count}\t{edition}").expect("a text takes every line");
    }
    table
}

/// By name of an operation the edition of the published list, with the stage of an operation that is not generally available.
fn editions(shared: &Path) -> BTreeMap<String, String> {
    const LISTS: [&str; 2] = ["operations.tsv", "operations-2026-08.tsv"];
    let mut editions = BTreeMap::new();
    for list in LISTS {
        let text = fs::read_to_string(shared.join("reference/api").join(list)).expect("the list can be read");
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let edition = match cells.get(11) {
                None => "2026-05",
                Some(mark) if mark.starts_with("oas") => "2026-06",
                Some(_) => "2026-08",
            };
            let stage = cells.get(10).filter(|stage| !["GA", "-"].contains(*stage));
            let edition = stage.map_or_else(|| edition.to_owned(), |stage| format!("{edition} {stage}"));
            if let Some(name) = operation_name(cells[0], cells[1]) {
                editions.entry(name).or_insert(edition);
            }
        }
    }
    editions
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Compares the part of a file between the marks, or writes it if that is asked for.
fn hold(file: &str, made: &str) {
    let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).expect("the file is there");
    let (before, rest) = text.split_once(BEGINS).expect("the table's beginning is marked");
    let (listed, after) = rest.split_once(ENDS).expect("the table's end is marked");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(path, format!("{before}{BEGINS}{made}{ENDS}{after}")).expect("the file can be written");
        return;
    }
    assert!(listed == made, "{file} is out of date (UPDATE_GOLDEN=1 writes it)");
}

#[test]
fn the_readme_lists_the_areas_that_are_modelled() {
    hold("README.md", &summary());
}

#[test]
fn the_guide_lists_the_operations_that_are_modelled() {
    if let (Some(_), Some(shared)) = (env::var_os("UPDATE_GOLDEN"), env::var_os("M2MOCK_SHARED")) {
        let (file, table) = (in_the_project("fixtures/operation-evidence.tsv"), evidence(Path::new(&shared)));
        // Another test reads it at the same time.
        if fs::read_to_string(&file).ok().as_ref() != Some(&table) {
            fs::write(file, table).expect("the table can be written");
        }
    }
    hold("docs/operations.md", &whole());
}

#[test]
fn each_operation_has_its_evidence_and_a_state_of_its_own_only_where_a_function_answers() {
    let operations = operations();
    let names: BTreeSet<String> = operations.iter().map(name).collect();
    let evidence = rows("fixtures/operation-evidence.tsv");
    assert_eq!(evidence.keys().cloned().collect::<BTreeSet<_>>(), names);
    for (name, state) in rows("fixtures/operation-state.tsv") {
        assert!(["setting", "report", "none"].contains(&state.join(" ").as_str()), "{name}: {state:?}");
        let is_function = operations.iter().any(|operation| self::name(operation) == name && operation.state.is_none());
        assert!(is_function, "no function answers {name}");
    }
}
