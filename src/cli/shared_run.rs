//! A run on a shared tenant and its options. The run leaves the tenant unchanged, also when it is stopped.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::output::{complain, say};
use super::stop_signal::stop_signal;
use crate::conformance::{Error, SharedRun, Target};

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct SharedRunOptions {
    /// Folder for the journals of runs on a tenant
    #[arg(long, alias = "ledgers", value_name = "DIR", default_value = ".m2mock")]
    pub(super) journals: PathBuf,
    /// Retry the searched lists of a tenant for this many seconds before a step fails
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    lag: u64,
}

impl SharedRunOptions {
    /// Runs a task on a shared tenant, and removes everything that it created.
    pub(super) async fn run<T>(
        &self,
        target: Target,
        run: impl AsyncFnOnce(Arc<SharedRun>) -> Result<T, String>,
    ) -> Result<T, String> {
        let shared = SharedRun::begin(target, &self.journals, Duration::from_secs(self.lag));
        let shared = shared.map_err(|error| format!("{} cannot be written: {error}", self.journals.display()))?;
        let shared = Arc::new(shared);
        let stopped = stop_signal().map_err(|error| error.to_string())?;
        let course = async {
            // Without a token there is no run.
            shared.target().management_token().await?;
            run(Arc::clone(&shared)).await
        };
        // Steps run on this task: dropping it stops them where they wait.
        let outcome = tokio::select! {
            outcome = course => Some(outcome),
            () = stopped => None,
        };
        let stopped_again = stop_signal().map_err(|error| error.to_string())?;
        if outcome.is_none() {
            complain("what the run made is being removed; to leave that to --clean, stop it once more");
        }
        let left = tokio::select! {
            left = shared.end() => left.map_err(Error::into_text)?,
            () = stopped_again => {
                let journal = shared.journal().display();
                return Err(format!("stopped; {journal} lists what the run left, and m2mock conformance --clean removes it"));
            }
        };
        if left > 0 {
            say(format_args!("removed or restored {left} entities that the scenarios left"));
        }
        outcome.unwrap_or_else(|| Err("stopped; the tenant is as it was before".to_owned()))
    }
}
