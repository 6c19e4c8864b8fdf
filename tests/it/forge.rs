//! Builds valid and invalid tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaEncoding};
use serde_json::{Value, json};

/// How a token is signed.
pub enum Forger {
    Rsa(&'static dyn RsaEncoding, &'static [u8]),
    /// ES256, with a key in PKCS#8.
    Ec(&'static [u8]),
    Hmac(Vec<u8>),
    Nobody,
}

/// The key of DPoP proofs.
pub const PROOF_KEY: &[u8] = include_bytes!("../../fixtures/keys/proof-key.der");

fn ec_key(der: &[u8]) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new()).expect("a key")
}

/// The public half of a key on P-256.
pub fn ec_jwk(der: &[u8]) -> Value {
    let pair = ec_key(der);
    let [x, y] = [1..33, 33..65].map(|range| URL_SAFE_NO_PAD.encode(&pair.public_key().as_ref()[range]));
    json!({ "crv": "P-256", "kty": "EC", "x": x, "y": y })
}

/// The thumbprint of a public key whose members are those of RFC 7638, in their order.
pub fn thumbprint(jwk: &Value) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, jwk.to_string().as_bytes()))
}

/// A token with this header and these claims.
pub fn forge(header: &Value, claims: &Value, forger: &Forger) -> String {
    forge_text(&header.to_string(), &claims.to_string(), forger)
}

/// The same with both parts as they are written.
pub fn forge_text(header: &str, claims: &str, forger: &Forger) -> String {
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = match forger {
        Forger::Rsa(encoding, der) => {
            let pair = KeyPair::from_der(der).expect("a key");
            let mut signature = vec![0; pair.public().modulus_len()];
            pair.sign(*encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).expect("a signature");
            signature
        }
        Forger::Ec(der) => {
            ec_key(der).sign(&SystemRandom::new(), message.as_bytes()).expect("a signature").as_ref().to_vec()
        }
        Forger::Hmac(secret) => {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes()).as_ref().to_vec()
        }
        Forger::Nobody => Vec::new(),
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A part of a token with some members changed; `null` takes one away.
pub fn changed(mut part: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().expect("changes") {
        part[name] = value.clone();
    }
    part.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    part
}
