//! `m2mock steps`: prints all steps that scenarios can use, with examples.

use super::mistake::Mistake;
use super::output::print;
use crate::conformance::{feature_files, vocabulary};

pub(super) fn run() -> Result<(), Mistake> {
    let files = feature_files(&[])?;
    print(vocabulary(files)?);
    Ok(())
}
