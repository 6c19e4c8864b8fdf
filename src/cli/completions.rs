//! `m2mock completions SHELL`: prints the completion script for a shell.

use clap::{Args, Command};
use clap_complete::Shell;

use super::mistake::Mistake;
use super::output::print;

#[derive(Args)]
pub(super) struct Options {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// `command` is the whole command.
pub(super) fn run(options: &Options, mut command: Command) -> Result<(), Mistake> {
    // Into memory first: the generator panics when its output is closed.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "m2mock", &mut script);
    print(script);
    Ok(())
}
