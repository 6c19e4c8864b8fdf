//! Signs tokens, and checks signatures, with `ring`.
//!
//! `jsonwebtoken` has the types (header, algorithm, the traits of signers and verifiers); its own cryptography is off.
//! This file implements the traits with `ring`. It never installs a process-wide provider, because that choice belongs
//! to the program whose tests use this crate, and a second choice would panic.
//!
//! The traits are implemented for a [`KeyPair`] and not for jsonwebtoken's `EncodingKey`, which has bytes: a key pair
//! is parsed once per process, not once per signature. [`signer`] has an arm for each algorithm of an API. [`verifier`]
//! has only RS256, the algorithm of the Management API, so that no other is accepted there. [`verify_assertion`] has
//! the three algorithms of clients, of whose keys it knows the two public numbers. DPoP proofs have one of them, or
//! [`verify_es256`].

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, Header};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use ring::{hmac, rsa};
use serde_json::{Map, Value};

use super::compact::Compact;
use super::signatures::Signatures;
use super::verify_error::VerifyError;
use crate::domain::SigningSecret;
use crate::domain::client_assertion::Algorithm as AssertionAlgorithm;

/// The key of a signature.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key<'k> {
    /// A key of the tenant.
    Pair(&'k KeyPair),
    /// The secret of an API.
    Secret(&'k SigningSecret),
}

/// Signs a token and returns its compact form.
///
/// # Errors
///
/// The key is not for the algorithm in the header.
pub(crate) fn sign(header: &Header, claims: &Map<String, Value>, key: Key<'_>) -> Result<String, SignError> {
    let signer = signer(header.alg, key)?;
    let mut token = encode_part(header)?;
    token.push('.');
    token.push_str(&encode_part(claims)?);
    let signature = signer.try_sign(token.as_bytes()).map_err(|_| SignError::Failed)?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// Verifies the signature of a client assertion with this algorithm and the key of these two numbers (big-endian).
///
/// A signature with a modulus of less than 2048 bits is never valid.
///
/// # Errors
///
/// The signature is not valid.
pub(crate) fn verify_assertion(
    assertion: &Compact,
    algorithm: AssertionAlgorithm,
    modulus: &[u8],
    exponent: &[u8],
) -> Result<(), VerifyError> {
    let parameters: &RsaParameters = match algorithm {
        AssertionAlgorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        AssertionAlgorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
        AssertionAlgorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
    };
    let key = RsaPublicKeyComponents { n: modulus, e: exponent };
    let message = assertion.message.as_bytes();
    key.verify(parameters, message, &assertion.signature).map_err(|_| VerifyError::BadSignature)
}

/// Verifies the signature of a DPoP proof with ES256 and the point of this key, uncompressed (SEC 1, 2.3.3).
///
/// # Errors
///
/// The signature is not valid, or the point is not on the curve.
pub(super) fn verify_es256(proof: &Compact, point: &[u8]) -> Result<(), VerifyError> {
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    key.verify(proof.message.as_bytes(), &proof.signature).map_err(|_| VerifyError::BadSignature)
}

/// The reason why a token cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignError {
    /// The algorithm does not fit this kind of key.
    UnsupportedAlgorithm(Algorithm),
    /// The cryptography failed.
    Failed,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignError::UnsupportedAlgorithm(algorithm) => {
                write!(f, "no token is signed with {algorithm:?} by this kind of key")
            }
            SignError::Failed => f.write_str("the token could not be signed"),
        }
    }
}

impl std::error::Error for SignError {}

/// A parsed RSA key pair, with the last signatures that it made.
pub(crate) struct KeyPair {
    pair: rsa::KeyPair,
    signatures: Mutex<Signatures>,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").finish_non_exhaustive()
    }
}

impl KeyPair {
    /// Parses a key of the crate, PKCS#1 in DER.
    pub(super) fn parse(der: &[u8]) -> KeyPair {
        match rsa::KeyPair::from_der(der) {
            Ok(pair) => KeyPair { pair, signatures: Mutex::default() },
            Err(rejected) => panic!("a key under fixtures/keys is not an RSA key: {rejected}"),
        }
    }

    /// Modulus and exponent, big-endian.
    pub(super) fn public_components(&self) -> (Vec<u8>, Vec<u8>) {
        let components = rsa::PublicKeyComponents::<Vec<u8>>::from(self.pair.public());
        (components.n, components.e)
    }

    fn signatures(&self) -> MutexGuard<'_, Signatures> {
        self.signatures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thumbprint of a certificate for `x5t` (RFC 7517, section 4.8).
pub(super) fn sha1(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

/// The hash of thumbprints newer than `x5t`.
pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn signer(algorithm: Algorithm, key: Key<'_>) -> Result<Box<dyn JwtSigner + '_>, SignError> {
    let (key, encoding): (_, &'static dyn RsaEncoding) = match (algorithm, key) {
        (Algorithm::RS256, Key::Pair(key)) => (key, &RSA_PKCS1_SHA256),
        (Algorithm::RS512, Key::Pair(key)) => (key, &RSA_PKCS1_SHA512),
        (Algorithm::PS256, Key::Pair(key)) => (key, &RSA_PSS_SHA256),
        (Algorithm::HS256, Key::Secret(secret)) => return Ok(Box::new(Hs256(secret))),
        (other, _) => return Err(SignError::UnsupportedAlgorithm(other)),
    };
    Ok(Box::new(Rsa { key, algorithm, encoding }))
}

pub(super) fn verifier(algorithm: Algorithm, key: &KeyPair) -> Result<Box<dyn JwtVerifier + '_>, VerifyError> {
    match algorithm {
        Algorithm::RS256 => Ok(Box::new(Rs256(key))),
        _ => Err(VerifyError::BadAlgorithm),
    }
}

struct Rsa<'k> {
    key: &'k KeyPair,
    algorithm: Algorithm,
    encoding: &'static dyn RsaEncoding,
}

impl Signer<Vec<u8>> for Rsa<'_> {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        // PSS has a random salt. With PKCS#1 the signature is always the same; the random source is only for the blinding
        // of the private operation.
        let is_deterministic = self.algorithm != Algorithm::PS256;
        if is_deterministic && let Some(signature) = self.key.signatures().of(message) {
            return Ok(signature.to_vec());
        }
        let pair = &self.key.pair;
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(self.encoding, &SystemRandom::new(), message, &mut signature).map_err(|_| signature::Error::new())?;
        if is_deterministic {
            self.key.signatures().add(message, &signature);
        }
        Ok(signature)
    }
}

impl JwtSigner for Rsa<'_> {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

struct Hs256<'k>(&'k SigningSecret);

impl Signer<Vec<u8>> for Hs256<'_> {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        Ok(hmac::sign(&key, message).as_ref().to_vec())
    }
}

impl JwtSigner for Hs256<'_> {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

struct Rs256<'k>(&'k KeyPair);

impl Verifier<Vec<u8>> for Rs256<'_> {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        // A message has one valid signature.
        if let Some(known) = self.0.signatures().of(message) {
            return if known == signature.as_slice() { Ok(()) } else { Err(signature::Error::new()) };
        }
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.0.pair.public_key())
            .verify(message, signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Rs256<'_> {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

fn encode_part(part: &impl serde::Serialize) -> Result<String, SignError> {
    let json = serde_json::to_vec(part).map_err(|_| SignError::Failed)?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::Signing;
    use crate::token::{KeyRing, Profile, header, verify};

    fn some_claims() -> Map<String, Value> {
        Map::from_iter([("sub".to_owned(), json!("abc@clients"))])
    }

    fn signed() -> String {
        signed_as(&Signing::Rs256)
    }

    fn signed_as(signing: &Signing) -> String {
        let ring = KeyRing::shipped();
        let header = header(&Profile::Auth0, signing, ring.current());
        sign(&header, &some_claims(), Key::Pair(ring.current().pair())).unwrap()
    }

    fn with_header(header: Value, token: &str) -> String {
        let (_, rest) = token.split_once('.').unwrap();
        format!("{}.{rest}", encode_part(&header).unwrap())
    }

    fn verified(token: &str) -> Result<Map<String, Value>, VerifyError> {
        verify(token, &KeyRing::shipped()).map(|token| token.claims().clone())
    }

    #[test]
    fn a_signed_token_verifies_and_gives_its_claims_back() {
        assert_eq!(verified(&signed()), Ok(some_claims()));
    }

    /// The first shipped key without the signatures that it made.
    fn first_key() -> KeyPair {
        KeyPair::parse(include_bytes!("../../fixtures/keys/key-1.der"))
    }

    fn signed_by(key: &KeyPair, claims: &Map<String, Value>) -> String {
        let header = header(&Profile::Auth0, &Signing::Rs256, KeyRing::shipped().current());
        sign(&header, claims, Key::Pair(key)).unwrap()
    }

    #[test]
    fn the_same_claims_give_the_same_token_whether_the_key_remembers_it_or_not() {
        assert_eq!(signed(), signed());
        assert_eq!(signed(), signed_by(&first_key(), &some_claims()));
    }

    #[test]
    fn a_token_that_another_process_signed_verifies_unless_it_is_altered() {
        let claims = Map::from_iter([("sub".to_owned(), json!("of another process"))]);
        let token = signed_by(&first_key(), &claims);
        assert_eq!(verified(&token), Ok(claims));
        let (message, signature) = token.rsplit_once('.').unwrap();
        let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        signature[7] ^= 1;
        let altered = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(verified(&altered), Err(VerifyError::BadSignature));
    }

    #[test]
    fn a_token_of_this_process_with_an_altered_signature_does_not_verify() {
        let token = signed();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        signature[7] ^= 1;
        let altered = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(verified(&altered), Err(VerifyError::BadSignature));
        assert!(verified(&token).is_ok());
    }

    #[test]
    fn a_signature_with_a_salt_is_made_anew() {
        assert_ne!(signed_as(&Signing::Ps256), signed_as(&Signing::Ps256));
    }

    #[test]
    fn altered_claims_do_not_verify() {
        let token = signed();
        let parts: Vec<&str> = token.split('.').collect();
        let forged = encode_part(&json!({ "sub": "someone-else@clients" })).unwrap();
        let token = [parts[0], &forged, parts[2]].join(".");
        assert_eq!(verified(&token), Err(VerifyError::BadSignature));
    }

    #[test]
    fn an_altered_header_does_not_verify() {
        let kid = KeyRing::shipped().current().kid().to_owned();
        let token = with_header(json!({ "alg": "RS256", "kid": kid }), &signed());
        assert_eq!(verified(&token), Err(VerifyError::BadSignature));
    }

    #[test]
    fn the_algorithm_none_does_not_verify() {
        let ring = KeyRing::shipped();
        for alg in ["none", "None", ""] {
            let header = json!({ "alg": alg, "kid": ring.current().kid() });
            let token = with_header(header, &signed());
            assert_eq!(verified(&token), Err(VerifyError::BadAlgorithm));
            let unsigned = &token[..=token.rfind('.').unwrap()];
            assert_eq!(verified(unsigned), Err(VerifyError::BadAlgorithm));
        }
    }

    #[test]
    fn an_hmac_keyed_with_the_public_key_does_not_verify() {
        let ring = KeyRing::shipped();
        let public = ring.current().pair().pair.public_key();
        let message = format!(
            "{}.{}",
            encode_part(&json!({ "alg": "HS256", "kid": ring.current().kid() })).unwrap(),
            encode_part(&some_claims()).unwrap()
        );
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, public.as_ref()), message.as_bytes());
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac));
        assert_eq!(verified(&token), Err(VerifyError::BadAlgorithm));
    }

    #[test]
    fn a_key_id_that_is_not_published_does_not_verify() {
        for header in [json!({ "alg": "RS256", "kid": "0000000000000000000aa" }), json!({ "alg": "RS256" })] {
            let token = with_header(header, &signed());
            assert_eq!(verified(&token), Err(VerifyError::UnknownKey));
        }
    }

    #[test]
    fn a_signature_by_another_key_does_not_verify() {
        let ring = KeyRing::shipped();
        let header = header(&Profile::Auth0, &Signing::Rs256, ring.current());
        let token = sign(&header, &some_claims(), Key::Pair(ring.next().pair())).unwrap();
        assert_eq!(verified(&token), Err(VerifyError::BadSignature));
    }

    #[test]
    fn a_stripped_signature_does_not_verify() {
        let token = signed();
        let end = token.rfind('.').unwrap();
        assert_eq!(verified(&token[..=end]), Err(VerifyError::BadSignature));
        assert_eq!(verified(&token[..end]), Err(VerifyError::Malformed));
    }

    #[test]
    fn what_is_not_a_token_is_malformed() {
        for text in ["", ".", "..", "...", "a.b.c", "e30.e30.e", "é.é.é", "W10.W10.W10"] {
            assert_eq!(verified(text), Err(VerifyError::Malformed), "{text}");
        }
    }

    #[test]
    fn a_valid_signature_with_another_algorithm_does_not_verify() {
        for signing in [Signing::Rs512, Signing::Ps256] {
            assert_eq!(verified(&signed_as(&signing)), Err(VerifyError::BadAlgorithm), "{signing:?}");
        }
    }

    #[test]
    fn an_algorithm_that_the_key_is_not_for_is_refused_before_signing() {
        let ring = KeyRing::shipped();
        let secret = SigningSecret::new("travel0-signing-secret");
        let refused = |algorithm, key| sign(&Header::new(algorithm), &some_claims(), key);
        for algorithm in [Algorithm::ES256, Algorithm::HS256] {
            let unsupported = Err(SignError::UnsupportedAlgorithm(algorithm));
            assert_eq!(refused(algorithm, Key::Pair(ring.current().pair())), unsupported);
        }
        let unsupported = Err(SignError::UnsupportedAlgorithm(Algorithm::RS256));
        assert_eq!(refused(Algorithm::RS256, Key::Secret(&secret)), unsupported);
    }
}
