//! The output of a command. A closed pipe stops no command: `m2mock replay … | head -1` still ends with its verdict, and a run
//! on a tenant still removes what it created.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Writes a result to standard output as it is.
pub(super) fn print(text: impl AsRef<[u8]>) {
    let _ = io::stdout().write_all(text.as_ref()).and_then(|()| io::stdout().flush());
}

/// Writes one line of a result to standard output.
pub(super) fn say(line: impl Display) {
    print(format!("{line}\n"));
}

/// Writes one line about an error to standard error.
pub(super) fn complain(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
