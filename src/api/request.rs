//! The parts of a request that several checks read.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, header};

/// Marks a request that came over TLS, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OverTls {
    /// Whether the port requests client certificates.
    pub requests_certificates: bool,
}

/// The certificate that the client of a TLS connection has proved to own, as an extension of the request.
#[derive(Clone, Debug)]
pub struct ConnectionCertificate {
    /// The certificate in DER.
    pub der: Arc<[u8]>,
    /// Whether its chain ends at an authority that the port trusts.
    pub is_verified: bool,
}

/// What follows `/api/v2` in a path of the Management API.
pub(super) fn below_management(path: &str) -> Option<&str> {
    path.strip_prefix("/api/v2").filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads `a=b&c=d`. Invalid UTF-8 becomes replacement characters, which no schema accepts where it matters.
pub(super) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// The media type of the body, without parameters, in lower case.
pub(super) fn media_type(request: &Request<Bytes>) -> Option<String> {
    let value = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}
