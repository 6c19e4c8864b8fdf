//! A tenant behind a `wiremock::MockServer`, for test suites in which a `Mock` may replace answers of the tenant.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Response, Uri};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::MockTenant;
use crate::api::Tenant;

/// `wiremock` tries mocks with a higher number later. The default is 5.
const LAST: u8 = u8::MAX;

impl MockTenant {
    /// Answers every request to a `wiremock::MockServer` that no other mock matches.
    ///
    /// It has the lowest priority, so every other mock comes first. Tokens from there have the address of the mock server as their
    /// issuer; clients, grants, journal and expectations are those of the tenant. The tenant's own port still answers.
    ///
    /// ```
    /// use m2mock::MockTenant;
    /// use wiremock::matchers::{method, path};
    /// use wiremock::{Mock, MockServer, ResponseTemplate};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), reqwest::Error> {
    /// # let _ = rustls::crypto::ring::default_provider().install_default();
    /// let server = MockServer::start().await;
    /// let tenant = MockTenant::start();
    /// let there = tenant.mount(&server).await;
    /// Mock::given(method("GET"))
    ///     .and(path("/api/v2/organizations"))
    ///     .respond_with(ResponseTemplate::new(500))
    ///     .mount(&server)
    ///     .await;
    ///
    /// let token = there.management_token(&["read:clients", "read:organizations"]);
    /// let status = async |path: &str| {
    ///     let request = reqwest::Client::new().get(server.uri() + path).bearer_auth(&token);
    ///     request.send().await.map(|answer| answer.status().as_u16())
    /// };
    /// assert_eq!(status("/api/v2/organizations").await?, 500);
    /// assert_eq!(status("/api/v2/clients").await?, 200);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Limitations
    ///
    /// `wiremock` answers one request at a time, so an Action must not call the mock server; it may call the tenant. The bounds of
    /// bodies and connections are those of `wiremock`. `/__admin` exists only on the tenant's own port.
    ///
    /// Do not use `mount_as_scoped` beside a tenant: `wiremock` 0.6 sorts its mocks by priority and then removes the wrong one,
    /// which is the tenant. Use `up_to_n_times` to end a mock.
    pub async fn mount(&self, server: &MockServer) -> Mounted {
        Mock::given(any())
            .respond_with(self.responder())
            .with_priority(LAST)
            .named(format!("the tenant {}", self.domain()))
            .mount(server)
            .await;
        Mounted { tenant: Arc::clone(&self.tenant), authority: server.address().to_string() }
    }

    /// The tenant as the response of a `wiremock::Mock`, for a narrower match than [`mount`](Self::mount).
    ///
    /// ```
    /// use m2mock::MockTenant;
    /// use wiremock::matchers::path;
    /// use wiremock::{Mock, MockServer};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), reqwest::Error> {
    /// # let _ = rustls::crypto::ring::default_provider().install_default();
    /// let server = MockServer::start().await;
    /// let tenant = MockTenant::start();
    /// let keys = Mock::given(path("/.well-known/jwks.json")).respond_with(tenant.responder());
    /// keys.expect(1).mount(&server).await;
    /// assert_eq!(reqwest::get(server.uri() + "/.well-known/jwks.json").await?.status(), 200);
    /// # Ok(())
    /// # }
    /// ```
    pub fn responder(&self) -> Responder {
        Responder(Arc::clone(&self.tenant))
    }
}

/// A tenant that answers for a `wiremock::Mock`; made by [`MockTenant::responder`]. It answers for as long as it is mounted,
/// also after the [`MockTenant`] is dropped.
#[derive(Clone)]
pub struct Responder(Arc<Tenant>);

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut asked = http::Request::new(Bytes::copy_from_slice(&request.body));
        *asked.method_mut() = request.method.clone();
        // The text was a URL before.
        *asked.uri_mut() = Uri::try_from(request.url.as_str()).unwrap_or_default();
        *asked.headers_mut() = request.headers.clone();
        template(self.0.answer(asked))
    }
}

fn template(response: Response<Bytes>) -> ResponseTemplate {
    let (head, body) = response.into_parts();
    let headers = head.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
    ResponseTemplate::new(head.status.as_u16()).append_headers(headers).set_body_bytes(body)
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder").field("domain", &self.0.domain()).finish_non_exhaustive()
    }
}

/// A tenant behind a `wiremock::MockServer`; made by [`MockTenant::mount`].
#[derive(Clone)]
pub struct Mounted {
    tenant: Arc<Tenant>,
    authority: String,
}

impl Mounted {
    /// The `iss` of tokens from there.
    pub fn issuer(&self) -> String {
        self.tenant.issuer_for(&self.authority)
    }

    /// A Management API token with these scopes that is valid there, without a request.
    pub fn management_token(&self, scopes: &[&str]) -> String {
        self.tenant.management_token(&self.authority, scopes)
    }
}

impl fmt::Debug for Mounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mounted").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}
