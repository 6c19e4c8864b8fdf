//! m2mock

#[doc(hidden)]
pub mod schema;
