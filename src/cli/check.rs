//! `m2mock check FILE...`: plants seeds in a tenant that nobody sees, one after the other as `serve` does.
//!
//! A seed may name the tenant's domain (in the Management API's audience) and its management application (by id), so
//! both can be told as to `serve`.

use super::say::say;
use super::{CheckOptions, Mistake, found};
use crate::seed::Seed;

pub(super) fn run(options: &CheckOptions) -> Result<(), Mistake> {
    let CheckOptions { files, identity } = options;
    let tenant = found(identity.config())?;
    for file in files {
        Seed::read(file)?.plant(&tenant)?;
    }
    for file in files {
        say(format_args!("{} is a seed that this version understands.", file.display()));
    }
    Ok(())
}
