#![cfg_attr(not(doctest), doc = include_str!("../README.md"))]
#![allow(clippy::test_attr_in_doctest, reason = "the README shows whole tests, which tests/it/shown compiles and runs")]
#![cfg_attr(docsrs, feature(doc_cfg))]
// A helper of a unit test takes `json!(..)` by value, so that a test needs no `&`.
#![cfg_attr(test, allow(clippy::needless_pass_by_value))]
#![forbid(unsafe_code)]
// Not in the manifest: tests, benches and examples have no users, and may unwrap.
#![warn(clippy::unwrap_used, unreachable_pub)]

pub mod api;
#[cfg(any(feature = "cli", feature = "conformance"))]
#[cfg_attr(
    not(all(feature = "cli", feature = "conformance", feature = "tls")),
    allow(dead_code, reason = "each part writes files of its own kind")
)]
mod atomic_file;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod domain;
mod multipart;
#[doc(hidden)]
pub mod redaction;
#[doc(hidden)]
pub mod schema;
#[doc(hidden)]
pub mod search;
pub mod seed;
pub mod server;
#[doc(hidden)]
pub mod store;
mod tenant_file;
#[doc(hidden)]
pub mod token;
#[cfg(feature = "yaml")]
mod yaml;

pub use api::action::{self, DenyCode};
#[doc(hidden)]
pub use api::management::{ModelledOperation, operations};
pub use api::{CalibratedAnswers, CalibratedAnswersError, LogEntry, Snapshot};
pub use domain::{BoundedText, Clock, OrganizationUsage};
pub use http;
pub use seed::{Seed, SeedError, SeedProblem, SeedProblemKind, SeedReader};
pub use server::{MockTenant, Requests, Token, TokenRefused};
