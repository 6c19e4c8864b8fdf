//! The `m2mock` command.
//!
//! `m2mock` alone is `m2mock serve`. An error of the user is one sentence on standard error and exit code 2, as clap does for
//! arguments.

// These macros panic when a pipe is closed; `say` does not.
#![warn(clippy::print_stdout, clippy::print_stderr)]

#[cfg(feature = "javascript")]
mod action_limits;
mod admin;
#[cfg(feature = "conformance")]
mod calibrate;
mod calibrated_answers;
mod check;
#[cfg(all(test, feature = "conformance"))]
mod cleanup_tests;
#[cfg(feature = "conformance")]
mod comparison;
mod completions;
#[cfg(feature = "conformance")]
mod conformance;
mod control;
#[cfg(feature = "conformance")]
mod drift;
mod export;
mod healthcheck;
#[cfg(feature = "tls")]
mod https;
mod identity;
mod listener;
mod log;
mod man;
mod missing;
mod mistake;
mod output;
mod ready;
#[cfg(feature = "conformance")]
mod record;
#[cfg(feature = "conformance")]
mod replay;
#[cfg(feature = "conformance")]
mod scenarios;
mod seeds;
mod serve;
#[cfg(feature = "conformance")]
mod shared_run;
mod state;
#[cfg(feature = "conformance")]
mod steps;
mod stop_signal;
#[cfg(feature = "conformance")]
mod target;

use std::env;
use std::process::ExitCode;

use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};

use self::mistake::Mistake;
use self::output::complain;

/// Reads the arguments, runs the command, and returns its exit code.
pub fn main() -> ExitCode {
    let arguments = Arguments::read();
    let outcome = match arguments.command {
        None => serve::run(&arguments.serve),
        Some(Command::Serve(options)) => serve::run(&options),
        Some(Command::Check(options)) => check::run(&options),
        Some(Command::Export(options)) => export::run(&options),
        Some(Command::Healthcheck(options)) => healthcheck::run(&options),
        Some(Command::Completions(options)) => completions::run(&options, Arguments::command()),
        Some(Command::Man(options)) => man::run(&options, Arguments::command()),
        #[cfg(feature = "conformance")]
        Some(Command::Conformance(options)) => {
            return conformance::run(&options).unwrap_or_else(|mistake| wrong(&mistake));
        }
        #[cfg(feature = "conformance")]
        Some(Command::Drift(options)) => return drift::run(&options).unwrap_or_else(|mistake| wrong(&mistake)),
        #[cfg(feature = "conformance")]
        Some(Command::Steps) => steps::run(),
        #[cfg(feature = "conformance")]
        Some(Command::Record(options)) => record::run(&options),
        #[cfg(feature = "conformance")]
        Some(Command::Replay(options)) => return replay::run(&options).unwrap_or_else(|mistake| wrong(&mistake)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(mistake) => wrong(&mistake),
    }
}

fn wrong(mistake: &Mistake) -> ExitCode {
    // A file name may hold anything; the sentence stays on its line.
    complain(format_args!("m2mock: {}", log::printable(&mistake.to_string())));
    ExitCode::from(2)
}

/// A stateful mock of an Auth0 tenant: token endpoint and Management API.
#[derive(Parser)]
#[command(name = "m2mock", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeOptions,
}

impl Arguments {
    /// Like `Arguments::parse`, but an empty variable counts as unset: CI systems set one for each absent value.
    fn read() -> Arguments {
        let refused = |error: clap::Error| match missing::explained(&error) {
            Some(sentence) => clap::Error::raw(error.kind(), sentence + "\n").exit(),
            None => error.exit(),
        };
        let matches = without_empty_variables(Arguments::command()).try_get_matches().unwrap_or_else(refused);
        Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |argument: &Arg| argument.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty());
    command
        .mut_args(|argument| if is_empty(&argument) { argument.env(None::<&str>) } else { argument })
        .mut_subcommands(without_empty_variables)
}

#[derive(Subcommand)]
enum Command {
    /// Run a tenant until Ctrl-C or SIGTERM (the default)
    Serve(Box<serve::ServeOptions>),
    /// Validate seeds
    Check(check::CheckOptions),
    /// Write a tenant in the layout of the deploy tool, to edit it and to serve it as a seed
    Export(export::Options),
    /// Check that a server answers
    Healthcheck(healthcheck::Options),
    /// Print the completion script for a shell
    Completions(completions::Options),
    /// Print the manual page, or write all pages to a folder
    Man(man::Options),
    /// Check a mock or a real tenant against the documented rules or your own scenarios
    #[cfg(feature = "conformance")]
    Conformance(conformance::ConformanceOptions),
    /// Run the same scenarios on a mock and on a real tenant, and print the differences
    #[cfg(feature = "conformance")]
    Drift(drift::Options),
    /// Print all steps that scenarios can use, with examples
    #[cfg(feature = "conformance")]
    Steps,
    /// Record the traffic of a tenant through a proxy
    #[cfg(feature = "conformance")]
    Record(record::Options),
    /// Replay recorded traffic and score the answers
    #[cfg(feature = "conformance")]
    Replay(replay::Options),
}
