//! [`AppState`]: the state that all requests of a listener share.

#[cfg(all(feature = "cli", feature = "conformance"))]
use std::net::Ipv4Addr;
use std::sync::{Arc, Weak};

use tokio::sync::Semaphore;

#[cfg(all(feature = "cli", feature = "conformance"))]
use super::addresses::Addresses;
use super::admin::Admin;
#[cfg(all(feature = "cli", feature = "conformance"))]
use super::admin::Reach;
use super::bodies::{MAX_BODIES, MAX_STATE, Room};
use super::own_ports::{Bound, OwnPorts};
use super::tasks::Tasks;
use super::tenants::{Found, Tenants};
#[cfg(feature = "tls")]
use super::tls::Tls;
use crate::api::Tenant;

/// Serves the own ports of an added tenant. `connections` passes its function down to the operation that adds a tenant,
/// because it imports the router, and the router the operations.
pub(super) type ServeOwnPorts = fn(Bound, AppState) -> OwnPorts;

/// The state that all requests of a listener share.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(super) tenants: Arc<Tenants>,
    pub(super) admin: Admin,
    pub(super) bodies: Room,
    /// The memory of imported states. They are large, so they do not share the memory of other bodies.
    pub(super) states: Room,
    /// One state is imported at a time, after its body was read.
    pub(super) turn: Arc<Semaphore>,
    /// Starts the tasks of the server.
    pub(super) tasks: Tasks,
    /// The tenant of a listener that serves one added tenant. `None` if the host name of a request selects the tenant.
    only: Option<Weak<Tenant>>,
}

impl AppState {
    pub(crate) fn new(tenants: Arc<Tenants>, admin: Admin) -> Self {
        AppState {
            tenants,
            admin,
            bodies: Room::of(MAX_BODIES),
            states: Room::of(MAX_STATE),
            turn: Arc::new(Semaphore::new(1)),
            tasks: Tasks::of_runtime(),
            only: None,
        }
    }

    /// The state of a listener for one tenant on plain HTTP. The control API answers this machine.
    #[cfg(all(feature = "cli", feature = "conformance"))]
    pub(crate) fn to_one(tenant: Arc<Tenant>, http: u16) -> Self {
        let tenants = Tenants::new(tenant, Addresses { ip: Ipv4Addr::LOCALHOST.into(), http, https: None });
        AppState::new(Arc::new(tenants), Admin::Beside(Reach::Loopback))
    }

    /// The same tenants behind a server with these tasks.
    pub(super) fn with_tasks(&self, tasks: Tasks) -> Self {
        AppState { tasks, ..self.clone() }
    }

    pub(super) fn tenants(&self) -> &Arc<Tenants> {
        &self.tenants
    }

    /// Sets the TLS configuration of the process: it makes certificates for the names of its tenants, whose own ports use it, too.
    #[cfg(feature = "tls")]
    pub(crate) fn speaks(&self, tls: &Tls) {
        let tenants = Arc::downgrade(&self.tenants);
        tls.certify_names(move |name| tenants.upgrade().is_some_and(|tenants| tenants.needs_certificate(name)));
        self.tenants.speak_over(tls);
    }

    /// The state of a listener for one added tenant, for any host name. The control API answers there as at the ports of the process.
    pub(super) fn to_added(&self, tenant: &Arc<Tenant>) -> Self {
        let admin = match self.admin {
            Admin::Alone(_) => Admin::Off,
            admin => admin,
        };
        AppState { admin, only: Some(Arc::downgrade(tenant)), ..self.clone() }
    }

    pub(super) fn tenant_at(&self, host: Option<&str>) -> Found {
        match &self.only {
            None => self.tenants.at(host),
            Some(only) => only.upgrade().map_or(Found::Removed, Found::Tenant),
        }
    }

    /// The same tenants behind another listener.
    #[cfg(feature = "cli")]
    pub(crate) fn with(&self, admin: Admin) -> Self {
        AppState { admin, ..self.clone() }
    }
}
