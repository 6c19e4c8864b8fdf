//! The server: a tenant on a socket, and the handles for tests.
//!
//! [`MockTenant`] is the server of one test, with its own port and state; `builder` configures it, and `thread` has the threads that
//! all of them share. `tasks` starts the tasks of a server and ends them with it.
//!
//! A request passes through `connections` (accepts), `incoming` (checks the bytes), `bodies` (bounds the memory of bodies) and
//! `router`, which calls [`Tenant::answer`](crate::api::Tenant::answer). `admin` is the control API below `/__admin`. `tenants`
//! selects the tenant of a host name, `own_ports` has the ports of an added tenant, `delivery` sends the requests of streams and
//! `config` checks a configuration.
//!
//! A test uses a tenant without HTTP through `provision`, `signing_keys` and `token_request`. `requests` filters the journal,
//! `verification` counts the requests that a test expects, in the numbers of `call_count`. `wiremock` mounts a tenant on a
//! `wiremock` server.
//!
//! No other layer uses sockets.

mod addresses;
mod admin;
mod app_state;
mod bodies;
mod builder;
mod call_count;
#[cfg(feature = "tls")]
mod client_certificates;
mod config;
mod connections;
mod delivery;
mod expectations;
mod fault_transport;
mod faults;
#[cfg(feature = "tls")]
mod https;
mod incoming;
mod mock;
#[cfg(feature = "tls")]
mod mock_https;
mod own_ports;
mod provision;
mod requests;
mod router;
mod signing_keys;
mod stream;
mod tasks;
mod tenants;
mod thread;
#[cfg(feature = "tls")]
mod tls;
mod token_request;
mod verification;
#[cfg(feature = "wiremock")]
mod wiremock;

#[cfg(feature = "cli")]
pub(crate) use addresses::{Addresses, authority};
#[cfg(all(feature = "cli", feature = "conformance"))]
pub(crate) use admin::is_known;
#[cfg(feature = "cli")]
pub(crate) use admin::{Admin, Reach};
#[cfg(feature = "cli")]
pub(crate) use app_state::AppState;
#[cfg(feature = "cli")]
pub(crate) use bodies::MAX_STATE;
pub use builder::MockTenantBuilder;
pub use call_count::Times;
#[cfg(all(feature = "cli", feature = "tls"))]
pub(crate) use client_certificates::ClientCertificates;
#[cfg(feature = "cli")]
pub(crate) use connections::serve;
#[cfg(all(feature = "cli", feature = "tls"))]
pub(crate) use connections::serve_over_tls;
#[cfg(all(feature = "cli", feature = "conformance"))]
pub(crate) use connections::serve_with;
pub use delivery::Delivery;
#[cfg(feature = "cli")]
pub(crate) use delivery::{Courier, OnFailure};
pub use faults::{FaultBuilder, Faults, Latency};
pub use mock::MockTenant;
pub use provision::{
    Api, ApiBuilder, Application, ApplicationBuilder, ClientGrant, ClientGrantBuilder, Organization,
    OrganizationBuilder,
};
pub use requests::Requests;
pub use signing_keys::Rotation;
#[cfg(feature = "cli")]
pub(crate) use tenants::Tenants;
#[cfg(all(feature = "cli", feature = "tls"))]
pub(crate) use tls::Tls;
pub use token_request::{Token, TokenRefused, TokenRequest};
pub use verification::Expectation;

// The crate has the name of the module.
#[cfg(feature = "wiremock")]
pub use self::wiremock::{Mounted, Responder};
