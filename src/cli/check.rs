//! `m2mock check FILE...`: plants seeds in a temporary tenant, one after the other as `serve` does, and prints every problem.
//!
//! A seed may contain the tenant's domain (in the audience of the Management API) and the id of the management application, so
//! the command has the same options for them as `serve`.

use super::output::say;
use super::{CheckOptions, Mistake, found};

pub(super) fn run(options: &CheckOptions) -> Result<(), Mistake> {
    let CheckOptions { files, seeds, identity } = options;
    seeds.plant(files, &found(identity.config())?)?;
    for file in files {
        say(format_args!("{} is a seed that this version understands.", file.display()));
    }
    Ok(())
}
