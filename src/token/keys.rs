//! The signing keys of a tenant, and the forms in which it publishes them.
//!
//! The keys are part of the crate (`fixtures/keys`). Every tenant of every process signs with the same keys in the same
//! order, so the start of a tenant never waits for the generation of a key. A key is parsed on first use, once per
//! process.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::UNIX_EPOCH;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::signer::{self, KeyPair};
use super::{der, pem};
use crate::domain::SigningKeys;

/// A snapshot of the keys with which a tenant signs and which it publishes. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct KeyRing(Arc<SigningKeys>);

impl KeyRing {
    /// The number of keys of a tenant.
    ///
    /// The first two are the current and the next key of a new tenant. The other five are for rotations: the live
    /// service allows as many in a day.
    pub(crate) const KEYS: usize = 7;

    /// The ring of a tenant with these states of its keys.
    pub(crate) fn of(keys: &Arc<SigningKeys>) -> KeyRing {
        KeyRing(Arc::clone(keys))
    }

    /// The ring of a new tenant.
    pub(crate) fn shipped() -> KeyRing {
        KeyRing(Arc::new(SigningKeys::since(UNIX_EPOCH)))
    }

    /// The key that signs.
    pub(crate) fn current(&self) -> &'static SigningKey {
        &SHIPPED[self.0.current()]
    }

    /// The key that signs after the next rotation.
    pub(crate) fn next(&self) -> &'static SigningKey {
        &SHIPPED[self.0.next()]
    }

    /// The published key with this id.
    pub(crate) fn find(&self, kid: &str) -> Option<&'static SigningKey> {
        self.published().find(|key| key.kid() == kid)
    }

    /// The listed keys with their numbers: the published ones, and the latest revoked ones.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (usize, &'static SigningKey)> {
        self.0.listed().map(|number| (number, &SHIPPED[number]))
    }

    /// The document of `/.well-known/jwks.json`.
    pub(crate) fn jwks(&self) -> Value {
        let keys: Vec<&Value> = self.published().map(SigningKey::jwk).collect();
        json!({ "keys": keys })
    }

    fn published(&self) -> impl Iterator<Item = &'static SigningKey> {
        self.0.valid().map(|number| &SHIPPED[number])
    }
}

/// One of the keys of the crate, by any number. It serves entities that show a certificate and never sign.
pub(crate) fn shipped(number: usize) -> &'static SigningKey {
    &SHIPPED[number % SHIPPED.len()]
}

/// An RSA key pair with the certificate that is published for it.
pub(crate) struct SigningKey {
    kid: &'static str,
    private_der: &'static [u8],
    certificate_der: &'static [u8],
    pair: OnceLock<KeyPair>,
    jwk: OnceLock<Value>,
    certificate_pem: OnceLock<String>,
    pkcs7_pem: OnceLock<String>,
}

impl SigningKey {
    const fn new(kid: &'static str, private_der: &'static [u8], certificate_der: &'static [u8]) -> SigningKey {
        SigningKey {
            kid,
            private_der,
            certificate_der,
            pair: OnceLock::new(),
            jwk: OnceLock::new(),
            certificate_pem: OnceLock::new(),
            pkcs7_pem: OnceLock::new(),
        }
    }

    /// The key id: 21 characters of the base64url alphabet, as the live service's are.
    pub(crate) fn kid(&self) -> &str {
        self.kid
    }

    /// The certificate in PEM. It does not parse the key pair, which a process without signatures never needs.
    pub(crate) fn certificate_pem(&self) -> &str {
        self.certificate_pem.get_or_init(|| pem_text("CERTIFICATE", self.certificate_der))
    }

    /// The certificate in DER.
    pub(crate) fn certificate_der(&self) -> &'static [u8] {
        self.certificate_der
    }

    /// The certificate in Base64, without line breaks.
    pub(crate) fn certificate_base64(&self) -> String {
        STANDARD.encode(self.certificate_der)
    }

    /// The certificate in a PKCS #7 message, in PEM.
    pub(crate) fn pkcs7_pem(&self) -> &str {
        self.pkcs7_pem.get_or_init(|| pem_text("PKCS7", &der::certificate_message(self.certificate_der)))
    }

    /// SHA-1 of the certificate in upper-case hexadecimal digits.
    pub(crate) fn thumbprint(&self) -> String {
        pem::hexadecimal(&signer::sha1(self.certificate_der)).to_uppercase()
    }

    /// The thumbprint with a colon between two bytes.
    pub(crate) fn fingerprint(&self) -> String {
        let digits = self.thumbprint();
        let bytes: Vec<&str> = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]).collect();
        bytes.join(":")
    }

    /// The key pair, parsed on first use.
    pub(crate) fn pair(&self) -> &KeyPair {
        self.pair.get_or_init(|| KeyPair::parse(self.private_der))
    }

    /// The entry of the key set, with the public key only.
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
                "x5c": [self.certificate_base64()],
            })
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A PEM text with the line ends of the recorded keys of connections.
fn pem_text(label: &str, der: &[u8]) -> String {
    pem::write(label, der).replace('\n', "\r\n")
}

macro_rules! shipped {
    ($kid:literal, $number:literal) => {
        SigningKey::new(
            $kid,
            include_bytes!(concat!("../../fixtures/keys/key-", $number, ".der")),
            include_bytes!(concat!("../../fixtures/keys/certificate-", $number, ".der")),
        )
    };
}

static SHIPPED: [SigningKey; KeyRing::KEYS] = [
    shipped!("0vL0PdFw8riOLQfCfgrxN", "1"),
    shipped!("XbtYf_A0XrMwL4GOxMTMs", "2"),
    shipped!("t_8nYHTAAi0a4yK7dQqHh", "3"),
    shipped!("aQs_AZTq0RjXeNpnCo4qx", "4"),
    shipped!("9sZgnuifA_x2kUxIUlazZ", "5"),
    shipped!("2ArtgYp9C8LyZiLai8eo9", "6"),
    shipped!("14ohY8fcmK6bKElLlLLtI", "7"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::token::pem::Pem;

    fn rotated(times: usize) -> KeyRing {
        let mut keys = SigningKeys::since(UNIX_EPOCH);
        (0..times).for_each(|_| keys.rotate(UNIX_EPOCH, KeyRing::KEYS).unwrap());
        KeyRing(Arc::new(keys))
    }

    fn kids(ring: &KeyRing) -> Vec<String> {
        let jwks = ring.jwks();
        jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_shipped_key_parses_and_has_an_id_and_a_modulus_of_its_own() {
        let kids: HashSet<&str> = SHIPPED.iter().map(SigningKey::kid).collect();
        let moduli: HashSet<Vec<u8>> = SHIPPED.iter().map(|key| key.pair().public_components().0).collect();
        assert_eq!((kids.len(), moduli.len()), (SHIPPED.len(), SHIPPED.len()));
        for key in &SHIPPED {
            assert_eq!(key.kid().len(), 21);
            assert!(key.kid().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            assert_eq!(key.pair().public_components().0.len(), 256);
        }
    }

    #[test]
    fn the_published_certificate_holds_the_published_key() {
        for key in &SHIPPED {
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
    fn the_certificate_is_the_same_in_each_of_its_forms() {
        for key in &SHIPPED {
            let certificate = Pem::read(key.certificate_pem()).expect("a certificate");
            let numbers = certificate.key().expect("an RSA key");
            assert_eq!((Value::from(&*numbers.n), Value::from(&*numbers.e)), (key.jwk()["n"].clone(), "AQAB".into()));
            // The envelope ends with the certificate and two empty sets.
            let envelope = der::certificate_message(key.certificate_der);
            assert!(envelope.ends_with(&[key.certificate_der, &[0x31, 0]].concat()));
            let hex: String = URL_SAFE_NO_PAD
                .decode(key.jwk()["x5t"].as_str().unwrap())
                .unwrap()
                .iter()
                .map(|byte| format!("{byte:02X}"))
                .collect();
            assert_eq!(key.thumbprint(), hex);
        }
    }

    #[test]
    fn a_fresh_key_set_lists_the_current_and_the_next_key_and_nothing_private() {
        let jwks = KeyRing::shipped().jwks();
        let keys = jwks["keys"].as_array().unwrap();

        assert_eq!(kids(&KeyRing::shipped()), [SHIPPED[0].kid(), SHIPPED[1].kid()]);
        for key in keys {
            let members: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
            let expected = ["alg", "kty", "use", "n", "e", "kid", "x5t", "x5c"];
            assert_eq!(members.len(), expected.len());
            assert!(expected.iter().all(|member| members.contains(member)));
        }
    }

    #[test]
    fn after_a_rotation_the_previous_key_is_listed_too() {
        let ring = rotated(1);
        assert_eq!(kids(&ring), [SHIPPED[1].kid(), SHIPPED[2].kid(), SHIPPED[0].kid()]);
        assert_eq!((ring.current().kid(), ring.next().kid()), (SHIPPED[1].kid(), SHIPPED[2].kid()));
    }

    #[test]
    fn the_last_rotation_leaves_a_next_key() {
        let ring = rotated(KeyRing::KEYS - 2);
        assert_eq!(ring.next().kid(), SHIPPED[KeyRing::KEYS - 1].kid());
        assert_eq!(kids(&ring).len(), KeyRing::KEYS);
    }

    #[test]
    fn a_key_is_found_by_its_id() {
        let ring = KeyRing::shipped();
        assert!(ring.find(ring.current().kid()).is_some_and(|key| std::ptr::eq(key, ring.current())));
        assert!(ring.find("another").is_none());
        // A later key is the tenant's only after a rotation.
        assert!(ring.find(SHIPPED[2].kid()).is_none());
    }

    /// Whether a certificate has this subject key: `RSAPublicKey` is a sequence of two integers, and the certificate
    /// contains its encoding unchanged.
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
