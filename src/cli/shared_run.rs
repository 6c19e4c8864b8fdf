//! How a command behaves on a tenant that is somebody's: what it makes it writes down first, and takes away in the end.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::output::{complain, say};
use super::serve::stop_signal;
use crate::conformance::{Guest, Target};

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct GuestOptions {
    /// Folder for the ledgers of runs on a tenant
    #[arg(long, value_name = "DIR", default_value = ".m2mock")]
    pub(super) ledgers: PathBuf,
    /// How many seconds a searched list of a tenant may lag behind: so long it is asked for again before a step fails
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    lag: u64,
}

impl GuestOptions {
    /// Runs something on a tenant, and takes away what it left, also when it is stopped.
    pub(super) async fn run<T>(
        &self,
        target: Target,
        run: impl Future<Output = Result<T, String>>,
    ) -> Result<T, String> {
        let guest = Guest::begin(&self.ledgers, target.run(), target.address());
        let guest = guest.map_err(|error| format!("{} cannot be written: {error}", self.ledgers.display()))?;
        let ledger = guest.ledger().to_owned();
        Target::set(target.with_guest(guest, Duration::from_secs(self.lag)))?;
        let stopped = stop_signal().map_err(|error| error.to_string())?;
        let run = async {
            // Whoever gets no token has no run.
            Target::current().management_token().await?;
            run.await
        };
        // Steps run on this task: dropping it stops them where they wait.
        let outcome = tokio::select! {
            outcome = run => Some(outcome),
            () = stopped => None,
        };
        let stopped_again = stop_signal().map_err(|error| error.to_string())?;
        if outcome.is_none() {
            complain("what the run made is being removed; to leave that to --clean, stop it once more");
        }
        let left = tokio::select! {
            left = Target::current().leave() => left?,
            () = stopped_again => {
                let ledger = ledger.display();
                return Err(format!("stopped; {ledger} tells what the run left, and m2mock conformance --clean removes it"));
            }
        };
        if left > 0 {
            say(format_args!("{left} things that the scenarios left were removed or restored"));
        }
        outcome.unwrap_or_else(|| Err("stopped; the tenant is as it was before".to_owned()))
    }
}
