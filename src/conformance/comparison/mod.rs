//! Compares a mock with a tenant: what the same scenarios asked and were answered on both.

pub mod drift;
pub(crate) mod transcript;
