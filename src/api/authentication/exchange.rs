//! A token request and its way through the endpoint.

use bytes::Bytes;
use http::Request;

use super::client_auth::{self, Presented};
use super::grants::{self, GRANTS};
use super::organization;
use super::parameters::Parameters;
use super::rejection::Rejection;
use super::trace::Trace;
use crate::api::Tenant;
use crate::api::facts::{Entity, Lookup};
use crate::store::views::ClientView;
use crate::store::{Kind, State};

/// The parameters that the endpoint reads, whatever the grant.
const PARAMETERS: [&str; 5] = ["grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// A token request with its parameters, which are read once: faults, the endpoint and Actions all go by them.
pub(in crate::api) struct ParsedTokenRequest<'r> {
    pub(super) request: &'r Request<Bytes>,
    /// Why they are refused, if they are.
    pub(super) parameters: Result<Parameters, Rejection>,
    /// What they name; nothing if they are refused.
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

/// What every step of the endpoint works with.
pub(super) struct Exchange<'e> {
    pub(super) tenant: &'e Tenant,
    pub(super) request: &'e Request<Bytes>,
    pub(super) parameters: &'e Parameters,
    /// The tenant's address for the caller, with a final slash.
    pub(super) base_url: String,
    pub(super) trace: &'e mut Trace,
}

impl Exchange<'_> {
    /// Looks up the client and the organization that the request names, so that the trace has them whatever follows.
    pub(super) fn note_names(&mut self, state: &State, presented: &Presented) -> Result<(), Rejection> {
        let id = &presented.client_id;
        let found = state[Kind::Client].get(id).map(|client| Entity::client(&ClientView(client)));
        self.trace.facts.client = Some(Lookup::new(presented.by, id, found));
        let organization = self.parameters.text("organization")?;
        self.trace.facts.organization = organization.map(|called| organization::look_up(state, called));
        Ok(())
    }
}
