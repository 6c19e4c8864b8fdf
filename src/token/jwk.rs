//! The public key of a DPoP proof: a JSON Web Key (RFC 7517) in the proof's header.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::compact::Compact;
use super::pem::RsaKey;
use super::signer::{sha256, verify_assertion, verify_es256};
use super::verify_error::VerifyError;
use crate::domain::client_assertion::Algorithm as AssertionAlgorithm;
use crate::domain::dpop_proof::{Algorithm, Cause};

/// The members of private and secret keys (RFC 7518, 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public key, its numbers in base64url without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// An RSA key.
    Rsa(RsaKey),
    /// A point on P-256.
    P256 {
        /// 32 bytes.
        x: String,
        /// 32 bytes.
        y: String,
    },
}

impl PublicKey {
    /// Parses the key of a proof with this algorithm.
    pub(crate) fn parse(jwk: Option<&Value>, algorithm: Algorithm) -> Result<PublicKey, Cause> {
        let jwk = jwk.ok_or(Cause::Missing("jwk"))?.as_object().ok_or(Cause::WrongType("jwk"))?;
        if let Some(private) = PRIVATE.into_iter().find(|name| jwk.contains_key(*name)) {
            return Err(Cause::PrivateKey(private));
        }
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let key = match (algorithm, text("kty"), text("crv")) {
            (Algorithm::Es256, Some("EC"), Some("P-256")) => {
                let coordinate = |name| text(name).filter(|text| bytes(text).is_some_and(|bytes| bytes.len() == 32));
                coordinate("x").zip(coordinate("y")).map(|(x, y)| PublicKey::P256 { x: x.to_owned(), y: y.to_owned() })
            }
            (Algorithm::Rs256, Some("RSA"), _) => {
                let number = |name| text(name).filter(|text| bytes(text).is_some_and(|bytes| bytes.first() > Some(&0)));
                number("n").zip(number("e")).map(|(n, e)| PublicKey::Rsa(RsaKey { n: n.to_owned(), e: e.to_owned() }))
            }
            _ => None,
        };
        key.ok_or(Cause::AnotherKey(algorithm))
    }

    /// Verifies the signature of a proof. The key decides the algorithm: ES256, or RS256 with at least 2048 bits.
    ///
    /// # Errors
    ///
    /// The signature is not valid.
    pub(crate) fn verify(&self, proof: &Compact) -> Result<(), VerifyError> {
        let number = |text: &String| bytes(text).ok_or(VerifyError::BadSignature);
        match self {
            PublicKey::Rsa(RsaKey { n, e }) => {
                verify_assertion(proof, AssertionAlgorithm::Rs256, &number(n)?, &number(e)?)
            }
            PublicKey::P256 { x, y } => verify_es256(proof, &[vec![4], number(x)?, number(y)?].concat()),
        }
    }

    /// The thumbprint of the key (RFC 7638).
    pub(crate) fn thumbprint(&self) -> String {
        match self {
            PublicKey::Rsa(key) => key.thumbprint(),
            PublicKey::P256 { x, y } => {
                let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
                URL_SAFE_NO_PAD.encode(sha256(members.as_bytes()))
            }
        }
    }
}

/// The bytes of a number. They are decoded strictly, so that a key has one thumbprint.
fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Algorithm, Cause, PublicKey};

    const X: &str = "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs";
    const Y: &str = "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA";

    /// The key and the thumbprint are those of RFC 9449, figures 2 and 6.
    #[test]
    fn the_thumbprint_is_that_of_the_example_in_rfc_9449() {
        let jwk = json!({ "kty": "EC", "x": X, "y": Y, "crv": "P-256" });
        let key = PublicKey::parse(Some(&jwk), Algorithm::Es256).unwrap();
        assert_eq!(key.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }

    #[test]
    fn a_key_is_public_and_fits_the_algorithm() {
        let ec = |name: &str, value: &str| {
            let mut jwk = json!({ "kty": "EC", "x": X, "y": Y, "crv": "P-256" });
            jwk[name] = value.into();
            jwk
        };
        let parsed = |jwk, algorithm| PublicKey::parse(Some(&jwk), algorithm).unwrap_err();
        let another = Cause::AnotherKey(Algorithm::Es256);
        assert_eq!(parsed(ec("d", "secret"), Algorithm::Es256), Cause::PrivateKey("d"));
        assert_eq!(parsed(json!({ "kty": "oct", "k": "secret" }), Algorithm::Es256), Cause::PrivateKey("k"));
        for (name, value) in [("crv", "P-384"), ("kty", "RSA"), ("x", "AAAA"), ("y", &format!("{Y}=")), ("x", "")] {
            assert_eq!(parsed(ec(name, value), Algorithm::Es256), another, "{name} {value}");
        }
        assert_eq!(parsed(ec("kty", "EC"), Algorithm::Rs256), Cause::AnotherKey(Algorithm::Rs256));
        let padded = json!({ "kty": "RSA", "n": "AAEC", "e": "AQAB" });
        assert_eq!(parsed(padded, Algorithm::Rs256), Cause::AnotherKey(Algorithm::Rs256));
        assert_eq!(PublicKey::parse(None, Algorithm::Es256), Err(Cause::Missing("jwk")));
        assert_eq!(parsed(json!("key"), Algorithm::Es256), Cause::WrongType("jwk"));
    }
}
