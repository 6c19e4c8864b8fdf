//! Token requests of a test without an HTTP client: the same request and answer, and the reason of a refusal, which is not in
//! the answer.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, Request};
use serde_json::{Map, Value, json};

use super::{Application, MockTenant};
use crate::api::{ASSERTION_TYPE, TOKEN_PATH, refused_by};

impl MockTenant {
    /// Requests a token as this application, as if through [`uri`](Self::uri).
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// let api = tenant.api("https://travel0.example/api").create();
    /// let stranger = tenant.application("Stranger").create();
    ///
    /// let refused = tenant.token(&stranger).audience(&api).request().unwrap_err();
    /// assert_eq!((refused.status, refused.error.as_str()), (403, "access_denied"));
    /// ```
    pub fn token(&self, application: &Application) -> TokenRequest<'_> {
        TokenRequest { tenant: self, body: Map::new() }
            .with("grant_type", "client_credentials")
            .with("client_id", &application.client_id)
            .with("client_secret", &application.client_secret)
    }
}

/// Builds a token request.
#[must_use = "nothing is asked until request() is called"]
pub struct TokenRequest<'t> {
    tenant: &'t MockTenant,
    body: Map<String, Value>,
}

/// Shows only the names of the parameters: a value may be a secret.
impl fmt::Debug for TokenRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: Vec<&String> = self.body.keys().collect();
        f.debug_struct("TokenRequest").field("parameters", &parameters).finish_non_exhaustive()
    }
}

impl TokenRequest<'_> {
    /// The API the token is for: an [`Api`](super::Api) or its identifier.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.with("audience", audience.into())
    }

    /// The organization of the token: an [`Organization`](super::Organization), its id, or its name if the tenant allows names.
    pub fn organization(self, organization: impl Into<String>) -> Self {
        self.with("organization", organization.into())
    }

    /// The requested scopes; by default all scopes of the grant.
    pub fn scopes<S: Into<String>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        let scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        self.with("scope", scopes.join(" "))
    }

    /// The assertion that authenticates the application instead of its secret.
    pub fn client_assertion(mut self, assertion: impl Into<String>) -> Self {
        self.body.remove("client_secret");
        self.with("client_assertion_type", ASSERTION_TYPE).with("client_assertion", assertion)
    }

    /// Sets any parameter, also those of the application (`client_secret`, `grant_type`).
    pub fn with(mut self, parameter: &str, value: impl Into<String>) -> Self {
        self.body.insert(parameter.to_owned(), Value::String(value.into()));
        self
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// The refusal of the token endpoint.
    pub fn request(self) -> Result<Token, TokenRefused> {
        let mut request = Request::new(Bytes::from(json!(self.body).to_string()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = http::Uri::from_static(TOKEN_PATH);
        request.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        let host = self.tenant.host().parse().expect("an address is a header value");
        request.headers_mut().insert(HOST, host);

        let (response, entry) = self.tenant.tenant.answer_and_tell(&request);
        let decision = entry.token.unwrap_or_default();
        let status = response.status().as_u16();
        let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
        if status != 200 {
            return Err(TokenRefused {
                status,
                error: text("error"),
                description: text("error_description"),
                rules: decision.rules,
                why: decision.why.into(),
            });
        }

        let access_token = text("access_token");
        Ok(Token {
            header: part(&access_token, 0),
            claims: part(&access_token, 1),
            expires_in: answer["expires_in"].as_i64().unwrap_or_default(),
            scopes: text("scope").split_whitespace().map(str::to_owned).collect(),
            access_token,
            rules: decision.rules,
            why: decision.why.into(),
        })
    }
}

/// A token that was granted.
#[derive(Clone)]
#[non_exhaustive]
pub struct Token {
    /// The token itself, for an `Authorization: Bearer` header.
    pub access_token: String,
    /// The header of the token, with key id and algorithm. Of an encrypted token, the header of the JWE.
    pub header: Value,
    /// The claims of the token, read without checking the signature. Null if the token is encrypted.
    pub claims: Value,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The lifetime in seconds.
    pub expires_in: i64,
    /// The ids of the rules of the decision; the decisive one first.
    pub rules: Vec<&'static str>,
    /// The facts, in one sentence.
    pub why: String,
}

/// Omits the token, so that a failing assertion does not print a credential.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("claims", &self.claims)
            .field("rules", &self.rules)
            .field("why", &self.why)
            .finish_non_exhaustive()
    }
}

/// A refused token request: the answer, and the reason that is not in the answer.
///
/// It prints as one sentence that names the rules and the facts, so that a test that expected a token fails with it.
///
/// ```
/// # let tenant = m2mock::MockTenant::start();
/// # let api = tenant.api("https://travel0.example/api").create();
/// # let bot = tenant.application("Partner bot").create();
/// let refused = tenant.token(&bot).audience(&api).request().unwrap_err();
/// let sentence = refused.to_string(); // and what `unwrap` would have said
/// assert!(sentence.starts_with("403 access_denied: Client \""));
/// assert!(sentence.contains("; refused by R70: client "));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenRefused {
    /// The HTTP status.
    pub status: u16,
    /// The code, such as `access_denied`.
    pub error: String,
    /// The sentence of the vendor.
    pub description: String,
    /// The ids of the rules of the refusal; the decisive one first. They are not in the answer.
    pub rules: Vec<&'static str>,
    /// The facts in one sentence. They are not in the answer.
    pub why: String,
}

impl fmt::Display for TokenRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TokenRefused { status, error, description, rules, why } = self;
        write!(f, "{status} {error}: {description}; {}: {why}", refused_by(rules))
    }
}

/// `unwrap` prints the same sentence.
impl fmt::Debug for TokenRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for TokenRefused {}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap_or_default();
    URL_SAFE_NO_PAD.decode(part).ok().and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
}
