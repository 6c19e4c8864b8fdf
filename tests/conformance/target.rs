//! The tenant under test, known by its address and one application that may use its Management
//! API. Nothing here knows what serves that address.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// The runner builds each scenario's world itself, so the target has to be reachable from there.
static TARGET: OnceLock<Target> = OnceLock::new();

/// The tenant under test speaks plain HTTP. The client still wants to know how TLS is spoken, and there is no default for
/// that in this process.
fn no_tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap_or_else(|error| panic!("no TLS: {error}"))
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

#[derive(Debug)]
pub struct Target {
    base: String,
    client_id: String,
    client_secret: String,
    audience: String,
    http: reqwest::Client,
    management_token: OnceCell<String>,
}

impl Target {
    /// `base` has no slash at its end.
    pub fn new(base: &str, client_id: &str, client_secret: &str, audience: &str) -> Target {
        // A proxy named by the environment must not come between the scenarios and a local tenant.
        let http = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(no_tls()).build();
        let http = http.unwrap_or_else(|error| panic!("no HTTP client: {error}"));
        Target {
            base: base.trim_end_matches('/').to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            audience: audience.to_owned(),
            http,
            management_token: OnceCell::new(),
        }
    }

    pub fn set(target: Target) {
        TARGET.set(target).unwrap_or_else(|_| panic!("the tenant under test is set once"));
    }

    pub fn current() -> &'static Target {
        TARGET.get().unwrap_or_else(|| panic!("the tenant under test is set before the first scenario"))
    }

    /// What scenarios may refer to as `{tenant.…}` and `{management.…}`.
    pub fn facts(&self) -> [(&'static str, Value); 2] {
        [
            ("tenant", json!({ "uri": self.base, "issuer": format!("{}/", self.base) })),
            ("management", json!({ "audience": self.audience, "client_id": self.client_id })),
        ]
    }

    /// A request for `path`, which begins with a slash.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// How many there are of everything that scenarios make.
    pub async fn inventory(&self) -> Vec<(&'static str, Value)> {
        let token = self.management_token().await;
        let mut totals = Vec::new();
        for list in ["/clients", "/client-grants", "/organizations", "/resource-servers", "/roles", "/users"] {
            let path = format!("/api/v2{list}?per_page=1&include_totals=true");
            let answer = send(self.request(Method::GET, &path).bearer_auth(token)).await;
            totals.push((list, answer.body["total"].clone()));
        }
        totals
    }

    /// A token with every scope of the Management API, asked for once.
    pub async fn management_token(&self) -> &str {
        self.management_token
            .get_or_init(|| async {
                let answer = send(self.request(Method::POST, "/oauth/token").json(&json!({
                    "grant_type": "client_credentials",
                    "client_id": self.client_id,
                    "client_secret": self.client_secret,
                    "audience": self.audience,
                })))
                .await;
                match answer.body["access_token"].as_str() {
                    Some(token) => token.to_owned(),
                    None => panic!("the management application got no token: {answer}"),
                }
            })
            .await
    }
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// The text as JSON, or null where it is none.
    pub body: Value,
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.text)
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap_or_else(|error| panic!("no answer: {error:?}"));
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.unwrap_or_else(|error| panic!("the answer broke off: {error:?}"));
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, text, body }
}

/// The value of an `Authorization` header for HTTP Basic.
pub fn basic(client_id: &str, client_secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{client_id}:{client_secret}")))
}

/// One part of a token: 0 is its header, 1 are its claims.
pub fn token_part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap_or_else(|| panic!("not a JSON Web Token: {token}"));
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .unwrap_or_else(|error| panic!("part {index} of the token is not base64url: {error}"));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("part {index} of the token is not JSON: {error}"))
}
