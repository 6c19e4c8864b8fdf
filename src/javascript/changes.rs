//! The output of an Action: the calls of its `api` object, and the lines of its console.

use serde_json::Value;

use super::Failure;
use crate::domain::{BoundedText, DenyCode};

/// A call of the `api` object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Deny { code: DenyCode, reason: String },
    SetCustomClaim { name: String, value: Value },
    AddTargetScope(String),
    RemoveTargetScope(String),
    SetTargetScopes(Vec<String>),
}

/// The output of one execution.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// In the order of the calls.
    pub(crate) calls: Vec<Change>,
    /// Without secrets.
    pub(crate) console: Vec<BoundedText>,
    pub(crate) failure: Option<Failure>,
    /// The bytes of the calls.
    size: usize,
    console_size: usize,
}

/// The maximum size of the calls of one execution, in bytes. They are outside the memory of the engine.
const MOST_BYTES: usize = 1 << 20;

/// The maximum size of the console of one execution, in bytes.
const LONGEST_CONSOLE: usize = 1024;

/// The costs of a call or a line beside its text.
const OVERHEAD: usize = 16;

impl Changes {
    /// The output of an execution that did not start or did not end.
    pub(super) fn failed(failure: Failure) -> Self {
        Changes { failure: Some(failure), ..Changes::default() }
    }

    /// Makes room for a call of this size; `false` if there is none left.
    pub(super) fn reserve(&mut self, bytes: usize) -> bool {
        self.size = self.size.saturating_add(bytes).saturating_add(OVERHEAD);
        self.size <= MOST_BYTES
    }

    pub(super) fn console_is_full(&self) -> bool {
        self.console_size >= LONGEST_CONSOLE
    }

    /// Adds a line to the console. The last line is cut.
    pub(super) fn log(&mut self, line: &str) {
        if self.console_is_full() {
            return;
        }
        let rest = LONGEST_CONSOLE - self.console_size;
        let cut = line.char_indices().map(|(at, _)| at).find(|at| *at >= rest);
        let line = cut.map_or(BoundedText::from(line), |at| BoundedText::of(format_args!("{}…", &line[..at])));
        self.console_size += line.len() + OVERHEAD;
        self.console.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::{Changes, LONGEST_CONSOLE, MOST_BYTES};

    #[test]
    fn the_console_and_the_calls_have_a_maximum_size() {
        let mut changes = Changes::default();
        changes.log("first");
        changes.log(&"é".repeat(10_000));
        changes.log("last");
        assert_eq!(changes.console.len(), 2);
        assert!(changes.console[1].ends_with('…') && changes.console[1].len() <= LONGEST_CONSOLE, "{changes:?}");
        assert!(changes.reserve(MOST_BYTES / 2) && !changes.reserve(MOST_BYTES / 2));
        assert!(!changes.reserve(usize::MAX));
    }
}
