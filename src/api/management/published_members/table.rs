//! The table of members: one line for each member of each operation.

use std::collections::{BTreeMap, BTreeSet};

/// The part of a request that a member belongs to. A path parameter is called by its number, because its name is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Body,
    Path,
    Query,
}

/// What is said of each member of each operation.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Table {
    pub(super) operations: BTreeSet<String>,
    pub(super) members: BTreeMap<(String, Place, String), String>,
}

impl Table {
    /// One line for each member, and one for an operation without any.
    pub(super) fn written(&self) -> String {
        let mut lines: Vec<String> = self
            .members
            .iter()
            .map(|((operation, place, member), facts)| format!("{operation}\t{place:?}\t{member}\t{facts}\n"))
            .collect();
        let with_members: BTreeSet<&String> = self.members.keys().map(|(operation, ..)| operation).collect();
        lines.extend(
            self.operations.iter().filter(|name| !with_members.contains(name)).map(|name| format!("{name}\t\t\t\n")),
        );
        lines.sort();
        format!("operation\tplace\tmember\tfacts\n{}", lines.concat())
    }

    pub(super) fn read(text: &str) -> Table {
        let mut table = Table::default();
        for line in text.lines().skip(1) {
            let [operation, place, member, facts] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("a member has four columns: {line}");
            };
            table.operations.insert(operation.to_owned());
            let place = match place {
                "Body" => Place::Body,
                "Path" => Place::Path,
                "Query" => Place::Query,
                "" => continue,
                other => panic!("{other} is no part of a request"),
            };
            table.members.insert((operation.to_owned(), place, member.to_owned()), facts.to_owned());
        }
        table
    }
}

/// `GET /clients/{}` for `GET /clients/{id}`.
pub(super) fn key(method: &str, path: &str) -> String {
    let parts: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
    format!("{method} {}", parts.join("/"))
}
