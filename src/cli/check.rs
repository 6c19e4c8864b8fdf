//! `m2mock check FILE...`: plants seeds in a tenant that nobody sees, one after the other as `serve` does.

use std::path::PathBuf;

use super::Mistake;
use crate::api::{Config, Tenant};
use crate::seed::Seed;

pub(super) fn run(files: &[PathBuf]) -> Result<(), Mistake> {
    let tenant = Tenant::new(Config::default());
    for file in files {
        Seed::read(file)?.plant(&tenant)?;
    }
    for file in files {
        println!("{} is a seed that this version understands.", file.display());
    }
    Ok(())
}
