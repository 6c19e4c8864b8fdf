//! Rust clients of OAuth against a running m2mock: what they share.

mod client;
mod guarded_api;
mod tenant;

pub use client::{Application, CLIENTS, Refused};
pub use guarded_api::GuardedApi;
pub use tenant::{Management, Tenant};
