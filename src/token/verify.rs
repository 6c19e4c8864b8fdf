//! Verifies the tokens of the Management API with the keys of a tenant.

use serde_json::Value;

use super::compact::Compact;
use super::keys::KeyRing;
use super::signer::verifier;
use super::verify_error::VerifyError;

/// Takes a Management API token apart that one of these keys signed.
///
/// Only the signature is looked at. Whether the token has expired and whom it is
/// meant for is the caller's question.
pub(crate) fn verify(token: &str, keys: &KeyRing) -> Result<Compact, VerifyError> {
    let token = Compact::read(token)?;
    let named = |member: &str| token.header().get(member).and_then(Value::as_str);
    // The key decides how it is used, never the token: `none` and an HMAC keyed with
    // the public key end here.
    let algorithm = named("alg").and_then(|alg| alg.parse().ok()).ok_or(VerifyError::BadAlgorithm)?;
    let key = named("kid").and_then(|kid| keys.find(kid)).ok_or(VerifyError::UnknownKey)?;
    let verifier = verifier(algorithm, key.pair())?;
    verifier.verify(token.message.as_bytes(), &token.signature).map_err(|_| VerifyError::BadSignature)?;
    Ok(token)
}
