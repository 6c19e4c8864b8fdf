//! [`Mistake`]: an error that the user has to fix.

use std::fmt;

/// An error that the user has to fix, in one sentence.
#[derive(Debug)]
pub(super) struct Mistake(pub(super) String);

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "conformance")]
impl From<crate::conformance::Error> for Mistake {
    fn from(error: crate::conformance::Error) -> Mistake {
        Mistake(error.into_text())
    }
}

impl From<crate::seed::SeedError> for Mistake {
    fn from(error: crate::seed::SeedError) -> Mistake {
        Mistake(error.to_string())
    }
}
