//! The one integration binary.

mod mock_tenant;
mod robustness;
#[cfg(feature = "cli")]
mod serve;
mod wire;
