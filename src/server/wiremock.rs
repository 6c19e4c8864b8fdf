//! A tenant inside a `wiremock::MockServer`: for test suites that have one, where a `Mock` of their own answers in the
//! tenant's place now and then.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Response, Uri};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::MockTenant;
use crate::api::Tenant;

/// `wiremock` asks those with a higher number last. A mock that says nothing has 5.
const LAST: u8 = u8::MAX;

impl MockTenant {
    /// Answers everything that comes to a `wiremock::MockServer` and that no other of its mocks takes.
    ///
    /// It has the lowest priority, so that a mock that is mounted before or after it goes first. The issuer of tokens that
    /// are fetched there is the mock server's address; clients, grants, journal and expectations are the tenant's. The
    /// tenant's own port answers as before.
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
    /// `wiremock` answers one request at a time, so an Action must not ask the mock server; it may ask the tenant. It sets
    /// the bounds of bodies and connections, too. What is below `/__admin` on the tenant's own port is not there.
    ///
    /// Mocks that are mounted with `mount_as_scoped` do not go with a tenant: `wiremock` 0.6 sorts its mocks by priority and
    /// then ends another one than it should, which is the tenant. `up_to_n_times` ends a mock as well.
    pub async fn mount(&self, server: &MockServer) -> Mounted {
        Mock::given(any())
            .respond_with(self.responder())
            .with_priority(LAST)
            .named(format!("the tenant {}", self.domain()))
            .mount(server)
            .await;
        Mounted { tenant: Arc::clone(&self.tenant), authority: server.address().to_string() }
    }

    /// The tenant as what a `wiremock::Mock` responds with, for one that matches more narrowly than
    /// [`mount`](Self::mount).
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
        // It was one before it became a URL.
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

/// A tenant as it is reached through a `wiremock::MockServer`; made by [`MockTenant::mount`].
#[derive(Clone)]
pub struct Mounted {
    tenant: Arc<Tenant>,
    authority: String,
}

impl Mounted {
    /// What tokens fetched there carry as `iss`.
    pub fn issuer(&self) -> String {
        self.tenant.issuer_for(&self.authority)
    }

    /// A Management API token with these scopes that is good there, without a request.
    pub fn management_token(&self, scopes: &[&str]) -> String {
        self.tenant.management_token(&self.authority, scopes)
    }
}

impl fmt::Debug for Mounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mounted").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}
