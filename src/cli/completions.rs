//! `m2mock completions SHELL`: prints the completion script for a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::output::print;
use super::{Arguments, Mistake};

#[derive(Args)]
pub(super) struct Options {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(options: &Options) -> Result<(), Mistake> {
    // Into memory first: the generator panics when its output is closed.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "m2mock", &mut script);
    print(script);
    Ok(())
}
