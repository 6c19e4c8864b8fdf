//! Sends the requests of a tenant file in a scenario, through the Management API.
//!
//! Each entity gets a unique name, so several runs can create the same background on a shared tenant and delete it afterwards.
//! The scenario refers to the entities by their names in the file. Pinned ids and secrets are replaced by the ids and secrets that
//! the tenant generates.

use std::collections::HashMap;

use http::Method;
use serde_json::{Value, json};

use super::world::World;
use crate::tenant_file::service_apis::{self, MANAGEMENT_API};
use crate::tenant_file::{Definition, Kind, Layout, MODULES, Name, NamedGrant, Step, Steps, Subject, segment};

/// The settings of a tenant's appearance. A background does not change them.
const APPEARANCE: [&str; 5] = ["friendly_name", "picture_url", "support_email", "support_url", "universal_login"];

/// Sends the requests of a file, in their order.
///
/// # Errors
/// The tenant refuses a request, two entities have the same name, or the file refers to a client grant that it does not define.
pub(super) async fn send(world: &mut World, layout: &Layout) -> Result<(), String> {
    let steps = Steps::of(layout);
    let mut background =
        Background { world, entities: vec![Value::Null; steps.definitions], ids: HashMap::new(), grants: Vec::new() };
    for step in &steps.steps {
        background.step(step).await?;
    }
    Ok(())
}

struct Background<'w> {
    world: &'w mut World,
    /// The entities, by the numbers of their definitions.
    entities: Vec<Value>,
    /// For each name and id of the file, the value that a reference to it has in the tenant.
    ids: HashMap<(Kind, String), String>,
    grants: Vec<Grant>,
}

/// A client grant that the background has created.
struct Grant {
    client: String,
    audience: String,
    id: String,
}

impl Background<'_> {
    async fn step(&mut self, step: &Step) -> Result<(), String> {
        let mut body = step.body.clone();
        for reference in &step.uses {
            let value = match &reference.name {
                Name::Entity(kind, name) => self.id(*kind, name),
                Name::Version(module, number) => self.version(module, *number).await?,
                Name::Audience(name) => self.audience(name),
                Name::ClientGrant(grant) => self.grant(grant)?,
            };
            if let Some(member) = body.pointer_mut(&reference.pointer) {
                *member = value.into();
            }
        }
        match (&step.defines, step.subject) {
            (Some(definition), _) => self.define(definition, step, body).await,
            (None, Some(Subject::Client(name))) => {
                let path = step.path.replace("{id}", &segment(&self.id(Kind::Client, name)));
                self.call(&step.method, &path, body).await
            }
            (None, Some(Subject::Defined(subject))) => {
                let member = if step.path.starts_with("/clients/") { "client_id" } else { "id" };
                let id = text(&self.entities[subject], member).unwrap_or_default();
                let path = step.path.replace("{id}", &segment(&id));
                self.call(&step.method, &path, body).await
            }
            (None, None) => {
                if let Value::Object(settings) = &mut body {
                    settings.retain(|name, _| !APPEARANCE.contains(&name.as_str()));
                }
                if body == json!({}) { Ok(()) } else { self.call(&step.method, &step.path, body).await }
            }
        }
    }

    /// Creates the entity of an entry, under a name that is unique to this scenario.
    async fn define(&mut self, definition: &Definition, step: &Step, body: Value) -> Result<(), String> {
        let kind = definition.kind;
        let names = names_of(kind, &step.body);
        if kind == Kind::Api && self.is_built_in(&step.body) {
            let audience = self.built_in_identifier(&step.body);
            for name in names {
                self.world.remember(&name, json!({ "identifier": audience }));
                self.ids.insert((kind, name), audience.clone());
            }
            return Ok(());
        }
        let is_taken = |name: &&String| kind != Kind::ClientGrant && self.world.has(name);
        if let Some(name) = names.iter().find(is_taken) {
            return Err(format!("two entities have the name {name:?}, so a scenario could not tell them apart"));
        }
        let body = self.with_unique_names(kind, step, body).await?;
        self.call(&Method::POST, &step.path, body).await?;
        let entity = self.world.last().body.clone();
        self.note(definition, names, &entity);
        self.entities[definition.number] = entity;
        Ok(())
    }

    /// The body of a creation, with names that are unique to this scenario.
    async fn with_unique_names(&mut self, kind: Kind, step: &Step, mut body: Value) -> Result<Value, String> {
        match kind {
            Kind::Api => {
                let identifier = text(&body, "identifier");
                let identifier = identifier.ok_or_else(|| format!("{}: an API has no identifier", step.place))?;
                let name = text(&body, "name").unwrap_or_else(|| identifier.clone());
                body["identifier"] = self.world.unique_identifier(&identifier).into();
                body["name"] = self.world.unique(&name).into();
            }
            Kind::ClientGrant => self.keep_known_scopes(&mut body).await?,
            _ => {
                let name = text(&body, "name").ok_or_else(|| format!("{}: an entry has no name", step.place))?;
                body["name"] = self.world.unique(&name).into();
            }
        }
        Ok(body)
    }

    /// Records an entity under its names in the file, and under its pinned ids.
    fn note(&mut self, definition: &Definition, names: Vec<String>, entity: &Value) {
        let kind = definition.kind;
        if kind == Kind::ClientGrant {
            let member = |key: &str| text(entity, key).unwrap_or_default();
            let grant = Grant { client: member("client_id"), audience: member("audience"), id: member("id") };
            self.grants.push(grant);
            self.world.remember("grant", entity.clone());
        }
        let value = text(entity, reference(kind)).unwrap_or_default();
        let pinned = [&definition.pins.id, &definition.exported_id].into_iter().flatten();
        for name in names.iter().chain(pinned) {
            self.ids.entry((kind, name.clone())).or_insert_with(|| value.clone());
        }
        for name in names {
            // The name of a client refers to its first grant.
            if !self.world.has(&name) {
                self.world.remember(&name, entity.clone());
            }
        }
    }

    async fn call(&mut self, method: &Method, path: &str, body: Value) -> Result<(), String> {
        self.world.call(method.clone(), path, Some(body).filter(|body| !body.is_null())).await;
        let answer = self.world.last();
        if (200..300).contains(&answer.status) { Ok(()) } else { Err(format!("{method} {path} answered {answer}")) }
    }

    /// The value of a reference. A name that the file does not define refers to an entity of the tenant.
    fn id(&self, kind: Kind, name: &str) -> String {
        self.ids.get(&(kind, name.to_owned())).cloned().unwrap_or_else(|| name.to_owned())
    }

    /// The id of the version of a module of Actions that has this number.
    async fn version(&mut self, module: &str, number: u64) -> Result<String, String> {
        let id = self.id(MODULES, module);
        self.world.read_every_page(&format!("/actions/modules/{}/versions?per_page=100", segment(&id))).await;
        let found = self.world.items.iter().find(|version| version["version_number"] == number);
        let found = found.and_then(|version| text(version, "id"));
        found.ok_or_else(|| format!("the module {module:?} has no version {number}"))
    }

    fn audience(&self, name: &str) -> String {
        let target = self.world.target();
        let built_in = service_apis::localized(name, target.audience(), target.domain());
        built_in.unwrap_or_else(|| self.id(Kind::Api, name))
    }

    fn grant(&self, reference: &NamedGrant) -> Result<String, String> {
        let client = self.id(Kind::Client, &reference.client);
        let audience = reference.audience.as_deref().map(|name| self.audience(name));
        let matches = |grant: &&Grant| {
            grant.client == client && audience.as_ref().is_none_or(|audience| grant.audience == *audience)
        };
        let id = self.grants.iter().find(matches).map(|grant| grant.id.clone());
        id.ok_or_else(|| format!("{}: the client {:?} has no such client grant", reference.place, reference.client))
    }

    /// Whether an entry is about a built-in API of every tenant.
    fn is_built_in(&self, api: &Value) -> bool {
        let target = self.world.target();
        let identifier = api["identifier"].as_str().unwrap_or_default();
        api["name"] == MANAGEMENT_API
            || identifier == target.audience()
            || service_apis::localized(identifier, target.audience(), target.domain()).is_some()
    }

    /// The identifier of a built-in API in this tenant.
    fn built_in_identifier(&self, api: &Value) -> String {
        let target = self.world.target();
        let identifier = api["identifier"].as_str().unwrap_or_default();
        let localized = service_apis::localized(identifier, target.audience(), target.domain());
        localized.unwrap_or_else(|| target.audience().to_owned())
    }

    /// Removes unknown scopes from a grant for the Management API, because the tenant would refuse them.
    async fn keep_known_scopes(&mut self, grant: &mut Value) -> Result<(), String> {
        let audience = self.world.target().audience().to_owned();
        if grant["audience"] != audience {
            return Ok(());
        }
        self.world.call(Method::GET, &format!("/resource-servers/{}", segment(&audience)), None).await;
        let answer = self.world.last();
        if answer.status != 200 {
            return Err(format!("the scopes of the Management API could not be read: {answer}"));
        }
        let known: Vec<&Value> =
            answer.body["scopes"].as_array().into_iter().flatten().map(|one| &one["value"]).collect();
        if let Some(scopes) = grant.get_mut("scope").and_then(Value::as_array_mut) {
            scopes.retain(|scope| known.contains(&scope));
        }
        Ok(())
    }
}

/// The names that a file gives to an entity.
fn names_of(kind: Kind, entry: &Value) -> Vec<String> {
    match kind {
        Kind::Api => ["name", "identifier"].iter().filter_map(|key| text(entry, key)).collect(),
        Kind::ClientGrant => grant_names(entry),
        _ => text(entry, "name").into_iter().collect(),
    }
}

/// The member by which a body refers to an entity.
fn reference(kind: Kind) -> &'static str {
    match kind {
        Kind::Api => "identifier",
        _ => kind.traits().id,
    }
}

/// The names of a client grant: by client and API, and by client alone.
fn grant_names(grant: &Value) -> Vec<String> {
    let Some(client) = text(grant, "client_id") else { return Vec::new() };
    let of_client = format!("{client}'s grant");
    match text(grant, "audience") {
        Some(api) => vec![format!("{of_client} for {api}"), of_client],
        None => vec![of_client],
    }
}

fn text(body: &Value, key: &str) -> Option<String> {
    body.get(key).and_then(Value::as_str).map(str::to_owned)
}
