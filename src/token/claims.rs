//! What an access token says, for the client credentials grant in the
//! `access_token` dialect.
//!
//! The other dialects (`rfc9068_profile` and the two that end in `_authz`)
//! would be further functions beside [`claims`].

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value, json};

use super::SigningKey;

/// A granted token request: everything the token is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// `https://{domain}/` or the own name by which the request came, with a slash at the end.
    pub issuer: String,
    /// Who asked.
    pub client_id: String,
    /// The identifier of the API.
    pub audience: String,
    /// Unix seconds.
    pub issued_at: i64,
    /// Seconds.
    pub lifetime: i64,
    /// What is granted; may be empty.
    pub scope: Vec<String>,
    /// Which organization the token is bound to, if any.
    pub organization: Option<OrganizationClaim>,
}

/// The organization a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationClaim {
    /// `org_…`
    pub id: String,
    /// Only when the tenant setting `allow_organization_name_in_authentication_api` is on.
    pub name: Option<String>,
}

/// The claims of the `access_token` dialect (Access Token Profiles, sample of the Auth0 profile).
pub fn claims(grant: &Grant) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);

    claim("iss", json!(grant.issuer));
    claim("sub", json!(format!("{}@clients", grant.client_id)));
    claim("aud", json!(grant.audience));
    claim("iat", json!(grant.issued_at));
    // A lifetime at the edge of the number range is a strange API, not a reason to panic.
    claim("exp", json!(grant.issued_at.saturating_add(grant.lifetime)));
    // Tokens without any scope are seen without the member, not with an empty text.
    if !grant.scope.is_empty() {
        claim("scope", json!(grant.scope.join(" ")));
    }
    if let Some(organization) = &grant.organization {
        claim("org_id", json!(organization.id));
        if let Some(name) = &organization.name {
            claim("org_name", json!(name));
        }
    }
    claim("gty", json!("client-credentials"));
    claim("azp", json!(grant.client_id));
    claims
}

/// The header that goes with [`claims`], signed with RS256.
pub fn header(key: &SigningKey) -> Header {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(key.kid().to_owned());
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::KeyRing;

    fn grant() -> Grant {
        Grant {
            issuer: "https://travel0.localhost/".to_owned(),
            client_id: "abc".to_owned(),
            audience: "https://travel0.example/api".to_owned(),
            issued_at: 1_700_000_000,
            lifetime: 86_400,
            scope: vec!["read:trips".to_owned(), "create:trips".to_owned()],
            organization: None,
        }
    }

    #[test]
    fn a_token_without_an_organization_has_no_organization_claims() {
        assert_eq!(
            Value::Object(claims(&grant())),
            json!({
                "iss": "https://travel0.localhost/",
                "sub": "abc@clients",
                "aud": "https://travel0.example/api",
                "iat": 1_700_000_000,
                "exp": 1_700_086_400,
                "scope": "read:trips create:trips",
                "gty": "client-credentials",
                "azp": "abc",
            })
        );
    }

    #[test]
    fn no_scopes_leave_the_claim_out() {
        let claims = claims(&Grant { scope: Vec::new(), ..grant() });
        assert!(!claims.contains_key("scope"));
    }

    #[test]
    fn the_organization_name_is_a_claim_only_when_given() {
        let bound = |name: Option<&str>| {
            claims(&Grant {
                organization: Some(OrganizationClaim { id: "org_1".to_owned(), name: name.map(str::to_owned) }),
                ..grant()
            })
        };

        assert_eq!(bound(None)["org_id"], "org_1");
        assert!(!bound(None).contains_key("org_name"));
        assert_eq!(bound(Some("travel0"))["org_name"], "travel0");
    }

    #[test]
    fn the_header_names_the_key() {
        let ring = KeyRing::shipped();
        let header = serde_json::to_value(header(ring.current())).unwrap();
        assert_eq!(header, json!({ "typ": "JWT", "alg": "RS256", "kid": ring.current().kid() }));
    }
}
