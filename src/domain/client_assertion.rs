//! Validates the assertion of a client ("Authenticate with Private Key JWT").
//!
//! An assertion is a small token that the client signs with its own key. It passes four questions, each a function here:
//! for whom it speaks ([`identify`]), which keys may have signed it ([`candidates`]), whether one of them did (the one
//! thing that takes cryptography, so not here), and whether it is meant for this tenant and this moment ([`check`]).
//! Each refusal is a [`Cause`]; what is said about it is the caller's.

use super::{Given, Names};

/// Bytes of a whole assertion.
pub(crate) const LONGEST_ASSERTION: usize = 2048;
/// Characters of `iss`, `sub` and `jti`.
pub(crate) const LONGEST_CLAIM: usize = 64;
/// Characters of `alg`.
pub(crate) const LONGEST_ALGORITHM: usize = 16;
/// Seconds that an assertion may live.
pub(crate) const LONGEST_LIFE: i64 = 300;
/// Seconds by which the client's clock may be ahead.
pub(crate) const SKEW: i64 = 10;

/// What a client may sign with: the `alg` of its credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSA with PKCS#1 padding and SHA-256.
    Rs256,
    /// RSA with PKCS#1 padding and SHA-384.
    Rs384,
    /// RSA with PSS padding and SHA-256.
    Ps256,
}

impl Algorithm {
    /// Every value.
    pub(crate) const ALL: [Algorithm; 3] = [Self::Rs256, Self::Rs384, Self::Ps256];

    /// Reads the word of the Management API, which is also that of the header.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == word)
    }

    /// The word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Ps256 => "PS256",
        }
    }
}

/// A member of an assertion that counts here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    /// Header: how it is signed.
    Alg,
    /// Header: with which key.
    Kid,
    /// Who made it.
    Iss,
    /// For whom it speaks.
    Sub,
    /// To whom.
    Aud,
    /// Until when.
    Exp,
    /// Since when.
    Iat,
    /// From when on.
    Nbf,
    /// Its own name.
    Jti,
}

impl Member {
    /// Its name in JSON.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Member::Alg => "alg",
            Member::Kid => "kid",
            Member::Iss => "iss",
            Member::Sub => "sub",
            Member::Aud => "aud",
            Member::Exp => "exp",
            Member::Iat => "iat",
            Member::Nbf => "nbf",
            Member::Jti => "jti",
        }
    }
}

/// What an assertion says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Assertion<'a> {
    /// `alg`
    pub algorithm: Given<&'a str>,
    /// `kid`
    pub key_id: Given<&'a str>,
    /// Whether `crit` is there
    pub has_extensions: bool,
    /// `iss`
    pub issuer: Given<&'a str>,
    /// `sub`
    pub subject: Given<&'a str>,
    /// `aud`, one or several
    pub audiences: Given<Vec<&'a str>>,
    /// `exp`, in seconds since the Unix epoch, as the other two
    pub expires: Given<i64>,
    /// `iat`
    pub issued_at: Given<i64>,
    /// `nbf`
    pub not_before: Given<i64>,
    /// `jti`
    pub id: Given<&'a str>,
}

/// A key of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Credential<'a> {
    /// Its id.
    pub key_id: &'a str,
    /// How it signs.
    pub algorithm: Algorithm,
    /// Whether the client names it for its authentication; having it is not enough.
    pub is_named: bool,
    /// When it ends, if it does.
    pub expires: Option<i64>,
}

/// Why an assertion is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A secret came with it: a client has one way to prove itself.
    TwoProofs,
    /// `client_assertion_type` is missing or another one.
    AssertionType(Option<String>),
    /// More bytes than an assertion may have.
    TooLong(usize),
    /// No token of three parts.
    Unreadable,
    /// A member is missing.
    Missing(Member),
    /// A member is of another type.
    AnotherType(Member),
    /// A member has more characters than it may.
    LongerThan(Member, usize),
    /// `iss` and `sub` name different clients.
    IssuerIsNotSubject,
    /// The request names another client than the assertion.
    AnotherClient,
    /// Nobody has this id.
    UnknownClient,
    /// The client proves itself in another way.
    AnotherMethod,
    /// The client names no key at all.
    NoCredential,
    /// The client has no key with this id.
    UnknownKey(String),
    /// The client has the key and does not name it for its authentication.
    KeyNotNamed(String),
    /// It has a `crit` header, of which nothing is understood here (RFC 7515, 4.1.11).
    Extensions,
    /// Signed in another way than the key's: what was sent, what would do.
    AnotherAlgorithm(String, Algorithm),
    /// The key's own time is over.
    KeyExpired(String),
    /// None of the keys signed it.
    BadSignature,
    /// It is for somebody else.
    Audience(Vec<String>),
    /// Its time is over.
    Expired(i64),
    /// It lives too long: `exp`.
    LivesTooLong(i64),
    /// The same, counted from now, because it does not say when it was made.
    EndsTooLate(i64),
    /// It was made in the future: `iat`.
    MadeInTheFuture(i64),
    /// Its time has not begun: `nbf`.
    NotYetValid(i64),
    /// It was used before: `jti`.
    Used(String),
    /// No further one can be remembered; so many are.
    Full(usize),
}

/// What is to be remembered of an assertion that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OneUse<'a> {
    /// Its `jti`.
    pub id: &'a str,
    /// Until when it could be sent again.
    pub expires: i64,
}

/// The recipient and the time for which an assertion has to be valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AssertionContext<'a> {
    /// The tenant's names.
    pub names: &'a Names,
    /// The address at which the request reached it.
    pub base_url: &'a str,
    /// The path of the token endpoint.
    pub token_endpoint: &'a str,
    /// Seconds since the Unix epoch.
    pub now: i64,
}

/// The id of the client that an assertion speaks for. A request that names a client must name this one.
pub(crate) fn identify<'a>(assertion: &Assertion<'a>, named: Option<&str>) -> Result<&'a str, Cause> {
    let issuer = short(Member::Iss, assertion.issuer)?;
    let subject = short(Member::Sub, assertion.subject)?;
    if issuer != subject {
        return Err(Cause::IssuerIsNotSubject);
    }
    if named.is_some_and(|named| named != subject) {
        return Err(Cause::AnotherClient);
    }
    Ok(subject)
}

/// The places of the client's credentials that may have signed an assertion, at least one.
///
/// The credential decides how it signs, never the assertion. Without a `kid` every named credential is tried.
pub(crate) fn candidates(
    assertion: &Assertion<'_>,
    credentials: &[Credential<'_>],
    now: i64,
) -> Result<Vec<usize>, Cause> {
    let algorithm = required(Member::Alg, assertion.algorithm)?;
    if algorithm.chars().count() > LONGEST_ALGORITHM {
        return Err(Cause::LongerThan(Member::Alg, LONGEST_ALGORITHM));
    }
    if assertion.has_extensions {
        return Err(Cause::Extensions);
    }
    let key_id = optional(Member::Kid, assertion.key_id)?;
    let mut places: Vec<usize> = (0..credentials.len()).collect();
    // Each sieve names what it took away last.
    let mut keep = |fits: &dyn Fn(&Credential<'_>) -> bool, otherwise: &dyn Fn(Option<&Credential<'_>>) -> Cause| {
        let last = places.last().map(|place| &credentials[*place]);
        places.retain(|place| fits(&credentials[*place]));
        if places.is_empty() { Err(otherwise(last)) } else { Ok(()) }
    };
    let id = |credential: Option<&Credential<'_>>| credential.map_or_else(String::new, |held| held.key_id.to_owned());
    if let Some(key_id) = key_id {
        keep(&|held| held.key_id == key_id, &|_| Cause::UnknownKey(key_id.to_owned()))?;
    }
    keep(&|held| held.is_named, &|last| last.map_or(Cause::NoCredential, |_| Cause::KeyNotNamed(id(last))))?;
    keep(&|held| held.algorithm.as_str() == algorithm, &|last| {
        let expected = last.map_or(Algorithm::Rs256, |held| held.algorithm);
        Cause::AnotherAlgorithm(algorithm.to_owned(), expected)
    })?;
    keep(&|held| held.expires.is_none_or(|expires| expires > now), &|last| Cause::KeyExpired(id(last)))?;
    Ok(places)
}

/// Whether an assertion whose signature is right is for this tenant and this moment.
pub(crate) fn check<'a>(assertion: &Assertion<'a>, context: AssertionContext<'_>) -> Result<OneUse<'a>, Cause> {
    let AssertionContext { names, base_url, token_endpoint, now } = context;
    let audiences = required(Member::Aud, assertion.audiences.as_ref())?;
    if !audiences.iter().any(|audience| names.is_own_audience(audience, base_url, token_endpoint)) {
        return Err(Cause::Audience(audiences.iter().map(|audience| (*audience).to_owned()).collect()));
    }
    let expires = required(Member::Exp, assertion.expires)?;
    let issued_at = optional(Member::Iat, assertion.issued_at)?;
    let not_before = optional(Member::Nbf, assertion.not_before)?;
    if expires <= now {
        return Err(Cause::Expired(expires));
    }
    if let Some(issued_at) = issued_at.filter(|issued_at| issued_at.saturating_sub(now) > SKEW) {
        return Err(Cause::MadeInTheFuture(issued_at));
    }
    if let Some(not_before) = not_before.filter(|not_before| not_before.saturating_sub(now) > SKEW) {
        return Err(Cause::NotYetValid(not_before));
    }
    match issued_at {
        Some(issued_at) if expires.saturating_sub(issued_at) > LONGEST_LIFE => {
            return Err(Cause::LivesTooLong(expires));
        }
        None if expires.saturating_sub(now) > LONGEST_LIFE => return Err(Cause::EndsTooLate(expires)),
        Some(_) | None => {}
    }
    Ok(OneUse { id: short(Member::Jti, assertion.id)?, expires })
}

fn short(member: Member, given: Given<&str>) -> Result<&str, Cause> {
    let text = required(member, given)?;
    match text.chars().count() {
        0 => Err(Cause::Missing(member)),
        1..=LONGEST_CLAIM => Ok(text),
        _ => Err(Cause::LongerThan(member, LONGEST_CLAIM)),
    }
}

fn required<T>(member: Member, given: Given<T>) -> Result<T, Cause> {
    optional(member, given)?.ok_or(Cause::Missing(member))
}

fn optional<T>(member: Member, given: Given<T>) -> Result<Option<T>, Cause> {
    given.optional(Cause::AnotherType(member))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: i64 = 1_780_315_200;

    fn right() -> Assertion<'static> {
        Assertion {
            algorithm: Given::This("RS256"),
            key_id: Given::Nothing,
            has_extensions: false,
            issuer: Given::This("bot"),
            subject: Given::This("bot"),
            audiences: Given::This(vec!["https://travel0.localhost/"]),
            expires: Given::This(NOW + 60),
            issued_at: Given::This(NOW),
            not_before: Given::Nothing,
            id: Given::This("one"),
        }
    }

    fn checked<'a>(assertion: &Assertion<'a>) -> Result<OneUse<'a>, Cause> {
        let names = Names::new("travel0.localhost");
        check(
            assertion,
            AssertionContext {
                names: &names,
                base_url: "http://127.0.0.1:4000/",
                token_endpoint: "/oauth/token",
                now: NOW,
            },
        )
    }

    #[test]
    fn a_right_assertion_is_used_once() {
        assert_eq!(checked(&right()), Ok(OneUse { id: "one", expires: NOW + 60 }));
    }

    #[rstest]
    #[case::to_the_second(Given::This(NOW), NOW + 300, Ok(()))]
    #[case::a_second_too_long(Given::This(NOW), NOW + 301, Err(Cause::LivesTooLong(NOW + 301)))]
    #[case::made_long_ago(Given::This(NOW - 250), NOW + 50, Ok(()))]
    #[case::made_longer_ago(Given::This(NOW - 250), NOW + 51, Err(Cause::LivesTooLong(NOW + 51)))]
    #[case::a_clock_that_is_ahead(Given::This(NOW + 10), NOW + 310, Ok(()))]
    #[case::a_clock_that_is_too_far_ahead(Given::This(NOW + 11), NOW + 60, Err(Cause::MadeInTheFuture(NOW + 11)))]
    #[case::over(Given::This(NOW - 60), NOW, Err(Cause::Expired(NOW)))]
    #[case::nearly_over(Given::This(NOW - 60), NOW + 1, Ok(()))]
    #[case::not_told_when(Given::Nothing, NOW + 300, Ok(()))]
    #[case::not_told_when_and_too_long(Given::Nothing, NOW + 301, Err(Cause::EndsTooLate(NOW + 301)))]
    #[case::the_end_of_time(Given::This(i64::MIN), i64::MAX, Err(Cause::LivesTooLong(i64::MAX)))]
    #[case::another_type(Given::AnotherType, NOW + 60, Err(Cause::AnotherType(Member::Iat)))]
    fn a_life_of_five_minutes(#[case] issued_at: Given<i64>, #[case] exp: i64, #[case] expected: Result<(), Cause>) {
        let assertion = Assertion { issued_at, expires: Given::This(exp), ..right() };
        assert_eq!(checked(&assertion).map(drop), expected);
    }

    #[rstest]
    #[case::nobody(None, Ok("bot"))]
    #[case::the_same(Some("bot"), Ok("bot"))]
    #[case::another(Some("other"), Err(Cause::AnotherClient))]
    fn the_request_may_name_the_same_client(#[case] named: Option<&str>, #[case] expected: Result<&str, Cause>) {
        assert_eq!(identify(&right(), named), expected);
    }

    #[test]
    fn issuer_and_subject_are_one_client_with_a_short_id() {
        let id = "x".repeat(65);
        let identified = |issuer, subject| identify(&Assertion { issuer, subject, ..right() }, None);
        assert_eq!(identified(Given::This("bot"), Given::This("other")), Err(Cause::IssuerIsNotSubject));
        assert_eq!(identified(Given::Nothing, Given::This("bot")), Err(Cause::Missing(Member::Iss)));
        assert_eq!(identified(Given::This("bot"), Given::AnotherType), Err(Cause::AnotherType(Member::Sub)));
        assert_eq!(identified(Given::This(&id), Given::This(&id)), Err(Cause::LongerThan(Member::Iss, 64)));
        assert_eq!(identified(Given::This(&id[..64]), Given::This(&id[..64])), Ok(&id[..64]));
    }

    const KEY: Credential<'static> =
        Credential { key_id: "a", algorithm: Algorithm::Rs256, is_named: true, expires: None };

    #[rstest]
    #[case::the_only_one(&[KEY], "RS256", Given::Nothing, Ok(vec![0]))]
    #[case::each_that_fits(
        &[KEY, Credential { algorithm: Algorithm::Ps256, ..KEY }, Credential { key_id: "b", ..KEY }], "RS256",
        Given::Nothing, Ok(vec![0, 2])
    )]
    #[case::the_one_that_is_meant(&[KEY, Credential { key_id: "b", ..KEY }], "RS256", Given::This("b"), Ok(vec![1]))]
    #[case::none_at_all(&[], "RS256", Given::Nothing, Err(Cause::NoCredential))]
    #[case::none_that_is_meant(&[KEY], "RS256", Given::This("b"), Err(Cause::UnknownKey("b".to_owned())))]
    #[case::one_that_is_not_named(
        &[Credential { is_named: false, ..KEY }], "RS256", Given::This("a"), Err(Cause::KeyNotNamed("a".to_owned()))
    )]
    #[case::another_algorithm(
        &[KEY], "PS256", Given::This("a"), Err(Cause::AnotherAlgorithm("PS256".to_owned(), Algorithm::Rs256))
    )]
    #[case::no_algorithm_at_all(
        &[KEY], "none", Given::Nothing, Err(Cause::AnotherAlgorithm("none".to_owned(), Algorithm::Rs256))
    )]
    #[case::one_that_ends_now(
        &[Credential { expires: Some(NOW), ..KEY }], "RS256", Given::Nothing, Err(Cause::KeyExpired("a".to_owned()))
    )]
    #[case::one_that_ends_later(&[Credential { expires: Some(NOW + 1), ..KEY }], "RS256", Given::Nothing, Ok(vec![0]))]
    #[case::one_of_two_has_ended(
        &[Credential { expires: Some(NOW), ..KEY }, Credential { key_id: "b", ..KEY }], "RS256", Given::Nothing,
        Ok(vec![1])
    )]
    #[case::a_key_id_of_another_type(&[KEY], "RS256", Given::AnotherType, Err(Cause::AnotherType(Member::Kid)))]
    fn which_keys_may_have_signed(
        #[case] credentials: &[Credential<'_>],
        #[case] algorithm: &str,
        #[case] key_id: Given<&str>,
        #[case] expected: Result<Vec<usize>, Cause>,
    ) {
        let assertion = Assertion { algorithm: Given::This(algorithm), key_id, ..right() };
        assert_eq!(candidates(&assertion, credentials, NOW), expected);
    }
}
