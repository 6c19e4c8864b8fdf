//! The `m2mock` command.
//!
//! `m2mock` alone is `m2mock serve`. An error of the user is one sentence on standard error and exit code 2, as clap does for
//! arguments.

// These macros panic when a pipe is closed; `say` does not.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod admin;
#[cfg(feature = "conformance")]
mod calibrate;
mod calibrated_answers;
mod check;
#[cfg(feature = "conformance")]
mod comparison;
mod completions;
#[cfg(feature = "conformance")]
mod conformance;
#[cfg(feature = "conformance")]
mod drift;
mod healthcheck;
#[cfg(feature = "tls")]
mod https;
mod listener;
mod log;
mod man;
mod missing;
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
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::FalseyValueParser;
use clap::{Arg, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use self::output::complain;
use crate::api::{Config, Tenant};

/// Reads the arguments, runs the command, and returns its exit code.
pub fn main() -> ExitCode {
    let arguments = Arguments::read();
    let outcome = match arguments.command {
        None => serve::run(&arguments.serve),
        Some(Command::Serve(options)) => serve::run(&options),
        Some(Command::Check(options)) => check::run(&options),
        Some(Command::Healthcheck(options)) => healthcheck::run(&options),
        Some(Command::Completions(options)) => completions::run(&options),
        Some(Command::Man(options)) => man::run(&options),
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
    serve: ServeOptions,
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
    Serve(Box<ServeOptions>),
    /// Validate seeds
    Check(CheckOptions),
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

#[derive(Args)]
struct ServeOptions {
    /// Address to listen on; every client that can reach it has access
    #[arg(long, value_name = "ADDRESS", env = "M2MOCK_HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 uses any free port
    #[arg(long, value_name = "PORT", env = "M2MOCK_PORT", default_value_t = 8080)]
    port: u16,
    /// Seed of the tenant, by default the sample: YAML, JSON, or a folder of the deploy tool; may be repeated (in the variable, separated by commas)
    #[arg(long, value_name = "FILE", env = "M2MOCK_SEED", value_delimiter = ',')]
    seed: Vec<PathBuf>,
    #[command(flatten)]
    seeds: seeds::SeedOptions,
    /// Error texts of a real tenant, from `m2mock conformance --calibrate`
    #[arg(long, value_name = "FILE", env = "M2MOCK_ANSWERS")]
    answers: Option<PathBuf>,
    #[command(flatten)]
    identity: Identity,
    /// One issuer for every host name, such as `https://login.example/`; by default the issuer depends on the host name of the request
    #[arg(long, value_name = "URL", env = "M2MOCK_ISSUER")]
    issuer: Option<String>,
    /// Client secret of the management application, by default random
    #[arg(long, value_name = "SECRET", env = "M2MOCK_MANAGEMENT_CLIENT_SECRET", hide_env_values = true)]
    management_client_secret: Option<String>,
    /// Write addresses and management credentials to this file, in JSON, when the tenant answers
    #[arg(long, value_name = "FILE", env = "M2MOCK_READY_FILE")]
    ready_file: Option<PathBuf>,
    /// Apply the rate limits of the vendor's free plan
    #[arg(long, env = "M2MOCK_RATE_LIMITS", value_parser = FalseyValueParser::new())]
    rate_limits: bool,
    /// Derive ids and secrets from this number: processes with the same number and seeds have the same ones
    #[arg(long, value_name = "NUMBER", env = "M2MOCK_DETERMINISTIC")]
    deterministic: Option<u64>,
    #[command(flatten)]
    state: state::StateOptions,
    #[command(flatten)]
    admin: admin::AdminOptions,
    #[cfg(feature = "tls")]
    #[command(flatten)]
    https: https::Options,
}

#[derive(Args)]
struct CheckOptions {
    /// The seed: YAML, JSON, or a folder of the deploy tool; several are checked in this order
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    seeds: seeds::SeedOptions,
    #[command(flatten)]
    identity: Identity,
}

// What a seed may name of its tenant. No doc comment: clap would take it for the description of the command.
#[derive(Args)]
struct Identity {
    /// The tenant's domain
    #[arg(long, value_name = "NAME", env = "M2MOCK_DOMAIN")]
    domain: Option<String>,
    /// Client id of the management application, by default random
    #[arg(long, value_name = "ID", env = "M2MOCK_MANAGEMENT_CLIENT_ID")]
    management_client_id: Option<String>,
}

impl Identity {
    fn config(&self) -> Config {
        let mut config = Config { management_client_id: self.management_client_id.clone(), ..Config::default() };
        if let Some(domain) = &self.domain {
            config.domain.clone_from(domain);
        }
        config
    }
}

/// An empty tenant; an error if the options are invalid.
fn found(config: Config) -> Result<Tenant, Mistake> {
    config.validate().map_err(|error| Mistake(error.to_string()))?;
    Ok(Tenant::new(config))
}

/// An error that the user has to fix, in one sentence.
#[derive(Debug)]
struct Mistake(String);

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
