//! The tenant that the tests talk to, and the story that it was started with (`fixtures/tenants/travel0.yaml`).

use std::{env, fs};

use oauth2::http::{Method, StatusCode};
use oauth2::reqwest::Certificate;
use oauth2::reqwest::blocking::Client;
use oauth2::reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::{Application, CLIENTS};

/// Where the tenant is, and a client that trusts it.
pub struct Tenant {
    pub issuer: String,
    pub http: Client,
    management: Value,
}

impl Tenant {
    /// The one of the ready file, reached by its address: its certificate names it too.
    pub fn of_ready_file() -> Tenant {
        let ready: Value = serde_json::from_slice(&read("M2MOCK_READY_FILE")).unwrap();
        let authority = Certificate::from_pem(&read("M2MOCK_CA_FILE")).unwrap();
        let http = Client::builder().add_root_certificate(authority).redirect(Policy::none()).build().unwrap();
        let issuer = format!("{}/", ready["https_base_url"].as_str().unwrap());
        Tenant { issuer, http, management: ready["management"].clone() }
    }

    /// The Management API, opened by the application of the ready file.
    pub fn management(&self) -> Management<'_> {
        let member = |name: &str| self.management[name].as_str().unwrap();
        let application = Application {
            id: member("client_id"),
            secret: member("client_secret"),
            audience: member("audience"),
            organization: None,
        };
        let (_, ask) = CLIENTS[0];
        Management { tenant: self, token: ask(self, &application).unwrap() }
    }
}

fn read(variable: &str) -> Vec<u8> {
    let file = env::var_os(variable).unwrap_or_else(|| panic!("{variable} names the file; tests/clients/run sets it"));
    fs::read(file).unwrap()
}

/// The few operations that the story takes.
pub struct Management<'a> {
    tenant: &'a Tenant,
    token: String,
}

impl Management<'_> {
    /// Makes an organization and gives its id.
    pub fn create_organization(&self, name: &str) -> String {
        let made = self.send(Method::POST, "organizations", Some(json!({ "name": name })), StatusCode::CREATED);
        made["id"].as_str().unwrap().to_owned()
    }

    pub fn associate(&self, organization: &str, grant: &str) {
        let path = format!("organizations/{organization}/client-grants");
        self.send(Method::POST, &path, Some(json!({ "grant_id": grant })), StatusCode::CREATED);
    }

    pub fn revoke(&self, organization: &str, grant: &str) {
        let path = format!("organizations/{organization}/client-grants/{grant}");
        self.send(Method::DELETE, &path, None, StatusCode::NO_CONTENT);
    }

    fn send(&self, method: Method, path: &str, body: Option<Value>, expected: StatusCode) -> Value {
        let url = format!("{}api/v2/{path}", self.tenant.issuer);
        let mut request = self.tenant.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().unwrap();
        let (status, body) = (answer.status(), answer.bytes().unwrap());
        assert_eq!(status, expected, "{path}: {}", String::from_utf8_lossy(&body));
        if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() }
    }
}
