//! Access tokens: what they claim, which keys sign them, how they are checked.
//!
//! A *grant* is the outcome of a token request: who gets which scopes of which
//! audience, for how long. [`claims()`] turns it into the members of the token,
//! [`sign`] into text. Nothing here reads the clock, and nothing here decides
//! whether a grant is due.

mod claims;
mod der;
mod keys;
pub mod pem;
mod signer;

pub use claims::{Grant, OrganizationClaim, claims, header};
pub use keys::{KeyRing, SigningKey};
pub use signer::{SignError, VerifyError, sign, verify};
