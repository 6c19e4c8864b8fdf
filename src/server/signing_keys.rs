//! Rotates and revokes the signing keys of a tenant in a test.

use http::Method;
use serde_json::Value;

use super::MockTenant;

/// The ids of the keys after a rotation: the `kid` of token headers and of the published keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rotation {
    /// The key that signed until now. Its tokens stay valid until it is revoked.
    pub previous: String,
    /// The key that signs from now on.
    pub current: String,
    /// The next key, which is published already.
    pub next: String,
}

impl MockTenant {
    /// Signs with the next key from now on.
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// # let api = tenant.api("https://travel0.example/api").create();
    /// # let application = tenant.application("Partner bot").create();
    /// # tenant.client_grant(&application, &api).create();
    /// let keys = tenant.rotate_signing_key();
    /// let token = tenant.token(&application).audience(&api).request()?;
    /// assert_eq!(token.header["kid"], keys.current.as_str());
    ///
    /// // A verifier that has kept the published keys of before knows this key. Tokens of the previous one end with:
    /// tenant.revoke_signing_key(&keys.previous);
    /// # Ok::<(), m2mock::TokenRefused>(())
    /// ```
    ///
    /// # Panics
    ///
    /// At the sixth rotation: there are seven keys. [`reset`](Self::reset) restores the first one.
    #[track_caller]
    pub fn rotate_signing_key(&self) -> Rotation {
        self.as_owner(&Method::POST, "/keys/signing/rotate");
        let keys = self.as_owner(&Method::GET, "/keys/signing");
        let latest = |standing: &str| {
            let key = keys.as_array().into_iter().flatten().find(|key| key[standing] == true);
            key.and_then(|key| key["kid"].as_str()).unwrap_or_default().to_owned()
        };
        Rotation { previous: latest("previous"), current: latest("current"), next: latest("next") }
    }

    /// Revokes a previous key: it is no longer published, and the Management API refuses its tokens.
    ///
    /// # Panics
    ///
    /// If no previous key has this id. The current key becomes a previous one at the next rotation.
    #[track_caller]
    pub fn revoke_signing_key(&self, kid: &str) {
        self.as_owner(&Method::PUT, &format!("/keys/signing/{}/revoke", super::provision::segment(kid)));
    }

    #[track_caller]
    fn as_owner(&self, method: &Method, path: &str) -> Value {
        match self.perform(method.clone(), path, Value::Null) {
            Ok(answer) => answer,
            Err(error) => panic!("{method} {path} is refused with {}: {error}", error.status),
        }
    }
}
