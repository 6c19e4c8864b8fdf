//! m2mock

mod api;
pub mod domain;
mod schema;
mod store;
mod token;

pub use domain::Clock;
