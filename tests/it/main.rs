//! The integration tests of the crate, in one binary.

// A helper takes `json!(..)` by value, so that a test needs no `&`.
#![allow(clippy::needless_pass_by_value)]

mod actions;
mod admin;
mod agents;
#[cfg(feature = "conformance")]
mod backgrounds;
mod bearer;
mod bodies;
#[cfg(all(feature = "cli", feature = "conformance"))]
mod calibration;
mod caller;
mod client_assertion;
mod client_credentials;
mod client_keys;
mod clock;
// Its commands need every feature.
#[cfg(all(feature = "cli", feature = "conformance", feature = "tls"))]
mod closed_pipe;
#[cfg(all(feature = "cli", feature = "conformance", feature = "tls"))]
mod conformance_shared;
mod connection_provisioning;
mod connections;
mod coverage;
mod custom_domains;
mod dpop;
#[cfg(all(feature = "cli", feature = "conformance"))]
mod drift;
#[cfg(feature = "jwe")]
mod encrypted_tokens;
mod failed_test;
mod faults;
mod forge;
// Its commands need every feature.
#[cfg(all(feature = "cli", feature = "conformance", feature = "tls"))]
mod guide;
#[cfg(feature = "cli")]
mod healthcheck;
mod host_names;
mod hostile;
#[cfg(feature = "javascript")]
mod javascript;
mod jobs;
mod layers;
mod logs;
mod management_bounds;
#[cfg(feature = "cli")]
mod manual;
#[cfg(feature = "cli")]
mod missing_feature;
mod mock_tenant;
mod mtls;
#[cfg(feature = "tls")]
mod mtls_port;
mod organization_clients;
mod organization_connections;
mod organization_discovery_domains;
mod organization_invitations;
mod organization_members;
mod public_api;
mod published_documents;
mod quotas;
mod rate_limits;
mod readme;
#[cfg(all(feature = "cli", feature = "conformance"))]
mod replay;
#[cfg(all(feature = "cli", feature = "conformance"))]
mod replay_between_tenants;
mod robustness;
mod roles;
mod rules;
#[cfg(all(feature = "cli", feature = "conformance"))]
mod secret_outputs;
mod secrets;
mod seed;
#[cfg(feature = "cli")]
mod serve;
#[cfg(feature = "cli")]
mod served_control;
mod shown;
mod signing_keys;
mod snapshot;
mod stats;
mod streams;
#[cfg(all(feature = "cli", feature = "conformance"))]
mod target;
mod tenant_settings;
mod tickets;
#[cfg(feature = "tls")]
mod tls;
mod token_endpoint;
mod token_model;
mod token_refusals;
mod token_shapes;
#[cfg(all(feature = "cli", feature = "conformance", feature = "tls"))]
mod troubled_tenant;
#[cfg(feature = "conformance")]
mod two_suites;
mod users;
mod verification;
mod wire;
#[cfg(feature = "wiremock")]
mod wiremock_mount;
