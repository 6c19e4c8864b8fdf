//! `m2mock check FILE...`: plants seeds in a temporary tenant, one after the other as `serve` does, and prints every problem.
//!
//! A seed may contain the tenant's domain (in the audience of the Management API) and the id of the management application, so
//! the command has the same options for them as `serve`.

use std::path::PathBuf;

use clap::Args;

use super::identity::{Identity, new_tenant};
use super::mistake::Mistake;
use super::output::say;
use super::seeds::SeedOptions;

#[derive(Args)]
pub(super) struct CheckOptions {
    /// The seed: YAML, JSON, or a folder of the deploy tool; several are checked in this order
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    seeds: SeedOptions,
    #[command(flatten)]
    identity: Identity,
}

pub(super) fn run(options: &CheckOptions) -> Result<(), Mistake> {
    let CheckOptions { files, seeds, identity } = options;
    seeds.plant(files, &new_tenant(identity.config())?)?;
    for file in files {
        say(format_args!("{} is a seed that this version understands.", file.display()));
    }
    Ok(())
}
