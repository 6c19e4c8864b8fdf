//! Refusals about event streams and their events.

use super::Refusal;

/// A stream that does not exist (recorded 2025-07).
pub(crate) const STREAM_NOT_FOUND: Refusal = Refusal::plain(404, "The requested stream does not exist.");
