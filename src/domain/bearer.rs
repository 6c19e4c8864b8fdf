//! Validates the claims of a bearer token for an API of the service (management-conventions, "Bearer token").
//!
//! The check is as strict as that of a client assertion: it refuses a member of the wrong type instead of ignoring it.
//! A [`Refusal`] selects the sentence of the answer; its [`Reason`] is more precise, for the journal.

use std::fmt;

use super::{Names, RawMember};

/// The header and claims of a bearer token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BearerToken<'a> {
    /// `typ` of the header.
    pub kind: RawMember<&'a str>,
    /// Whether the header has `crit` or `b64`, whose extensions are not supported (RFC 7515, 4.1.11; RFC 7797).
    pub has_extensions: bool,
    /// `iss`
    pub issuer: RawMember<&'a str>,
    /// `aud`, one or several.
    pub audiences: RawMember<Vec<&'a str>>,
    /// `exp`, in seconds since the Unix epoch, like `iat` and `nbf`.
    pub expires: RawMember<i64>,
    /// `iat`
    pub issued_at: RawMember<i64>,
    /// `nbf`
    pub not_before: RawMember<i64>,
    /// `scope`
    pub scope: RawMember<&'a str>,
    /// `azp` of the vendor's own profile.
    pub authorized_party: RawMember<&'a str>,
    /// `client_id` of the profile of RFC 9068.
    pub client_id: RawMember<&'a str>,
    /// `org_id`
    pub organization: RawMember<&'a str>,
}

/// The caller of a request with a valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bearer<'a> {
    /// The client of the token; empty if the token names none.
    pub client_id: &'a str,
    /// The `scope` of the token, unchanged.
    pub scope: &'a str,
    /// The organization of the token.
    pub organization: Option<&'a str>,
}

/// The recipient and the time for which a token has to be valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BearerContext<'a> {
    /// The tenant's names.
    pub names: &'a Names,
    /// The base URL of the request.
    pub base_url: &'a str,
    /// The path of the identifier of the API.
    pub audience: &'static str,
    /// Seconds since the Unix epoch.
    pub now: i64,
}

/// A refusal, by its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The token has expired, or has no valid `exp`.
    Expired(Reason),
    /// The token has another fault than its expiry or its audience.
    Invalid(Reason),
    /// The token is for other audiences, which are listed here.
    Audience(String),
}

/// The reason of a refusal, for the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A member has the wrong type.
    WrongType(&'static str),
    /// The header has `crit` or `b64`.
    Extensions,
    /// `typ` names another kind of token.
    AnotherKind,
    /// There is no `exp`.
    NoEnd,
    /// `exp` is past.
    Over,
    /// `nbf` is in the future.
    NotYet,
    /// `iss` is another tenant.
    AnotherIssuer,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::WrongType(member) => write!(f, "{member} has another type"),
            Reason::Extensions => f.write_str("the header has crit or b64"),
            Reason::AnotherKind => f.write_str("typ is neither JWT nor at+jwt"),
            Reason::NoEnd => f.write_str("there is no exp"),
            Reason::Over => f.write_str("exp is past"),
            Reason::NotYet => f.write_str("nbf is ahead"),
            Reason::AnotherIssuer => f.write_str("iss is not this tenant"),
        }
    }
}

/// Checks a token. The order of the refusals is that of the sentences in the reference.
pub(crate) fn check<'a>(token: &BearerToken<'a>, context: BearerContext<'_>) -> Result<Bearer<'a>, Refusal> {
    let wrong_type = |member| Refusal::Invalid(Reason::WrongType(member));
    if token.has_extensions {
        return Err(Refusal::Invalid(Reason::Extensions));
    }
    let kind = token.kind.optional(wrong_type("typ"))?.unwrap_or("JWT").to_ascii_lowercase();
    if !["jwt", "at+jwt", "application/at+jwt"].contains(&kind.as_str()) {
        return Err(Refusal::Invalid(Reason::AnotherKind));
    }
    let expires = token.expires.optional(Refusal::Expired(Reason::WrongType("exp")))?;
    match expires {
        None => return Err(Refusal::Expired(Reason::NoEnd)),
        Some(expires) if expires <= context.now => return Err(Refusal::Expired(Reason::Over)),
        Some(_) => {}
    }
    token.issued_at.optional(wrong_type("iat"))?;
    if token.not_before.optional(wrong_type("nbf"))?.is_some_and(|begins| begins > context.now) {
        return Err(Refusal::Invalid(Reason::NotYet));
    }
    let issuer = token.issuer.optional(wrong_type("iss"))?;
    if !issuer.is_some_and(|issuer| context.names.is_own_issuer(issuer, context.base_url)) {
        return Err(Refusal::Invalid(Reason::AnotherIssuer));
    }
    let audiences = token.audiences.as_ref().optional(Refusal::Audience(String::new()))?;
    if !audiences.into_iter().flatten().any(|audience| context.names.is_audience(audience, context.audience)) {
        return Err(Refusal::Audience(audiences.map(|audiences| audiences.join(",")).unwrap_or_default()));
    }
    let scope = token.scope.optional(wrong_type("scope"))?.unwrap_or_default();
    let party = token.authorized_party.optional(wrong_type("azp"))?;
    let client_id = token.client_id.optional(wrong_type("client_id"))?;
    let organization = token.organization.optional(wrong_type("org_id"))?;
    Ok(Bearer { client_id: party.or(client_id).unwrap_or_default(), scope, organization })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::names::MANAGEMENT;

    const NOW: i64 = 1_780_315_200;

    fn valid() -> BearerToken<'static> {
        BearerToken {
            issuer: RawMember::Value("https://travel0.localhost/"),
            audiences: RawMember::Value(vec!["https://travel0.localhost/api/v2/"]),
            expires: RawMember::Value(NOW + 1),
            scope: RawMember::Value("read:clients"),
            authorized_party: RawMember::Value("bot"),
            ..BearerToken::default()
        }
    }

    fn checked<'a>(token: &BearerToken<'a>) -> Result<Bearer<'a>, Refusal> {
        let names = Names::new("travel0.localhost");
        check(
            token,
            BearerContext { names: &names, base_url: "http://127.0.0.1:4000/", audience: MANAGEMENT, now: NOW },
        )
    }

    #[test]
    fn a_valid_token_has_its_client_and_scopes() {
        let bearer = Bearer { client_id: "bot", scope: "read:clients", organization: None };
        assert_eq!(checked(&valid()), Ok(bearer));
        let several = RawMember::Value(vec!["https://travel0.localhost/userinfo", "https://travel0.localhost/api/v2/"]);
        assert_eq!(checked(&BearerToken { audiences: several, ..valid() }), Ok(bearer));
    }

    #[rstest]
    #[case::extensions(BearerToken { has_extensions: true, ..valid() }, Refusal::Invalid(Reason::Extensions))]
    #[case::kind(BearerToken { kind: RawMember::Value("dpop+jwt"), ..valid() }, Refusal::Invalid(Reason::AnotherKind))]
    #[case::no_end(BearerToken { expires: RawMember::Absent, ..valid() }, Refusal::Expired(Reason::NoEnd))]
    #[case::over(BearerToken { expires: RawMember::Value(NOW), ..valid() }, Refusal::Expired(Reason::Over))]
    #[case::begins(BearerToken { not_before: RawMember::Value(NOW + 1), ..valid() }, Refusal::Invalid(Reason::NotYet))]
    #[case::iat(BearerToken { issued_at: RawMember::WrongType, ..valid() }, Refusal::Invalid(Reason::WrongType("iat")))]
    #[case::scope(BearerToken { scope: RawMember::WrongType, ..valid() }, Refusal::Invalid(Reason::WrongType("scope")))]
    #[case::audience(
        BearerToken { audiences: RawMember::Value(vec!["a", "b"]), ..valid() },
        Refusal::Audience("a,b".to_owned())
    )]
    fn a_token_with_one_thing_wrong_is_refused(#[case] token: BearerToken<'_>, #[case] refusal: Refusal) {
        assert_eq!(checked(&token), Err(refusal));
    }
}
