//! A tenant file as an ordered list of requests to the Management API: method, path template, body, and the names that a request
//! defines and uses. It is independent of a tenant: a seed performs the requests in a mock, and a scenario sends them over HTTP.
//!
//! The order is that of the deploy tool, in which references lead backwards: profiles that clients name, APIs, clients,
//! connections, roles, organizations, client grants, associations, default organizations, settings, and the other sections in
//! the order of their table.

use http::Method;
use serde_json::{Map, Value, json};

use super::kinds::{Kind, text};
use super::layout::{Client, Connection, Layout, Organization, Role, SeedEntry};
use super::location::Location;
use super::names::{Name, NamedGrant, Use};
use super::section::{Named, Request, Section, Writes, named_in_path};
use super::sections;
use super::segment;
use super::table;
use crate::domain::Pins;

/// The members of a SCIM configuration that only answers have.
pub(super) const OF_SCIM: [&str; 6] =
    ["connection_name", "connection_id", "strategy", "tenant_name", "created_at", "updated_at"];

/// The members of a directory provisioning that only answers have.
pub(super) const OF_PROVISIONING: [&str; 1] = ["synchronized_groups"];

/// One request of a seed.
pub(crate) struct Step {
    pub place: Location,
    pub method: Method,
    /// The path, in which `{id}` is the id of the subject.
    pub path: String,
    /// The entity that the path names.
    pub subject: Option<Subject>,
    pub body: Value,
    pub uses: Vec<Use>,
    pub defines: Option<Definition>,
}

/// The entity that the path of a request names.
#[derive(Clone, Copy)]
pub(crate) enum Subject {
    /// The entity of a definition, by its number.
    Defined(usize),
    /// The client of this name.
    Client(&'static str),
}

/// The entity that a request creates, or changes if the tenant has it already.
pub(crate) struct Definition {
    /// The number of the definition.
    pub number: usize,
    pub kind: Kind,
    pub pins: Pins,
    pub exported_id: Option<String>,
    /// Whether the entry has a problem and is not created. Its names count as defined, so that no problem is reported twice.
    pub is_broken: bool,
}

/// The requests of a seed, and the numbers of the definitions whose entries declare Actions.
pub(crate) struct Steps<'l> {
    pub steps: Vec<Step>,
    pub definitions: usize,
    pub apis: Vec<(usize, &'l SeedEntry)>,
    pub clients: Vec<(usize, &'l SeedEntry)>,
}

impl<'l> Steps<'l> {
    pub(crate) fn of(layout: &'l Layout) -> Steps<'l> {
        let mut steps = Steps { steps: Vec::new(), definitions: 0, apis: Vec::new(), clients: Vec::new() };
        layout.before_clients.iter().for_each(|(section, entry)| steps.row(section, entry));
        for api in &layout.apis {
            let number = steps.define(Kind::Api, api, |entry| entry.audience("identifier").into_iter().collect());
            steps.apis.push((number, api));
        }
        for client in &layout.clients {
            let number = steps.define(Kind::Client, &client.entry, |entry| {
                let oin = entry.optional("/express_configuration/okta_oin_client_id", Kind::Client);
                let profiles = table::OF_CLIENTS.into_iter().flat_map(|(member, kind)| {
                    ["express_configuration", "my_organization_configuration"]
                        .map(|of| entry.optional(&format!("/{of}/{member}"), kind))
                });
                oin.into_iter().chain(profiles.flatten()).collect()
            });
            steps.clients.push((number, &client.entry));
        }
        layout.connections.iter().for_each(|connection| steps.connection(connection));
        layout.roles.iter().for_each(|role| steps.role(role));
        let organizations: Vec<usize> = layout.organizations.iter().map(|one| steps.organization(one)).collect();
        for grant in &layout.client_grants {
            steps.define(Kind::ClientGrant, grant, |entry| {
                entry.client().into_iter().chain(entry.audience("audience")).collect()
            });
        }
        for (number, organization) in organizations.into_iter().zip(&layout.organizations) {
            organization.client_grants.iter().for_each(|grant| steps.association(number, grant));
        }
        for (index, client) in layout.clients.iter().enumerate() {
            steps.default_organization(index, client);
        }
        if let Some(settings) = layout.settings.as_ref().filter(|settings| !settings.is_broken) {
            let uses = settings.audience("default_audience").into_iter().collect();
            steps.push(
                settings.place.clone(),
                Method::PATCH,
                "/tenants/settings",
                None,
                settings.body.clone().into(),
                uses,
            );
        }
        layout.after_settings.iter().for_each(|(section, entry)| steps.row(section, entry));
        steps
    }

    fn define(&mut self, kind: Kind, entry: &SeedEntry, uses: impl Fn(&SeedEntry) -> Vec<Use>) -> usize {
        self.define_as(kind, entry, entry.body.clone().into(), uses(entry))
    }

    /// Defines an entity whose body is not that of the entry.
    fn define_as(&mut self, kind: Kind, entry: &SeedEntry, body: Value, uses: Vec<Use>) -> usize {
        let number = self.definitions;
        self.definitions += 1;
        let defines = Definition {
            number,
            kind,
            pins: entry.pins.clone(),
            exported_id: entry.exported_id.clone(),
            is_broken: entry.is_broken,
        };
        self.steps.push(Step {
            place: entry.place.clone(),
            method: Method::POST,
            path: kind.traits().path.to_owned(),
            subject: None,
            body,
            uses,
            defines: Some(defines),
        });
        number
    }

    /// The requests of an entry whose section has a row in the table.
    fn row(&mut self, section: &'static Section, entry: &SeedEntry) {
        let place = &entry.place;
        let mut body = entry.body.clone();
        let mut uses = (section.prepare)(&mut body, place);
        let document = |method, path| {
            let mut body = body.clone();
            let path = filled(path, &mut body);
            Request::new(method, path, body.into(), "")
        };
        let requests = match &section.writes {
            Writes::Entity(more) => {
                let requests = more(&mut body);
                uses.extend(section.names.iter().flat_map(|named| named_in(named, &mut body, place)));
                let number = self.define_as(Kind::Of(&section.traits), entry, body.into(), uses);
                return self.requests(requests, Some(Subject::Defined(number)), entry);
            }
            Writes::Put(_) | Writes::Patch(_) | Writes::Post(_) if is_empty(&body) => Vec::new(),
            Writes::Put(path) => vec![document(Method::PUT, path)],
            Writes::Patch(path) => vec![document(Method::PATCH, path)],
            Writes::Post(path) => vec![document(Method::POST, path)],
            Writes::Members(paths) => {
                let path = |member: &str| paths.iter().find(|(known, _)| *known == member).map(|(_, path)| *path);
                let members = body.into_iter().filter(|(_, value)| !sections::is_empty(value));
                let request = |(member, value): (String, Value)| {
                    Some(Request::new(Method::PATCH, path(&member)?, value, &member))
                };
                members.filter_map(request).collect()
            }
            Writes::Requests(requests) => requests(body, place),
            Writes::Nothing => Vec::new(),
        };
        self.requests(requests, None, entry);
    }

    fn requests(&mut self, requests: Vec<Request>, subject: Option<Subject>, entry: &SeedEntry) {
        for request in requests.into_iter().filter(|_| !entry.is_broken) {
            let place = match request.member.as_str() {
                "" => entry.place.clone(),
                member => entry.place.at(member),
            };
            let subject = request.client.map(Subject::Client).or(subject);
            self.push(place, request.method, &request.path, subject, request.body, request.uses);
        }
    }

    fn push(
        &mut self,
        place: Location,
        method: Method,
        path: &str,
        subject: Option<Subject>,
        body: Value,
        uses: Vec<Use>,
    ) {
        let path = path.to_owned();
        self.steps.push(Step { place, method, path, subject, body, uses, defines: None });
    }

    fn add(&mut self, subject: usize, path: &'static str, place: &Location, body: Value, uses: Vec<Use>) {
        self.push(place.clone(), Method::POST, path, Some(Subject::Defined(subject)), body, uses);
    }

    fn connection(&mut self, connection: &Connection) {
        let number = self.define(Kind::Connection, &connection.entry, |entry| {
            let place = entry.place.at("enabled_clients");
            let clients = entry.body.get("enabled_clients").and_then(Value::as_array).into_iter().flatten();
            let of_list = clients.enumerate().filter_map(|(index, client)| {
                let name = Name::Entity(Kind::Client, client.as_str()?.to_owned());
                Some(Use::of(format!("/enabled_clients/{index}"), place.entry(index + 1, None), name))
            });
            of_list.chain(entry.optional("/options/idpinitiated/client_id", Kind::Client)).collect()
        });
        let place = &connection.entry.place;
        if let Some(scim) = &connection.scim {
            let place = place.at("scim_configuration");
            let body = without(scim, &OF_SCIM);
            self.add(number, "/connections/{id}/scim-configuration", &place, body, Vec::new());
        }
        if let Some(provisioning) = &connection.provisioning {
            let place = place.at("directory_provisioning_configuration");
            let body = without(provisioning, &OF_PROVISIONING);
            self.add(number, "/connections/{id}/directory-provisioning", &place, body, Vec::new());
        }
    }

    fn role(&mut self, role: &Role) {
        let number = self.define(Kind::Role, &role.entry, |_| Vec::new());
        let Some(permissions) = &role.permissions else { return };
        let place = &role.entry.place;
        let uses = permissions.as_array().into_iter().flatten().enumerate().filter_map(|(index, permission)| {
            let key = "resource_server_identifier";
            let name = Name::Audience(permission.get(key)?.as_str()?.to_owned());
            let place = place.at("permissions").entry(index + 1, None).at(key);
            Some(Use::of(format!("/permissions/{index}/{key}"), place, name))
        });
        self.add(number, "/roles/{id}/permissions", place, json!({ "permissions": permissions }), uses.collect());
    }

    fn organization(&mut self, organization: &Organization) -> usize {
        let number = self.define(Kind::Organization, &organization.entry, |_| Vec::new());
        for connection in &organization.connections {
            let mut body = connection.body.clone();
            // The API accepts only the id in this member.
            let name = body.remove("name").or_else(|| body.remove("connection_id"));
            let mut uses = Vec::new();
            if let Some(name) = name {
                if let Value::String(name) = &name {
                    let place = connection.place.at("name");
                    uses.push(Use::of(
                        "/connection_id".to_owned(),
                        place,
                        Name::Entity(Kind::Connection, name.clone()),
                    ));
                }
                body.insert("connection_id".to_owned(), name);
            }
            self.add(number, "/organizations/{id}/connections", &connection.place, body.into(), uses);
        }
        for domain in &organization.discovery_domains {
            let path = "/organizations/{id}/discovery-domains";
            self.add(number, path, &domain.place, domain.body.clone().into(), Vec::new());
        }
        for client in &organization.clients {
            // The operation accepts several clients; with one request for each, a problem has its own location.
            let uses = client.client().map(|used| Use { pointer: "/clients/0/client_id".to_owned(), ..used });
            let body = json!({ "clients": [client.body] });
            self.add(number, "/organizations/{id}/clients", &client.place, body, uses.into_iter().collect());
        }
        number
    }

    fn association(&mut self, organization: usize, grant: &NamedGrant) {
        let used = Use::of("/grant_id".to_owned(), grant.place.clone(), Name::ClientGrant(grant.clone()));
        let body = json!({ "grant_id": "" });
        self.add(organization, "/organizations/{id}/client-grants", &grant.place, body, vec![used]);
    }

    fn default_organization(&mut self, index: usize, client: &Client) {
        let Some(default) = &client.default_organization else { return };
        let place = &client.entry.place;
        let key = "organization_id";
        let uses = text(default, key).map(|organization| {
            let name = Name::Entity(Kind::Organization, organization.to_owned());
            Use::of(format!("/default_organization/{key}"), place.at("default_organization").at(key), name)
        });
        let body = json!({ "default_organization": default });
        let (subject, _) = self.clients[index];
        let subject = Some(Subject::Defined(subject));
        self.push(place.clone(), Method::PATCH, "/clients/{id}", subject, body, uses.into_iter().collect());
    }
}

impl SeedEntry {
    fn used(&self, key: &str, name: fn(String) -> Name) -> Option<Use> {
        let called = text(&self.body, key)?.to_owned();
        Some(Use::of(format!("/{key}"), self.place.at(key), name(called)))
    }

    fn client(&self) -> Option<Use> {
        self.used("client_id", |name| Name::Entity(Kind::Client, name))
    }

    fn audience(&self, key: &str) -> Option<Use> {
        self.used(key, Name::Audience)
    }

    /// The entity that is named deep within the body.
    fn optional(&self, pointer: &str, kind: Kind) -> Option<Use> {
        let mut steps = pointer.split('/').skip(1);
        let first = self.body.get(steps.next()?)?;
        let name = steps.try_fold(first, |value, step| value.get(step))?.as_str()?.to_owned();
        let place = pointer.split('/').skip(1).fold(self.place.clone(), |place, step| place.at(step));
        Some(Use { is_optional: true, ..Use::of(pointer.to_owned(), place, Name::Entity(kind, name)) })
    }
}

/// The names in the members of an entry, which get the names that the Management API gives them.
fn named_in(named: &Named, body: &mut Map<String, Value>, place: &Location) -> Vec<Use> {
    if let Some(sent_as) = named.sent_as {
        let Some(Value::String(name)) = body.get(named.member).cloned() else { return Vec::new() };
        body.remove(named.member);
        body.insert(sent_as.to_owned(), Value::Null);
        return vec![Use::of(format!("/{sent_as}"), place.at(named.member), Name::Entity(named.of, name))];
    }
    let mut uses = Vec::new();
    for (key, value) in body {
        named_below(named, key, value, &format!("/{}", escaped(key)), &place.at(key), &mut uses);
    }
    uses
}

fn named_below(named: &Named, key: &str, value: &Value, pointer: &str, place: &Location, uses: &mut Vec<Use>) {
    match value {
        Value::String(name) if key == named.member && !name.is_empty() => {
            let name = Name::Entity(named.of, name.clone());
            uses.push(Use { is_optional: named.is_optional, ..Use::of(pointer.to_owned(), place.clone(), name) });
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let place = place.entry(index + 1, None);
                named_below(named, "", item, &format!("{pointer}/{index}"), &place, uses);
            }
        }
        Value::Object(members) => {
            for (key, value) in members {
                named_below(named, key, value, &format!("{pointer}/{}", escaped(key)), &place.at(key), uses);
            }
        }
        _ => {}
    }
}

/// A member as a step of a JSON pointer.
fn escaped(member: &str) -> String {
    member.replace('~', "~0").replace('/', "~1")
}

/// A path with the members that it names in braces, which are taken out of the body.
fn filled(path: &str, body: &mut Map<String, Value>) -> String {
    let mut filled = path.to_owned();
    for member in named_in_path(path) {
        let value = body.remove(member).unwrap_or_default();
        filled = filled.replace(&format!("{{{member}}}"), &segment(value.as_str().unwrap_or_default()));
    }
    filled
}

fn is_empty(body: &Map<String, Value>) -> bool {
    body.values().all(sections::is_empty)
}

/// A body without members that only answers have.
pub(super) fn without(body: &Value, keys: &[&str]) -> Value {
    let members = body.as_object().into_iter().flatten();
    let rest: Map<String, Value> = members
        .filter(|(key, _)| !keys.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if body.is_object() { rest.into() } else { body.clone() }
}
