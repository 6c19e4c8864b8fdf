//! Holding a tenant to the live service: recorded traffic replayed against it.
//!
//! What is here speaks HTTP and nothing else, so that it can be pointed at a mock as well as at a real tenant. It imports
//! nothing of the crate.

mod client;
pub mod replay;
