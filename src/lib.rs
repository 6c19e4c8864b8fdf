#![cfg_attr(not(doctest), doc = include_str!("../README.md"))]
#![allow(clippy::test_attr_in_doctest, reason = "the README shows whole tests, which tests/it/shown compiles and runs")]
#![cfg_attr(docsrs, feature(doc_cfg))]
// A helper of a unit test takes `json!(..)` by value, so that a test needs no `&`.
#![cfg_attr(test, allow(clippy::needless_pass_by_value))]
#![forbid(unsafe_code)]
// Not in the manifest: tests, benches and examples have no users, and may unwrap.
#![warn(clippy::unwrap_used, unnameable_types, unreachable_pub)]

mod api;
#[cfg(any(feature = "cli", feature = "conformance"))]
#[cfg_attr(
    not(all(feature = "cli", feature = "conformance", feature = "tls")),
    allow(dead_code, reason = "each part writes files of its own kind")
)]
mod atomic_file;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "conformance")]
pub mod conformance;
mod domain;
#[doc(hidden)]
pub mod internal;
#[cfg(feature = "javascript")]
mod javascript;
mod multipart;
mod redaction;
mod schema;
mod search;
mod seed;
mod server;
mod store;
mod tenant_file;
mod token;
#[cfg(feature = "yaml")]
mod yaml;

pub use api::action;
pub use api::{
    ApiError, CalibratedAnswers, CalibratedAnswersError, Entity, JournalEntry, LogEntry, Lookup, LookupKey, Operation,
    Snapshot, TokenDecision, TokenFacts,
};
pub use domain::{BoundedText, Clock, DenyCode, Entitlement, OrganizationUsage};
pub use http;
pub use seed::{Seed, SeedError, SeedProblem, SeedProblemKind, SeedReader};
pub use serde_json;
pub use server::{
    Api, ApiBuilder, Application, ApplicationBuilder, ClientGrant, ClientGrantBuilder, Delivery, Expectation,
    FaultBuilder, Faults, Latency, MockTenant, MockTenantBuilder, Organization, OrganizationBuilder, Requests,
    Rotation, Times, Token, TokenRefused, TokenRequest,
};
#[cfg(feature = "wiremock")]
pub use server::{Mounted, Responder};
