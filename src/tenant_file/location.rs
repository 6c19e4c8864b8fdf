//! A place in a seed, for the problems that a reader reports.

use std::fmt;
use std::sync::Arc;

/// A place in a seed, from the file inwards: `tenant.yaml, line 7, clients, entry 2 ("Partner bot")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    pub(super) file: Arc<str>,
    /// Line and, where it is known, column; both from 1.
    pub(super) position: Option<(usize, Option<usize>)>,
    pub(super) inside: Vec<String>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match self.position {
            Some((line, Some(column))) => write!(f, ", line {line}, column {column}")?,
            Some((line, None)) => write!(f, ", line {line}")?,
            None => {}
        }
        self.inside.iter().try_for_each(|step| write!(f, ", {step}"))
    }
}

impl Location {
    pub(crate) fn file(name: &str) -> Location {
        Location { file: name.into(), position: None, inside: Vec::new() }
    }

    /// Further inside.
    pub(crate) fn at(&self, inside: impl fmt::Display) -> Location {
        let mut place = self.clone();
        place.inside.push(inside.to_string());
        place
    }

    /// The entry of a list, by its number from 1 and, if it has one, its title.
    pub(crate) fn entry(&self, number: usize, title: Option<&str>) -> Location {
        match title {
            Some(title) => self.at(format_args!("entry {number} ({title})")),
            None => self.at(format_args!("entry {number}")),
        }
    }

    pub(crate) fn on_line(mut self, line: usize, column: Option<usize>) -> Location {
        self.position = Some((line, column));
        self
    }
}
