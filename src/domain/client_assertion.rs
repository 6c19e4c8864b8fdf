//! Validates the assertion of a client ("Authenticate with Private Key JWT").
//!
//! An assertion is a short token that the client signs with its own key. Its validation has four steps: the client
//! ([`identify`]), the keys that may have signed it ([`candidates`]), the signature (in the caller, because it needs
//! cryptography), and the audience and times ([`check`]). Each refusal is a [`Cause`], for which the caller has a
//! sentence.

use super::{Names, OneUse, RawMember};

/// The maximum size of an assertion in bytes.
pub(crate) const LONGEST_ASSERTION: usize = 2048;
/// The maximum length of `iss`, `sub` and `jti` in characters.
pub(crate) const LONGEST_CLAIM: usize = 64;
/// The maximum length of `alg` in characters.
pub(crate) const LONGEST_ALGORITHM: usize = 16;
/// The maximum lifetime of an assertion in seconds.
pub(crate) const LONGEST_LIFE: i64 = 300;
/// Seconds by which the client's clock may be ahead.
pub(crate) const SKEW: i64 = 10;

/// A signature algorithm of clients: the `alg` of a credential.
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

    /// Parses the value in the Management API and in the header of an assertion.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == word)
    }

    /// The value in the Management API and in the header of an assertion.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Ps256 => "PS256",
        }
    }
}

/// A member of an assertion that the validation reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    /// Header: the signature algorithm.
    Alg,
    /// Header: the id of the key.
    Kid,
    /// The issuer.
    Iss,
    /// The subject.
    Sub,
    /// The audience.
    Aud,
    /// The expiry.
    Exp,
    /// The time of issue.
    Iat,
    /// The time from which the assertion is valid.
    Nbf,
    /// The id of the assertion.
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

/// The header and claims of an assertion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Assertion<'a> {
    /// `alg`
    pub algorithm: RawMember<&'a str>,
    /// `kid`
    pub key_id: RawMember<&'a str>,
    /// Whether the header has `crit`
    pub has_extensions: bool,
    /// `iss`
    pub issuer: RawMember<&'a str>,
    /// `sub`
    pub subject: RawMember<&'a str>,
    /// `aud`, one or several
    pub audiences: RawMember<Vec<&'a str>>,
    /// `exp`, in seconds since the Unix epoch, like `iat` and `nbf`
    pub expires: RawMember<i64>,
    /// `iat`
    pub issued_at: RawMember<i64>,
    /// `nbf`
    pub not_before: RawMember<i64>,
    /// `jti`
    pub id: RawMember<&'a str>,
}

/// A key of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Credential<'a> {
    /// Its id.
    pub key_id: &'a str,
    /// Its signature algorithm.
    pub algorithm: Algorithm,
    /// Whether the client's authentication method names it. Other keys of the client are never used.
    pub is_named: bool,
    /// When it expires, if it does.
    pub expires: Option<i64>,
}

/// Why an assertion is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The request has a secret, too. A client has one authentication method.
    TwoProofs,
    /// `client_assertion_type` is missing or has another value.
    AssertionType(Option<String>),
    /// It is too long: its size in bytes.
    TooLong(usize),
    /// It does not have the three parts of a token.
    Unreadable,
    /// A member is missing.
    Missing(Member),
    /// A member has the wrong type.
    WrongType(Member),
    /// A member is longer than this number of characters.
    LongerThan(Member, usize),
    /// `iss` and `sub` name different clients.
    IssuerIsNotSubject,
    /// The request names another client than the assertion.
    AnotherClient,
    /// No client has this id.
    UnknownClient,
    /// The client has another authentication method.
    AnotherMethod,
    /// The client's authentication method names no key.
    NoCredential,
    /// The client has no key with this id.
    UnknownKey(String),
    /// The client has the key, but its authentication method does not name it.
    KeyNotNamed(String),
    /// It has a `crit` header, whose extensions are not supported (RFC 7515, 4.1.11).
    Extensions,
    /// It is signed with another algorithm than the key's: the algorithms of the assertion and of the key.
    AnotherAlgorithm(String, Algorithm),
    /// The key has expired.
    KeyExpired(String),
    /// Its signature is not from one of the keys.
    BadSignature,
    /// It is for other audiences.
    Audience(Vec<String>),
    /// It has expired: `exp`.
    Expired(i64),
    /// Its lifetime is too long: `exp`.
    LivesTooLong(i64),
    /// Its lifetime is too long, counted from now because it has no `iat`: `exp`.
    EndsTooLate(i64),
    /// It was issued in the future: `iat`.
    MadeInTheFuture(i64),
    /// It is not valid yet: `nbf`.
    NotYetValid(i64),
    /// It was used before: `jti`.
    Used(String),
    /// The memory of used assertions is full: their number.
    Full(usize),
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

/// The id of the client of an assertion. If the request names a client, it must be this one.
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

/// The indexes of the credentials that may have signed an assertion, at least one.
///
/// The algorithm comes from the credential, never from the assertion. Without a `kid`, every named credential is a
/// candidate.
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
    let mut indexes: Vec<usize> = (0..credentials.len()).collect();
    // Each filter reports the last credential that it removed.
    let mut keep = |fits: &dyn Fn(&Credential<'_>) -> bool, otherwise: &dyn Fn(Option<&Credential<'_>>) -> Cause| {
        let last = indexes.last().map(|index| &credentials[*index]);
        indexes.retain(|index| fits(&credentials[*index]));
        if indexes.is_empty() { Err(otherwise(last)) } else { Ok(()) }
    };
    let id = |credential: Option<&Credential<'_>>| credential.map_or_else(String::new, |key| key.key_id.to_owned());
    if let Some(key_id) = key_id {
        keep(&|key| key.key_id == key_id, &|_| Cause::UnknownKey(key_id.to_owned()))?;
    }
    keep(&|key| key.is_named, &|last| last.map_or(Cause::NoCredential, |_| Cause::KeyNotNamed(id(last))))?;
    keep(&|key| key.algorithm.as_str() == algorithm, &|last| {
        let expected = last.map_or(Algorithm::Rs256, |key| key.algorithm);
        Cause::AnotherAlgorithm(algorithm.to_owned(), expected)
    })?;
    keep(&|key| key.expires.is_none_or(|expires| expires > now), &|last| Cause::KeyExpired(id(last)))?;
    Ok(indexes)
}

/// Checks the audience and the times of an assertion whose signature is valid.
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

fn short(member: Member, given: RawMember<&str>) -> Result<&str, Cause> {
    let text = required(member, given)?;
    match text.chars().count() {
        0 => Err(Cause::Missing(member)),
        1..=LONGEST_CLAIM => Ok(text),
        _ => Err(Cause::LongerThan(member, LONGEST_CLAIM)),
    }
}

fn required<T>(member: Member, given: RawMember<T>) -> Result<T, Cause> {
    optional(member, given)?.ok_or(Cause::Missing(member))
}

fn optional<T>(member: Member, given: RawMember<T>) -> Result<Option<T>, Cause> {
    given.optional(Cause::WrongType(member))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: i64 = 1_780_315_200;

    fn valid() -> Assertion<'static> {
        Assertion {
            algorithm: RawMember::Value("RS256"),
            key_id: RawMember::Absent,
            has_extensions: false,
            issuer: RawMember::Value("bot"),
            subject: RawMember::Value("bot"),
            audiences: RawMember::Value(vec!["https://travel0.localhost/"]),
            expires: RawMember::Value(NOW + 60),
            issued_at: RawMember::Value(NOW),
            not_before: RawMember::Absent,
            id: RawMember::Value("one"),
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
    fn a_valid_assertion_is_used_once() {
        assert_eq!(checked(&valid()), Ok(OneUse { id: "one", expires: NOW + 60 }));
    }

    #[rstest]
    #[case::to_the_second(RawMember::Value(NOW), NOW + 300, Ok(()))]
    #[case::a_second_too_long(RawMember::Value(NOW), NOW + 301, Err(Cause::LivesTooLong(NOW + 301)))]
    #[case::made_long_ago(RawMember::Value(NOW - 250), NOW + 50, Ok(()))]
    #[case::made_longer_ago(RawMember::Value(NOW - 250), NOW + 51, Err(Cause::LivesTooLong(NOW + 51)))]
    #[case::a_clock_that_is_ahead(RawMember::Value(NOW + 10), NOW + 310, Ok(()))]
    #[case::a_clock_that_is_too_far_ahead(RawMember::Value(NOW + 11), NOW + 60, Err(Cause::MadeInTheFuture(NOW + 11)))]
    #[case::over(RawMember::Value(NOW - 60), NOW, Err(Cause::Expired(NOW)))]
    #[case::nearly_over(RawMember::Value(NOW - 60), NOW + 1, Ok(()))]
    #[case::without_iat(RawMember::Absent, NOW + 300, Ok(()))]
    #[case::without_iat_and_too_long(RawMember::Absent, NOW + 301, Err(Cause::EndsTooLate(NOW + 301)))]
    #[case::the_end_of_time(RawMember::Value(i64::MIN), i64::MAX, Err(Cause::LivesTooLong(i64::MAX)))]
    #[case::another_type(RawMember::WrongType, NOW + 60, Err(Cause::WrongType(Member::Iat)))]
    fn a_life_of_five_minutes(
        #[case] issued_at: RawMember<i64>,
        #[case] exp: i64,
        #[case] expected: Result<(), Cause>,
    ) {
        let assertion = Assertion { issued_at, expires: RawMember::Value(exp), ..valid() };
        assert_eq!(checked(&assertion).map(drop), expected);
    }

    #[rstest]
    #[case::now(NOW, Ok(()))]
    #[case::a_clock_that_is_ahead(NOW + 10, Ok(()))]
    #[case::a_clock_that_is_too_far_ahead(NOW + 11, Err(Cause::NotYetValid(NOW + 11)))]
    #[case::the_end_of_time(i64::MAX, Err(Cause::NotYetValid(i64::MAX)))]
    fn nbf_is_at_most_ten_seconds_ahead(#[case] not_before: i64, #[case] expected: Result<(), Cause>) {
        let assertion = Assertion { not_before: RawMember::Value(not_before), ..valid() };
        assert_eq!(checked(&assertion).map(drop), expected);
    }

    #[test]
    fn an_id_has_one_to_64_characters() {
        let longest = "ü".repeat(64);
        let too_long = "ü".repeat(65);
        let id = |id| checked(&Assertion { id, ..valid() }).map(|used| used.id);
        assert_eq!(id(RawMember::Value(&longest)), Ok(&*longest));
        assert_eq!(id(RawMember::Value(&too_long)), Err(Cause::LongerThan(Member::Jti, 64)));
        assert_eq!(id(RawMember::Value("")), Err(Cause::Missing(Member::Jti)));
        assert_eq!(id(RawMember::Absent), Err(Cause::Missing(Member::Jti)));
    }

    #[rstest]
    #[case::nobody(None, Ok("bot"))]
    #[case::the_same(Some("bot"), Ok("bot"))]
    #[case::another(Some("other"), Err(Cause::AnotherClient))]
    fn the_request_may_name_the_same_client(#[case] named: Option<&str>, #[case] expected: Result<&str, Cause>) {
        assert_eq!(identify(&valid(), named), expected);
    }

    #[test]
    fn issuer_and_subject_are_one_client_with_a_short_id() {
        let id = "x".repeat(65);
        let identified = |issuer, subject| identify(&Assertion { issuer, subject, ..valid() }, None);
        assert_eq!(identified(RawMember::Value("bot"), RawMember::Value("other")), Err(Cause::IssuerIsNotSubject));
        assert_eq!(identified(RawMember::Absent, RawMember::Value("bot")), Err(Cause::Missing(Member::Iss)));
        assert_eq!(identified(RawMember::Value("bot"), RawMember::WrongType), Err(Cause::WrongType(Member::Sub)));
        assert_eq!(identified(RawMember::Value(&id), RawMember::Value(&id)), Err(Cause::LongerThan(Member::Iss, 64)));
        assert_eq!(identified(RawMember::Value(&id[..64]), RawMember::Value(&id[..64])), Ok(&id[..64]));
    }

    const KEY: Credential<'static> =
        Credential { key_id: "a", algorithm: Algorithm::Rs256, is_named: true, expires: None };

    #[rstest]
    #[case::the_only_one(&[KEY], "RS256", RawMember::Absent, Ok(vec![0]))]
    #[case::each_that_fits(
        &[KEY, Credential { algorithm: Algorithm::Ps256, ..KEY }, Credential { key_id: "b", ..KEY }], "RS256",
        RawMember::Absent, Ok(vec![0, 2])
    )]
    #[case::the_one_that_is_meant(&[KEY, Credential { key_id: "b", ..KEY }], "RS256", RawMember::Value("b"), Ok(vec![1]))]
    #[case::none_at_all(&[], "RS256", RawMember::Absent, Err(Cause::NoCredential))]
    #[case::none_that_is_meant(&[KEY], "RS256", RawMember::Value("b"), Err(Cause::UnknownKey("b".to_owned())))]
    #[case::one_that_is_not_named(
        &[Credential { is_named: false, ..KEY }], "RS256", RawMember::Value("a"), Err(Cause::KeyNotNamed("a".to_owned()))
    )]
    #[case::another_algorithm(
        &[KEY], "PS256", RawMember::Value("a"), Err(Cause::AnotherAlgorithm("PS256".to_owned(), Algorithm::Rs256))
    )]
    #[case::no_algorithm_at_all(
        &[KEY], "none", RawMember::Absent, Err(Cause::AnotherAlgorithm("none".to_owned(), Algorithm::Rs256))
    )]
    #[case::the_longest_algorithm(
        &[KEY], "ALGORITHM-OF-16!", RawMember::Absent,
        Err(Cause::AnotherAlgorithm("ALGORITHM-OF-16!".to_owned(), Algorithm::Rs256))
    )]
    #[case::a_longer_algorithm(&[KEY], "ALGORITHM-OF-17!!", RawMember::Absent, Err(Cause::LongerThan(Member::Alg, 16)))]
    #[case::one_that_ends_now(
        &[Credential { expires: Some(NOW), ..KEY }], "RS256", RawMember::Absent, Err(Cause::KeyExpired("a".to_owned()))
    )]
    #[case::one_that_ends_later(&[Credential { expires: Some(NOW + 1), ..KEY }], "RS256", RawMember::Absent, Ok(vec![0]))]
    #[case::one_of_two_has_ended(
        &[Credential { expires: Some(NOW), ..KEY }, Credential { key_id: "b", ..KEY }], "RS256", RawMember::Absent,
        Ok(vec![1])
    )]
    #[case::a_key_id_of_another_type(&[KEY], "RS256", RawMember::WrongType, Err(Cause::WrongType(Member::Kid)))]
    fn which_keys_may_have_signed(
        #[case] credentials: &[Credential<'_>],
        #[case] algorithm: &str,
        #[case] key_id: RawMember<&str>,
        #[case] expected: Result<Vec<usize>, Cause>,
    ) {
        let assertion = Assertion { algorithm: RawMember::Value(algorithm), key_id, ..valid() };
        assert_eq!(candidates(&assertion, credentials, NOW), expected);
    }

    #[test]
    fn an_algorithm_has_the_name_of_its_signature() {
        for name in ["RS256", "RS384", "PS256"] {
            assert_eq!(Algorithm::parse(name).map(Algorithm::as_str), Some(name));
        }
        assert_eq!(["HS256", "ES256", "none", "rs256", ""].map(Algorithm::parse), [None; 5]);
    }

    #[test]
    fn a_member_has_the_name_of_rfc_7515_or_rfc_7519() {
        use Member::{Alg, Aud, Exp, Iat, Iss, Jti, Kid, Nbf, Sub};
        let names = [Alg, Kid, Iss, Sub, Aud, Exp, Iat, Nbf, Jti].map(Member::as_str);
        assert_eq!(names, ["alg", "kid", "iss", "sub", "aud", "exp", "iat", "nbf", "jti"]);
    }
}
