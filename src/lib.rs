//! m2mock

pub mod api;
pub mod domain;
#[doc(hidden)]
pub mod schema;
#[doc(hidden)]
pub mod store;
#[doc(hidden)]
pub mod token;

pub use domain::Clock;
