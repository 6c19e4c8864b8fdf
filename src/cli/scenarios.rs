//! Which scenarios a command runs.

use std::path::PathBuf;

use clap::Args;

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct ScenarioOptions {
    /// Feature files, or folders of them; the documented rules when not given
    #[arg(value_name = "FEATURES")]
    pub(super) features: Vec<PathBuf>,
    /// Which scenarios, by their tags, as "@R13 and not @assumption"
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) tags: Option<String>,
    /// How many scenarios run side by side; 64 against a mock and 1 against a tenant when not given
    #[arg(long, value_name = "N")]
    pub(super) concurrency: Option<usize>,
}
