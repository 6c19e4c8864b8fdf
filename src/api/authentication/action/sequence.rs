//! Runs the Actions of one token request: first those that a seed declares, then the deployed ones of the trigger, then those
//! of the test.
//!
//! They run without the lock, so that an Action may use its tenant.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use http::header::{HOST, HeaderName, USER_AGENT};
use http::uri::Authority;
use serde_json::{Map, Value};

#[cfg(feature = "javascript")]
use super::bound::BoundActions;
use super::event::{AccessToken, Agent, Client, Event, Organization, Request, ResourceServer, Tenant, Transaction};
use super::step::{list, not_denied};
use super::{Action, Api};
use crate::api::authentication::authorization::Authorization;
use crate::api::authentication::exchange::Exchange;
use crate::api::authentication::reason::Reason;
use crate::api::authentication::rejection::Rejection;
use crate::api::error::TokenError;
use crate::api::journal::MASK;
use crate::domain::{BoundedText, ScopeSet};
use crate::redaction::SecretValues;
use crate::store::document::text;
use crate::store::views::{ClientView, ResourceServerView};
use crate::store::{DeclaredAction, State};

/// The Actions of one token request.
pub(in crate::api::authentication) struct Actions {
    declared: Vec<Arc<DeclaredAction>>,
    #[cfg(feature = "javascript")]
    bound: BoundActions,
    coded: Vec<Action>,
}

/// The result for the token.
pub(in crate::api::authentication) struct Changes {
    pub(in crate::api::authentication) custom_claims: Map<String, Value>,
    pub(in crate::api::authentication) scopes: ScopeSet,
}

impl Actions {
    /// The Actions that this request has to pass, if there are any.
    pub(in crate::api::authentication) fn of(
        exchange: &Exchange<'_>,
        state: &State,
        authorization: &Authorization,
    ) -> Option<Actions> {
        let client_id = ClientView(&authorization.client).id();
        let audience = ResourceServerView(&authorization.api).identifier();
        let declared = state.declared_actions.concerning(client_id, audience);
        let coded = exchange.tenant.actions.clone();
        let actions = Actions {
            declared,
            #[cfg(feature = "javascript")]
            bound: BoundActions::of(state, exchange),
            coded,
        };
        (!actions.declared.is_empty() || actions.need_the_event()).then_some(actions)
    }

    /// Whether an Action has the event as its input.
    fn need_the_event(&self) -> bool {
        #[cfg(feature = "javascript")]
        if !self.bound.is_empty() {
            return true;
        }
        !self.coded.is_empty()
    }

    /// Runs them one after the other, until one denies the token.
    pub(in crate::api::authentication) fn run(
        &self,
        exchange: &mut Exchange<'_>,
        authorization: &Authorization,
    ) -> Result<Changes, Rejection> {
        let mut api = Api::new(authorization.scopes.clone(), ResourceServerView(&authorization.api).is_system());
        for action in &self.declared {
            api.apply(action);
            not_denied(&api, "an Action that the seed declares".into(), &SecretValues::default())?;
        }
        if self.need_the_event() {
            let mut event = event(exchange, authorization);
            #[cfg(feature = "javascript")]
            self.bound.run(exchange, &mut event, &mut api)?;
            for action in &self.coded {
                event.show(&api);
                // What the Action left half done is thrown away with the request.
                catch_unwind(AssertUnwindSafe(|| action.run(&event, &mut api))).map_err(|panic| failed(&*panic))?;
                not_denied(&api, "an Action of the test".into(), &exchange.trace.secrets)?;
            }
        }
        let scopes = api.target_scopes.within(&authorization.held);
        note(&api, &scopes, authorization, exchange);
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

/// An Action that panics costs its own request and nothing else.
fn failed(panic: &(dyn Any + Send)) -> Rejection {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word");
    Rejection::new(TokenError::action_failed(), &["T12"], Reason::ActionPanicked(message.into()))
}

/// Notes what the Actions changed.
fn note(api: &Api, scopes: &ScopeSet, authorization: &Authorization, exchange: &mut Exchange<'_>) {
    let trace = &mut *exchange.trace;
    let secrets = &trace.secrets;
    trace.actions.claims = BoundedText::joined(api.custom_claims.keys().map(|name| secrets.redact(name, MASK)), ", ");
    let left_out = |(name, fault): &(String, _)| (BoundedText::from(&*secrets.redact(name, MASK)), *fault);
    trace.actions.left_out = api.left_out.iter().map(left_out).collect();
    let target: ScopeSet = api.target_scopes.iter().map(|scope| secrets.redact(scope, MASK)).collect();
    trace.actions.note_scopes(&authorization.scopes, &target, scopes);
    let rules = [
        ("ACT1", !api.custom_claims.is_empty() || !api.left_out.is_empty()),
        ("ACT2", trace.actions.target_scopes.is_some()),
        ("ACT3", !trace.actions.run.is_empty()),
    ];
    trace.rules.extend(rules.into_iter().filter_map(|(rule, applies)| applies.then_some(rule)));
}

fn event(exchange: &Exchange<'_>, authorization: &Authorization) -> Event {
    let Exchange { tenant, request, parameters, .. } = exchange;
    let header = |name: HeaderName| Some(request.headers().get(name)?.to_str().ok()?.to_owned());
    let member = |document: &Map<String, Value>, key: &str| text(document, key).unwrap_or_default().to_owned();
    let object = |document: &Map<String, Value>, key: &str| {
        document.get(key).and_then(Value::as_object).cloned().unwrap_or_default()
    };
    Event {
        access_token: AccessToken { custom_claims: Map::new(), scope: list(&authorization.scopes) },
        agent: authorization.agent.as_ref().map(|agent| Agent {
            agent_id: member(agent, "agent_id"),
            agent_metadata: object(agent, "metadata"),
            name: member(agent, "name"),
        }),
        client: Client {
            client_id: ClientView(&authorization.client).id().to_owned(),
            name: member(&authorization.client, "name"),
            metadata: object(&authorization.client, "client_metadata"),
        },
        organization: authorization.organization.as_ref().map(|organization| Organization {
            id: member(organization, "id"),
            name: member(organization, "name"),
            display_name: text(organization, "display_name").map(str::to_owned),
            metadata: object(organization, "metadata"),
        }),
        request: Request {
            body: parameters.without_proof(),
            hostname: header(HOST).and_then(|host| Some(host.parse::<Authority>().ok()?.host().to_owned())),
            method: request.method().to_string(),
            user_agent: header(USER_AGENT),
        },
        resource_server: ResourceServer { identifier: ResourceServerView(&authorization.api).identifier().to_owned() },
        tenant: Tenant { id: tenant.names.tenant().to_owned() },
        transaction: Transaction { requested_scopes: list(&authorization.requested), target_scopes: Vec::new() },
    }
}
