//! [`AdminOperation`]: a row of the control API, its request and its reply.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::Value;

use crate::api::{ApiError, Tenant};
use crate::server::app_state::{AppState, ServeOwnPorts};
use crate::server::own_ports::Bound;
use crate::server::tenants::Tenants;

/// A row of the control API.
pub(super) struct AdminOperation {
    pub(super) method: Method,
    /// The path below the prefix and the version. The last segment may be a parameter, in braces.
    pub(super) path: &'static str,
    /// The `operationId`, which generators of clients use.
    pub(super) id: &'static str,
    /// A description of one sentence.
    pub(super) summary: &'static str,
    /// The parameters of the query: name, name of the schema, description.
    pub(super) query: &'static [(&'static str, &'static str, &'static str)],
    /// The name of the schema of the body, and an example of one.
    pub(super) body: Option<(&'static str, &'static str)>,
    /// Every status, with the name of the schema of its body if it has one.
    pub(super) answers: &'static [(StatusCode, Option<&'static str>)],
    /// Whether the body may be as large as a state.
    pub(super) brings_state: bool,
    pub(super) run: fn(&AdminRequest<'_>) -> Result<AdminReply, ApiError>,
}

/// A request for an operation.
pub(super) struct AdminRequest<'r> {
    pub(super) tenant: &'r Tenant,
    /// The server that received it.
    pub(super) app: &'r AppState,
    pub(super) serve_own_ports: ServeOwnPorts,
    /// The last segment of the path, if the row has a parameter there.
    pub(super) id: &'r str,
    pub(super) query: &'r str,
    pub(super) body: &'r [u8],
}

impl AdminRequest<'_> {
    pub(super) fn tenants(&self) -> &Tenants {
        self.app.tenants()
    }

    /// Adds the tenant of the body, with its own ports if the body requests some.
    pub(super) fn add_tenant(&self) -> Result<Value, ApiError> {
        let serve = |bound: Bound, tenant: &Arc<Tenant>| (self.serve_own_ports)(bound, self.app.to_added(tenant));
        self.tenants().add(self.json()?, serve)
    }

    pub(super) fn json(&self) -> Result<Value, ApiError> {
        serde_json::from_slice(self.body).map_err(|_| ApiError::unreadable_json())
    }
}

/// The answer of an operation.
pub(super) enum AdminReply {
    NoContent,
    Ok(String),
    Created(String),
}
