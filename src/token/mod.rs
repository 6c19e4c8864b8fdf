//! Access tokens: their claims, their signing keys and their verification.
//!
//! A *grant* is the result of a token request: the client, the scopes, the audience and the lifetime. [`claims()`]
//! turns it into the claims of the token, [`issue`] into the signed text, which an [`EncryptionKey`] encrypts if the API says so. Nothing here reads the clock, and nothing
//! here decides on a request.

mod claims;
mod compact;
mod der;
mod encryption_error;
#[cfg(feature = "jwe")]
mod jwe;
mod jwk;
mod keys;
pub(crate) mod members;
#[cfg(not(feature = "jwe"))]
mod no_jwe;
pub(crate) mod pem;
mod signatures;
mod signer;
mod verify;
mod verify_error;

pub(crate) use claims::{Confirmation, Grant, OrganizationClaim, Profile, claims, header};
pub(crate) use compact::Compact;
pub(crate) use encryption_error::EncryptionError;
#[cfg(feature = "jwe")]
pub(crate) use jwe::EncryptionKey;
pub(crate) use jwk::PublicKey;
pub(crate) use keys::{KeyRing, SigningKey, shipped};
#[cfg(not(feature = "jwe"))]
pub(crate) use no_jwe::EncryptionKey;
pub(crate) use signer::{Key, SignError, sign, verify_assertion};
pub(crate) use verify::verify;

use crate::domain::Signing;

/// The signed token of a grant. The grant decides the key: the current key of the ring, or the secret of the API.
///
/// # Errors
///
/// The cryptography fails.
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
