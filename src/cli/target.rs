//! The options for a real tenant.

use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};

/// The tenant of the options, if they name one.
pub(super) struct TargetOptions(Option<TargetValues>);

struct TargetValues {
    base: String,
    client_id: String,
    client_secret: String,
    audience: String,
    ca_file: Option<PathBuf>,
}

/// A tenant and an application with access to its Management API.
pub(super) struct NamedTarget<'a> {
    pub base: &'a str,
    pub client_id: &'a str,
    pub client_secret: &'a str,
    pub audience: &'a str,
    pub ca_file: Option<&'a Path>,
}

impl TargetOptions {
    /// The tenant of the options, if they name one.
    pub(super) fn named(&self) -> Option<NamedTarget<'_>> {
        let TargetValues { base, client_id, client_secret, audience, ca_file } = self.0.as_ref()?;
        Some(NamedTarget { base, client_id, client_secret, audience, ca_file: ca_file.as_deref() })
    }
}

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
struct TargetArguments {
    /// Address of a tenant; without it the command starts a mock
    #[arg(long, value_name = "https://TENANT", env = "M2MOCK_TARGET", requires_all = ["client_id", "client_secret"])]
    target: Option<String>,
    /// Client id of an application of the tenant with access to its Management API
    #[arg(long, value_name = "ID", env = "M2MOCK_TARGET_CLIENT_ID")]
    client_id: Option<String>,
    /// Client secret of the application
    #[arg(long, value_name = "SECRET", env = "M2MOCK_TARGET_CLIENT_SECRET", hide_env_values = true)]
    client_secret: Option<String>,
    /// Identifier of the Management API, by default the address of the tenant and /api/v2/
    #[arg(long, value_name = "URI", env = "M2MOCK_TARGET_AUDIENCE")]
    audience: Option<String>,
    /// Further certificate authorities to trust, in PEM
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// The options that describe the target. Without a target, their variables are ignored, because they may be set for the whole
/// shell, but an option in the command line is an error.
const ABOUT_THE_TARGET: [&str; 4] = ["client_id", "client_secret", "audience", "ca_file"];

impl FromArgMatches for TargetOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<TargetOptions, clap::Error> {
        let options = TargetArguments::from_arg_matches(matches)?;
        let (Some(base), Some(client_id), Some(client_secret)) =
            (options.target, options.client_id, options.client_secret)
        else {
            let given = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
            return match ABOUT_THE_TARGET.into_iter().find(given) {
                Some(id) => {
                    let sentence = format!("--{} needs --target <https://TENANT>\n", id.replace('_', "-"));
                    Err(clap::Error::raw(clap::error::ErrorKind::MissingRequiredArgument, sentence))
                }
                None => Ok(TargetOptions(None)),
            };
        };
        let audience = options.audience.unwrap_or_else(|| format!("{}/api/v2/", base.trim_end_matches('/')));
        Ok(TargetOptions(Some(TargetValues { base, client_id, client_secret, audience, ca_file: options.ca_file })))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = TargetOptions::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for TargetOptions {
    fn augment_args(command: Command) -> Command {
        TargetArguments::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        TargetArguments::augment_args_for_update(command)
    }
}
