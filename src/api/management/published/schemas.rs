//! The table of published schemas, `fixtures/published_schemas.tsv`: what every published operation accepts and answers.
//!
//! A line has an operation, a part of it, and a JSON Schema of facts only (names, types, limits). A definition that
//! several schemas refer to has a line of its own, with its published name and the part `Shared`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// The part of a request that a member belongs to. A path parameter is called by its number, because its name is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Body,
    Path,
    Query,
}

/// What a schema of the table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Body,
    /// A list with the schema of each path parameter.
    Path,
    /// The parameters as members of one object.
    Query,
    /// The answer with this status.
    Answer(u16),
    /// A definition that several schemas refer to.
    Shared,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Answer(status) => write!(f, "{status}"),
            part => write!(f, "{part:?}"),
        }
    }
}

impl Part {
    fn read(text: &str) -> Part {
        match text {
            "Body" => Part::Body,
            "Path" => Part::Path,
            "Query" => Part::Query,
            "Shared" => Part::Shared,
            status => Part::Answer(status.parse().expect("a part of an operation, or the status of an answer")),
        }
    }
}

/// The published schemas.
#[derive(Debug, Default)]
pub(super) struct PublishedSchemas {
    schemas: BTreeMap<(String, Part), Value>,
}

impl PublishedSchemas {
    pub(super) fn written(&self) -> String {
        let lines = self.schemas.iter().map(|((name, part), schema)| format!("{name}\t{part}\t{schema}\n"));
        format!("name\tpart\tschema\n{}", lines.collect::<String>())
    }

    pub(super) fn read(text: &str) -> PublishedSchemas {
        let line = |line: &str| {
            let [name, part, schema] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("a schema has three columns: {line}");
            };
            ((name.to_owned(), Part::read(part)), serde_json::from_str(schema).expect("a schema is JSON"))
        };
        PublishedSchemas { schemas: text.lines().skip(1).map(line).collect() }
    }

    pub(super) fn insert(&mut self, operation: &str, part: Part, schema: Value) {
        self.schemas.insert((operation.to_owned(), part), schema);
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = &Value> {
        self.schemas.values()
    }

    pub(super) fn parts_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.schemas.values_mut()
    }

    pub(super) fn define(&mut self, name: &str, schema: Value) {
        self.insert(name, Part::Shared, schema);
    }

    /// Every published operation, as [`key`] writes it.
    pub(super) fn operations(&self) -> BTreeSet<&str> {
        self.schemas.keys().filter(|(_, part)| *part != Part::Shared).map(|(name, _)| name.as_str()).collect()
    }

    pub(super) fn definition(&self, name: &str) -> &Value {
        self.find(name, Part::Shared).unwrap_or_else(|| panic!("no definition {name}"))
    }

    pub(super) fn body(&self, operation: &str) -> Option<&Value> {
        self.find(operation, Part::Body)
    }

    pub(super) fn query(&self, operation: &str) -> &Value {
        self.find(operation, Part::Query).unwrap_or_else(|| panic!("{operation} is not published"))
    }

    /// The schemas of the path parameters.
    pub(super) fn path(&self, operation: &str) -> &[Value] {
        self.find(operation, Part::Path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The schema of the answer with this status.
    pub(super) fn answer(&self, operation: &str, status: u16) -> Option<&Value> {
        self.find(operation, Part::Answer(status))
    }

    fn find(&self, name: &str, part: Part) -> Option<&Value> {
        self.schemas.get(&(name.to_owned(), part))
    }
}

/// `GET /clients/{}` for `GET /clients/{id}`.
pub(super) fn key(method: &str, path: &str) -> String {
    let parts: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
    format!("{method} {}", parts.join("/"))
}
