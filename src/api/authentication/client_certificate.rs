//! The client certificate of a request: from the connection, or from the headers of a proxy ("Set up the Customer Edge").
//!
//! A proxy of the tenant terminates TLS for a custom domain, and proves itself with the key of the domain. Only then do its
//! headers count, and the certificate of its own connection does not. Without the key anyone could write such a header, so it
//! has no effect.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode;

use crate::api::request::ConnectionCertificate;
use crate::domain::client_certificate::{Cause, Chain, LONGEST_CERTIFICATE, Presented};
use crate::store::views::CustomDomainView;
use crate::store::{Kind, State};
use crate::token::pem::{Certificate, Pem};

const CERTIFICATE: &str = "client-certificate";
const VERIFICATION: &str = "client-certificate-ca-verified";
const PROXY_KEY: &str = "cname-api-key";

/// The place of the certificate in a request. The certificate is not parsed yet.
pub(super) enum Source<'r> {
    /// The request has none.
    None,
    /// The request has the header, and does not come from a proxy of the tenant.
    NotForwarded,
    /// The headers of a proxy have it.
    Forwarded(&'r Request<Bytes>),
    /// The connection has it.
    Connection(&'r ConnectionCertificate),
}

impl<'r> Source<'r> {
    pub(super) fn of(request: &'r Request<Bytes>, state: &State) -> Source<'r> {
        let has_header = request.headers().contains_key(CERTIFICATE);
        if is_forwarded(request, state) {
            return if has_header { Source::Forwarded(request) } else { Source::None };
        }
        match request.extensions().get() {
            Some(connection) => Source::Connection(connection),
            None if has_header => Source::NotForwarded,
            None => Source::None,
        }
    }

    /// Whether there is a certificate.
    pub(super) fn is_some(&self) -> bool {
        matches!(self, Source::Forwarded(_) | Source::Connection(_))
    }

    /// Parses the certificate.
    pub(super) fn read(&self) -> Result<ClientCertificate, Cause> {
        match self {
            Source::None => Err(Cause::Missing),
            Source::NotForwarded => Err(Cause::NotForwarded),
            Source::Forwarded(request) => forwarded(request),
            Source::Connection(ConnectionCertificate { der, is_verified }) => Ok(ClientCertificate {
                chain: if *is_verified { Chain::Verified } else { Chain::NotVerified },
                certificate: Certificate::read(der).ok_or(Cause::Unreadable)?,
            }),
        }
    }
}

/// A certificate and the result of the verification of its chain.
pub(super) struct ClientCertificate {
    chain: Chain,
    certificate: Certificate,
}

impl ClientCertificate {
    /// The facts for the rules.
    pub(super) fn presented(&self) -> Presented<'_> {
        let ClientCertificate { chain, certificate } = self;
        Presented {
            chain: *chain,
            subject: &certificate.subject,
            thumbprint: &certificate.thumbprint,
            begins: seconds(certificate.begins),
            expires: seconds(certificate.expires),
        }
    }
}

/// Whether a request has the key of a verified custom domain whose TLS a proxy of the tenant terminates.
fn is_forwarded(request: &Request<Bytes>, state: &State) -> bool {
    let key = one(request, PROXY_KEY).ok().flatten().and_then(|key| str::from_utf8(key).ok());
    let domain = key.and_then(|key| state[Kind::CustomDomain].find("cname_api_key", key));
    domain.is_some_and(|domain| CustomDomainView(domain).is_ready() && CustomDomainView(domain).is_self_managed())
}

fn forwarded(request: &Request<Bytes>) -> Result<ClientCertificate, Cause> {
    let sent = one(request, CERTIFICATE)?.unwrap_or_default();
    if sent.len() > LONGEST_CERTIFICATE {
        return Err(Cause::TooLong(sent.len()));
    }
    let text = percent_decode(sent).decode_utf8().map_err(|_| Cause::Unreadable)?;
    let Some(Pem::Certificate(certificate)) = Pem::read(&text) else { return Err(Cause::Unreadable) };
    let chain = match one(request, VERIFICATION)? {
        Some(b"SUCCESS") => Chain::Verified,
        // A reason may follow.
        Some(failed) if failed.starts_with(b"FAILED") => Chain::NotVerified,
        Some(_) | None => return Err(Cause::UnknownChain),
    };
    Ok(ClientCertificate { chain, certificate })
}

/// The value of a header that a request has at most once.
fn one<'r>(request: &'r Request<Bytes>, name: &'static str) -> Result<Option<&'r [u8]>, Cause> {
    let mut values = request.headers().get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(|value| value.as_bytes())),
        (_, Some(_)) => Err(Cause::SeveralHeaders(name)),
    }
}

fn seconds(moment: SystemTime) -> i64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
