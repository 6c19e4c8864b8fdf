//! `m2mock check FILE`: plants a seed in a tenant that nobody sees.

use std::path::Path;

use super::Mistake;
use crate::api::{Config, Tenant};
use crate::seed::Seed;

pub(super) fn run(file: &Path) -> Result<(), Mistake> {
    let seed = Seed::read(file)?;
    seed.plant(&Tenant::new(Config::default()))?;
    println!("{} is a seed that this version understands.", file.display());
    Ok(())
}
