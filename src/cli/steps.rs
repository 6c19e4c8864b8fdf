//! `m2mock steps`: everything that scenarios can say, with examples.

use super::Mistake;
use super::output::print;
use crate::conformance::{feature_files, vocabulary};

pub(super) fn run() -> Result<(), Mistake> {
    let files = feature_files(&[])?;
    print(vocabulary(files)?);
    Ok(())
}
