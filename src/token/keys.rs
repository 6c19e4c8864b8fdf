//! The signing keys of a tenant, and how it publishes them.
//!
//! The keys ship with the crate (`fixtures/keys`): every tenant of every process
//! signs with the same ones, so starting a tenant never waits for a key. Each is
//! parsed when it is first needed, once per process.

use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::signer::{self, KeyPair};
use super::{der, pem};

/// The keys a tenant signs with and publishes: the current one and the one that
/// takes over when the keys are rotated.
#[derive(Clone, Debug)]
pub struct KeyRing {
    current: Arc<SigningKey>,
    next: Arc<SigningKey>,
}

impl KeyRing {
    /// The ring every tenant starts with.
    pub fn shipped() -> KeyRing {
        KeyRing { current: Arc::clone(&SHIPPED[0]), next: Arc::clone(&SHIPPED[1]) }
    }

    /// The key that signs.
    pub fn current(&self) -> &Arc<SigningKey> {
        &self.current
    }

    /// The published key with this id.
    pub fn find(&self, kid: &str) -> Option<&Arc<SigningKey>> {
        self.published().into_iter().find(|key| key.kid() == kid)
    }

    /// The document of `/.well-known/jwks.json`.
    pub fn jwks(&self) -> Value {
        let keys: Vec<&Value> = self.published().into_iter().map(|key| key.jwk()).collect();
        json!({ "keys": keys })
    }

    fn published(&self) -> [&Arc<SigningKey>; 2] {
        [&self.current, &self.next]
    }
}

/// One of the shipped keys, by a number that may be any: for what shows a certificate and never signs.
pub fn shipped(number: usize) -> &'static SigningKey {
    &SHIPPED[number % SHIPPED.len()]
}

/// An RSA key pair with the certificate that is published for it.
pub struct SigningKey {
    kid: &'static str,
    private_der: &'static [u8],
    certificate_der: &'static [u8],
    pair: OnceLock<KeyPair>,
    jwk: OnceLock<Value>,
}

impl SigningKey {
    const fn new(kid: &'static str, private_der: &'static [u8], certificate_der: &'static [u8]) -> SigningKey {
        SigningKey { kid, private_der, certificate_der, pair: OnceLock::new(), jwk: OnceLock::new() }
    }

    /// The key id: 21 characters of the base64url alphabet, as the live service's are.
    pub fn kid(&self) -> &str {
        self.kid
    }

    /// The certificate in PEM. Does without the key pair, which a process that signs nothing never parses.
    pub fn certificate_pem(&self) -> String {
        pem::write("CERTIFICATE", self.certificate_der)
    }

    /// The certificate alone in a PKCS #7 message, in PEM.
    pub fn pkcs7_pem(&self) -> String {
        pem::write("PKCS7", &der::certificate_message(self.certificate_der))
    }

    /// SHA-1 of the certificate in hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        pem::hexadecimal(&signer::sha1(self.certificate_der))
    }

    pub(super) fn pair(&self) -> &KeyPair {
        self.pair.get_or_init(|| KeyPair::parse(self.private_der))
    }

    /// The entry of the key set: the public half only.
    fn jwk(&self) -> &Value {
        self.jwk.get_or_init(|| {
            let (n, e) = self.pair().public_components();
            json!({
                "alg": "RS256",
                "kty": "RSA",
                "use": "sig",
                "n": URL_SAFE_NO_PAD.encode(n),
                "e": URL_SAFE_NO_PAD.encode(e),
                "kid": self.kid,
                "x5t": URL_SAFE_NO_PAD.encode(signer::sha1(self.certificate_der)),
                "x5c": [STANDARD.encode(self.certificate_der)],
            })
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

macro_rules! shipped {
    ($kid:literal, $number:literal) => {
        Arc::new(SigningKey::new(
            $kid,
            include_bytes!(concat!("../../fixtures/keys/key-", $number, ".der")),
            include_bytes!(concat!("../../fixtures/keys/certificate-", $number, ".der")),
        ))
    };
}

/// The first two make a fresh ring; the others are what rotation takes in.
static SHIPPED: LazyLock<[Arc<SigningKey>; 4]> = LazyLock::new(|| {
    [
        shipped!("0vL0PdFw8riOLQfCfgrxN", "1"),
        shipped!("XbtYf_A0XrMwL4GOxMTMs", "2"),
        shipped!("t_8nYHTAAi0a4yK7dQqHh", "3"),
        shipped!("aQs_AZTq0RjXeNpnCo4qx", "4"),
    ]
});

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_shipped_key_parses_and_has_an_id_of_its_own() {
        let kids: HashSet<&str> = SHIPPED.iter().map(|key| key.kid()).collect();
        assert_eq!(kids.len(), SHIPPED.len());
        for key in SHIPPED.iter() {
            assert_eq!(key.kid().len(), 21);
            assert!(key.kid().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            assert_eq!(key.pair().public_components().0.len(), 256);
        }
    }

    #[test]
    fn the_published_certificate_holds_the_published_key() {
        for key in SHIPPED.iter() {
            let jwk = key.jwk();
            let certificate = STANDARD.decode(jwk["x5c"][0].as_str().unwrap()).unwrap();
            let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();

            assert!(certificate_holds(&certificate, &part("n"), &part("e")));
            assert_eq!(part("x5t"), signer::sha1(&certificate));
        }
    }

    #[test]
    fn another_keys_certificate_does_not_hold_it() {
        let (n, e) = SHIPPED[0].pair().public_components();
        assert!(!certificate_holds(SHIPPED[1].certificate_der, &n, &e));
    }

    #[test]
    fn the_key_set_lists_the_current_and_the_next_key_and_nothing_private() {
        let jwks = KeyRing::shipped().jwks();
        let keys = jwks["keys"].as_array().unwrap();

        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0]["kid"], SHIPPED[0].kid());
        assert_eq!(keys[1]["kid"], SHIPPED[1].kid());
        for key in keys {
            let members: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
            let expected = ["alg", "kty", "use", "n", "e", "kid", "x5t", "x5c"];
            assert_eq!(members.len(), expected.len());
            assert!(expected.iter().all(|member| members.contains(member)));
        }
    }

    #[test]
    fn a_key_is_found_by_its_id() {
        let ring = KeyRing::shipped();
        let current = ring.find(ring.current().kid()).unwrap();
        assert!(Arc::ptr_eq(current, ring.current()));
        assert!(ring.find("another").is_none());
        // The spare keys are not the tenant's until it rotates.
        assert!(ring.find(SHIPPED[2].kid()).is_none());
    }

    /// Whether the certificate's subject key is this one: `RSAPublicKey` is a
    /// sequence of two integers, and its encoding stands in the certificate as it is.
    fn certificate_holds(certificate: &[u8], n: &[u8], e: &[u8]) -> bool {
        let mut integers = Vec::new();
        // 2048 bits with the highest one set: a zero byte keeps the integer positive.
        integers.extend_from_slice(&[0x02, 0x82, 0x01, 0x01, 0x00]);
        integers.extend_from_slice(n);
        integers.extend_from_slice(&[0x02, e.len() as u8]);
        integers.extend_from_slice(e);
        certificate.windows(integers.len()).any(|window| window == integers)
    }
}
