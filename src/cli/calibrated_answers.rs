//! Loads calibrated answers for a mock.

use std::path::Path;

use super::log;
use super::mistake::Mistake;
use super::output::complain;
use crate::api::CalibratedAnswers;

/// Reads calibrated answers, and warns about those with another decision.
pub(super) fn read(file: &Path) -> Result<CalibratedAnswers, Mistake> {
    let answers = CalibratedAnswers::read(file).map_err(|error| Mistake(error.to_string()))?;
    if answers.seen() > 0 {
        let told = format!(
            "m2mock: {}: in {} answers the tenant decided differently; there the mock follows its own rules (see the section `seen`)",
            file.display(),
            answers.seen()
        );
        complain(log::printable(&told));
    }
    Ok(answers)
}
