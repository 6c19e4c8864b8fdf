//! The one integration binary.

mod mock_tenant;
mod robustness;
mod seed;
#[cfg(feature = "cli")]
mod serve;
mod wire;
