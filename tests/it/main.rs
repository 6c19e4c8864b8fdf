//! Everything about the crate that is neither a unit test nor a scenario, in one binary.

mod actions;
mod bearer;
mod caller;
mod client_credentials;
mod clock;
mod connection_provisioning;
mod connections;
mod coverage;
mod hostile;
mod jobs;
mod layers;
mod logs;
mod management_bounds;
mod mock_tenant;
mod organization_clients;
mod organization_connections;
mod quotas;
mod readme;
mod robustness;
mod roles;
mod rules;
mod schema_oracle;
mod seed;
#[cfg(feature = "cli")]
mod serve;
mod stats;
mod tickets;
mod token_endpoint;
mod token_refusals;
mod token_shapes;
mod wire;
