//! Everything about the crate that is neither a unit test nor a scenario, in one binary.

mod bearer;
mod caller;
mod client_credentials;
mod clock;
mod connections;
mod coverage;
mod hostile;
mod layers;
mod management_bounds;
mod mock_tenant;
mod organization_clients;
mod organization_connections;
mod quotas;
mod readme;
#[cfg(all(feature = "cli", feature = "conformance"))]
mod replay;
mod robustness;
mod rules;
mod schema_oracle;
mod seed;
#[cfg(feature = "cli")]
mod serve;
mod token_endpoint;
mod token_shapes;
mod wire;
