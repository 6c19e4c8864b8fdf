//! Access tokens: their claims, their signing keys and their verification.
//!
//! A *grant* is the outcome of a token request: who gets which scopes of which
//! audience, for how long. [`claims()`] turns it into the members of the token,
//! [`issue`] into text. Nothing here reads the clock, and nothing here decides
//! whether a grant is due.

mod claims;
mod compact;
mod der;
mod keys;
pub(crate) mod members;
pub(crate) mod pem;
mod signer;
mod verify;
mod verify_error;

pub(crate) use claims::{Grant, OrganizationClaim, Profile, Subject, claims, header};
pub(crate) use compact::Compact;
pub(crate) use keys::{KeyRing, SigningKey, shipped};
pub(crate) use signer::{Key, SignError, sign, verify_assertion};
pub(crate) use verify::verify;

use crate::domain::Signing;

/// Makes the token of a grant, signed as the grant says: with the current key of the ring, or with the API's secret.
///
/// # Errors
///
/// When the cryptography refuses.
pub(crate) fn issue(grant: &Grant, keys: &KeyRing) -> Result<String, SignError> {
    let current = keys.current();
    let key = match &grant.signing {
        Signing::Rs256 | Signing::Rs512 | Signing::Ps256 => Key::Pair(current.pair()),
        Signing::Hs256(secret) => Key::Secret(secret),
    };
    sign(&header(&grant.profile, &grant.signing, current), &claims(grant), key)
}

/// SHA-256 in small hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    pem::hexadecimal(&signer::sha256(bytes))
}
