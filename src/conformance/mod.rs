//! Holding a tenant to the documented rules and to recorded traffic.
//!
//! Scenarios and recordings speak HTTP and nothing else, so they can be pointed at a mock as well as at a real tenant. Nothing
//! here imports anything of the crate.
//!
//! A crate that tests its own organization rules runs its feature files with the steps of this one, and adds steps:
//!
//! ```no_run
//! use cucumber::then;
//! use m2mock::MockTenant;
//! use m2mock::conformance::{Options, Target, World, feature_files, run};
//!
//! #[then(regex = r#"^the partner "([^"]*)" sees only its own trips$"#)]
//! async fn sees_its_own_trips(world: &mut World, partner: String) {
//!     assert_eq!(world.last().status, 200, "for {partner}");
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), String> {
//! let tenant = MockTenant::start();
//! let (id, secret) = tenant.management_client();
//! Target::set(Target::new(&tenant.uri(), &id, &secret, &tenant.management_audience(), None)?)?;
//! let features = feature_files(&["features".into()])?;
//! let report = run(Options::of(features)).await?;
//! assert!(!report.failed, "{}", report.text);
//! # Ok(())
//! # }
//! ```

// These macros panic when a pipe is closed, and a run still has to remove what it created.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod cleaning;
mod client;
mod collection;
pub mod drift;
mod features;
mod fixture;
mod guest;
mod lag;
mod ledger;
mod own_names;
mod pace;
pub mod replay;
mod report;
mod runner;
mod steps;
mod suggestion;
mod target;
mod transcript;
mod vocabulary;
mod world;

pub use cleaning::{Cleaned, clean};
pub use features::FeatureFile;
pub use guest::Guest;
pub use ledger::ledgers;
pub use report::Report;
pub use runner::{MOCK_ONLY, Options, feature_files, listen, run};
pub use target::{Answer, Target};
pub use transcript::{Exchange, MARK, Transcript};
pub use world::World;

/// Every step that scenarios can have, each with an example, as a text.
///
/// # Errors
/// A feature file cannot be understood.
pub fn vocabulary(files: Vec<FeatureFile>) -> Result<String, String> {
    features::parse(files).map(|features| vocabulary::listing(&features))
}
