//! Resolves the names in a seed to entities of the tenant.
//!
//! Names of organizations and connections and identifiers of APIs refer to one entity each. Several clients may have one
//! name, so a name that they share refers to none of them. What a seed itself defines comes before what the tenant had.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use http::Method;
use serde_json::Value;

use crate::api::{Pins, Tenant};
use crate::tenant_file::{Kind, List, Location, MODULES, NamedGrant, SeedProblem, segment, service_apis};

/// The names of a tenant while a seed is planted.
pub(super) struct Names<'t> {
    tenant: &'t Tenant,
    /// The clients that the tenant had before: those of each name, in their order.
    clients: HashMap<String, Vec<String>>,
    client_ids: HashSet<String>,
    /// What the seed defined: the ids of each name.
    own: HashMap<(Kind, String), Vec<String>>,
    own_ids: HashSet<(Kind, String)>,
    /// Ids of an export whose entities have another id here.
    aliases: HashMap<(Kind, String), String>,
    /// Names whose definition was refused.
    refused: HashSet<(Kind, String)>,
    /// What the tenant had before of the kinds that are only listed, when it was first asked for.
    listed: RefCell<HashMap<Kind, Vec<Value>>>,
}

/// The reason why a name leads to no id.
pub(super) enum Unresolved {
    Problem(SeedProblem),
    /// Its definition was refused, which is reported there.
    Refused,
}

impl<'t> Names<'t> {
    pub(super) fn of(tenant: &'t Tenant) -> Names<'t> {
        let mut names = Names {
            tenant,
            clients: HashMap::new(),
            client_ids: HashSet::new(),
            own: HashMap::new(),
            own_ids: HashSet::new(),
            aliases: HashMap::new(),
            refused: HashSet::new(),
            listed: RefCell::default(),
        };
        let mut next = Some(String::new());
        while let Some(cursor) = next {
            let mut path = "/clients?fields=client_id,name&take=100".to_owned();
            if !cursor.is_empty() {
                path += "&from=";
                path += &segment(&cursor);
            }
            let page = names.get(&path).unwrap_or_default();
            for client in page["clients"].as_array().into_iter().flatten() {
                let (id, name) = (&client["client_id"], &client["name"]);
                let (id, name) =
                    (id.as_str().unwrap_or_default().to_owned(), name.as_str().unwrap_or_default().to_owned());
                names.client_ids.insert(id.clone());
                names.clients.entry(name).or_default().push(id);
            }
            next = page["next"].as_str().map(str::to_owned);
        }
        names
    }

    /// Notes an entity of the seed.
    pub(super) fn define(&mut self, kind: Kind, name: Option<&str>, id: &str) {
        if let Some(name) = name {
            self.own.entry((kind, name.to_owned())).or_default().push(id.to_owned());
        }
        self.own_ids.insert((kind, id.to_owned()));
    }

    /// Notes the id of an export for an entity that has another one.
    pub(super) fn alias(&mut self, kind: Kind, exported_id: &str, id: &str) {
        self.aliases.insert((kind, exported_id.to_owned()), id.to_owned());
    }

    /// Notes a name whose definition was refused.
    pub(super) fn refuse(&mut self, kind: Kind, name: &str) {
        self.refused.insert((kind, name.to_owned()));
    }

    /// Whether the seed itself has defined the entity with this id.
    pub(super) fn is_own(&self, kind: Kind, id: &str) -> bool {
        self.own_ids.contains(&(kind, id.to_owned()))
    }

    /// Whether there is a client of this name.
    pub(super) fn has_client(&self, name: &str) -> bool {
        self.clients.contains_key(name) || self.own.contains_key(&(Kind::Client, name.to_owned()))
    }

    /// The ids of the clients that had this name before the seed.
    pub(super) fn earlier_clients(&self, name: &str) -> Vec<&str> {
        let named: Vec<&str> = self.clients.get(name).into_iter().flatten().map(String::as_str).collect();
        let (management_client, _) = self.tenant.management_client();
        // A seed may have planted an application of the same name, which is then meant.
        if named.len() > 1 { named.into_iter().filter(|id| *id != management_client).collect() } else { named }
    }

    /// Whether the tenant has an entity with this id.
    pub(super) fn has_id(&self, kind: Kind, id: &str) -> bool {
        match kind {
            Kind::Client => self.client_ids.contains(id),
            Kind::Api => self.get(&format!("/resource-servers/{}", segment(id))).is_some_and(|api| api["id"] == id),
            _ => self.get(&format!("{}/{}", kind.traits().path, segment(id))).is_some(),
        }
    }

    /// The id of the entity that had this name before.
    pub(super) fn earlier(&self, kind: Kind, name: &str) -> Option<String> {
        let called = segment(name);
        let (found, id) = match kind {
            Kind::Api => (self.get(&format!("/resource-servers/{called}"))?, "id"),
            Kind::Connection => (self.get(&format!("/connections?name={called}"))?.get_mut(0)?.take(), "id"),
            Kind::Organization => (self.get(&format!("/organizations/name/{called}"))?, "id"),
            Kind::Role => {
                // The filter finds names that hold this one as well.
                let roles = self.get(&format!("/roles?per_page=100&name_filter={called}"))?;
                (roles.as_array()?.iter().find(|role| role["name"] == name)?.clone(), "id")
            }
            Kind::Client => return self.earlier_clients(name).into_iter().next().map(str::to_owned),
            Kind::ClientGrant => return None,
            Kind::Of(traits) => {
                let member = traits.named_by.first()?;
                return self.earlier_like(kind, |held| held[*member] == name);
            }
        };
        found[id].as_str().map(str::to_owned)
    }

    /// The id of the first entity with a row in the table that is like this, of those that the tenant had before.
    pub(super) fn earlier_like(&self, kind: Kind, is_like: impl Fn(&Value) -> bool) -> Option<String> {
        let mut listed = self.listed.borrow_mut();
        let held =
            listed.entry(kind).or_insert_with(|| all(|path| self.get(path), kind.traits().path, kind.traits().list));
        held.iter().find(|held| is_like(held))?[kind.traits().id].as_str().map(str::to_owned)
    }

    /// The id of the version of a module of Actions that has this number.
    pub(super) fn version(&self, module: &str, number: u64, place: &Location) -> Result<String, Unresolved> {
        let id = self.id(MODULES, module, place)?;
        let mut versions = (0..).map_while(|page| {
            let path = format!("/actions/modules/{}/versions?per_page={MOST_PER_PAGE}&page={page}", segment(&id));
            Some(entities(self.get(&path)?)).filter(|versions| !versions.is_empty())
        });
        let is_meant = |version: &&Value| version["version_number"] == number;
        let found = versions.find_map(|page| page.iter().find(is_meant)?["id"].as_str().map(str::to_owned));
        let missing = || SeedProblem::no_such_entity(place, "version of the module", "number", &number.to_string());
        found.ok_or_else(|| Unresolved::Problem(missing()))
    }

    /// The id of the client, connection or organization with this name or id.
    pub(super) fn id(&self, kind: Kind, called: &str, place: &Location) -> Result<String, Unresolved> {
        let key = (kind, called.to_owned());
        let mut meant: Vec<&str> = self.own.get(&key).into_iter().flatten().map(String::as_str).collect();
        meant.extend(self.own_ids.contains(&key).then_some(called));
        meant.extend(self.aliases.get(&key).map(String::as_str));
        if meant.is_empty() && kind == Kind::Client {
            meant.extend(self.earlier_clients(called));
            meant.extend(self.client_ids.get(called).map(String::as_str));
        }
        meant.sort_unstable();
        meant.dedup();
        let entity = kind.traits().entity;
        match meant[..] {
            [id] => return Ok(id.to_owned()),
            [] => {}
            _ => {
                let problem = SeedProblem::several_such_entities(place, entity, called, meant.len());
                return Err(Unresolved::Problem(problem));
            }
        }
        if kind != Kind::Client
            && let Some(id) =
                self.earlier(kind, called).or_else(|| self.has_id(kind, called).then(|| called.to_owned()))
        {
            return Ok(id);
        }
        if self.refused.contains(&key) {
            return Err(Unresolved::Refused);
        }
        Err(Unresolved::Problem(SeedProblem::no_such_entity(place, entity, "name or id", called)))
    }

    /// The identifier of the API with this identifier or id.
    pub(super) fn audience(&self, called: &str, place: &Location) -> Result<String, Unresolved> {
        match self.get(&format!("/resource-servers/{}", segment(called))) {
            Some(api) => Ok(api["identifier"].as_str().unwrap_or_default().to_owned()),
            None if self.refused.contains(&(Kind::Api, called.to_owned())) => Err(Unresolved::Refused),
            None => {
                let problem = SeedProblem::no_such_entity(place, "API", "identifier or id", called);
                Err(Unresolved::Problem(problem))
            }
        }
    }

    /// The values of the scopes of an API; nothing if there is no such API.
    pub(super) fn scopes(&self, audience: &str) -> Option<HashSet<String>> {
        let api = self.get(&format!("/resource-servers/{}", segment(audience)))?;
        let scopes = api["scopes"].as_array().into_iter().flatten();
        Some(scopes.filter_map(|scope| scope["value"].as_str().map(str::to_owned)).collect())
    }

    /// The id of the grant that an organization means: the client's grant for the API it names, else the first one of
    /// that client in the order of the list, which is how the deploy tool reads it.
    pub(super) fn client_grant(&self, named: &NamedGrant) -> Result<String, Unresolved> {
        let client = self.id(Kind::Client, &named.client, &named.place.at("client_id"))?;
        let audience =
            named.audience.as_ref().map(|audience| self.localized(audience).unwrap_or_else(|| audience.clone()));
        let mut path = format!("/client-grants?take=1&client_id={}", segment(&client));
        if let Some(audience) = &audience {
            // A grant for users (`subject_type`) is another one, and organizations have no say in it.
            path += &format!("&subject_type=client&audience={}", segment(audience));
        }
        let page = self.get(&path).unwrap_or_default();
        if let Some(grant) = page["client_grants"].get(0).and_then(|grant| grant["id"].as_str()) {
            return Ok(grant.to_owned());
        }
        if self.refused.contains(&(Kind::ClientGrant, client)) {
            return Err(Unresolved::Refused);
        }
        let audience = named.audience.as_deref();
        Err(Unresolved::Problem(SeedProblem::no_such_client_grant(&named.place, &named.client, audience)))
    }

    /// The client grant of this client, or default grant, for this audience and kind of subject.
    pub(super) fn earlier_client_grant(&self, grant: &Value) -> Option<String> {
        let subject_type = grant["subject_type"].as_str().unwrap_or("client");
        let mut path = format!("/client-grants?take=100&subject_type={subject_type}");
        for key in ["audience", "client_id", "default_for"] {
            if let Some(value) = grant[key].as_str() {
                path += &format!("&{key}={}", segment(value));
            }
        }
        let page = self.get(&path)?;
        let grants = page["client_grants"].as_array()?;
        let is_same =
            |held: &&Value| ["audience", "client_id", "default_for"].iter().all(|key| held.get(key) == grant.get(key));
        Some(grants.iter().find(is_same)?["id"].as_str()?.to_owned())
    }

    /// The tenant's own API in the place of one that the service made for the tenant of an export.
    pub(super) fn localized(&self, audience: &str) -> Option<String> {
        service_apis::localized(audience, &self.tenant.management_audience(), self.tenant.domain())
    }

    pub(super) fn get(&self, path: &str) -> Option<Value> {
        self.tenant.perform(Method::GET, path, Value::Null, Pins::default()).ok()
    }
}

/// The greatest page of a list.
const MOST_PER_PAGE: usize = 50;

/// The entities that one request takes from a list by checkpoints: no list refuses so few.
const FEWEST_TAKEN: usize = 10;

/// All entities of a list.
pub(super) fn all(get: impl Fn(&str) -> Option<Value>, path: &str, list: List) -> Vec<Value> {
    let mut held = Vec::new();
    match list {
        List::Whole(path) => held.extend(get(path).map(entities).unwrap_or_default()),
        List::Pages => {
            for page in 0.. {
                let page = get(&format!("{path}?per_page={MOST_PER_PAGE}&page={page}"));
                let entities = page.map(entities).unwrap_or_default();
                let is_last = entities.len() < MOST_PER_PAGE;
                held.extend(entities);
                if is_last {
                    break;
                }
            }
        }
        List::Checkpoints => {
            let mut next = Some(String::new());
            while let Some(cursor) = next {
                let from = if cursor.is_empty() { String::new() } else { format!("&from={}", segment(&cursor)) };
                let page = get(&format!("{path}?take={FEWEST_TAKEN}{from}")).unwrap_or_default();
                next = page["next"].as_str().map(str::to_owned);
                held.extend(entities(page));
            }
        }
    }
    held
}

/// The entities of a page: a bare list, the list in an envelope, or a single entity.
fn entities(page: Value) -> Vec<Value> {
    match page {
        Value::Array(entities) => entities,
        Value::Object(mut members) => {
            let list = members.iter().find(|(_, value)| value.is_array()).map(|(key, _)| key.clone());
            match list.and_then(|key| members.remove(&key)) {
                Some(Value::Array(entities)) => entities,
                _ => vec![members.into()],
            }
        }
        _ => Vec::new(),
    }
}
