#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod api;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod domain;
#[doc(hidden)]
pub mod schema;
#[doc(hidden)]
pub mod search;
pub mod seed;
pub mod server;
#[doc(hidden)]
pub mod store;
#[doc(hidden)]
pub mod token;

pub use api::action::{self, DenyCode};
#[doc(hidden)]
pub use api::management::{ModelledOperation, operations};
pub use api::{Answers, AnswersError, LogEntry, Snapshot};
pub use domain::{Clock, OrganizationUsage};
pub use http;
pub use seed::{Seed, SeedError};
pub use server::{MockTenant, Requests, Token, TokenRefused};

// The Rust code of the guide is compiled and run with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../docs/first-test.md")]
mod first_test {}
#[cfg(doctest)]
#[doc = include_str!("../docs/organizations.md")]
mod organizations {}
#[cfg(doctest)]
#[doc = include_str!("../docs/tokens.md")]
mod tokens {}
#[cfg(doctest)]
#[doc = include_str!("../docs/verifying.md")]
mod verifying {}
#[cfg(doctest)]
#[doc = include_str!("../docs/faults.md")]
mod faults {}
#[cfg(doctest)]
#[doc = include_str!("../docs/time.md")]
mod time {}
#[cfg(doctest)]
#[doc = include_str!("../docs/seeds.md")]
mod seeds {}
#[cfg(doctest)]
#[doc = include_str!("../docs/calibration.md")]
mod calibration {}
#[cfg(all(doctest, feature = "wiremock"))]
#[doc = include_str!("../docs/wiremock.md")]
mod wiremock_suite {}
#[cfg(all(doctest, feature = "conformance"))]
#[doc = include_str!("../docs/scenarios.md")]
mod scenarios {}
