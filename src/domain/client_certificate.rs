//! Validates the certificate of a client ("Authenticate with mTLS", RFC 8705, section 2): one total function.
//!
//! A client registers the subject of a certificate, which an authority has signed, or a certificate of its own. Its
//! authentication method says which of the two. A certificate that only binds a token has to be valid at the time of the
//! request, and nothing else.

/// The maximum size of a forwarded certificate in bytes, as it is encoded in the header.
pub(crate) const LONGEST_CERTIFICATE: usize = 4096;

/// An authentication method with certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// A certificate of an authority, by its subject.
    TlsClientAuth,
    /// A certificate that no authority has to sign, by its thumbprint.
    SelfSignedTlsClientAuth,
}

impl Method {
    /// Every value.
    pub(crate) const ALL: [Method; 2] = [Self::TlsClientAuth, Self::SelfSignedTlsClientAuth];

    /// The value in the Management API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Method::TlsClientAuth => "tls_client_auth",
            Method::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }
}

/// The result of the verification of a chain, by the proxy or by the tenant's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chain {
    /// The chain ends at a trusted authority.
    Verified,
    /// It does not: the certificate is signed by itself, or by an authority that is not trusted.
    NotVerified,
}

/// The certificate of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Presented<'a> {
    /// Its chain.
    pub chain: Chain,
    /// Its subject, one attribute a line.
    pub subject: &'a str,
    /// SHA-256 of the certificate in base64url.
    pub thumbprint: &'a str,
    /// The begin of its validity, in seconds since the Unix epoch.
    pub begins: i64,
    /// Its last second.
    pub expires: i64,
}

/// A credential of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registered<'a> {
    /// `subject_dn` of a credential of the type `cert_subject_dn`.
    Subject(&'a str),
    /// `thumbprint_sha256` of a credential of the type `x509_cert`.
    Thumbprint(&'a str),
}

/// Why a certificate is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The request has no certificate.
    Missing,
    /// The request has a certificate in a header, and does not come from a proxy of the tenant.
    NotForwarded,
    /// The request has a secret, too. A client has one authentication method.
    TwoProofs,
    /// A header of the proxy is there more than once: its name.
    SeveralHeaders(&'static str),
    /// The header with the certificate is too long: its size in bytes.
    TooLong(usize),
    /// It cannot be parsed.
    Unreadable,
    /// The proxy does not say whether the chain is verified.
    UnknownChain,
    /// The method needs the other result of the verification of the chain.
    AnotherChain(Method),
    /// It is not valid yet: the begin of its validity.
    NotYetValid(i64),
    /// It has expired: the end of its validity.
    Expired(i64),
    /// No credential of the client has its subject.
    UnknownSubject(String),
    /// No credential of the client has its thumbprint.
    UnknownThumbprint(String),
}

impl Cause {
    /// The ids of the rules applied, the deciding one first.
    pub(crate) const fn rules(&self) -> &'static [&'static str] {
        match self {
            Cause::Missing | Cause::TwoProofs => &["MTLS1", "T19"],
            Cause::UnknownSubject(_) | Cause::AnotherChain(Method::TlsClientAuth) => &["MTLS2", "T19"],
            Cause::UnknownThumbprint(_) | Cause::AnotherChain(Method::SelfSignedTlsClientAuth) => &["MTLS3", "T19"],
            Cause::NotYetValid(_) | Cause::Expired(_) => &["MTLS4", "T19"],
            Cause::NotForwarded => &["MTLS5", "T19"],
            Cause::SeveralHeaders(_) | Cause::TooLong(_) | Cause::Unreadable | Cause::UnknownChain => &["MTLS6", "T19"],
        }
    }
}

/// Decides whether a certificate authenticates the client with these credentials, at this time.
pub(crate) fn authenticate(
    method: Method,
    presented: Presented<'_>,
    credentials: &[Registered<'_>],
    now: i64,
) -> Result<(), Cause> {
    match (method, presented.chain) {
        (Method::TlsClientAuth, Chain::Verified) | (Method::SelfSignedTlsClientAuth, Chain::NotVerified) => {}
        (Method::TlsClientAuth, Chain::NotVerified) | (Method::SelfSignedTlsClientAuth, Chain::Verified) => {
            return Err(Cause::AnotherChain(method));
        }
    }
    check_time(presented, now)?;
    let (wanted, unknown) = match method {
        Method::TlsClientAuth => {
            (Registered::Subject(presented.subject), Cause::UnknownSubject(presented.subject.to_owned()))
        }
        Method::SelfSignedTlsClientAuth => {
            (Registered::Thumbprint(presented.thumbprint), Cause::UnknownThumbprint(presented.thumbprint.to_owned()))
        }
    };
    if credentials.contains(&wanted) { Ok(()) } else { Err(unknown) }
}

/// Checks that a certificate is valid at this time.
pub(crate) fn check_time(presented: Presented<'_>, now: i64) -> Result<(), Cause> {
    if now < presented.begins {
        return Err(Cause::NotYetValid(presented.begins));
    }
    if now > presented.expires {
        return Err(Cause::Expired(presented.expires));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use rstest::rstest;

    use super::*;

    const NOW: i64 = 1_780_315_200;
    const OWN: Presented<'static> = Presented {
        chain: Chain::Verified,
        subject: "C=NL\nCN=bot",
        thumbprint: "own",
        begins: NOW - 10,
        expires: NOW + 10,
    };

    /// Every method with every kind of certificate and credential in one table: a changed rule is a changed row.
    #[test]
    fn the_whole_table() {
        let credentials = [
            ("its subject", Registered::Subject("C=NL\nCN=bot")),
            ("its thumbprint", Registered::Thumbprint("own")),
            ("another subject", Registered::Subject("C=NL\nCN=other")),
            ("another thumbprint", Registered::Thumbprint("other")),
            ("the subject as a thumbprint", Registered::Thumbprint("C=NL\nCN=bot")),
        ];
        let mut table = String::new();
        for method in Method::ALL {
            for chain in [Chain::Verified, Chain::NotVerified] {
                for (name, credential) in credentials {
                    for (time, now) in [("valid", NOW), ("expired", NOW + 11)] {
                        let ruling = match authenticate(method, Presented { chain, ..OWN }, &[credential], now) {
                            Ok(()) => "authenticated".to_owned(),
                            Err(cause) => format!("{} {cause:?}", cause.rules().join(" ")),
                        };
                        let (method, chain) = (method.as_str(), format!("{chain:?}"));
                        writeln!(table, "{method:27} {chain:11} {time:7} {name:27} {ruling}").unwrap();
                    }
                }
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn one_of_several_credentials_is_enough_and_none_is_not() {
        let both = [Registered::Subject("CN=other"), Registered::Subject("C=NL\nCN=bot")];
        assert_eq!(authenticate(Method::TlsClientAuth, OWN, &both, NOW), Ok(()));
        let unknown = Cause::UnknownSubject("C=NL\nCN=bot".to_owned());
        assert_eq!(authenticate(Method::TlsClientAuth, OWN, &[], NOW), Err(unknown));
    }

    #[rstest]
    #[case::the_first_second(NOW - 10, Ok(()))]
    #[case::a_second_before(NOW - 11, Err(Cause::NotYetValid(NOW - 10)))]
    #[case::the_last_second(NOW + 10, Ok(()))]
    #[case::a_second_after(NOW + 11, Err(Cause::Expired(NOW + 10)))]
    #[case::the_begin_of_time(i64::MIN, Err(Cause::NotYetValid(NOW - 10)))]
    #[case::the_end_of_time(i64::MAX, Err(Cause::Expired(NOW + 10)))]
    fn its_own_period(#[case] now: i64, #[case] expected: Result<(), Cause>) {
        assert_eq!(check_time(OWN, now), expected);
    }
}
