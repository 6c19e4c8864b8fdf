//! An API that works for one organization, guarded by `jsonwebtoken` and the published keys.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use crate::Tenant;

pub struct GuardedApi<'a> {
    keys: JwkSet,
    validation: Validation,
    organization: &'a str,
}

#[derive(Deserialize)]
struct Claims {
    org_id: String,
}

impl<'a> GuardedApi<'a> {
    /// Reads the tenant's keys.
    pub fn new(tenant: &Tenant, audience: &str, organization: &'a str) -> Self {
        let keys = tenant.http.get(format!("{}.well-known/jwks.json", tenant.issuer)).send().unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[audience]);
        validation.set_issuer(&[&tenant.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        GuardedApi { keys: serde_json::from_slice(&keys.bytes().unwrap()).unwrap(), validation, organization }
    }

    /// The organization that a request with this token is for, or why it is refused.
    pub fn trips(&self, token: &str) -> Result<String, String> {
        let refused = |error: jsonwebtoken::errors::Error| error.to_string();
        let kid = decode_header(token).map_err(refused)?.kid.ok_or("the token names no key")?;
        let key = self.keys.find(&kid).ok_or("the key of the token is not published")?;
        let key = DecodingKey::from_jwk(key).map_err(refused)?;
        let Claims { org_id } = decode(token, &key, &self.validation).map_err(refused)?.claims;
        if org_id == self.organization { Ok(org_id) } else { Err(format!("the token is for {org_id}")) }
    }
}
