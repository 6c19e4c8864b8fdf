//! Loads calibrated answers for a mock.

use std::path::Path;

use super::output::complain;
use super::{Mistake, log};
use crate::api::CalibratedAnswers;

/// Reads them, and tells what of them the mock cannot answer.
pub(super) fn read(file: &Path) -> Result<CalibratedAnswers, Mistake> {
    let answers = CalibratedAnswers::read(file).map_err(|error| Mistake(error.to_string()))?;
    if answers.seen() > 0 {
        let told = format!(
            "m2mock: {}: {} of the answers seen differ by more than their words; there the mock goes by its own rules (see the section `seen`)",
            file.display(),
            answers.seen()
        );
        complain(log::printable(&told));
    }
    Ok(answers)
}
