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

mod cleanup;
mod comparison;
mod http;
mod recording;
mod scenario;
mod target;

pub use cleanup::journal::ledgers;
pub use cleanup::shared_run::Guest;
pub use cleanup::sweeper::{Cleaned, clean};
pub use comparison::drift;
pub use comparison::transcript::{Exchange, MARK, Transcript};
pub use recording::replay;
pub use scenario::features::FeatureFile;
pub use scenario::report::Report;
pub use scenario::runner::{MOCK_ONLY, Options, feature_files, listen, run};
pub use scenario::world::World;
pub use target::{Answer, Target};

/// Every step that scenarios can have, each with an example, as a text.
///
/// # Errors
/// A feature file cannot be understood.
pub fn vocabulary(files: Vec<FeatureFile>) -> Result<String, String> {
    scenario::features::parse(files).map(|features| scenario::vocabulary::listing(&features))
}
