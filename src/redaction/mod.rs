//! Redaction: removes secrets and tokens from everything that m2mock writes.
//!
//! Journal, server log, `/logs`, recordings, transcripts and reports all pass their texts, queries and bodies through here
//! before anyone can read them. `catalogue` is the one list of names that hold secrets; `text` knows secrets by their
//! looks, whatever their name; `body` reads a body and drops what it cannot read. Nothing here knows HTTP or the tenant.

mod body;
mod catalogue;
mod names;
mod target;
mod text;
mod walk;

pub(crate) use body::body;
pub(crate) use target::target;
pub(crate) use text::{sentence, text};
#[cfg(all(feature = "cli", feature = "conformance"))]
pub(crate) use walk::query;
pub(crate) use walk::{secrets, value};

/// Whether a text under this name is a secret, wherever it stands.
#[cfg(any(test, all(feature = "cli", feature = "conformance")))]
pub(crate) fn is_secret(name: &str) -> bool {
    names::shape_of(name, &names::Around::NOWHERE).hides_texts()
}
