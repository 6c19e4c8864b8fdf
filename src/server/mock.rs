//! [`MockTenant`]: a tenant for one test, with its own port.

use std::sync::Arc;

use serde_json::Value;

use super::addresses::Addresses;
#[cfg(feature = "tls")]
use super::https::Https;
use super::requests::Requests;
use super::tenants::Tenants;
use super::thread::Server;
use super::verification::Verification;
use crate::api::{LogEntry, Snapshot, Tenant};
use crate::domain::Clock;

/// A tenant that answers on its own port until it is dropped.
///
/// It runs on a thread of m2mock, so it works in a plain `#[test]` and in any tokio runtime, including a blocked one.
///
/// ```
/// use m2mock::{MockTenant, OrganizationUsage};
///
/// let tenant = MockTenant::start();
/// let api = tenant.api("https://travel0.example/api").scopes(["read:trips"]).create();
/// let application = tenant.application("Partner bot").create();
/// let organization = tenant.organization("granite-tours").create();
/// let grant = tenant
///     .client_grant(&application, &api)
///     .scopes(["read:trips"])
///     .organization_usage(OrganizationUsage::Require)
///     .create();
/// tenant.associate(&organization, &grant);
///
/// // What the service under test would get from `tenant.uri() + "/oauth/token"`:
/// let token = tenant.token(&application).audience(&api).organization(&organization).request()?;
/// assert_eq!(token.claims["org_id"], organization.id.as_str());
///
/// let refused = tenant.token(&application).audience(&api).request().unwrap_err();
/// assert_eq!(refused.rules[0], "R16", "{}", refused.why);
/// # Ok::<(), m2mock::TokenRefused>(())
/// ```
///
/// # Limitations
///
/// It serves plain HTTP on 127.0.0.1, and HTTPS too with the feature `tls`. Every tenant signs with the same published test keys.
#[must_use = "the tenant stops answering when this value is dropped"]
pub struct MockTenant {
    pub(super) tenant: Arc<Tenant>,
    /// The tenants at its address.
    pub(super) tenants: Arc<Tenants>,
    /// The tenants of the one to which it was added.
    pub(super) beside: Option<Arc<Tenants>>,
    pub(super) verification: Arc<Verification>,
    pub(super) server: Server,
    #[cfg(feature = "tls")]
    pub(super) https: Option<Https>,
}

impl MockTenant {
    /// The address of the tenant: `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn uri(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The tenant's domain, part of the Management API's audience.
    pub fn domain(&self) -> &str {
        self.tenant.domain()
    }

    /// The `iss` of tokens from [`uri`](Self::uri): `uri` with a slash, or the [`issuer`](super::MockTenantBuilder::issuer) of the
    /// builder.
    pub fn issuer(&self) -> String {
        self.tenant.issuer_for(&self.host())
    }

    /// The audience of Management API tokens.
    pub fn management_audience(&self) -> String {
        self.tenant.management_audience()
    }

    /// Id and secret of the application with every scope of the Management API.
    pub fn management_client(&self) -> (String, String) {
        self.tenant.management_client()
    }

    /// A Management API token with these scopes, without a request.
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// let bearer = format!("Bearer {}", tenant.management_token(&["read:organizations"]));
    /// ```
    pub fn management_token(&self, scopes: &[&str]) -> String {
        self.tenant.management_token(&self.host(), scopes)
    }

    /// The journal: requests, answers and reasons, oldest first. [`Requests`] has filters.
    ///
    /// It keeps the last thousand requests.
    pub fn requests(&self) -> Requests {
        Requests::from(self.tenant.requests())
    }

    /// The entities and requests of the tenant, equal in each run, for a snapshot test.
    ///
    /// It has references instead of ids (`<org:granite-tours>`), and omits secrets and unchanged entities of a new tenant. It has
    /// times only if the tenant started with a stopped clock. It prints as lines and serializes as an object, for
    /// `insta::assert_snapshot!` and `insta::assert_json_snapshot!`.
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// let granite = tenant.organization("granite-tours").create();
    /// let text = tenant.snapshot().to_string();
    /// assert!(text.starts_with("organizations:\n  <org:granite-tours>:\n"), "{text}");
    /// assert!(!text.contains(&granite.id));
    /// ```
    ///
    /// An id of less than 16 characters, which a test has chosen, is printed as it is. The id of a deleted entity is `<id:1>`.
    /// Jobs, used quotas and the log are not part of it.
    pub fn snapshot(&self) -> Snapshot {
        self.tenant.snapshot(&self.host())
    }

    /// The tenant's log as `GET /api/v2/logs` shows it, oldest first: token requests, warnings about quotas, and changes
    /// through the Management API. Calls of the functions of this type are not requests and are not in it.
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// # let api = tenant.api("https://travel0.example/api").create();
    /// # let application = tenant.application("Partner bot").create();
    /// # tenant.client_grant(&application, &api).create();
    /// tenant.token(&application).audience(&api).request()?;
    /// let log = tenant.logs();
    /// assert_eq!(log[0].kind, "seccft");
    /// assert_eq!(log[0].client_id.as_deref(), Some(application.client_id.as_str()));
    /// # Ok::<(), m2mock::TokenRefused>(())
    /// ```
    ///
    /// It keeps the last ten thousand entries, or 32 MiB of large ones.
    pub fn logs(&self) -> Vec<LogEntry> {
        self.tenant.logs()
    }

    /// The last ten failures of a tenant that [delivers](super::MockTenantBuilder::deliver), oldest first: the id of the stream
    /// and a reason.
    pub fn delivery_failures(&self) -> Vec<String> {
        self.tenant.delivery_failures()
    }

    /// Looks up the reason of a refusal by the number of its journal entry, for the failures of scenarios:
    /// `Target::new(…)?.with_reasons(tenant.reasons())`. From now on refusals carry that number in the header `m2mock-answer`.
    #[cfg(feature = "conformance")]
    pub fn reasons(&self) -> impl Fn(u64) -> Option<String> + Send + Sync + 'static {
        self.tenant.number_refusals();
        let tenant = Arc::clone(&self.tenant);
        move |number| tenant.reason(number)
    }

    /// The tenant's clock. The tenant uses it for everything that it issues or checks, and a test moves it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), reqwest::Error> {
    /// let tenant = m2mock::MockTenant::start();
    /// let clients = tenant.uri() + "/api/v2/clients";
    /// let token = tenant.management_token(&["read:clients"]);
    /// let read = async || reqwest::Client::new().get(&clients).bearer_auth(&token).send().await;
    /// assert_eq!(read().await?.status(), 200);
    ///
    /// // A Management API token lives for a day.
    /// tenant.clock().advance(Duration::from_secs(24 * 60 * 60));
    /// let refused = read().await?;
    /// assert_eq!(refused.status(), 401);
    /// let body: serde_json::Value = refused.json().await?;
    /// assert_eq!(body["message"], "Expired token received for JSON Web Token validation");
    ///
    /// tenant.clock().release(); // back to the machine's time, where the token is good
    /// assert_eq!(read().await?.status(), 200);
    /// # Ok(())
    /// # }
    /// ```
    pub fn clock(&self) -> &Clock {
        self.tenant.clock()
    }

    /// Restores the initial state of the tenant, including its clock, and clears the log and the journal. Expectations of the
    /// test and their counts stay.
    pub fn reset(&self) {
        self.tenant.reset();
    }

    /// Everything that later answers depend on, as a text for [`import`](super::MockTenantBuilder::import) or `m2mock serve --import`:
    /// entities, used quotas and assertions, signing keys, the clock, faults and rate limits. It contains secrets, but not the
    /// log, the journal and the Actions of the test.
    ///
    /// ```
    /// use m2mock::MockTenant;
    ///
    /// let tenant = MockTenant::start();
    /// let api = tenant.api("https://travel0.example/api").create();
    /// let bot = tenant.application("Partner bot").create();
    /// tenant.client_grant(&bot, &api).create();
    ///
    /// let again = MockTenant::builder().import(tenant.export()).start();
    /// assert!(again.token(&bot).audience(&api).request().is_ok());
    /// ```
    pub fn export(&self) -> String {
        self.tenant.export()
    }

    /// The configuration of the tenant in the layout of a [`Seed`](crate::Seed): what the sections of the deploy tool have a place for,
    /// with names in the place of ids. It has no users, no ids and no secrets; `_VALUE_NOT_SHOWN_` is in the place of a secret
    /// that an entry needs. `m2mock export` writes the same to files.
    ///
    /// ```
    /// use m2mock::{MockTenant, Seed};
    ///
    /// let tenant = MockTenant::start();
    /// tenant.organization("granite-tours").create();
    ///
    /// let seed = Seed::parse(&tenant.to_seed().to_string(), "tenant.json")?;
    /// let again = MockTenant::builder().seed(seed).start();
    /// assert_eq!(again.to_seed(), tenant.to_seed());
    /// # Ok::<(), m2mock::SeedError>(())
    /// ```
    pub fn to_seed(&self) -> Value {
        self.tenant.to_seed()
    }

    pub(super) fn addresses(&self) -> Addresses {
        Addresses {
            ip: self.server.address.ip(),
            http: self.server.address.port(),
            #[cfg(feature = "tls")]
            https: self.https.as_ref().map(|https| https.server.address.port()),
            #[cfg(not(feature = "tls"))]
            https: None,
        }
    }

    /// The `Host` header of requests to [`uri`](Self::uri).
    pub(super) fn host(&self) -> String {
        self.server.address.to_string()
    }
}

impl std::fmt::Debug for MockTenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MockTenant").field("uri", &self.uri()).field("domain", &self.domain()).finish_non_exhaustive()
    }
}

/// Verifies the expectations of the test, or explains why it failed; see [`MockTenant::verify`].
impl Drop for MockTenant {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            beside.leave(&self.tenant);
        }
        self.end();
    }
}
