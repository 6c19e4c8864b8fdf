//! Validates the claims of a bearer token for the Management API (management-conventions, "Bearer token").
//!
//! The check is as strict as that of a client's assertion: a member of another type is refused, never passed over. Only the
//! sentences differ, which are four ([`Refusal`]); [`Reason`] says more, for the journal.

use std::fmt;

use super::{Given, Names};

/// What a bearer token says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BearerToken<'a> {
    /// `typ` of the header.
    pub kind: Given<&'a str>,
    /// Whether the header has `crit` or `b64`, of which nothing is understood here (RFC 7515, 4.1.11; RFC 7797).
    pub has_extensions: bool,
    /// `iss`
    pub issuer: Given<&'a str>,
    /// `aud`, one or several.
    pub audiences: Given<Vec<&'a str>>,
    /// `exp`, in seconds since the Unix epoch, as the other two.
    pub expires: Given<i64>,
    /// `iat`
    pub issued_at: Given<i64>,
    /// `nbf`
    pub not_before: Given<i64>,
    /// `scope`
    pub scope: Given<&'a str>,
    /// `azp` of the vendor's own profile.
    pub authorized_party: Given<&'a str>,
    /// `client_id` of the profile of RFC 9068.
    pub client_id: Given<&'a str>,
}

/// The caller with a valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bearer<'a> {
    /// Its client; empty if it names none.
    pub client_id: &'a str,
    /// Its scopes, as it has them.
    pub scope: &'a str,
}

/// The recipient and the time for which a token has to be valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BearerContext<'a> {
    /// The tenant's names.
    pub names: &'a Names,
    /// The address at which the request reached it.
    pub base_url: &'a str,
    /// Seconds since the Unix epoch.
    pub now: i64,
}

/// Which sentence refuses a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its time is over, or has no end.
    Expired(Reason),
    /// It is refused for anything else but its audience.
    Invalid(Reason),
    /// It is for something else: the audiences that it names.
    Audience(String),
}

/// Why, for the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A member is of another type.
    AnotherType(&'static str),
    /// The header asks for extensions.
    Extensions,
    /// `typ` names another kind of token.
    AnotherKind,
    /// It has no end.
    NoEnd,
    /// Its time is over.
    Over,
    /// Its time has not begun.
    NotYet,
    /// Another tenant made it.
    AnotherIssuer,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::AnotherType(member) => write!(f, "{member} has another type"),
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
    let another_type = |member| Refusal::Invalid(Reason::AnotherType(member));
    if token.has_extensions {
        return Err(Refusal::Invalid(Reason::Extensions));
    }
    let kind = token.kind.optional(another_type("typ"))?.unwrap_or("JWT").to_ascii_lowercase();
    if !["jwt", "at+jwt", "application/at+jwt"].contains(&kind.as_str()) {
        return Err(Refusal::Invalid(Reason::AnotherKind));
    }
    let expires = token.expires.optional(Refusal::Expired(Reason::AnotherType("exp")))?;
    match expires {
        None => return Err(Refusal::Expired(Reason::NoEnd)),
        Some(expires) if expires <= context.now => return Err(Refusal::Expired(Reason::Over)),
        Some(_) => {}
    }
    token.issued_at.optional(another_type("iat"))?;
    if token.not_before.optional(another_type("nbf"))?.is_some_and(|begins| begins > context.now) {
        return Err(Refusal::Invalid(Reason::NotYet));
    }
    let issuer = token.issuer.optional(another_type("iss"))?;
    if !issuer.is_some_and(|issuer| context.names.is_own_issuer(issuer, context.base_url)) {
        return Err(Refusal::Invalid(Reason::AnotherIssuer));
    }
    let audiences = token.audiences.as_ref().optional(Refusal::Audience(String::new()))?;
    if !audiences.into_iter().flatten().any(|audience| context.names.is_management_audience(audience)) {
        return Err(Refusal::Audience(audiences.map(|audiences| audiences.join(",")).unwrap_or_default()));
    }
    let scope = token.scope.optional(another_type("scope"))?.unwrap_or_default();
    let party = token.authorized_party.optional(another_type("azp"))?;
    let client_id = token.client_id.optional(another_type("client_id"))?;
    Ok(Bearer { client_id: party.or(client_id).unwrap_or_default(), scope })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: i64 = 1_780_315_200;

    fn right() -> BearerToken<'static> {
        BearerToken {
            issuer: Given::This("https://travel0.localhost/"),
            audiences: Given::This(vec!["https://travel0.localhost/api/v2/"]),
            expires: Given::This(NOW + 1),
            scope: Given::This("read:clients"),
            authorized_party: Given::This("bot"),
            ..BearerToken::default()
        }
    }

    fn checked<'a>(token: &BearerToken<'a>) -> Result<Bearer<'a>, Refusal> {
        let names = Names::new("travel0.localhost");
        check(token, BearerContext { names: &names, base_url: "http://127.0.0.1:4000/", now: NOW })
    }

    #[test]
    fn a_right_token_tells_its_client_and_scopes() {
        let bearer = Bearer { client_id: "bot", scope: "read:clients" };
        assert_eq!(checked(&right()), Ok(bearer));
        let several = Given::This(vec!["https://travel0.localhost/userinfo", "https://travel0.localhost/api/v2/"]);
        assert_eq!(checked(&BearerToken { audiences: several, ..right() }), Ok(bearer));
    }

    #[rstest]
    #[case::extensions(BearerToken { has_extensions: true, ..right() }, Refusal::Invalid(Reason::Extensions))]
    #[case::kind(BearerToken { kind: Given::This("dpop+jwt"), ..right() }, Refusal::Invalid(Reason::AnotherKind))]
    #[case::no_end(BearerToken { expires: Given::Nothing, ..right() }, Refusal::Expired(Reason::NoEnd))]
    #[case::over(BearerToken { expires: Given::This(NOW), ..right() }, Refusal::Expired(Reason::Over))]
    #[case::begins(BearerToken { not_before: Given::This(NOW + 1), ..right() }, Refusal::Invalid(Reason::NotYet))]
    #[case::iat(BearerToken { issued_at: Given::AnotherType, ..right() }, Refusal::Invalid(Reason::AnotherType("iat")))]
    #[case::scope(BearerToken { scope: Given::AnotherType, ..right() }, Refusal::Invalid(Reason::AnotherType("scope")))]
    #[case::audience(
        BearerToken { audiences: Given::This(vec!["a", "b"]), ..right() },
        Refusal::Audience("a,b".to_owned())
    )]
    fn a_token_with_one_thing_wrong_is_refused(#[case] token: BearerToken<'_>, #[case] refusal: Refusal) {
        assert_eq!(checked(&token), Err(refusal));
    }
}
