//! Redaction: removes secrets and tokens from everything that m2mock writes.
//!
//! The texts, queries and bodies of the journal, the server log, `/logs`, recordings, transcripts and reports pass
//! through this module. `catalogue` is the list of the names of secrets. `text` finds secrets by their form, under any
//! name. `body` parses a body, and replaces one that it cannot parse. Nothing here knows HTTP or the tenant.

mod body;
mod catalogue;
mod names;
mod target;
mod text;
mod values;
mod walk;

pub(crate) use body::body;
pub(crate) use target::target;
pub(crate) use text::{sentence, text};
pub(crate) use values::SecretValues;
#[cfg(all(feature = "cli", feature = "conformance"))]
pub(crate) use walk::query;
#[cfg(feature = "conformance")]
pub(crate) use walk::secrets;
pub(crate) use walk::value;

/// Whether a text with this name is a secret in every context.
#[cfg(any(test, all(feature = "cli", feature = "conformance")))]
pub(crate) fn is_secret(name: &str) -> bool {
    names::shape_of(name, &names::Surroundings::NONE).hides_texts()
}
