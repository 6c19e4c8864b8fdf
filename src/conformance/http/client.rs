//! The HTTP client for tenants: straight to them, over TLS where they speak it.
//!
//! It is hyper with rustls, both named explicitly. A larger client would share its TLS features with the client of the user's own
//! crate, and change that.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use serde::Serialize;
use tokio::time::timeout;

/// The longest that an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that keeps connections, follows no redirection and knows no proxy: what it asks is what is meant.
pub(crate) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Http {
    /// It trusts what the machine trusts, and the authorities in this file.
    pub fn new(ca_file: Option<&Path>) -> Result<Http, String> {
        let told = |error: &dyn fmt::Display| format!("no HTTP client: {error}");
        // Called explicitly: a process has one default provider, and it belongs to the user.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let authorities = ca_file.map(authorities).transpose()?.unwrap_or_default();
        let verifier =
            Verifier::new_with_extra_roots(authorities, Arc::clone(&provider)).map_err(|error| told(&error))?;
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| told(&error))?
            .dangerous() // its name for any verifier that is not its own
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        // Over TLS, head and body of a request are two writes: without this, the second one waits for the first to be heard.
        tcp.set_nodelay(true);
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        Ok(Http { client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, asked: &Asked) -> Result<Response<Bytes>, String> {
        let uri: Uri = asked.url.parse().map_err(|error| format!("{} is no address: {error}", asked.path()))?;
        let mut request = http::Request::new(Full::new(asked.body.clone()));
        *request.method_mut() = asked.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = asked.headers.clone();
        let answer = async {
            let response = self.client.request(request).await.map_err(|error| unanswered(&error))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| format!("the answer broke off: {error}"))?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        let late = |_| format!("no answer within {} seconds", PATIENCE.as_secs());
        timeout(PATIENCE, answer).await.map_err(late)?
    }
}

/// The innermost cause tells what happened; those around it say that something did.
fn unanswered(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    format!("no answer: {cause}")
}

/// The certificates of a PEM file.
fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let told = |error: &dyn fmt::Display| format!("{} holds no certificates in PEM: {error}", file.display());
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| told(&error))?;
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>().map_err(|error| told(&error))?;
    if certificates.is_empty() { Err(told(&"it is empty")) } else { Ok(certificates) }
}

/// What an address cannot hold as it is. Everything else is as the scenario wrote it.
const NOT_IN_ADDRESSES: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'|')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^');

/// A request, put together.
#[derive(Clone)]
pub(crate) struct Asked {
    pub method: Method,
    /// With scheme, host and path.
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether it may be sent again when no answer came. What was done already might be answered in another way.
    pub repeatable: bool,
}

impl Asked {
    pub fn new(method: Method, url: String) -> Asked {
        let mut headers = HeaderMap::new();
        let url = utf8_percent_encode(&url, NOT_IN_ADDRESSES).to_string();
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("m2mock/", env!("CARGO_PKG_VERSION"))));
        let repeatable = method != Method::POST;
        Asked { method, url, headers, body: Bytes::new(), repeatable }
    }

    /// The address from the path on.
    pub fn path(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.find('/').map_or("/", |at| &rest[at..])
    }

    /// With one more header; one that cannot be sent is left out.
    pub fn header(mut self, name: HeaderName, value: &str) -> Asked {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    pub fn bearer(self, token: &str) -> Asked {
        self.header(AUTHORIZATION, &format!("Bearer {token}"))
    }

    pub fn basic(self, id: &str, secret: &str) -> Asked {
        self.header(AUTHORIZATION, &format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}"))))
    }

    pub fn json(self, value: &impl Serialize) -> Asked {
        // Every value here is made of maps with text keys, which always serialise.
        self.body("application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    pub fn form<'a>(self, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Asked {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.body("application/x-www-form-urlencoded", form)
    }

    pub fn body(self, media_type: &str, body: impl Into<Bytes>) -> Asked {
        let mut asked = self.header(CONTENT_TYPE, media_type);
        asked.body = body.into();
        asked
    }
}
