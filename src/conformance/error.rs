//! The error of a run of scenarios.

use std::fmt;

/// The reason why scenarios could not run, or why the changes of a run could not be undone. It has a line for each problem.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(pub(super) String);

impl Error {
    #[cfg(feature = "cli")]
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The sentences, so that a `main` that returns the error prints them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
