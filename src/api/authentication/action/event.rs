//! The event of an Action: the token request that the tenant is about to grant.

use serde_json::{Map, Value};

/// `event`. The members have the names of the documentation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// `event.accessToken`
    pub access_token: AccessToken,
    /// `event.agent`, if the client has an agent.
    pub agent: Option<Agent>,
    /// `event.client`
    pub client: Client,
    /// `event.organization`, where one applies, named in the request or not.
    pub organization: Option<Organization>,
    /// `event.request`
    pub request: Request,
    /// `event.resource_server`
    pub resource_server: ResourceServer,
    /// `event.tenant`
    pub tenant: Tenant,
    /// `event.transaction`
    pub transaction: Transaction,
}

/// The token that is about to be given.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AccessToken {
    /// `customClaims`: what earlier Actions have added.
    pub custom_claims: Map<String, Value>,
    /// Its scopes, before any Action.
    pub scope: Vec<String>,
}

/// The agent of the client.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Agent {
    /// `agt_…`
    pub agent_id: String,
    /// Its `metadata`; empty if it has none.
    pub agent_metadata: Map<String, Value>,
    /// Its name.
    pub name: String,
}

/// The client of the request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Client {
    /// Its id.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// Its `client_metadata`; empty if it has none.
    pub metadata: Map<String, Value>,
}

/// The organization that the token is bound to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Organization {
    /// `org_…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its display name, if it has one.
    pub display_name: Option<String>,
    /// Its metadata; empty if it has none.
    pub metadata: Map<String, Value>,
}

/// The token request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// The parameters as they were sent, those included that the token endpoint does not read, and without
    /// `client_secret` and `client_assertion`.
    pub body: Map<String, Value>,
    /// The host name of the request, without a port.
    pub hostname: Option<String>,
    /// `POST`
    pub method: String,
    /// The header `User-Agent`.
    pub user_agent: Option<String>,
}

/// The API that the token is for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResourceServer {
    /// Its identifier.
    pub identifier: String,
}

/// The tenant.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tenant {
    /// Its name: the first part of its domain.
    pub id: String,
}

/// The requested token, and its scopes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Transaction {
    /// The scopes that the request names, if any.
    pub requested_scopes: Vec<String>,
    /// The scopes that the token is going to have, with what earlier Actions have changed. Without a `scope` in the
    /// request these are the scopes of the client grant.
    pub target_scopes: Vec<String>,
}
