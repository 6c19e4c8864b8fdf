//! One step of a sequence: its request and its description.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use form_urlencoded::Serializer;
use http::{Method, Request, header};
use m2mock::http;
use m2mock::internal::{ConnectionCertificate, Pins};
use serde_json::{Value, json};

use super::bodies::{agent_body, api_body, client_body, grant_body, limit_body, quota_body};
use super::model::{
    Agent, Api, Client, DefaultOrganization, Grant, Limit, Organization, Policy, Possession, Quota, Usage,
};
use crate::forge::{Forger, PROOF_KEY, ec_jwk, forge};

pub enum Step {
    Ask(TokenRequest),
    Change(Change),
    Read(Read),
    /// A token that was given earlier, used on the Management API.
    UseToken {
        number: usize,
        organization: String,
    },
    Wait(Duration),
}

/// A request to the token endpoint.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    pub body: Body,
    /// Id and secret of the header.
    pub basic: Option<(String, String)>,
    pub parameters: Vec<(&'static str, Sent)>,
    /// A loopback address; the tenant's domain if none.
    pub host: Option<&'static str>,
    pub proof: Option<Proof>,
    /// A certificate of the connection.
    pub certificate: Option<Certificate>,
}

/// A client certificate, whose key is always the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Valid from 2026 to 2036.
    Valid,
    /// It begins at the end of 2026.
    NotYetValid,
}

impl Certificate {
    pub fn der(self) -> Vec<u8> {
        let pem = match self {
            Certificate::Valid => include_str!("../../../fixtures/credentials/certificate.pem"),
            Certificate::NotYetValid => include_str!("../../../fixtures/credentials/elliptic-certificate.pem"),
        };
        let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        STANDARD.decode(base64).expect("base64")
    }
}

/// A DPoP proof, whose key is always the same.
#[derive(Clone, Debug)]
pub struct Proof {
    pub jti: &'static str,
    pub iat: u64,
    pub htu: &'static str,
    /// Whether another key signs it than the one in its header.
    pub is_forged: bool,
}

impl Proof {
    fn jwt(&self) -> String {
        let jwk = ec_jwk(PROOF_KEY);
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk });
        let claims = json!({ "htm": "POST", "htu": self.htu, "iat": self.iat, "jti": self.jti });
        let forger = if self.is_forged { Forger::Hmac(jwk.to_string().into_bytes()) } else { Forger::Ec(PROOF_KEY) };
        forge(&header, &claims, &forger)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    Json,
    Form,
    /// A form that does not say so.
    NoType,
    /// A form that says that it is something else.
    OtherType,
    BrokenJson,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    Text(String),
    /// In JSON only.
    Null,
    /// In JSON only.
    Number(u32),
}

/// A change through the Management API.
pub enum Change {
    CreateApi(Api),
    PatchApi {
        id: String,
        change: ApiChange,
    },
    DeleteApi {
        identifier: String,
    },
    /// An agent, and the client that it is linked to at once.
    CreateAgent {
        agent: Agent,
        client: Option<String>,
    },
    DeleteAgent {
        id: String,
    },
    CreateClient(Client),
    PatchClient {
        id: String,
        change: ClientChange,
    },
    RotateSecret {
        client: String,
    },
    DeleteClient {
        id: String,
    },
    CreatePolicy(Policy),
    PatchPolicy {
        id: String,
        limit: Limit,
    },
    DeletePolicy {
        id: String,
    },
    CreateOrganization(Organization),
    PatchOrganization {
        id: String,
        change: OrganizationChange,
    },
    DeleteOrganization {
        id: String,
    },
    CreateGrant(Grant, GrantFault),
    PatchGrant {
        id: String,
        change: GrantChange,
    },
    DeleteGrant {
        id: String,
    },
    Associate {
        organization: String,
        grant: String,
    },
    Dissociate {
        organization: String,
        grant: String,
    },
    PatchSettings(SettingsChange),
}

pub enum ApiChange {
    Scopes(Vec<String>),
    DenyAll(bool),
    Lifetime(u64),
    Possession(Option<Possession>),
    AgentClaims,
    Permissions { dialect: &'static str, enforce_policies: bool },
}

pub enum ClientChange {
    DefaultOrganization(Option<DefaultOrganization>),
    /// One of the two members only.
    HalfADefaultOrganization(String),
    Quota(Option<Quota>),
    GrantTypes(Vec<String>),
    Method(&'static str),
    OrganizationUsage(Option<Usage>),
    RequirePossession(bool),
    Agent(Option<String>),
    BecomeStrict,
    BecomeFirstParty,
}

pub enum OrganizationChange {
    Name(String),
    DisplayName(String),
    Quota(Option<Quota>),
}

/// A mistake in the body of a new grant, in addition to its members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum GrantFault {
    None,
    UsageRequired,
    UsageNull,
    BothHolders,
    NoHolder,
}

/// Members that are left out are `None`; `Some(None)` is null.
#[derive(Default)]
pub struct GrantChange {
    pub scope: Option<Vec<String>>,
    pub all_scopes: Option<bool>,
    pub usage: Option<Option<Usage>>,
    pub any_organization: Option<Option<bool>>,
    /// A member that cannot change.
    pub immutable: Option<(&'static str, &'static str)>,
}

pub enum SettingsChange {
    NamesAccepted(Option<bool>),
    DefaultAudience(String),
    ReadsResource(bool),
    DefaultQuotas { clients: Option<Quota>, organizations: Option<Quota> },
    NoDefaultQuotas,
}

/// A question to the Management API.
pub enum Read {
    Grants,
    Grant(String),
    GrantsOf(String),
    OrganizationsOf(String),
    DefaultOrganizationOf(String),
}

impl TokenRequest {
    /// As it goes over the wire.
    pub fn request(&self) -> Request<Bytes> {
        let mut request = Request::post("/oauth/token");
        if let Some(host) = self.host {
            request = request.header(header::HOST, host);
        }
        if let Some(proof) = &self.proof {
            request = request.header("dpop", proof.jwt());
        }
        if let Some(certificate) = self.certificate {
            request = request.extension(ConnectionCertificate { der: certificate.der().into(), is_verified: false });
        }
        if let Some((id, secret)) = &self.basic {
            request =
                request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))));
        }
        let content_type = match self.body {
            Body::Json | Body::BrokenJson => Some("application/json"),
            Body::Form => Some("application/x-www-form-urlencoded"),
            Body::NoType => None,
            Body::OtherType => Some("text/plain"),
        };
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let body = match self.body {
            Body::Json => self.json(),
            Body::BrokenJson => self.json().replacen('{', "{,", 1),
            Body::Form | Body::NoType | Body::OtherType => self.form(),
        };
        request.body(Bytes::from(body)).expect("a request")
    }

    /// Written by hand, as a key may come twice.
    fn json(&self) -> String {
        let members: Vec<String> = self
            .parameters
            .iter()
            .map(|(name, sent)| match sent {
                Sent::Text(text) => format!("\"{name}\":{}", json!(text)),
                Sent::Null => format!("\"{name}\":null"),
                Sent::Number(number) => format!("\"{name}\":{number}"),
            })
            .collect();
        format!("{{{}}}", members.join(","))
    }

    fn form(&self) -> String {
        let mut form = Serializer::new(String::new());
        for (name, sent) in &self.parameters {
            if let Sent::Text(text) = sent {
                form.append_pair(name, text);
            }
        }
        form.finish()
    }
}

impl Change {
    /// Method, path, body, and the pinned ids and secrets.
    pub fn operation(&self) -> (Method, String, Value, Pins) {
        let create = |path: &str, body: Value, id: &str, secret: Option<&str>| {
            let pins = Pins { id: Some(id.to_owned()), secret: secret.map(str::to_owned) };
            (Method::POST, path.to_owned(), body, pins)
        };
        let plain = |method: Method, path: String, body: Value| (method, path, body, Pins::default());
        match self {
            Change::CreateApi(api) => create("/resource-servers", api_body(api), &api.id, None),
            Change::PatchApi { id, change } => plain(Method::PATCH, format!("/resource-servers/{id}"), change.body()),
            Change::DeleteApi { identifier } => {
                let segment = identifier.replace('/', "%2F").replace(':', "%3A");
                plain(Method::DELETE, format!("/resource-servers/{segment}"), Value::Null)
            }
            Change::CreateAgent { agent, client } => {
                create("/agents", agent_body(agent, client.as_deref()), &agent.id, None)
            }
            Change::DeleteAgent { id } => plain(Method::DELETE, format!("/agents/{id}"), Value::Null),
            Change::CreateClient(client) => create("/clients", client_body(client), &client.id, Some(&client.secret)),
            Change::PatchClient { id, change } => plain(Method::PATCH, format!("/clients/{id}"), change.body()),
            Change::RotateSecret { client } => {
                plain(Method::POST, format!("/clients/{client}/rotate-secret"), Value::Null)
            }
            Change::DeleteClient { id } => plain(Method::DELETE, format!("/clients/{id}"), Value::Null),
            Change::CreatePolicy(policy) => {
                let body = json!({
                    "resource": "oauth_authentication_api", "consumer": "client", "consumer_selector": policy.selector,
                    "configuration": limit_body(policy.limit),
                });
                create("/rate-limit-policies", body, &policy.id, None)
            }
            Change::PatchPolicy { id, limit } => plain(
                Method::PATCH,
                format!("/rate-limit-policies/{id}"),
                json!({ "configuration": limit_body(*limit) }),
            ),
            Change::DeletePolicy { id } => plain(Method::DELETE, format!("/rate-limit-policies/{id}"), Value::Null),
            Change::CreateOrganization(organization) => {
                let mut body = json!({ "name": organization.name, "display_name": organization.display_name });
                if let Some(quota) = organization.quota {
                    body["token_quota"] = quota_body(quota);
                }
                create("/organizations", body, &organization.id, None)
            }
            Change::PatchOrganization { id, change } => {
                let body = match change {
                    OrganizationChange::Name(name) => json!({ "name": name }),
                    OrganizationChange::DisplayName(name) => json!({ "display_name": name }),
                    OrganizationChange::Quota(quota) => json!({ "token_quota": quota.map(quota_body) }),
                };
                plain(Method::PATCH, format!("/organizations/{id}"), body)
            }
            Change::DeleteOrganization { id } => plain(Method::DELETE, format!("/organizations/{id}"), Value::Null),
            Change::CreateGrant(grant, fault) => create("/client-grants", grant_body(grant, *fault), &grant.id, None),
            Change::PatchGrant { id, change } => plain(Method::PATCH, format!("/client-grants/{id}"), change.body()),
            Change::DeleteGrant { id } => plain(Method::DELETE, format!("/client-grants/{id}"), Value::Null),
            Change::Associate { organization, grant } => plain(
                Method::POST,
                format!("/organizations/{organization}/client-grants"),
                json!({ "grant_id": grant }),
            ),
            Change::Dissociate { organization, grant } => {
                plain(Method::DELETE, format!("/organizations/{organization}/client-grants/{grant}"), Value::Null)
            }
            Change::PatchSettings(change) => plain(Method::PATCH, "/tenants/settings".to_owned(), change.body()),
        }
    }
}

impl Read {
    pub fn path(&self) -> String {
        match self {
            Read::Grants => "/client-grants?per_page=100".to_owned(),
            Read::Grant(id) => format!("/client-grants/{id}"),
            Read::GrantsOf(organization) => format!("/organizations/{organization}/client-grants?include_totals=true"),
            Read::OrganizationsOf(grant) => format!("/client-grants/{grant}/organizations?include_totals=true"),
            Read::DefaultOrganizationOf(client) => format!("/clients/{client}?fields=default_organization"),
        }
    }
}

/// A line of what happened.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Ask(request) => write!(f, "{request}"),
            Step::Change(change) => {
                let (method, path, body, pins) = change.operation();
                write!(f, "{method} {path}")?;
                if !body.is_null() {
                    write!(f, " {body}")?;
                }
                pins.id.map_or(Ok(()), |id| write!(f, " as {id}"))
            }
            Step::Read(read) => write!(f, "GET {}", read.path()),
            Step::UseToken { number, organization } => {
                write!(f, "GET /organizations/{organization} with token number {number}")
            }
            Step::Wait(time) => write!(f, "{} seconds go by", time.as_secs()),
        }
    }
}

impl fmt::Display for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ask for a token ({:?}", self.body)?;
        if let Some((id, secret)) = &self.basic {
            write!(f, ", in the header {id}:{secret}")?;
        }
        if let Some(host) = self.host {
            write!(f, ", at {host}")?;
        }
        if let Some(proof) = &self.proof {
            write!(f, ", {proof:?}")?;
        }
        if let Some(certificate) = self.certificate {
            write!(f, ", with a certificate: {certificate:?}")?;
        }
        f.write_str(") with")?;
        for (name, sent) in &self.parameters {
            match sent {
                Sent::Text(text) => write!(f, " {name}={text:?}")?,
                Sent::Null => write!(f, " {name}=null")?,
                Sent::Number(number) => write!(f, " {name}={number}")?,
            }
        }
        Ok(())
    }
}
