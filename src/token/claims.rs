//! The claims and the header of an access token of the client credentials grant: in the vendor's own profile or in that
//! of RFC 9068, with permissions or without.

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value, json};

use super::SigningKey;
use crate::domain::subject::Profiles;
use crate::domain::{Signing, Subject};

/// A granted token request, with everything that its token contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The issuer, with a slash at the end: `https://{domain}/`, or the URL of the tenant's name in the request.
    pub issuer: String,
    /// The subject of the token.
    pub subject: Subject,
    /// The client of the request.
    pub client_id: String,
    /// The identifier of the API.
    pub audience: String,
    /// The time of issue, in seconds since the Unix epoch.
    pub issued_at: i64,
    /// The lifetime in seconds.
    pub lifetime: i64,
    /// The granted scopes; may be empty.
    pub scope: Vec<String>,
    /// The organization of the token, if it has one.
    pub organization: Option<OrganizationClaim>,
    /// The profile, which decides the claims with the client.
    pub profile: Profile,
    /// Whether the scopes are also in the claim `permissions`.
    pub with_permissions: bool,
    /// The key that the token is bound to.
    pub confirmation: Option<Confirmation>,
    /// Further claims. A claim with the name of one of the vendor's has no effect.
    pub custom_claims: Map<String, Value>,
    /// The algorithm and the secret of the API's tokens.
    pub signing: Signing,
}

/// The profile that a token follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// The vendor's own profile.
    Auth0,
    /// The profile of RFC 9068, in which each token has an id.
    Rfc9068 {
        /// 22 characters.
        jti: String,
    },
}

/// The organization of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OrganizationClaim {
    /// `org_…`
    pub id: String,
    /// The name, if the tenant setting `allow_organization_name_in_authentication_api` is on.
    pub name: Option<String>,
}

/// The key of a bound token: the claim `cnf` (RFC 7800).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// The key of a DPoP proof.
    Key {
        /// SHA-256 of the key in base64url (RFC 7638).
        thumbprint: String,
    },
    /// The client certificate of the request.
    Certificate {
        /// SHA-256 of the certificate in base64url (RFC 8705, 3.1).
        thumbprint: String,
    },
}

/// The claims of a token (Access Token Profiles, samples of both profiles).
pub(crate) fn claims(grant: &Grant) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);

    claim("iss", json!(grant.issuer));
    claim(
        "sub",
        match &grant.subject {
            Subject::ClientAccount => json!(format!("{}@clients", grant.client_id)),
            Subject::Client => json!(grant.client_id),
            Subject::Agent { id } => json!(id),
        },
    );
    if let Some(Profiles { subject, client }) = grant.subject.profiles() {
        claim("sub_profile", json!(subject));
        claim("client_profile", json!(client));
    }
    claim("aud", json!(grant.audience));
    claim("iat", json!(grant.issued_at));
    // The sum saturates, because an API may have any lifetime.
    claim("exp", json!(grant.issued_at.saturating_add(grant.lifetime)));
    // A token without scopes has no member `scope`, and no empty text (observed).
    if !grant.scope.is_empty() {
        claim("scope", json!(grant.scope.join(" ")));
    }
    if let Some(organization) = &grant.organization {
        claim("org_id", json!(organization.id));
        if let Some(name) = &organization.name {
            claim("org_name", json!(name));
        }
    }
    match &grant.profile {
        Profile::Auth0 => {
            claim("gty", json!("client-credentials"));
            claim("azp", json!(grant.client_id));
        }
        Profile::Rfc9068 { jti } => {
            claim("client_id", json!(grant.client_id));
            claim("jti", json!(jti));
        }
    }
    match &grant.confirmation {
        Some(Confirmation::Key { thumbprint }) => claim("cnf", json!({ "jkt": thumbprint })),
        Some(Confirmation::Certificate { thumbprint }) => claim("cnf", json!({ "x5t#S256": thumbprint })),
        None => None,
    };
    if grant.with_permissions {
        claim("permissions", json!(grant.scope));
    }
    for (name, value) in &grant.custom_claims {
        claims.entry(name.as_str()).or_insert_with(|| value.clone());
    }
    claims
}

/// The header of a token. It has the id of the tenant's key, unless the secret of an API signs.
pub(crate) fn header(profile: &Profile, signing: &Signing, key: &SigningKey) -> Header {
    let (algorithm, kid) = match signing {
        Signing::Rs256 => (Algorithm::RS256, Some(key.kid())),
        Signing::Rs512 => (Algorithm::RS512, Some(key.kid())),
        Signing::Ps256 => (Algorithm::PS256, Some(key.kid())),
        Signing::Hs256(_) => (Algorithm::HS256, None),
    };
    let mut header = Header::new(algorithm);
    header.kid = kid.map(str::to_owned);
    let typ = match profile {
        Profile::Auth0 => "JWT",
        Profile::Rfc9068 { .. } => "at+jwt",
    };
    header.typ = Some(typ.to_owned());
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SigningSecret;
    use crate::token::KeyRing;

    fn grant() -> Grant {
        Grant {
            issuer: "https://travel0.localhost/".to_owned(),
            subject: Subject::ClientAccount,
            client_id: "abc".to_owned(),
            audience: "https://travel0.example/api".to_owned(),
            issued_at: 1_700_000_000,
            lifetime: 86_400,
            scope: vec!["read:trips".to_owned(), "create:trips".to_owned()],
            organization: None,
            profile: Profile::Auth0,
            with_permissions: false,
            confirmation: None,
            custom_claims: Map::new(),
            signing: Signing::Rs256,
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
    fn the_profile_of_rfc_9068_names_the_client_and_the_token() {
        let profile = Profile::Rfc9068 { jti: "23456789ABCDEFGHJKLMNP".to_owned() };
        let claims = claims(&Grant { profile, ..grant() });
        assert_eq!(claims["client_id"], "abc");
        assert_eq!(claims["jti"], "23456789ABCDEFGHJKLMNP");
        assert!(!claims.contains_key("azp") && !claims.contains_key("gty"));
    }

    #[test]
    fn an_agent_is_the_subject_and_the_client_is_in_its_usual_claim() {
        let subject = Subject::Agent { id: "planner".to_owned() };
        let issued = claims(&Grant { subject, ..grant() });
        assert_eq!(
            ["sub", "sub_profile", "client_profile", "azp"].map(|name| &issued[name]),
            ["planner", "ai_agent", "service ai_agent", "abc"]
        );
        let issued = claims(&Grant { subject: Subject::Client, ..grant() });
        assert_eq!(
            ["sub", "sub_profile", "client_profile", "azp"].map(|name| &issued[name]),
            ["abc", "service", "service", "abc"]
        );
    }

    #[test]
    fn permissions_are_the_scopes_as_a_list() {
        let issued = |scope: Vec<String>| claims(&Grant { scope, with_permissions: true, ..grant() });
        assert_eq!(issued(grant().scope)["permissions"], json!(["read:trips", "create:trips"]));
        assert_eq!(issued(Vec::new())["permissions"], json!([]));
    }

    #[test]
    fn custom_claims_are_added_and_never_replace_the_vendors_own() {
        let custom = |name: &str| Map::from_iter([(name.to_owned(), json!("custom"))]);
        for profile in [Profile::Auth0, Profile::Rfc9068 { jti: "23456789ABCDEFGHJKLMNP".to_owned() }] {
            let issued = |custom_claims| claims(&Grant { profile: profile.clone(), custom_claims, ..grant() });
            assert_eq!(issued(custom("https://travel0.example/plan"))["https://travel0.example/plan"], "custom");
            assert_eq!(issued(custom("sub"))["sub"], "abc@clients");
        }
    }

    #[test]
    fn the_header_names_profile_algorithm_and_key() {
        let ring = KeyRing::shipped();
        let key = ring.current();
        let header_json = |profile, signing| serde_json::to_value(header(&profile, &signing, key)).unwrap();
        let rfc9068 = || Profile::Rfc9068 { jti: String::new() };
        let secret = SigningSecret::new("travel0-signing-secret");

        for (signing, alg) in [(Signing::Rs256, "RS256"), (Signing::Rs512, "RS512"), (Signing::Ps256, "PS256")] {
            let header = header_json(Profile::Auth0, signing.clone());
            assert_eq!(header, json!({ "typ": "JWT", "alg": alg, "kid": key.kid() }));
            assert_eq!(header_json(rfc9068(), signing)["typ"], "at+jwt");
        }
        assert_eq!(header_json(rfc9068(), Signing::Hs256(secret)), json!({ "typ": "at+jwt", "alg": "HS256" }));
    }
}
