//! What a command says. Who has stopped listening stops nothing: the pipe may be closed, and a tenant is still to be cleaned.

use std::fmt::Display;
use std::io::{self, Write as _};

/// A line of what was asked for.
pub(super) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// A line about what goes wrong.
pub(super) fn complain(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
