//! `m2mock check FILE...`: plants seeds in a tenant that nobody sees, one after the other as `serve` does, and tells of every
//! problem of all of them.
//!
//! A seed may name the tenant's domain (in the Management API's audience) and its management application (by id), so
//! both can be given as to `serve`.

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
