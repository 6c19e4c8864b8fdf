//! Gherkin scenarios: their steps, the world of one scenario, and the runners.

mod background;
#[cfg(feature = "cli")]
mod capture;
#[cfg(feature = "cli")]
mod capture_runner;
mod eventual_consistency;
mod features;
mod fixture;
mod plan;
mod report;
mod runner;
mod steps;
mod suggestion;
mod variables;
mod vocabulary;
mod world;

#[cfg(feature = "cli")]
pub(crate) use capture::Capture;
#[cfg(feature = "cli")]
pub(crate) use capture_runner::capture;
pub use features::FeatureFile;
pub use plan::{Options, feature_files};
pub use report::Report;
pub use runner::run;
pub use world::World;

use crate::conformance::error::Error;

/// Every step that scenarios can have, each with an example, as a text.
///
/// # Errors
/// A feature file cannot be read.
pub fn vocabulary(files: Vec<FeatureFile>) -> Result<String, Error> {
    features::parse(files).map(|features| vocabulary::listing(&features)).map_err(Error)
}
