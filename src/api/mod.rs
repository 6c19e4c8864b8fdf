//! The tenant without sockets: one function from request to answer.
//!
//! Nothing here knows sockets. A request is an [`http::Request`] with its whole body, an answer an [`http::Response`];
//! answering never waits (but for the Actions that a test brings), so that the same tenant serves a socket, a test in
//! process and a `wiremock` responder.

mod addressed;
mod answer;
mod authentication;
mod bucket;
pub(crate) mod calibration;
mod call;
mod config;
mod delivery;
mod error;
mod export;
mod facts;
mod failure_report;
pub(crate) mod faults;
mod fields;
mod gate;
mod journal;
mod json;
mod lock;
pub(crate) mod management;
mod metadata;

#[cfg(test)]
mod export_round_trip;
mod my_organization;
#[cfg(test)]
mod nothing_grows;
mod operation;
mod outcome;
mod paging;
mod parsed_size;
mod rate_limits;
#[cfg(test)]
mod referential_integrity;
mod request;
mod resource;
mod routes;
mod setting;
pub(crate) mod snapshot;
mod surface;
mod target;
mod tenant;
mod tenant_log;
mod timestamp;
mod token_quota;

pub use authentication::action;
pub(crate) use authentication::paths::TOKEN as TOKEN_PATH;
pub use calibration::{CalibratedAnswers, CalibratedAnswersError};
pub use call::Pins;
pub use config::Config;
pub(crate) use delivery::{Attempt, DueRequest, Failure};
pub(crate) use error::ASSERTION_TYPE;
pub use error::ApiError;
pub(crate) use export::exported_domain;
pub use facts::{Entity, Lookup, LookupKey, TokenFacts};
pub(crate) use failure_report::failure_report;
pub use journal::{JournalEntry, TokenDecision};
pub(crate) use journal::{printable, refused_by};
pub use management::tenant::log_entry::LogEntry;
pub use operation::Operation;
pub use request::ConnectionCertificate;
#[cfg(feature = "tls")]
pub(crate) use request::OverTls;
pub use routes::operation_name;
pub use snapshot::Snapshot;
pub use tenant::Tenant;
pub(crate) use tenant_log::Peer;

pub(crate) use crate::schema::UnknownMember;
