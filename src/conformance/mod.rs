//! Tests a tenant against the documented rules and against recorded traffic.
//!
//! Scenarios and recordings speak HTTP only, so they run against a mock as well as against a real tenant.
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
//! # async fn main() -> Result<(), m2mock::conformance::Error> {
//! let tenant = MockTenant::start();
//! let (id, secret) = tenant.management_client();
//! let target = Target::new(&tenant.uri(), &id, &secret, &tenant.management_audience(), None)?;
//! let features = feature_files(&["features".into()])?;
//! let report = run(Options::of(features), target).await?;
//! assert!(!report.failed, "{}", report.text);
//! # Ok(())
//! # }
//! ```

// These macros panic when a pipe is closed, and a run still has to remove what it created.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod cleanup;
#[cfg(feature = "cli")]
mod comparison;
mod error;
mod http;
#[cfg(feature = "cli")]
mod recording;
mod scenario;
mod target;

#[cfg(feature = "cli")]
pub(crate) use cleanup::scopes_to_remove;
#[cfg(all(test, feature = "cli"))]
pub(crate) use cleanup::{COLLECTIONS, SETTINGS};
pub use cleanup::{SharedRun, Sweep, TenantUnderTest, journals, sweep};
#[cfg(feature = "cli")]
pub(crate) use comparison::{Transcript, drift, transcribe};
pub use cucumber;
pub use error::Error;
pub use http::Answer;
#[cfg(feature = "cli")]
pub(crate) use recording::replay;
pub use scenario::{FeatureFile, Options, Report, World, feature_files, run, vocabulary};
pub use target::Target;
