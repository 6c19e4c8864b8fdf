//! Encrypts tokens for an API ("JSON Web Encryption"): the signed token is the content of a JWE in its compact form.
//!
//! The token is encrypted with a new key (AES-256-GCM by `ring`), and this key with the public key of the API (RSA-OAEP). The
//! crate `rsa` does the latter, because `ring` has no RSA encryption. Only public keys are used here.

use std::{fmt, io};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::sha2::{Sha256, Sha384, Sha512};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PublicKey};
use serde_json::json;

use super::encryption_error::EncryptionError;
use super::pem::Pem;
use crate::domain::{KeyEncryption, TokenEncryption};

/// The size of the key of the content, in bytes.
const CONTENT_KEY: usize = 32;

/// The key of an API, and the header of its tokens.
pub(crate) struct EncryptionKey {
    algorithm: KeyEncryption,
    key: PublicKey,
    header: String,
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl EncryptionKey {
    /// Parses the key of an API.
    ///
    /// # Errors
    ///
    /// It is no RSA key of 1,024 to 8,192 bits, or too short for its algorithm.
    pub(crate) fn parse(encryption: TokenEncryption<'_>) -> Result<EncryptionKey, EncryptionError> {
        const UNUSABLE: EncryptionError = EncryptionError("its encryption_key cannot be used");
        let algorithm = KeyEncryption::parse(encryption.algorithm).ok_or(UNUSABLE)?;
        let pem = Pem::read(encryption.pem).ok_or(UNUSABLE)?;
        let numbers = pem.key().ok_or(UNUSABLE)?;
        let number =
            |text: &str| URL_SAFE_NO_PAD.decode(text).ok().map(|bytes| BoxedUint::from_be_slice_vartime(&bytes));
        let (Some(n), Some(e)) = (number(&numbers.n), number(&numbers.e)) else { return Err(UNUSABLE) };
        let key = PublicKey::new(n, e).map_err(|_| UNUSABLE)?;
        // RFC 8017, 7.1.1: two hashes and two bytes beside the message.
        if key.size() < CONTENT_KEY + 2 * algorithm.hash_size() + 2 {
            return Err(EncryptionError("its encryption_key is too short for the algorithm"));
        }
        let mut header = json!({ "alg": algorithm.as_str(), "enc": "A256GCM", "cty": "JWT" });
        if let Some(key_id) = encryption.key_id {
            header["kid"] = key_id.into();
        }
        Ok(EncryptionKey { algorithm, key, header: URL_SAFE_NO_PAD.encode(header.to_string()) })
    }

    /// The algorithm.
    pub(crate) fn algorithm(&self) -> &'static str {
        self.algorithm.as_str()
    }

    /// Encrypts a signed token.
    ///
    /// # Errors
    ///
    /// The cryptography fails.
    pub(crate) fn encrypt(&self, token: String) -> Result<String, EncryptionError> {
        const FAILED: EncryptionError = EncryptionError("the token could not be encrypted");
        let (content_key, nonce) = self.draw().map_err(|Unspecified| FAILED)?;
        let encrypted_key = self.encrypt_key(&content_key).map_err(|_| FAILED)?;
        let key = UnboundKey::new(&AES_256_GCM, &content_key).map_err(|Unspecified| FAILED)?;
        let mut content = token.into_bytes();
        let tag = LessSafeKey::new(key)
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.header.as_bytes()),
                &mut content,
            )
            .map_err(|Unspecified| FAILED)?;
        let [encrypted_key, nonce, content, tag] =
            [&encrypted_key[..], &nonce, &content, tag.as_ref()].map(|part| URL_SAFE_NO_PAD.encode(part));
        Ok([self.header.as_str(), &encrypted_key, &nonce, &content, &tag].join("."))
    }

    /// A new key of the content, and its nonce.
    fn draw(&self) -> Result<([u8; CONTENT_KEY], [u8; 12]), Unspecified> {
        let (random, mut key, mut nonce) = (SystemRandom::new(), [0; CONTENT_KEY], [0; 12]);
        random.fill(&mut key)?;
        random.fill(&mut nonce)?;
        Ok((key, nonce))
    }

    fn encrypt_key(&self, content_key: &[u8]) -> Result<Vec<u8>, rsa::Error> {
        match self.algorithm {
            KeyEncryption::RsaOaep256 => self.key.oaep_encrypt_with_rng::<Sha256, _>(&mut Random, content_key),
            KeyEncryption::RsaOaep384 => self.key.oaep_encrypt_with_rng::<Sha384, _>(&mut Random, content_key),
            KeyEncryption::RsaOaep512 => self.key.oaep_encrypt_with_rng::<Sha512, _>(&mut Random, content_key),
        }
    }
}

/// The randomness of `ring`, for `rsa`: its own would be a second crate for it.
struct Random;

impl TryRng for Random {
    type Error = io::Error;

    fn try_next_u32(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        SystemRandom::new().fill(bytes).map_err(|Unspecified| io::Error::other("there is no randomness"))
    }
}

impl TryCryptoRng for Random {}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const PUBLIC_KEY: &str = include_str!("../../fixtures/credentials/public-key.pem");
    /// It has 1,024 bits.
    const SHORT: &str = include_str!("../../fixtures/credentials/any-time-certificate.pem");
    const ELLIPTIC: &str = include_str!("../../fixtures/credentials/elliptic-certificate.pem");

    fn parsed<'a>(algorithm: &'a str, pem: &'a str) -> Result<EncryptionKey, EncryptionError> {
        EncryptionKey::parse(TokenEncryption { algorithm, key_id: None, pem })
    }

    #[rstest]
    #[case::the_shortest_that_fits("RSA-OAEP-256", SHORT, None)]
    #[case::too_short_for_the_hash("RSA-OAEP-384", SHORT, Some("its encryption_key is too short for the algorithm"))]
    #[case::another_algorithm("RSA-OAEP", PUBLIC_KEY, Some("its encryption_key cannot be used"))]
    #[case::another_kind_of_key("RSA-OAEP-256", ELLIPTIC, Some("its encryption_key cannot be used"))]
    #[case::no_key("RSA-OAEP-256", "", Some("its encryption_key cannot be used"))]
    fn the_key_has_to_fit_the_algorithm(#[case] algorithm: &str, #[case] pem: &str, #[case] refused: Option<&str>) {
        assert_eq!(parsed(algorithm, pem).err().map(|error| error.0), refused);
    }

    #[test]
    fn each_token_has_a_key_and_a_nonce_of_its_own() {
        let key = parsed("RSA-OAEP-512", PUBLIC_KEY).unwrap();
        let [one, other] = [(); 2].map(|()| key.encrypt("token".to_owned()).unwrap());
        let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
        let (one, other) = (parts(&one), parts(&other));
        assert_eq!((one.len(), &one[0]), (5, &other[0]));
        for place in 1..5 {
            assert_ne!(one[place], other[place], "part {place}");
        }
    }
}
