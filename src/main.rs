//! The `m2mock` command; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    m2mock::internal::main()
}
