//! The error of a YAML text: a reason and a position.

use std::fmt;

/// Why a text was not read.
#[derive(Debug)]
pub(crate) struct Error {
    /// One sentence, without a full stop.
    pub reason: String,
    /// Line and column, which both count from 1.
    pub position: Option<(usize, usize)>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl From<serde_yaml_ng::Error> for Error {
    fn from(error: serde_yaml_ng::Error) -> Self {
        let position = error.location().map(|location| (location.line(), location.column()));
        Error { reason: error.to_string(), position }
    }
}
