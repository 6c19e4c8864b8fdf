//! The README and `docs/operations.md` say what is modelled: both tables are made from the rows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use m2mock::internal::ModelledOperation;

const BEGINS: &str = "<!-- operations: generated from the rows by the test `readme`; UPDATE_GOLDEN=1 rewrites it -->\n";
const ENDS: &str = "<!-- /operations -->";

fn by_area() -> BTreeMap<&'static str, Vec<ModelledOperation>> {
    let mut areas: BTreeMap<&str, Vec<ModelledOperation>> = BTreeMap::new();
    for operation in m2mock::internal::operations() {
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
    let mut table = String::new();
    for (area, mut operations) in by_area() {
        operations.sort_by_key(|operation| (operation.path, operation.method));
        write!(table, "\n## {area}\n\n| operation | any of these scopes | success | checked |\n|---|---|---|---|\n")
            .expect("a text takes every line");
        for operation in operations {
            let ModelledOperation { method, path, scopes, success, body, parameters, .. } = operation;
            let checked = [("path", parameters.is_some()), ("query", true), ("body", body.is_some())];
            let checked: Vec<&str> =
                checked.into_iter().filter(|(_, is_checked)| *is_checked).map(|(part, _)| part).collect();
            let scopes: Vec<String> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
            writeln!(table, "| {method} `{path}` | {} | {success} | {} |", scopes.join(", "), checked.join(", "))
                .expect("a text takes every line");
        }
    }
    table
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
    hold("docs/operations.md", &whole());
}
