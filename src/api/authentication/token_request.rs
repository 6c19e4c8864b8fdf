//! A token request with its parameters.

use bytes::Bytes;
use http::Request;

use super::client_auth;
use super::grants::{self, GRANTS};
use super::parameters::Parameters;
use super::rejection::Rejection;
use super::trace::Trace;

/// The parameters that the endpoint reads, whatever the grant.
const PARAMETERS: [&str; 5] = ["grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// A token request with its parameters, which are read once: faults, the endpoint and Actions all go by them.
pub(in crate::api) struct ParsedTokenRequest<'r> {
    pub(super) request: &'r Request<Bytes>,
    /// Why they are refused, if they are.
    pub(super) parameters: Result<Parameters, Rejection>,
    /// The facts of the parameters; empty if they are refused.
    pub(super) trace: Trace,
}

impl<'r> ParsedTokenRequest<'r> {
    /// Reads the parameters.
    pub(in crate::api) fn read(request: &'r Request<Bytes>) -> Self {
        let parameters = Parameters::of_body(request);
        let parameters = parameters.and_then(|parameters| parameters.check(&read_of(&parameters)).map(|()| parameters));
        let named = |name| Some(parameters.as_ref().ok()?.text(name).ok()??.into());
        let trace = Trace {
            client_id: named("client_id"),
            audience: named("audience"),
            organization: named("organization"),
            grant_type: named("grant_type"),
            scope: named("scope"),
            ..Trace::default()
        };
        ParsedTokenRequest { request, parameters, trace }
    }

    /// The client that the request presents, or else names.
    pub(in crate::api) fn client_id(&self) -> Option<String> {
        let parameters = self.parameters.as_ref().ok()?;
        let presented = client_auth::presented(self.request, parameters).ok().map(|presented| presented.client_id);
        presented.or_else(|| self.text("client_id").map(str::to_owned))
    }

    /// The text of a parameter; `None` if the parameters are refused.
    pub(in crate::api) fn text(&self, name: &'static str) -> Option<&str> {
        self.parameters.as_ref().ok()?.text(name).ok()?
    }
}

/// The parameters that are read of a request: those of the endpoint and of its grant, or of every grant if none is known.
/// Each is a text, and is sent once (R25).
fn read_of(parameters: &Parameters) -> Vec<&'static str> {
    let named = parameters.text("grant_type").ok().flatten().and_then(grants::find);
    let grants = GRANTS.iter().filter(|grant| named.is_none_or(|named| named.name == grant.name));
    PARAMETERS.into_iter().chain(grants.flat_map(|grant| grant.parameters).copied()).collect()
}
