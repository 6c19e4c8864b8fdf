//! Everything about the crate that is neither a unit test nor a scenario, in one binary.

mod coverage;
mod hostile;
mod layers;
mod mock_tenant;
mod readme;
mod robustness;
mod rules;
mod schema_oracle;
mod seed;
#[cfg(feature = "cli")]
mod serve;
mod wire;
