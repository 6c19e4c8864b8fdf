//! Refusals about organizations and what belongs to them.
//!
//! An unknown organization has four sentences: one for itself, and three for entities that belong to it.

use super::Refusal;

/// The organization itself (r).
pub(crate) const ORGANIZATION_NOT_FOUND: Refusal = Refusal::plain(404, "No organization found by that id or name");

/// The organization of client grants or clients (d).
pub(crate) const OWNING_ORGANIZATION_NOT_FOUND: Refusal = Refusal::plain(404, "No organization found by that id");

/// A connection that an organization has already (a).
pub(crate) const ORGANIZATION_CONNECTION_EXISTS: Refusal =
    Refusal::plain(409, "The connection has already been added to this organization.");

/// A connection to add that does not exist (a; the sentence is that of invitations).
pub(crate) const UNKNOWN_CONNECTION: Refusal = Refusal::invalid_body("The specified connection does not exist.");

/// One connection more than an organization may have (limit documented, sentence assumed).
pub(crate) const TOO_MANY_ORGANIZATION_CONNECTIONS: Refusal =
    Refusal::plain(409, "Quota exceeded; cannot add more than {} connections to a single organization");

/// An application to add that does not exist (a; the sentence is that of invitations).
pub(crate) const UNKNOWN_CLIENT: Refusal = Refusal::invalid_body("The specified client_id does not exist.");
