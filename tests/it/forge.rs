//! Builds valid and invalid tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RsaEncoding;
use serde_json::Value;

/// How a token is signed.
pub enum Forger {
    Rsa(&'static dyn RsaEncoding, &'static [u8]),
    Hmac(Vec<u8>),
    Nobody,
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
