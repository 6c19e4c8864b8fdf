//! Compares the operations of the crate with the published list, `fixtures/operations.tsv`.
//!
//! `fixtures/not-modelled.txt` names the operations that are still missing. After adding one:
//! `UPDATE_GOLDEN=1 cargo test --test it coverage`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Scopes, any of which is enough, and the statuses of success.
type Facts = (BTreeSet<String>, BTreeSet<u16>);

/// The published operations, by method and path. The names of path parameters are left out,
/// because the crate may call them otherwise.
fn published() -> BTreeMap<String, (String, Facts)> {
    let text = include_str!("../../fixtures/operations.tsv");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("method\tpath\tscopes\tsuccess"));
    let row = |line: &str| {
        let [method, path, scopes, success] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("an operation has four columns: {line}");
        };
        let scopes = scopes.split('|').map(str::to_owned).collect();
        let success = success.split('|').map(|status| status.parse().expect("a status is a number")).collect();
        (key(method, path), (format!("{method} {path}"), (scopes, success)))
    };
    lines.map(row).collect()
}

fn modelled() -> BTreeMap<String, Facts> {
    m2mock::internal::operations()
        .into_iter()
        .map(|row| {
            let scopes = row.scopes.iter().map(|scope| (*scope).to_owned()).collect();
            (key(row.method, row.path), (scopes, BTreeSet::from([row.success])))
        })
        .collect()
}

/// `GET /clients/{}` for `GET /clients/{id}`.
fn key(method: &str, path: &str) -> String {
    let parts: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
    format!("{method} {}", parts.join("/"))
}

#[test]
fn every_operation_is_published_with_its_scopes_and_its_status() {
    let published = published();
    for (key, (scopes, success)) in modelled() {
        let Some((_, (published_scopes, published_success))) = published.get(&key) else {
            panic!("nobody published {key}");
        };
        assert_eq!(&scopes, published_scopes, "scopes of {key}");
        assert!(success.is_subset(published_success), "{key} answers {success:?}, not {published_success:?}");
    }
}

#[test]
fn operations_that_are_not_modelled_are_listed() {
    let modelled = modelled();
    let missing: String = published()
        .into_iter()
        .filter(|(key, _)| !modelled.contains_key(key))
        .map(|(_, (name, _))| format!("{name}\n"))
        .collect();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/not-modelled.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &missing).expect("the golden list can be written");
        return;
    }
    let listed = fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        listed == missing,
        "fixtures/not-modelled.txt is out of date; missing now:\n{missing}\n(UPDATE_GOLDEN=1 writes it)"
    );
}
