//! Validates a DPoP proof at the token endpoint (RFC 9449, 4.3; "Demonstrating Proof-of-Possession").
//!
//! A proof is a short token that a client signs with a key of its own and sends in the header `DPoP`, with the public key in
//! the proof's header. Its validation has four steps: the header ([`algorithm`]), the key and the signature (in the caller,
//! because they need cryptography), and the claims ([`check`]). Each refusal is a [`Cause`], for which the caller has a
//! sentence.

use super::{Names, OneUse, RawMember};

/// The maximum size of a proof in bytes.
pub(crate) const LONGEST_PROOF: usize = 4096;
/// The maximum length of `jti` in characters.
pub(crate) const LONGEST_ID: usize = 128;
/// The `typ` of a proof.
pub(crate) const TYPE: &str = "dpop+jwt";
/// Seconds for which a proof is valid. The vendor publishes nothing for the token endpoint; the value is the default of its
/// verifiers for APIs.
pub(crate) const LIFE: i64 = 300;
/// Seconds by which the client's clock may be ahead; as above.
pub(crate) const SKEW: i64 = 30;

/// A signature algorithm of proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSA with PKCS#1 padding and SHA-256.
    Rs256,
}

impl Algorithm {
    /// The two that the documentation names.
    pub(crate) const ALL: [Algorithm; 2] = [Self::Es256, Self::Rs256];

    /// The value in the header of a proof.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Algorithm::Es256 => "ES256",
            Algorithm::Rs256 => "RS256",
        }
    }
}

/// The header and claims of a proof, without its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Proof<'a> {
    /// `typ`
    pub kind: RawMember<&'a str>,
    /// `alg`
    pub algorithm: RawMember<&'a str>,
    /// Whether the header has `crit`
    pub has_extensions: bool,
    /// `htm`
    pub method: RawMember<&'a str>,
    /// `htu`
    pub url: RawMember<&'a str>,
    /// `iat`, in seconds since the Unix epoch
    pub issued_at: RawMember<i64>,
    /// `jti`
    pub id: RawMember<&'a str>,
}

/// Why a proof is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The request has the header more than once.
    SeveralHeaders,
    /// It is too long: its size in bytes.
    TooLong(usize),
    /// It does not have the three parts of a token.
    Unreadable,
    /// A member is missing: its name.
    Missing(&'static str),
    /// A member has the wrong type: its name.
    WrongType(&'static str),
    /// `typ` has another value.
    AnotherType(String),
    /// `alg` has another value.
    AnotherAlgorithm(String),
    /// It has a `crit` header, whose extensions are not supported (RFC 7515, 4.1.11).
    Extensions,
    /// Its key is private or secret: the name of the member that says so.
    PrivateKey(&'static str),
    /// Its key is none for its algorithm.
    AnotherKey(Algorithm),
    /// Its signature is not from its key.
    BadSignature,
    /// It is for another method: `htm`.
    AnotherMethod(String),
    /// It is for another URL: `htu`.
    AnotherUrl(String),
    /// It was made too long ago: `iat`.
    TooOld(i64),
    /// It was made in the future: `iat`.
    MadeInTheFuture(i64),
    /// Its `jti` is too long.
    IdTooLong,
    /// It was used before.
    Used,
    /// The memory of used proofs is full: their number.
    Full(usize),
}

impl Cause {
    /// The ids of the rules applied, the deciding one first.
    pub(crate) const fn rules(&self) -> &'static [&'static str] {
        match self {
            Cause::SeveralHeaders
            | Cause::TooLong(_)
            | Cause::Unreadable
            | Cause::Missing(_)
            | Cause::WrongType(_)
            | Cause::AnotherType(_)
            | Cause::AnotherAlgorithm(_)
            | Cause::Extensions
            | Cause::PrivateKey(_)
            | Cause::AnotherKey(_)
            | Cause::BadSignature => &["DPOP1", "T16"],
            Cause::AnotherMethod(_) | Cause::AnotherUrl(_) => &["DPOP2", "T16"],
            Cause::TooOld(_) | Cause::MadeInTheFuture(_) => &["DPOP3", "T16"],
            Cause::IdTooLong | Cause::Used | Cause::Full(_) => &["DPOP4", "T16"],
        }
    }
}

/// The request for which a proof has to be valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProofContext<'a> {
    /// The tenant's names.
    pub names: &'a Names,
    /// The address at which the request reached it.
    pub base_url: &'a str,
    /// The HTTP method of the request.
    pub method: &'a str,
    /// The path of the request.
    pub path: &'a str,
    /// Seconds since the Unix epoch.
    pub now: i64,
}

/// The algorithm of a proof whose header is valid.
pub(crate) fn algorithm(proof: &Proof<'_>) -> Result<Algorithm, Cause> {
    let kind = required("typ", proof.kind)?;
    // A media type without regard to case (RFC 7515, 4.1.9).
    if !kind.eq_ignore_ascii_case(TYPE) {
        return Err(Cause::AnotherType(kind.to_owned()));
    }
    if proof.has_extensions {
        return Err(Cause::Extensions);
    }
    let algorithm = required("alg", proof.algorithm)?;
    let known = Algorithm::ALL.into_iter().find(|known| known.as_str() == algorithm);
    known.ok_or_else(|| Cause::AnotherAlgorithm(algorithm.to_owned()))
}

/// Checks the claims of a proof whose signature is valid.
pub(crate) fn check<'a>(proof: &Proof<'a>, context: ProofContext<'_>) -> Result<OneUse<'a>, Cause> {
    let ProofContext { names, base_url, method, path, now } = context;
    let sent = required("htm", proof.method)?;
    if sent != method {
        return Err(Cause::AnotherMethod(sent.to_owned()));
    }
    let sent = required("htu", proof.url)?;
    if !names.is_own_endpoint(sent, base_url, path) {
        return Err(Cause::AnotherUrl(sent.to_owned()));
    }
    let issued_at = required("iat", proof.issued_at)?;
    let age = now.saturating_sub(issued_at);
    if age > LIFE {
        return Err(Cause::TooOld(issued_at));
    }
    if age < -SKEW {
        return Err(Cause::MadeInTheFuture(issued_at));
    }
    let id = required("jti", proof.id)?;
    match id.chars().count() {
        0 => Err(Cause::Missing("jti")),
        1..=LONGEST_ID => Ok(OneUse { id, expires: issued_at.saturating_add(LIFE + 1) }),
        _ => Err(Cause::IdTooLong),
    }
}

fn required<T>(name: &'static str, member: RawMember<T>) -> Result<T, Cause> {
    member.optional(Cause::WrongType(name))?.ok_or(Cause::Missing(name))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: i64 = 1_780_315_200;

    fn valid() -> Proof<'static> {
        Proof {
            kind: RawMember::Value(TYPE),
            algorithm: RawMember::Value("ES256"),
            has_extensions: false,
            method: RawMember::Value("POST"),
            url: RawMember::Value("http://127.0.0.1:4000/oauth/token"),
            issued_at: RawMember::Value(NOW),
            id: RawMember::Value("one"),
        }
    }

    fn checked<'a>(proof: &Proof<'a>) -> Result<OneUse<'a>, Cause> {
        let names = Names::new("travel0.localhost");
        let base_url = "http://127.0.0.1:4000/";
        check(proof, ProofContext { names: &names, base_url, method: "POST", path: "/oauth/token", now: NOW })
    }

    #[test]
    fn a_valid_proof_is_used_until_it_is_too_old() {
        assert_eq!(checked(&valid()), Ok(OneUse { id: "one", expires: NOW + 301 }));
    }

    #[rstest]
    #[case::at_the_end(NOW - 300, Ok(()))]
    #[case::a_second_too_old(NOW - 301, Err(Cause::TooOld(NOW - 301)))]
    #[case::a_clock_that_is_ahead(NOW + 30, Ok(()))]
    #[case::a_clock_that_is_too_far_ahead(NOW + 31, Err(Cause::MadeInTheFuture(NOW + 31)))]
    #[case::the_begin_of_time(i64::MIN, Err(Cause::TooOld(i64::MIN)))]
    #[case::the_end_of_time(i64::MAX, Err(Cause::MadeInTheFuture(i64::MAX)))]
    fn five_minutes(#[case] issued_at: i64, #[case] expected: Result<(), Cause>) {
        let proof = Proof { issued_at: RawMember::Value(issued_at), ..valid() };
        assert_eq!(checked(&proof).map(drop), expected);
    }

    #[rstest]
    #[case::no_method(Proof { method: RawMember::Absent, ..valid() }, Cause::Missing("htm"))]
    #[case::another_method(Proof { method: RawMember::Value("GET"), ..valid() }, Cause::AnotherMethod("GET".into()))]
    #[case::a_method_in_small_letters(
        Proof { method: RawMember::Value("post"), ..valid() },
        Cause::AnotherMethod("post".into())
    )]
    #[case::no_url(Proof { url: RawMember::WrongType, ..valid() }, Cause::WrongType("htu"))]
    #[case::no_time(Proof { issued_at: RawMember::WrongType, ..valid() }, Cause::WrongType("iat"))]
    #[case::no_id(Proof { id: RawMember::Value(""), ..valid() }, Cause::Missing("jti"))]
    fn a_claim_that_is_not_right(#[case] proof: Proof<'_>, #[case] expected: Cause) {
        assert_eq!(checked(&proof), Err(expected));
    }

    #[test]
    fn an_id_has_at_most_128_characters() {
        let id = "é".repeat(129);
        assert_eq!(checked(&Proof { id: RawMember::Value(&id), ..valid() }), Err(Cause::IdTooLong));
        assert!(checked(&Proof { id: RawMember::Value(&id[2..]), ..valid() }).is_ok());
    }

    #[rstest]
    #[case::es256("ES256", Ok(Algorithm::Es256))]
    #[case::rs256("RS256", Ok(Algorithm::Rs256))]
    #[case::none("none", Err(Cause::AnotherAlgorithm("none".into())))]
    #[case::symmetric("HS256", Err(Cause::AnotherAlgorithm("HS256".into())))]
    #[case::another_case("es256", Err(Cause::AnotherAlgorithm("es256".into())))]
    fn the_algorithms(#[case] name: &str, #[case] expected: Result<Algorithm, Cause>) {
        assert_eq!(algorithm(&Proof { algorithm: RawMember::Value(name), ..valid() }), expected);
    }

    #[test]
    fn the_type_tells_a_proof_from_other_tokens() {
        let typed = |kind| algorithm(&Proof { kind, ..valid() });
        assert_eq!(typed(RawMember::Value("DPoP+JWT")), Ok(Algorithm::Es256));
        assert_eq!(typed(RawMember::Value("JWT")), Err(Cause::AnotherType("JWT".into())));
        assert_eq!(typed(RawMember::Absent), Err(Cause::Missing("typ")));
        let extended = Proof { has_extensions: true, ..valid() };
        assert_eq!(algorithm(&extended), Err(Cause::Extensions));
    }
}
