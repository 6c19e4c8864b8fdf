//! Refusals about agents.

use super::Refusal;

/// An agent that does not exist (a).
pub(crate) const AGENT_NOT_FOUND: Refusal = Refusal::plain(404, "The agent does not exist.");
