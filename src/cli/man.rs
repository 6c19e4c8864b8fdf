//! `m2mock man [FOLDER]`: prints the manual page of the command, or writes a page for each subcommand to a folder.

use std::path::PathBuf;

use clap::{Args, Command};

use super::mistake::Mistake;
use super::output::print;

#[derive(Args)]
pub(super) struct Options {
    /// Folder for the pages of the command and of every subcommand; by default m2mock(1) goes to standard output
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// `command` is the whole command.
pub(super) fn run(options: &Options, command: Command) -> Result<(), Mistake> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let Some(folder) = &options.folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(|error| Mistake(format!("no manual: {error}")))?;
        print(page);
        return Ok(());
    };
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command, folder))
        .map_err(|error| Mistake(format!("the manual cannot be written to {}: {error}", folder.display())))
}
