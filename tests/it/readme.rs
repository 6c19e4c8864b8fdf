//! The README says what is modelled: its table is made from the rows.

use std::collections::BTreeMap;
use std::fmt::Write;

const BEGINS: &str = "<!-- operations: generated from the rows by the test `readme`; UPDATE_GOLDEN=1 rewrites it -->\n";
const ENDS: &str = "<!-- /operations -->";

fn table() -> String {
    let mut methods: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for operation in m2mock::operations() {
        methods.entry(operation.path).or_default().push(operation.method);
    }
    let mut table = String::from("| path below `/api/v2` | operations |\n|---|---|\n");
    for (path, methods) in methods {
        writeln!(table, "| `{path}` | {} |", methods.join(", ")).expect("a text takes every line");
    }
    table
}

#[test]
fn the_readme_lists_the_operations_that_are_modelled() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).expect("the README is there");
    let (before, rest) = readme.split_once(BEGINS).expect("the table's beginning is marked");
    let (listed, after) = rest.split_once(ENDS).expect("the table's end is marked");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, format!("{before}{BEGINS}{}{ENDS}{after}", table())).expect("the README can be written");
        return;
    }
    assert_eq!(listed, table(), "the README is out of date");
}
