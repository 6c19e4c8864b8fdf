//! Recorded traffic: cassettes in several formats, what records them, and their replay against a tenant.

pub(crate) mod cassette;
pub(crate) mod formats;
pub(crate) mod identifiers;
pub(crate) mod proxy;
pub(crate) mod recorder;
pub mod replay;
