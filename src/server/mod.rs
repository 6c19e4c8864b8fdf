//! The server: a tenant on a socket, and the handles for tests.
//!
//! [`MockTenant`] is the server of one test: own port, own `thread`, own state; `builder` says what it starts with. `connections`
//! accepts, `incoming` looks at the bytes, `bodies` bounds the memory that bodies take, `router` turns requests into [`Tenant::answer`](crate::api::Tenant::answer),
//! `admin` is what the live service does not have, below `/__admin`; `tenants` finds who is asked by the name, `own_ports` are those of one added tenant,
//! `delivery` sends the requests of streams, `config` checks a configuration, and `provision`, `signing_keys` and `token_request` are what a test says to its tenant without HTTP.
//! `requests` asks the journal, `verification` holds what a test expects of it, `call_count` says how often.
//! `wiremock` puts a tenant into somebody else's mock server.
//!
//! This is the only layer that knows sockets.

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
