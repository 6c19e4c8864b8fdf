//! Every rule of the reference has a test or a scenario that names it.
//!
//! A scenario names a rule by its tag (`@R13`), a Rust test by the comment `// proves R13` above
//! it. `fixtures/rules.tsv` lists the rules; those whose subject is still to come stand in
//! `fixtures/rules-to-come.txt`, and leave it with their first test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Rule id to its mark: recorded, documented, reported, inferred or unknown.
fn rules() -> BTreeMap<String, String> {
    let text = read("fixtures/rules.tsv");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("id\tmark\trule"));
    let mut rules = BTreeMap::new();
    for line in lines {
        let [id, mark, rule] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a rule has an id, a mark and one line: {line}");
        };
        assert!(is_rule_id(id), "not a rule id: {line}");
        assert!(["recorded", "documented", "reported", "inferred", "unknown"].contains(&mark), "not a mark: {line}");
        assert!(!rule.is_empty(), "a rule says something: {line}");
        assert!(rules.insert(id.to_owned(), mark.to_owned()).is_none(), "twice: {line}");
    }
    rules
}

fn to_come() -> BTreeSet<String> {
    let text = read("fixtures/rules-to-come.txt");
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).map(str::to_owned).collect()
}

/// Rule ids in tags of scenarios.
fn tagged() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for file in files("features", "feature") {
        for line in fs::read_to_string(&file).expect("a feature file is text").lines() {
            let tags = line.trim().strip_prefix('@').map(|_| line.split_whitespace());
            for tag in tags.into_iter().flatten() {
                let tag = tag.strip_prefix('@').unwrap_or_else(|| panic!("not a tag in {file:?}: {line}"));
                if tag.starts_with(|c: char| c.is_ascii_uppercase()) {
                    ids.insert(tag.to_owned());
                }
            }
        }
    }
    ids
}

/// Rule ids that a Rust test says it proves.
fn proven() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for file in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        let text = fs::read_to_string(&file).expect("a source file is text");
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (number, line) in lines.iter().enumerate() {
            let Some(names) = line.strip_prefix("// proves ") else { continue };
            let head: Vec<&&str> = lines[number + 1..]
                .iter()
                .take_while(|line| line.starts_with("#[") || line.starts_with("//"))
                .collect();
            assert!(
                head.iter().any(|line| line.starts_with("#[test]") || line.starts_with("#[rstest]")),
                "{}:{}: no test stands below \"{line}\"",
                file.display(),
                number + 1
            );
            ids.extend(names.split([' ', ',']).filter(|id| !id.is_empty()).map(str::to_owned));
        }
    }
    ids
}

#[test]
fn every_rule_has_a_test_with_its_id() {
    let named: BTreeSet<String> = tagged().union(&proven()).cloned().collect();
    let to_come = to_come();
    let missing: Vec<String> = rules()
        .into_iter()
        .filter(|(id, mark)| mark != "unknown" && !named.contains(id) && !to_come.contains(id))
        .map(|(id, _)| id)
        .collect();
    assert!(missing.is_empty(), "no scenario and no Rust test names {missing:?}");
}

#[test]
fn every_rule_that_a_test_names_is_in_the_list() {
    let rules = rules();
    let strangers: Vec<String> = tagged().union(&proven()).filter(|id| !rules.contains_key(*id)).cloned().collect();
    assert!(strangers.is_empty(), "fixtures/rules.tsv does not list {strangers:?}");
}

#[test]
fn a_rule_to_come_is_a_listed_rule_without_a_test() {
    let (rules, tagged, proven) = (rules(), tagged(), proven());
    for id in to_come() {
        assert!(rules.contains_key(&id), "fixtures/rules.tsv does not list {id}");
        assert!(
            !tagged.contains(&id) && !proven.contains(&id),
            "{id} has a test now: take it out of fixtures/rules-to-come.txt"
        );
    }
}

fn is_rule_id(id: &str) -> bool {
    const KINDS: [&str; 12] = ["R", "T", "E", "SYS", "V", "ACT", "POP", "DPOP", "MTLS", "JWE", "AUD", "RLP"];
    let is_number = |text: &str| text.parse::<u32>().is_ok_and(|parsed| parsed.to_string() == text);
    KINDS.iter().filter_map(|kind| id.strip_prefix(kind)).any(is_number)
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below `folder` that end in `.extension`.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("a folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
