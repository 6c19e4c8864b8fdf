//! Creates entities for a test: APIs, applications, organizations and client grants.
//!
//! Each function performs an operation of the Management API as the tenant's owner, with the validation and the rules of HTTP,
//! but without token and socket. A refusal is an error in the test, so the function panics with the vendor's sentence. To test
//! a refusal, use [`MockTenant::perform`] or HTTP.

use std::fmt;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::MockTenant;
use crate::api::{ApiError, Pins};
use crate::domain::OrganizationUsage;

/// An API (in the Management API: a resource server).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Api {
    /// 24 hexadecimal digits.
    pub id: String,
    /// The `audience` of token requests.
    pub identifier: String,
}

/// An application (in the Management API: a client).
#[derive(Clone)]
#[non_exhaustive]
pub struct Application {
    /// The `client_id` of token requests.
    pub client_id: String,
    /// The `client_secret`; empty for a public client, and for one that authenticates with a key.
    pub client_secret: String,
}

/// Omits the secret, so that a failing assertion does not print it.
impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// An organization.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Organization {
    /// `org_…`, the `org_id` of tokens.
    pub id: String,
    /// The unique name, the `org_name` of tokens where the tenant allows names.
    pub name: String,
}

/// The permission of an application to request tokens for an API.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientGrant {
    /// `cgr_…`
    pub id: String,
    /// The application.
    pub client_id: String,
    /// The identifier of the API.
    pub audience: String,
}

impl Api {
    /// An API that the tenant has already, such as one of a seed.
    pub fn new(id: impl Into<String>, identifier: impl Into<String>) -> Api {
        Api { id: id.into(), identifier: identifier.into() }
    }
}

impl Application {
    /// An application that the tenant has already, such as one of a seed.
    ///
    /// ```
    /// use m2mock::{Application, MockTenant, Seed};
    ///
    /// let seed = r#"{ "clients": [{ "name": "bot", "x-m2mock": { "client_id": "bot", "client_secret": "bot-secret" } }] }"#;
    /// let tenant = MockTenant::builder().seed(Seed::parse(seed, "bot.json")?).start();
    /// let refused = tenant.token(&Application::new("bot", "another-secret")).audience("https://trips.example").request();
    /// assert_eq!(refused.unwrap_err().status, 401);
    /// # Ok::<(), m2mock::SeedError>(())
    /// ```
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<String>) -> Application {
        Application { client_id: client_id.into(), client_secret: client_secret.into() }
    }
}

impl Organization {
    /// An organization that the tenant has already, such as one of a seed.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Organization {
        Organization { id: id.into(), name: name.into() }
    }
}

impl ClientGrant {
    /// A client grant that the tenant has already, such as one of a seed.
    pub fn new(id: impl Into<String>, application: &Application, api: &Api) -> ClientGrant {
        ClientGrant { id: id.into(), client_id: application.into(), audience: api.into() }
    }
}

/// For `.for_client(&application)` of faults and journal filters.
impl From<&Application> for String {
    fn from(application: &Application) -> String {
        application.client_id.clone()
    }
}

/// For `.audience(&api)` of a token request.
impl From<&Api> for String {
    fn from(api: &Api) -> String {
        api.identifier.clone()
    }
}

/// For `.organization(&organization)` of a token request, which sends the id.
impl From<&Organization> for String {
    fn from(organization: &Organization) -> String {
        organization.id.clone()
    }
}

impl MockTenant {
    /// An API with this identifier.
    pub fn api(&self, identifier: impl Into<String>) -> ApiBuilder<'_> {
        ApiBuilder(EntityBuilder::new(self, "/resource-servers", "identifier", identifier.into()))
    }

    /// A machine-to-machine application with this name.
    pub fn application(&self, name: impl Into<String>) -> ApplicationBuilder<'_> {
        let draft = EntityBuilder::new(self, "/clients", "name", name.into());
        ApplicationBuilder(
            draft.with("app_type", json!("non_interactive")).with("grant_types", json!(["client_credentials"])),
        )
    }

    /// An organization with this name (lower case letters, digits, `-` and `_`).
    pub fn organization(&self, name: impl Into<String>) -> OrganizationBuilder<'_> {
        OrganizationBuilder(EntityBuilder::new(self, "/organizations", "name", name.into()))
    }

    /// A client grant: the permission of this application to request tokens for this API.
    pub fn client_grant(&self, application: &Application, api: &Api) -> ClientGrantBuilder<'_> {
        let draft = EntityBuilder::new(self, "/client-grants", "client_id", application.client_id.clone());
        ClientGrantBuilder(draft.with("audience", json!(api.identifier)).with("scope", json!([])))
    }

    /// Associates the organization with the grant: the application may then request tokens for it.
    #[track_caller]
    pub fn associate(&self, organization: &Organization, grant: &ClientGrant) {
        let path = format!("/organizations/{}/client-grants", segment(&organization.id));
        self.owner(&Method::POST, &path, json!({ "grant_id": grant.id }), Pins::default());
    }

    /// Sets the organization that applies if a request names none and the grant requires one.
    #[track_caller]
    pub fn set_default_organization(&self, application: &Application, organization: &Organization) {
        let path = format!("/clients/{}", segment(&application.client_id));
        let default = json!({ "organization_id": organization.id, "flows": ["client_credentials"] });
        self.owner(&Method::PATCH, &path, json!({ "default_organization": default }), Pins::default());
    }

    /// Changes tenant settings: the body of `PATCH /tenants/settings`.
    #[track_caller]
    pub fn update_settings(&self, settings: Value) {
        self.owner(&Method::PATCH, "/tenants/settings", settings, Pins::default());
    }

    /// Allows token requests to contain names of organizations (R27).
    #[track_caller]
    pub fn allow_organization_names(&self) {
        self.update_settings(json!({ "allow_organization_name_in_authentication_api": true }));
    }

    /// Performs any operation of the Management API as the tenant's owner. The path is relative to `/api/v2`.
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// use m2mock::http::Method;
    /// use serde_json::json;
    ///
    /// let refused = tenant.perform(Method::POST, "/organizations", json!({})).unwrap_err();
    /// assert_eq!(refused.status(), 400);
    /// ```
    pub fn perform(&self, method: Method, path: &str, body: Value) -> Result<Value, ApiError> {
        self.tenant.perform(method, path, body, Pins::default())
    }

    #[track_caller]
    fn owner(&self, method: &Method, path: &str, body: Value, pins: Pins) -> Value {
        match self.tenant.perform(method.clone(), path, body, pins) {
            Ok(answer) => answer,
            Err(error) => panic!("{method} {path} is refused with {}: {error}", error.status),
        }
    }
}

/// The body of an entity, and its pinned id.
struct EntityBuilder<'t> {
    tenant: &'t MockTenant,
    path: &'static str,
    body: Map<String, Value>,
    pins: Pins,
}

/// Shows only the names of the members: a value may be a secret.
impl fmt::Debug for EntityBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members: Vec<&String> = self.body.keys().collect();
        f.debug_struct("EntityBuilder").field("path", &self.path).field("members", &members).finish_non_exhaustive()
    }
}

impl<'t> EntityBuilder<'t> {
    fn new(tenant: &'t MockTenant, path: &'static str, key: &str, value: impl Into<Value>) -> Self {
        let body = Map::from_iter([(key.to_owned(), value.into())]);
        EntityBuilder { tenant, path, body, pins: Pins::default() }
    }

    fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.body.insert(member.to_owned(), value.into());
        self
    }

    fn id(mut self, id: String) -> Self {
        self.pins.id = Some(id);
        self
    }

    #[track_caller]
    fn create(self) -> Value {
        self.tenant.owner(&Method::POST, self.path, Value::Object(self.body), self.pins)
    }
}

/// Builds an API.
#[derive(Debug)]
#[must_use = "nothing exists until create() is called"]
pub struct ApiBuilder<'t>(EntityBuilder<'t>);

impl ApiBuilder<'_> {
    /// The permissions that the API defines.
    pub fn scopes<S: Into<String>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        let scopes: Vec<Value> = scopes.into_iter().map(|scope| json!({ "value": scope.into() })).collect();
        self.with("scopes", scopes)
    }

    /// The lifetime of its tokens in seconds.
    pub fn token_lifetime(self, seconds: u32) -> Self {
        self.with("token_lifetime", json!(seconds))
    }

    /// Its id; by default random.
    pub fn id(self, id: impl Into<String>) -> Self {
        ApiBuilder(self.0.id(id.into()))
    }

    /// Any other member of the body of `POST /resource-servers`.
    pub fn with(self, member: &str, value: impl Into<Value>) -> Self {
        ApiBuilder(self.0.with(member, value))
    }

    /// Creates the entity.
    ///
    /// # Panics
    ///
    /// If the tenant refuses it, with the vendor's sentence.
    #[track_caller]
    pub fn create(self) -> Api {
        let answer = self.0.create();
        Api { id: text(&answer, "id"), identifier: text(&answer, "identifier") }
    }
}

/// Builds an application.
#[derive(Debug)]
#[must_use = "nothing exists until create() is called"]
pub struct ApplicationBuilder<'t>(EntityBuilder<'t>);

impl ApplicationBuilder<'_> {
    /// Its client id; by default random.
    pub fn client_id(self, id: impl Into<String>) -> Self {
        ApplicationBuilder(self.0.id(id.into()))
    }

    /// Its secret; by default random.
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.0.pins.secret = Some(secret.into());
        self
    }

    /// Authenticates with assertions signed by this key (`private_key_jwt`) instead of a secret: a public key or a certificate in
    /// PEM, used with RS256. For other credentials, use [`with`](Self::with) `client_authentication_methods`.
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// # const PEM: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/credentials/public-key.pem"));
    /// let api = tenant.api("https://travel0.example/api").create();
    /// let application = tenant.application("Partner bot").public_key(PEM).create();
    ///
    /// // What the service under test signs goes to `tenant.uri() + "/oauth/token"`, with `tenant.issuer()` as its `aud`,
    /// // or here. The wire says no more than `invalid_client`; the reason is beside it:
    /// let refused = tenant.token(&application).audience(&api).client_assertion("forged").request().unwrap_err();
    /// assert_eq!(refused.error, "invalid_client");
    /// assert!(refused.why.ends_with("must be a JSON Web Token in the compact form"));
    /// ```
    pub fn public_key(self, pem: impl Into<String>) -> Self {
        let credential = json!({ "credential_type": "public_key", "pem": pem.into() });
        self.with("client_authentication_methods", json!({ "private_key_jwt": { "credentials": [credential] } }))
    }

    /// Any other member of the body of `POST /clients`.
    pub fn with(self, member: &str, value: impl Into<Value>) -> Self {
        ApplicationBuilder(self.0.with(member, value))
    }

    /// Creates the entity.
    ///
    /// # Panics
    ///
    /// If the tenant refuses it, with the vendor's sentence.
    #[track_caller]
    pub fn create(self) -> Application {
        let answer = self.0.create();
        Application { client_id: text(&answer, "client_id"), client_secret: text(&answer, "client_secret") }
    }
}

/// Builds an organization.
#[derive(Debug)]
#[must_use = "nothing exists until create() is called"]
pub struct OrganizationBuilder<'t>(EntityBuilder<'t>);

impl OrganizationBuilder<'_> {
    /// The display name. It never matches in a token request (R30).
    pub fn display_name(self, display_name: impl Into<String>) -> Self {
        self.with("display_name", json!(display_name.into()))
    }

    /// Its id; by default random.
    pub fn id(self, id: impl Into<String>) -> Self {
        OrganizationBuilder(self.0.id(id.into()))
    }

    /// Any other member of the body of `POST /organizations`.
    pub fn with(self, member: &str, value: impl Into<Value>) -> Self {
        OrganizationBuilder(self.0.with(member, value))
    }

    /// Creates the entity.
    ///
    /// # Panics
    ///
    /// If the tenant refuses it, with the vendor's sentence.
    #[track_caller]
    pub fn create(self) -> Organization {
        let answer = self.0.create();
        Organization { id: text(&answer, "id"), name: text(&answer, "name") }
    }
}

/// Builds a client grant.
#[derive(Debug)]
#[must_use = "nothing exists until create() is called"]
pub struct ClientGrantBuilder<'t>(EntityBuilder<'t>);

impl ClientGrantBuilder<'_> {
    /// The scopes of the grant; by default none.
    pub fn scopes<S: Into<String>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        let scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        self.with("scope", json!(scopes))
    }

    /// Whether requests may, must or must not name an organization; by default they must not (R2).
    pub fn organization_usage(self, usage: OrganizationUsage) -> Self {
        self.with("organization_usage", json!(usage.as_str()))
    }

    /// Whether every organization is allowed, associated or not.
    pub fn allow_any_organization(self, allow: bool) -> Self {
        self.with("allow_any_organization", json!(allow))
    }

    /// Its id; by default random.
    pub fn id(self, id: impl Into<String>) -> Self {
        ClientGrantBuilder(self.0.id(id.into()))
    }

    /// Any other member of the body of `POST /client-grants`.
    pub fn with(self, member: &str, value: impl Into<Value>) -> Self {
        ClientGrantBuilder(self.0.with(member, value))
    }

    /// Creates the entity.
    ///
    /// # Panics
    ///
    /// If the tenant refuses it, with the vendor's sentence.
    #[track_caller]
    pub fn create(self) -> ClientGrant {
        let answer = self.0.create();
        ClientGrant {
            id: text(&answer, "id"),
            client_id: text(&answer, "client_id"),
            audience: text(&answer, "audience"),
        }
    }
}

/// A pinned id may contain any character; in a path it is one segment.
pub(super) fn segment(id: &str) -> String {
    utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
}

/// Empty if the answer does not have it, such as the secret of a public client.
fn text(answer: &Value, member: &str) -> String {
    answer[member].as_str().unwrap_or_default().to_owned()
}
