//! The HTTP client: it connects to a tenant directly, over plain HTTP or TLS.
//!
//! It is hyper with rustls, both named explicitly. A larger client would share its TLS features with the client of the user's own
//! crate, and change that.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use tokio::time::timeout;

use super::request::Request;

/// The longest that an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that keeps connections open, follows no redirection and uses no proxy.
pub(crate) struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl HttpClient {
    /// A client that trusts the certificate authorities of the machine and those in the file.
    pub(crate) fn new(ca_file: Option<&Path>) -> Result<HttpClient, String> {
        let failed = |error: &dyn fmt::Display| format!("no HTTP client: {error}");
        // Called explicitly: a process has one default provider, and it belongs to the user.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let authorities = ca_file.map(authorities).transpose()?.unwrap_or_default();
        let verifier =
            Verifier::new_with_extra_roots(authorities, Arc::clone(&provider)).map_err(|error| failed(&error))?;
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .dangerous() // its name for any verifier that is not its own
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        // Over TLS, head and body of a request are two writes: without this, the second one waits until the first is acknowledged.
        tcp.set_nodelay(true);
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        Ok(HttpClient { client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response<Bytes>, String> {
        let uri: Uri = request.url.parse().map_err(|error| format!("{} is no address: {error}", request.path()))?;
        let mut sent = http::Request::new(Full::new(request.body.clone()));
        *sent.method_mut() = request.method.clone();
        *sent.uri_mut() = uri;
        *sent.headers_mut() = request.headers.clone();
        let answer = async {
            let response = self.client.request(sent).await.map_err(|error| unanswered(&error))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| format!("the answer broke off: {error}"))?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        let late = |_| format!("no answer within {} seconds", PATIENCE.as_secs());
        timeout(PATIENCE, answer).await.map_err(late)?
    }
}

/// The innermost cause says what happened; those around it say only that something did.
fn unanswered(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    format!("no answer: {cause}")
}

/// The certificates of a PEM file.
fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let failed = |error: &dyn fmt::Display| format!("{} holds no certificates in PEM: {error}", file.display());
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| failed(&error))?;
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>().map_err(|error| failed(&error))?;
    if certificates.is_empty() { Err(failed(&"it is empty")) } else { Ok(certificates) }
}
