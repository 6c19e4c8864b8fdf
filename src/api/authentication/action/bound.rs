//! The deployed Actions that are bound to the trigger. The engine (`crate::javascript`) runs their code; this file builds
//! their input and applies their calls.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use http::header::HOST;
use serde_json::{Map, Value, json};

use super::Api;
use super::event::Event;
use super::step::not_denied;
use crate::api::authentication::exchange::Exchange;
use crate::api::authentication::reason::Reason;
use crate::api::authentication::rejection::Rejection;
use crate::api::error::TokenError;
use crate::api::tenant_log::Peer;
use crate::domain::action::TRIGGER;
use crate::domain::{BoundedText, Names};
use crate::javascript::{self, Change, Changes, Failure, Limits, Module, Script};
use crate::redaction::SecretValues;
use crate::store::document::text;
use crate::store::{Document, Kind, State};

/// The Actions of the trigger, in the order of their bindings.
pub(super) struct BoundActions {
    actions: Vec<BoundAction>,
    secrets: SecretValues,
    custom_domain: Option<Document>,
    random_seed: u64,
}

struct BoundAction {
    name: String,
    version: Document,
    /// The versions of its modules, with their names.
    modules: Vec<(String, Document)>,
}

impl BoundActions {
    pub(super) fn of(state: &State, exchange: &Exchange<'_>) -> BoundActions {
        let bindings = &state[Kind::ActionBinding];
        let bound = bindings.having("trigger_id", TRIGGER);
        let bound = bound.iter().filter_map(|seq| bindings.at(seq));
        let actions: Vec<BoundAction> = bound.filter_map(|binding| BoundAction::of(state, binding)).collect();
        // A token request without Actions costs one look-up.
        let host = exchange.request.headers().get(HOST).filter(|_| !actions.is_empty());
        let name = host.and_then(|host| Some(Names::name_of(host.to_str().ok()?).to_ascii_lowercase()));
        BoundActions {
            secrets: SecretValues::new(actions.iter().flat_map(BoundAction::secret_values)),
            actions,
            custom_domain: name.and_then(|name| state[Kind::CustomDomain].find("domain", &name).cloned()),
            // The generator does not advance, so that ids do not depend on Actions.
            random_seed: state.random.clone().u64(..),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// Runs the Actions until one denies the token or fails.
    pub(super) fn run(&self, exchange: &mut Exchange<'_>, event: &mut Event, api: &mut Api) -> Result<(), Rejection> {
        let limits = exchange.tenant.action_limits;
        let started = Instant::now();
        exchange.trace.secrets = self.secrets.clone();
        for action in &self.actions {
            event.show(api);
            // The limit applies to the trigger, with all its Actions (documented).
            let time = limits.time.saturating_sub(started.elapsed());
            let script = self.script(action, exchange, event);
            let Changes { calls, console, failure, .. } = javascript::run(script, Limits { time, ..limits });
            exchange.trace.actions.ran(&action.name, &console);
            if let Some(failure) = failure {
                return Err(failed(&action.name, failure));
            }
            calls.into_iter().for_each(|change| api.change(change));
            let name = BoundedText::of(format_args!("Action {:?}", action.name));
            not_denied(api, name, &self.secrets)?;
        }
        Ok(())
    }

    fn script(&self, action: &BoundAction, exchange: &Exchange<'_>, event: &Event) -> Script {
        let mut event = event.json();
        let request = &mut event["request"];
        request["geoip"] = json!({});
        request["ip"] = Peer::of(exchange.request).0.to_string().into();
        event["secrets"] = secrets(&action.version).into();
        if let Some(domain) = &self.custom_domain {
            let metadata = domain.get("domain_metadata").cloned().unwrap_or_else(|| json!({}));
            event["custom_domain"] = json!({ "domain": domain.get("domain"), "domain_metadata": metadata });
        }
        let module = |(name, version): &(String, Document)| Module {
            name: name.clone(),
            code: code(version),
            secrets: secrets(version),
        };
        Script {
            code: code(&action.version),
            modules: action.modules.iter().map(module).collect(),
            event,
            now: milliseconds(exchange.tenant.clock.now()),
            random_seed: self.random_seed,
            cache: Arc::clone(&exchange.tenant.action_cache),
            secrets: self.secrets.clone(),
        }
    }
}

impl BoundAction {
    fn of(state: &State, binding: &Document) -> Option<BoundAction> {
        let id = text(binding, "action_id")?;
        let name = text(state[Kind::Action].get(id)?, "name")?.to_owned();
        let version = state.deployed_version(id)?.clone();
        let module = |module: &Value| {
            let version = state[Kind::ActionModuleVersion].get(module["module_version_id"].as_str()?)?;
            Some((module["module_name"].as_str()?.to_owned(), version.clone()))
        };
        let modules = version.get("modules").and_then(Value::as_array).into_iter().flatten().filter_map(module);
        Some(BoundAction { name, modules: modules.collect(), version })
    }

    /// The values of its secrets and those of its modules.
    fn secret_values(&self) -> impl Iterator<Item = String> {
        let versions = std::iter::once(&self.version).chain(self.modules.iter().map(|(_, version)| version));
        versions
            .flat_map(|version| secrets(version).into_iter().filter_map(|(_, value)| Some(value.as_str()?.to_owned())))
    }
}

fn milliseconds(now: SystemTime) -> i64 {
    now.duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or_default()
}

fn code(version: &Document) -> String {
    text(version, "code").unwrap_or_default().to_owned()
}

/// `event.secrets`. A secret without a value is missing.
fn secrets(version: &Document) -> Map<String, Value> {
    let secrets = version.get("secrets").and_then(Value::as_array).into_iter().flatten();
    let secret = |secret: &Value| {
        Some((secret["name"].as_str()?.to_owned(), secret.get("value").filter(|value| value.is_string())?.clone()))
    };
    secrets.filter_map(secret).collect()
}

fn failed(name: &str, failure: Failure) -> Rejection {
    Rejection::new(TokenError::action_failed(), &["T12"], Reason::ActionFailed { name: name.into(), failure })
}

impl Api {
    fn change(&mut self, change: Change) {
        match change {
            Change::Deny { code, reason } => self.access().deny(code, reason),
            Change::SetCustomClaim { name, value } => self.access_token().set_custom_claim(name, value),
            Change::AddTargetScope(scope) => self.transaction().add_target_scope(scope),
            Change::RemoveTargetScope(scope) => self.transaction().remove_target_scope(&scope),
            Change::SetTargetScopes(scopes) => self.transaction().set_target_scopes(scopes),
        }
    }
}

impl Event {
    /// `event` without the members that only JavaScript has.
    fn json(&self) -> Value {
        let Event { access_token, agent, client, organization, request, resource_server, tenant, transaction } = self;
        let mut event = json!({
            "accessToken": { "customClaims": access_token.custom_claims, "scope": access_token.scope },
            "client": { "client_id": client.client_id, "name": client.name, "metadata": client.metadata },
            "request": { "body": request.body, "method": request.method },
            "resource_server": { "identifier": resource_server.identifier },
            "tenant": { "id": tenant.id },
            "transaction": {
                "requested_scopes": transaction.requested_scopes, "target_scopes": transaction.target_scopes,
            },
        });
        for (name, value) in [("hostname", &request.hostname), ("user_agent", &request.user_agent)] {
            if let Some(value) = value {
                event["request"][name] = value.as_str().into();
            }
        }
        if let Some(agent) = agent {
            event["agent"] = json!({
                "agent_id": agent.agent_id, "agent_metadata": agent.agent_metadata, "name": agent.name,
            });
        }
        if let Some(organization) = organization {
            let mut view = json!({
                "id": organization.id, "name": organization.name, "metadata": organization.metadata,
            });
            if let Some(name) = &organization.display_name {
                view["display_name"] = name.as_str().into();
            }
            event["organization"] = view;
        }
        event
    }
}
