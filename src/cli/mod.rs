//! The `m2mock` command.
//!
//! `m2mock` alone is `m2mock serve`. What the user did wrong is one sentence on standard
//! error and exit code 2; clap does the same for arguments.

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

/// Reads the arguments, runs the command, tells how it went.
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
    /// Like `Arguments::parse`, but an empty variable counts as unset: CI systems write one for each value not given.
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
    /// Validate seeds, without serving them
    Check(CheckOptions),
    /// Say whether a server answers
    Healthcheck(healthcheck::Options),
    /// Print what a shell needs to complete this command
    Completions(completions::Options),
    /// Print the manual page, or write all of them
    Man(man::Options),
    /// Hold a mock or a real tenant to the documented rules, or to scenarios of your own
    #[cfg(feature = "conformance")]
    Conformance(conformance::ConformanceOptions),
    /// Run the same scenarios on a mock and on a real tenant, and say where they part
    #[cfg(feature = "conformance")]
    Drift(drift::Options),
    /// Everything that scenarios can say, with examples
    #[cfg(feature = "conformance")]
    Steps,
    /// Stand in front of a tenant and record what passes through
    #[cfg(feature = "conformance")]
    Record(record::Options),
    /// Replay recorded traffic and say how alike the answers are
    #[cfg(feature = "conformance")]
    Replay(replay::Options),
}

#[derive(Args)]
struct ServeOptions {
    /// Address to listen on; anyone who reaches it is let in
    #[arg(long, value_name = "ADDRESS", env = "M2MOCK_HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 takes any free one
    #[arg(long, value_name = "PORT", env = "M2MOCK_PORT", default_value_t = 8080)]
    port: u16,
    /// What the tenant starts with, instead of the sample story: YAML, JSON, or a folder of the deploy tool; several are planted in turn (in the variable, separated by commas)
    #[arg(long, value_name = "FILE", env = "M2MOCK_SEED", value_delimiter = ',')]
    seed: Vec<PathBuf>,
    #[command(flatten)]
    seeds: seeds::SeedOptions,
    /// What a tenant answered where nobody publishes it, in the place of m2mock's own words
    #[arg(long, value_name = "FILE", env = "M2MOCK_ANSWERS")]
    answers: Option<PathBuf>,
    #[command(flatten)]
    identity: Identity,
    /// One issuer for every host name, as `https://login.example/`; it follows the name of a request when not given
    #[arg(long, value_name = "URL", env = "M2MOCK_ISSUER")]
    issuer: Option<String>,
    /// Client secret of the management application; made up when not given
    #[arg(long, value_name = "SECRET", env = "M2MOCK_MANAGEMENT_CLIENT_SECRET", hide_env_values = true)]
    management_client_secret: Option<String>,
    /// Written as JSON when the tenant answers: addresses and management credentials
    #[arg(long, value_name = "FILE", env = "M2MOCK_READY_FILE")]
    ready_file: Option<PathBuf>,
    /// Apply the rate limits of the vendor's free plan
    #[arg(long, env = "M2MOCK_RATE_LIMITS", value_parser = FalseyValueParser::new())]
    rate_limits: bool,
    /// Draw ids and secrets from this number: two processes with the same number and seeds have the same ones
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
    /// The seed: YAML, JSON, or a folder of the deploy tool; several are planted in turn
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
    /// Client id of the management application; made up when not given
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

/// An empty tenant, unless the options are wrong.
fn found(config: Config) -> Result<Tenant, Mistake> {
    config.validate().map_err(|error| Mistake(error.to_string()))?;
    Ok(Tenant::new(config))
}

/// What the user has to put right, in one sentence.
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
