//! The context of a token request: the request, its parameters and its trace.

use bytes::Bytes;
use http::Request;

use super::parameters::Parameters;
use super::trace::Trace;
use crate::api::tenant::Tenant;

/// A request whose parameters are read, the tenant that answers it, and the trace of its facts.
pub(super) struct Exchange<'e> {
    pub(super) tenant: &'e Tenant,
    pub(super) request: &'e Request<Bytes>,
    pub(super) parameters: &'e Parameters,
    /// The tenant's address for the caller, with a final slash.
    pub(super) base_url: String,
    pub(super) trace: &'e mut Trace,
}
