//! A tenant file as an ordered list of requests to the Management API: method, path template, body, and the names that a request
//! defines and uses. Nothing here knows a tenant. A seed performs the requests in a mock, and a scenario sends them over HTTP.
//!
//! The order is that of the deploy tool, in which references lead backwards: APIs, clients, connections, roles,
//! organizations, client grants, associations, default organizations, settings.

use http::Method;
use serde_json::{Map, Value, json};

use super::kinds::{Kind, text};
use super::layout::{Client, Connection, Layout, NamedGrant, Organization, Role, SeedEntry};
use super::location::Location;
use crate::domain::Pins;

/// One request of a seed.
pub(crate) struct Step {
    pub place: Location,
    pub method: Method,
    /// In which `{id}` is the id of the subject.
    pub path: &'static str,
    /// The definition whose entity the path names, by its number.
    pub subject: Option<usize>,
    pub body: Value,
    pub uses: Vec<Use>,
    pub defines: Option<Definition>,
}

/// The entity that a request creates, or changes if the tenant has it already.
pub(crate) struct Definition {
    /// The number of the definition.
    pub number: usize,
    pub kind: Kind,
    pub pins: Pins,
    pub exported_id: Option<String>,
    /// Whether the entry cannot be planted. Its names are known all the same, so that nothing is reported twice.
    pub is_broken: bool,
}

/// A name in a body, in whose place the Management API wants an id.
pub(crate) struct Use {
    /// The JSON pointer to the value.
    pub pointer: String,
    pub place: Location,
    pub name: Name,
    /// Whether a name that nothing has stays as it is, for the Management API to judge.
    pub is_optional: bool,
}

pub(crate) enum Name {
    Client(String),
    Connection(String),
    Organization(String),
    ClientGrant(NamedGrant),
    /// The identifier of an API. One of the service's own APIs may be that of the tenant from which the seed was exported.
    Audience(String),
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
        for api in &layout.apis {
            let number = steps.define(Kind::Api, api, |entry| entry.audience("identifier").into_iter().collect());
            steps.apis.push((number, api));
        }
        for client in &layout.clients {
            let number = steps.define(Kind::Client, &client.entry, |entry| {
                entry.optional_client("/express_configuration/okta_oin_client_id").into_iter().collect()
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
        steps
    }

    fn define(&mut self, kind: Kind, entry: &SeedEntry, uses: impl Fn(&SeedEntry) -> Vec<Use>) -> usize {
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
            path: kind.traits().path,
            subject: None,
            body: entry.body.clone().into(),
            uses: uses(entry),
            defines: Some(defines),
        });
        number
    }

    fn push(
        &mut self,
        place: Location,
        method: Method,
        path: &'static str,
        subject: Option<usize>,
        body: Value,
        uses: Vec<Use>,
    ) {
        self.steps.push(Step { place, method, path, subject, body, uses, defines: None });
    }

    fn add(&mut self, subject: usize, path: &'static str, place: &Location, body: Value, uses: Vec<Use>) {
        self.push(place.clone(), Method::POST, path, Some(subject), body, uses);
    }

    fn connection(&mut self, connection: &Connection) {
        let number = self.define(Kind::Connection, &connection.entry, |entry| {
            let place = entry.place.at("enabled_clients");
            let clients = entry.body.get("enabled_clients").and_then(Value::as_array).into_iter().flatten();
            let of_list = clients.enumerate().filter_map(|(index, client)| {
                let name = Name::Client(client.as_str()?.to_owned());
                Some(Use::of(format!("/enabled_clients/{index}"), place.entry(index + 1, None), name))
            });
            of_list.chain(entry.optional_client("/options/idpinitiated/client_id")).collect()
        });
        let place = &connection.entry.place;
        if let Some(scim) = &connection.scim {
            let place = place.at("scim_configuration");
            let body = without(
                scim,
                &["connection_name", "connection_id", "strategy", "tenant_name", "created_at", "updated_at"],
            );
            self.add(number, "/connections/{id}/scim-configuration", &place, body, Vec::new());
        }
        if let Some(provisioning) = &connection.provisioning {
            let place = place.at("directory_provisioning_configuration");
            let body = without(provisioning, &["synchronized_groups"]);
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
            // Under this name, the API takes the id only.
            let name = body.remove("name").or_else(|| body.remove("connection_id"));
            let mut uses = Vec::new();
            if let Some(name) = name {
                if let Value::String(name) = &name {
                    let place = connection.place.at("name");
                    uses.push(Use::of("/connection_id".to_owned(), place, Name::Connection(name.clone())));
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
            // The operation takes several clients; one at a time has a place of its own.
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
            let name = Name::Organization(organization.to_owned());
            Use::of(format!("/default_organization/{key}"), place.at("default_organization").at(key), name)
        });
        let body = json!({ "default_organization": default });
        let (subject, _) = self.clients[index];
        self.push(place.clone(), Method::PATCH, "/clients/{id}", Some(subject), body, uses.into_iter().collect());
    }
}

impl Use {
    fn of(pointer: String, place: Location, name: Name) -> Use {
        Use { pointer, place, name, is_optional: false }
    }
}

impl SeedEntry {
    fn used(&self, key: &str, name: fn(String) -> Name) -> Option<Use> {
        let called = text(&self.body, key)?.to_owned();
        Some(Use::of(format!("/{key}"), self.place.at(key), name(called)))
    }

    fn client(&self) -> Option<Use> {
        self.used("client_id", Name::Client)
    }

    fn audience(&self, key: &str) -> Option<Use> {
        self.used(key, Name::Audience)
    }

    /// The client that is named deep within the body.
    fn optional_client(&self, pointer: &str) -> Option<Use> {
        let mut steps = pointer.split('/').skip(1);
        let first = self.body.get(steps.next()?)?;
        let client = steps.try_fold(first, |value, step| value.get(step))?.as_str()?.to_owned();
        let place = pointer.split('/').skip(1).fold(self.place.clone(), |place, step| place.at(step));
        Some(Use { is_optional: true, ..Use::of(pointer.to_owned(), place, Name::Client(client)) })
    }
}

/// A body without members that only answers have.
fn without(body: &Value, keys: &[&str]) -> Value {
    let members = body.as_object().into_iter().flatten();
    let rest: Map<String, Value> = members
        .filter(|(key, _)| !keys.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if body.is_object() { rest.into() } else { body.clone() }
}
