//! Recorded traffic: cassettes in several formats, the recorders that write them, and their replay against a tenant.

mod cassette;
mod exchange;
mod files;
mod formats;
mod identifiers;
mod proxy;
mod recorder;
pub(crate) mod replay;

pub(crate) use cassette::Interaction;
pub(crate) use exchange::{WireExchange, body, interaction};
pub(crate) use identifiers::is_identifier;
pub(crate) use replay::{SideBySide, is_list};
