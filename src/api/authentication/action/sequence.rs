//! Runs the Actions of one token request: first those that a seed declares, then those of the test.
//!
//! They run without the lock, so that an Action may use its tenant.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, HeaderName, USER_AGENT};
use http::uri::Authority;
use serde_json::{Map, Value};

use super::event::{AccessToken, Client, Event, Organization, Request, ResourceServer, Tenant, Transaction};
use super::{Action, Api};
use crate::api::authentication::permitted::Permitted;
use crate::api::authentication::refused::Refused;
use crate::api::authentication::{entity, parameters};
use crate::api::error::TokenError;
use crate::api::{Tenant as Mock, TokenDecision};
use crate::domain::{BoundedText, ScopeSet};
use crate::store::document::text;
use crate::store::views::{ClientView, ResourceServerView};
use crate::store::{DeclaredAction, State};

/// The Actions of one token request.
pub(in crate::api::authentication) struct Actions {
    declared: Vec<Arc<DeclaredAction>>,
    coded: Vec<Action>,
}

/// What became of the token.
pub(in crate::api::authentication) struct Changes {
    pub(in crate::api::authentication) custom_claims: Map<String, Value>,
    pub(in crate::api::authentication) scopes: ScopeSet,
}

impl Actions {
    /// The Actions that this request has to pass, if there are any.
    pub(in crate::api::authentication) fn of(tenant: &Mock, state: &State, permitted: &Permitted) -> Option<Actions> {
        let client_id = ClientView(&permitted.client).id();
        let audience = ResourceServerView(&permitted.api).identifier();
        let declared = state.declared_actions.concerning(client_id, audience);
        let coded = tenant.actions.clone();
        (!declared.is_empty() || !coded.is_empty()).then_some(Actions { declared, coded })
    }

    /// Runs them one after the other, until one denies the token.
    pub(in crate::api::authentication) fn run(
        &self,
        tenant: &Mock,
        request: &http::Request<Bytes>,
        permitted: &Permitted,
        decision: &mut TokenDecision,
    ) -> Result<Changes, Refused> {
        let mut api = Api::new(permitted.scopes.clone(), ResourceServerView(&permitted.api).is_system());
        for action in &self.declared {
            api.apply(action);
            not_denied(&api, "an Action that the seed declares", permitted)?;
        }
        if !self.coded.is_empty() {
            let mut event = event(tenant, request, permitted);
            for action in &self.coded {
                event.access_token.custom_claims.clone_from(&api.custom_claims);
                event.transaction.target_scopes = list(&api.target_scopes);
                // What the Action left half done is thrown away with the request.
                catch_unwind(AssertUnwindSafe(|| action.run(&event, &mut api))).map_err(|panic| failed(&*panic))?;
                not_denied(&api, "an Action of the test", permitted)?;
            }
        }
        let scopes = api.target_scopes.within(&permitted.held);
        tell(&api, &scopes, permitted, decision);
        Ok(Changes { custom_claims: api.custom_claims, scopes })
    }
}

impl Api {
    fn apply(&mut self, action: &DeclaredAction) {
        for (name, value) in &action.custom_claims {
            self.set_custom_claim(name.clone(), value.clone());
        }
        action.add_target_scopes.iter().for_each(|scope| self.target_scopes.add(scope));
        action.remove_target_scopes.iter().for_each(|scope| self.target_scopes.remove(scope));
        self.denial.clone_from(&action.deny);
    }
}

fn not_denied(api: &Api, who: &str, permitted: &Permitted) -> Result<(), Refused> {
    let Some((code, reason)) = &api.denial else { return Ok(()) };
    let client = entity::client(&ClientView(&permitted.client));
    let api = entity::api(&ResourceServerView(&permitted.api));
    let why = format!("{who} denied the token of {client} for {api}: {} {reason:?}", code.as_str());
    Err(Refused::new(TokenError::denied_by_action(*code, reason), &["T12"], why))
}

/// An Action that panics costs its own request and nothing else.
fn failed(panic: &(dyn Any + Send)) -> Refused {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word");
    Refused::new(TokenError::action_failed(), &["T12"], format!("an Action of the test panicked: {said}"))
}

/// What the Actions did, for the journal: the names of claims, not what they say.
fn tell(api: &Api, scopes: &ScopeSet, permitted: &Permitted, decision: &mut TokenDecision) {
    let mut told = String::new();
    if !api.custom_claims.is_empty() {
        let names: Vec<&str> = api.custom_claims.keys().map(String::as_str).collect();
        told += &format!("; Actions add the claims {}", names.join(", "));
    }
    for (name, fault) in &api.left_out {
        told += &format!("; the claim {name} is left out because {}", fault.reason());
    }
    if !told.is_empty() {
        decision.rules.push("ACT1");
    }
    if api.target_scopes != permitted.scopes {
        decision.rules.push("ACT2");
        told += &format!("; Actions set the target scopes \"{}\"", api.target_scopes);
        if *scopes != api.target_scopes {
            told += &format!(", of which the grant holds \"{scopes}\"");
        }
    }
    decision.why = BoundedText::of(format_args!("{}{told}", decision.why));
}

fn event(tenant: &Mock, request: &http::Request<Bytes>, permitted: &Permitted) -> Event {
    let header = |name: HeaderName| Some(request.headers().get(name)?.to_str().ok()?.to_owned());
    let member = |document: &Map<String, Value>, key: &str| text(document, key).unwrap_or_default().to_owned();
    let object = |document: &Map<String, Value>, key: &str| {
        document.get(key).and_then(Value::as_object).cloned().unwrap_or_default()
    };
    Event {
        access_token: AccessToken { custom_claims: Map::new(), scope: list(&permitted.scopes) },
        client: Client {
            client_id: ClientView(&permitted.client).id().to_owned(),
            name: member(&permitted.client, "name"),
            metadata: object(&permitted.client, "client_metadata"),
        },
        organization: permitted.organization.as_ref().map(|organization| Organization {
            id: member(organization, "id"),
            name: member(organization, "name"),
            display_name: text(organization, "display_name").map(str::to_owned),
            metadata: object(organization, "metadata"),
        }),
        request: Request {
            body: parameters::told_to_actions(request),
            hostname: header(HOST).and_then(|host| Some(host.parse::<Authority>().ok()?.host().to_owned())),
            method: request.method().to_string(),
            user_agent: header(USER_AGENT),
        },
        resource_server: ResourceServer { identifier: ResourceServerView(&permitted.api).identifier().to_owned() },
        tenant: Tenant { id: tenant.names.tenant().to_owned() },
        transaction: Transaction { requested_scopes: list(&permitted.requested), target_scopes: Vec::new() },
    }
}

fn list(scopes: &ScopeSet) -> Vec<String> {
    scopes.iter().map(str::to_owned).collect()
}
