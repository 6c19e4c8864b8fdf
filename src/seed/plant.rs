//! Performs the requests of a seed in a tenant, as its owner, and continues after a refusal.
//!
//! An entry whose entity the tenant has already changes it, as an import of the deploy tool does: what every tenant begins
//! with, or what an earlier seed planted. It is found by its id, or else by its name. Nothing is removed. Two entries of one
//! seed are two entities, or a conflict.

use std::collections::HashSet;

use http::Method;
use serde_json::{Map, Value};

use super::conditions::Conditions;
use super::references::{Names, Unresolved};
use crate::api::{ApiError, Pins, Tenant};
use crate::domain::DeclaredAction;
use crate::tenant_file::service_apis::MANAGEMENT_API;
use crate::tenant_file::{
    Declared, Definition, Kind, Layout, Location, Name, Report, SeedEntry, SeedProblem, Step, Steps, Subject, exported,
    nearest, quoted, segment, text,
};

pub(super) fn plant(layout: &Layout, conditions: &Conditions, tenant: &Tenant, report: &mut Report) {
    // As with a tenant that starts without them: the Management API refuses the entries that need one.
    tenant.remove_entitlements(&conditions.without);
    let steps = Steps::of(layout);
    let planted = (0..steps.definitions).map(|_| None).collect();
    let mut planter = Planter { tenant, names: Names::of(tenant), planted, report };
    for step in &steps.steps {
        planter.step(step);
    }
    for (number, api) in &steps.apis {
        planter.actions_of_api(*number, api);
    }
    for (number, client) in &steps.clients {
        planter.actions_of_client(*number, client);
    }
    for planned in &conditions.faults {
        let mut fault = planned.fault.clone();
        if let Some(client) = &fault.client_id {
            let place = planned.place.at("client_id");
            let Some(id) = planter.resolved(planter.names.id(Kind::Client, client, &place)) else { continue };
            fault.client_id = Some(id);
        }
        if let Err(error) = tenant.add_fault(fault) {
            planter.report.error(SeedProblem::refused(&planned.place, &error));
        }
    }
    if let Some(are_on) = conditions.rate_limits {
        tenant.set_rate_limits(are_on);
    }
}

struct Planter<'t> {
    tenant: &'t Tenant,
    names: Names<'t>,
    /// By the numbers of their definitions; nothing for one that was refused.
    planted: Vec<Option<Planted>>,
    report: &'t mut Report,
}

#[derive(Clone)]
struct Planted {
    id: String,
    is_new: bool,
}

/// An entity that the tenant has, and the way in which an entry found it.
struct Found {
    id: String,
    by_name: bool,
}

/// The members that the service takes in a change of one of its own APIs (auth0-deploy-cli,
/// `src/tools/auth0/handlers/resourceServers.ts`).
const OF_SYSTEM_APIS: [&str; 2] = ["token_lifetime", "skip_consent_for_verifiable_first_party_clients"];

impl Planter<'_> {
    fn step(&mut self, step: &Step) {
        let subject = match step.subject {
            Some(Subject::Defined(number)) => match self.planted[number].clone() {
                Some(planted) => Some(planted),
                None => return,
            },
            Some(Subject::Client(name)) => match self.resolved(self.names.id(Kind::Client, name, &step.place)) {
                Some(id) => Some(Planted { id, is_new: false }),
                None => return,
            },
            None => None,
        };
        let mut body = step.body.clone();
        let is_broken = step.defines.as_ref().is_some_and(|definition| definition.is_broken);
        if is_broken || !self.resolve(step, &mut body) {
            if let Some(definition) = &step.defines {
                self.refuse(definition, &step.body);
            }
            return;
        }
        match (&step.defines, subject) {
            (Some(definition), _) => self.define(definition, step, body),
            (None, Some(subject)) => self.add(step, &subject, body),
            (None, None) => {
                let is_there = step.method == Method::POST && self.names.get(&step.path).is_some();
                let method = if is_there { &Method::PATCH } else { &step.method };
                self.perform(method, &step.path, body, &Pins::default(), &step.place);
            }
        }
    }

    /// Puts ids in the place of names.
    fn resolve(&mut self, step: &Step, body: &mut Value) -> bool {
        let mut are_resolved = true;
        for used in &step.uses {
            let id = match &used.name {
                Name::Entity(kind, called) => self.names.id(*kind, called, &used.place),
                Name::Version(module, number) => self.names.version(module, *number, &used.place),
                Name::ClientGrant(named) => self.names.client_grant(named),
                Name::Audience(called) => Ok(self.localized(called, &used.place)),
            };
            match (id, body.pointer_mut(&used.pointer)) {
                (Ok(id), Some(value)) => *value = id.into(),
                (Err(_), _) if used.is_optional => {}
                (id, _) => are_resolved &= self.resolved(id).is_some(),
            }
        }
        are_resolved
    }

    /// The id, or nothing and its problem.
    fn resolved(&mut self, id: Result<String, Unresolved>) -> Option<String> {
        match id {
            Ok(id) => Some(id),
            Err(Unresolved::Problem(problem)) => {
                self.report.error(problem);
                None
            }
            Err(Unresolved::Refused) => None,
        }
    }

    fn localized(&mut self, audience: &str, place: &Location) -> String {
        let Some(own) = self.names.localized(audience) else { return audience.to_owned() };
        let fault = format_args!("{} is an API of another tenant; this tenant's is taken instead", quoted(audience));
        self.report.warn(SeedProblem::no_effect(place, fault));
        own
    }

    /// Creates the entity of an entry, or changes the one that the tenant has.
    fn define(&mut self, definition: &Definition, step: &Step, mut body: Value) {
        let kind = definition.kind;
        let found = self.find(definition, &body);
        if kind == Kind::ClientGrant {
            if found.is_some() && self.is_management_grant(&body) {
                let fault = "the management application keeps every scope of the Management API";
                self.report.warn(SeedProblem::no_effect(&step.place, fault));
                return;
            }
            self.check_scopes(&mut body, &step.place);
        }
        let name = name_of(kind, &body).map(str::to_owned);
        let id = match &found {
            Some(found) => self.change(definition, found, step, body.clone()).then(|| found.id.clone()),
            None => {
                self.check_name(definition, name.as_deref(), &step.place);
                let id = definition.pins.id.clone().or_else(|| definition.exported_id.clone());
                let pins = Pins { id, secret: definition.pins.secret.clone() };
                let answer = self.perform(&Method::POST, &step.path, body.clone(), &pins, &step.place);
                answer.and_then(|created| created[kind.traits().id].as_str().map(str::to_owned))
            }
        };
        let Some(id) = id else { return self.refuse(definition, &body) };
        if let Some(exported) = definition.exported_id.as_ref().filter(|exported| **exported != id) {
            self.names.alias(kind, exported, &id);
            let entity = kind.traits().entity;
            let fault =
                format!("the {entity} keeps its id {}; the exported one is known within the seed only", quoted(&id));
            self.report.warn(SeedProblem::no_effect(&step.place, fault));
        }
        self.names.define(kind, name.as_deref(), &id);
        self.planted[definition.number] = Some(Planted { id, is_new: found.is_none() });
    }

    /// The entity of an entry, if the tenant had it before the seed.
    fn find(&self, definition: &Definition, body: &Value) -> Option<Found> {
        let kind = definition.kind;
        let earlier = |id: &String| !self.names.is_own(kind, id);
        if let Some(id) = &definition.pins.id {
            // A pinned id is a wish for an entity of its own.
            let id = id.clone();
            return (earlier(&id) && self.names.has_id(kind, &id)).then_some(Found { id, by_name: false });
        }
        if let Some(id) = definition.exported_id.clone().filter(|id| earlier(id) && self.names.has_id(kind, id)) {
            return Some(Found { id, by_name: false });
        }
        let id = match kind {
            Kind::ClientGrant => self.names.earlier_client_grant(body),
            Kind::Client => {
                let named = self.names.earlier_clients(body["name"].as_str()?).into_iter().map(str::to_owned);
                return named.filter(earlier).map(|id| Found { id, by_name: true }).next();
            }
            Kind::Of(_) => self
                .names
                .earlier_like(kind, |held| kind.traits().named_by.iter().all(|key| held.get(key) == body.get(key))),
            Kind::Api if body["name"] == MANAGEMENT_API => self.names.earlier(kind, &self.tenant.management_audience()),
            _ => self.names.earlier(kind, name_of(kind, body)?),
        };
        id.filter(earlier).map(|id| Found { id, by_name: true })
    }

    /// Changes an entity to what an entry says of it; whether the Management API takes that.
    fn change(&mut self, definition: &Definition, found: &Found, step: &Step, body: Value) -> bool {
        let kind = definition.kind;
        let traits = kind.traits();
        let Value::Object(mut changes) = body else { return false };
        for path in traits.only_when_new {
            exported::remove(&mut changes, path);
        }
        if found.by_name && kind != Kind::Api {
            traits.named_by.iter().for_each(|key| _ = changes.remove(*key));
        }
        if let (Some(key), Some(secret)) = (traits.secret, &definition.pins.secret) {
            changes.insert(key.to_owned(), secret.as_str().into());
        }
        let path = format!("{}/{}", traits.path, segment(&found.id));
        let held = self.names.get(&path).unwrap_or_default();
        if held["is_system"] == true && kind == Kind::Api {
            let others =
                changes.keys().any(|key| !OF_SYSTEM_APIS.contains(&key.as_str()) && held.get(key) != changes.get(key));
            changes.retain(|key, value| OF_SYSTEM_APIS.contains(&key.as_str()) && held.get(key) != Some(value));
            if others {
                let fault = format_args!("an API of the service takes no change but {}", OF_SYSTEM_APIS.join(" and "));
                self.report.warn(SeedProblem::no_effect(&step.place, fault));
            }
        }
        if kind == Kind::Connection {
            complete_options(&mut changes, &held);
        }
        // A module that is written has a change to publish, even if it says the same.
        if matches!(kind, Kind::Of(_)) && changes.iter().all(|(key, value)| held.get(key) == Some(value)) {
            changes.clear();
        }
        // An export may say no more of it than that it is there.
        changes.is_empty()
            || self.perform(&Method::PATCH, &path, changes.into(), &Pins::default(), &step.place).is_some()
    }

    /// Adds something to the entity of a definition, or changes it where an earlier seed has added it.
    fn add(&mut self, step: &Step, subject: &Planted, body: Value) {
        let path = step.path.replace("{id}", &segment(&subject.id));
        let again = if subject.is_new { None } else { self.again(&step.path, &path, &body) };
        match again {
            Some(Again::IsEnough) => {}
            Some(Again::Change(path, body)) => {
                _ = self.perform(&Method::PATCH, &path, body, &Pins::default(), &step.place)
            }
            None => _ = self.perform(&step.method, &path, body, &Pins::default(), &step.place),
        }
    }

    /// The request in the place of one that adds what is there.
    fn again(&self, template: &str, path: &str, body: &Value) -> Option<Again> {
        let below = |id: &Value| format!("{path}/{}", segment(id.as_str().unwrap_or_default()));
        match template {
            "/organizations/{id}/connections" => {
                let path = below(&body["connection_id"]);
                self.names.get(&path)?;
                Some(Again::change(path, body, "connection_id"))
            }
            "/organizations/{id}/clients" => {
                let client = &body["clients"][0];
                let path = below(&client["client_id"]);
                self.names.get(&path)?;
                Some(Again::change(path, client, "client_id"))
            }
            "/organizations/{id}/discovery-domains" => {
                let held = self.names.get(&format!("{path}/name/{}", segment(body["domain"].as_str()?)))?;
                Some(Again::change(below(&held["id"]), body, "domain"))
            }
            "/organizations/{id}/client-grants" => {
                let grant = segment(body["grant_id"].as_str()?);
                let held = self.names.get(&format!("{path}?grant_ids={grant}"))?;
                held.as_array().is_some_and(|held| !held.is_empty()).then_some(Again::IsEnough)
            }
            "/connections/{id}/scim-configuration" | "/connections/{id}/directory-provisioning" => {
                self.names.get(path)?;
                Some(Again::Change(path.to_owned(), body.clone()))
            }
            "/hooks/{id}/secrets" => {
                let held = self.names.get(path)?;
                let (name, _) = body.as_object()?.iter().next()?;
                held.get(name).is_some().then(|| Again::Change(path.to_owned(), body.clone()))
            }
            "/actions/modules/{id}/versions" | "/actions/actions/{id}/deploy" => {
                let (entity, _) = path.rsplit_once('/')?;
                let held = self.names.get(entity)?;
                let is_done = ["all_changes_published", "all_changes_deployed"].iter().any(|key| held[key] == true);
                is_done.then_some(Again::IsEnough)
            }
            _ => None,
        }
    }

    /// Performs a request without the members that the Management API does not know, and reports each of these.
    fn perform(
        &mut self,
        method: &Method,
        path: &str,
        mut body: Value,
        pins: &Pins,
        place: &Location,
    ) -> Option<Value> {
        let unknown = Tenant::unknown_members(method, path, &body);
        for unknown in &unknown {
            self.report.error(SeedProblem::unknown_member(place, unknown));
            unknown.take_from(&mut body);
        }
        match self.tenant.perform(method.clone(), path, body, pins.clone()) {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.refused(place, &error, !unknown.is_empty());
                None
            }
        }
    }

    fn refused(&mut self, place: &Location, error: &ApiError, is_incomplete: bool) {
        // A body may be refused for nothing but what was taken out of it.
        let is_empty = is_incomplete && error.message.contains("Too few properties");
        if !is_empty {
            self.report.error(SeedProblem::refused(place, error));
        }
    }

    /// Notes the names of an entity that is not there, so that nobody is told that they lead nowhere.
    fn refuse(&mut self, definition: &Definition, body: &Value) {
        let kind = definition.kind;
        let name = match kind {
            Kind::ClientGrant => body["client_id"].as_str(),
            _ => name_of(kind, body),
        };
        for name in [name, definition.pins.id.as_deref(), definition.exported_id.as_deref()].into_iter().flatten() {
            self.names.refuse(kind, name);
            if kind == Kind::ClientGrant
                && let Ok(client) = self.names.id(Kind::Client, name, &Location::file(""))
            {
                self.names.refuse(kind, &client);
            }
        }
    }

    /// Several clients may have one name, but an import of the deploy tool refuses that.
    fn check_name(&mut self, definition: &Definition, name: Option<&str>, place: &Location) {
        let Some(name) = name.filter(|_| definition.kind == Kind::Client) else { return };
        if self.names.has_client(name) {
            let fault =
                format_args!("another client is called {}; the deploy tool wants names that differ", quoted(name));
            self.report.warn(SeedProblem::no_effect(place, fault));
        }
    }

    /// Warns of scopes that the API of a grant does not define. The Management API refuses a grant for others of its own, so
    /// those of an older export are left out.
    fn check_scopes(&mut self, grant: &mut Value, place: &Location) {
        let Some(audience) = grant["audience"].as_str().map(str::to_owned) else { return };
        let Some(defined) = self.names.scopes(&audience) else { return };
        let is_management = audience == self.tenant.management_audience();
        let Some(scopes) = grant.get_mut("scope").and_then(Value::as_array_mut) else { return };
        let undefined: HashSet<String> = scopes
            .iter()
            .filter_map(Value::as_str)
            .filter(|scope| !defined.contains(*scope))
            .map(str::to_owned)
            .collect();
        for scope in scopes.iter().filter_map(Value::as_str).filter(|scope| undefined.contains(*scope)) {
            let hint = nearest(scope, defined.iter().map(String::as_str))
                .map(|near| format!("; did you mean {}?", quoted(near)));
            let (hint, scope) = (hint.unwrap_or_default(), quoted(scope));
            let consequence = if is_management { ", and it is left out" } else { "" };
            let fault = format_args!("{} does not define the scope {scope}{consequence}{hint}", quoted(&audience));
            self.report.warn(SeedProblem::no_effect(&place.at("scope"), fault));
        }
        if is_management {
            scopes.retain(|scope| scope.as_str().is_none_or(|scope| !undefined.contains(scope)));
        }
    }

    /// Whether a grant is that of the management application for the Management API, with which every tenant begins.
    fn is_management_grant(&self, grant: &Value) -> bool {
        let (management_client, _) = self.tenant.management_client();
        grant["client_id"] == management_client && grant["audience"] == self.tenant.management_audience()
    }

    fn actions_of_api(&mut self, number: usize, api: &SeedEntry) {
        let audience = text(&api.body, "identifier").map(str::to_owned);
        for declared in &api.actions {
            let client =
                self.only_for(declared, "client_id", |names, called, place| names.id(Kind::Client, called, place));
            if let (Some(client_id), Some(_)) = (client, &self.planted[number]) {
                let audience = audience.clone();
                self.tenant.declare_action(DeclaredAction { client_id, audience, ..declared.action.clone() });
            }
        }
    }

    fn actions_of_client(&mut self, number: usize, client: &SeedEntry) {
        for declared in &client.actions {
            let audience = self.only_for(declared, "audience", |names, called, place| names.audience(called, place));
            if let (Some(audience), Some(planted)) = (audience, &self.planted[number]) {
                let client_id = Some(planted.id.clone());
                self.tenant.declare_action(DeclaredAction { client_id, audience, ..declared.action.clone() });
            }
        }
    }

    /// The other side that an Action concerns; any, if it names none, and nothing if it names what is not there.
    fn only_for(
        &mut self,
        declared: &Declared,
        key: &str,
        find: impl Fn(&Names<'_>, &str, &Location) -> Result<String, Unresolved>,
    ) -> Option<Option<String>> {
        match &declared.only {
            None => Some(None),
            Some(called) => {
                let id = find(&self.names, called, &declared.place.at(key));
                self.resolved(id).map(Some)
            }
        }
    }
}

/// The request in the place of one that adds what is there already.
enum Again {
    /// None: there is nothing to change.
    IsEnough,
    Change(String, Value),
}

impl Again {
    /// A change at this path to what a body says, without the member that the path names.
    fn change(path: String, body: &Value, named: &str) -> Again {
        let mut changes: Map<String, Value> = body.as_object().cloned().unwrap_or_default();
        changes.remove(named);
        if changes.is_empty() { Again::IsEnough } else { Again::Change(path, changes.into()) }
    }
}

/// The name by which an entry is found.
fn name_of(kind: Kind, body: &Value) -> Option<&str> {
    body[*kind.traits().named_by.first()?].as_str()
}

/// The options that the change of a database leaves out stay as they are, as with the tool: the Management API replaces all
/// of them (auth0-deploy-cli, `src/tools/auth0/handlers/databases.ts`). Two ways to say the same exclude each other.
fn complete_options(changes: &mut Map<String, Value>, held: &Value) {
    let is_database = held["strategy"] == "auth0";
    let (Some(Value::Object(options)), Some(held)) = (changes.get_mut("options"), held["options"].as_object()) else {
        return;
    };
    if !is_database {
        return;
    }
    let excluded: &[&str] = if options.contains_key("attributes") {
        &["validation", "requires_username"]
    } else if options.contains_key("requires_username") || options.contains_key("validation") {
        &["attributes"]
    } else {
        &[]
    };
    for (key, value) in held.iter().filter(|(key, _)| !excluded.contains(&key.as_str())) {
        options.entry(key.clone()).or_insert_with(|| value.clone());
    }
}
