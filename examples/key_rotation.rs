//! A verifier of tokens lives through rotation and revocation of signing keys: `cargo run --example key_rotation`.
//!
//! It keeps the published keys, as every library does, and looks again when it meets a key that it does not know.

use std::collections::HashMap;
use std::error::Error;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use m2mock::{MockTenant, Token};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

/// The published keys as somebody has read them once: by `kid`, modulus and exponent.
struct Keys(HashMap<String, RsaPublicKeyComponents<Vec<u8>>>);

impl Keys {
    async fn read(tenant: &MockTenant) -> Result<Keys, Box<dyn Error>> {
        let published: Value = reqwest::get(tenant.uri() + "/.well-known/jwks.json").await?.json().await?;
        let number = |key: &Value, name: &str| BASE64.decode(key[name].as_str().unwrap_or_default());
        let mut keys = HashMap::new();
        for key in published["keys"].as_array().into_iter().flatten() {
            let components = RsaPublicKeyComponents { n: number(key, "n")?, e: number(key, "e")? };
            keys.insert(key["kid"].as_str().unwrap_or_default().to_owned(), components);
        }
        Ok(Keys(keys))
    }

    /// Whether the token is signed by a key that is known here.
    fn verify(&self, token: &Token) -> bool {
        let key = token.header["kid"].as_str().and_then(|kid| self.0.get(kid));
        let parts = token.access_token.rsplit_once('.');
        key.zip(parts).is_some_and(|(key, (message, signature))| {
            let signature = BASE64.decode(signature).unwrap_or_default();
            key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature).is_ok()
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();
    let token = || tenant.token(&bot).audience(&api).request();

    let kept = Keys::read(&tenant).await?;
    let old = token()?;
    println!("before a rotation, {} keys are published: the current and the next one", kept.0.len());
    assert!(kept.verify(&old));

    let first = tenant.rotate_signing_key();
    let new = token()?;
    println!("after it, tokens are signed with {}, which the verifier has kept already", first.current);
    assert_eq!(new.header["kid"], first.current.as_str());
    assert!(kept.verify(&new) && kept.verify(&old));

    let second = tenant.rotate_signing_key();
    let newest = token()?;
    println!("after another, with {}, which it has never seen: it has to look again", second.current);
    assert!(!kept.verify(&newest));
    let read_again = Keys::read(&tenant).await?;
    assert!(read_again.verify(&newest));

    tenant.revoke_signing_key(&first.current);
    let after_revocation = Keys::read(&tenant).await?;
    println!("{} is revoked: who looks again refuses its tokens", first.current);
    assert!(!after_revocation.verify(&new) && after_revocation.verify(&newest));
    println!("who does not look again still takes them: a test of yours could show for how long");
    assert!(kept.verify(&new));
    Ok(())
}
