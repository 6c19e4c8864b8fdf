//! Verifies the tokens of the Management API with the keys of a tenant.

use serde_json::Value;

use super::compact::Compact;
use super::keys::KeyRing;
use super::signer::verifier;
use super::verify_error::VerifyError;

/// Parses a Management API token and verifies its signature with one of these keys.
///
/// It verifies only the signature. The caller checks expiry and audience.
pub(crate) fn verify(token: &str, keys: &KeyRing) -> Result<Compact, VerifyError> {
    let token = Compact::parse(token)?;
    let named = |member: &str| token.header().get(member).and_then(Value::as_str);
    // The key decides the algorithm, never the token. So `none` and an HMAC with the public key are refused.
    let algorithm = named("alg").and_then(|alg| alg.parse().ok()).ok_or(VerifyError::BadAlgorithm)?;
    let key = named("kid").and_then(|kid| keys.find(kid)).ok_or(VerifyError::UnknownKey)?;
    let verifier = verifier(algorithm, key.pair())?;
    verifier.verify(token.message.as_bytes(), &token.signature).map_err(|_| VerifyError::BadSignature)?;
    Ok(token)
}
