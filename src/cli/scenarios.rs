//! The options that select the scenarios of a command.

use std::path::PathBuf;

use clap::Args;

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct ScenarioOptions {
    /// Feature files, or folders of them; by default the documented rules
    #[arg(value_name = "FEATURES")]
    pub(super) features: Vec<PathBuf>,
    /// Select scenarios by their tags, such as "@R13 and not @assumption"
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) tags: Option<String>,
    /// Number of scenarios that run in parallel; by default 64 against a mock and 1 against a tenant
    #[arg(long, value_name = "N")]
    pub(super) concurrency: Option<usize>,
}
