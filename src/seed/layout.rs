//! The layout: which sections there are, what their entries say beyond the Management API's bodies, and nothing of what
//! those bodies may hold.

use serde_json::{Map, Value};

use super::actions::{self, Declared};
use super::conditions::Conditions;
use super::error::{Place, SeedError, quoted};
use crate::api::Pins;
use crate::domain::IdShape;

/// The sections of a seed, in the order in which they are planted.
const SECTIONS: [&str; 8] =
    ["tenant", "resourceServers", "clients", "databases", "connections", "roles", "organizations", "clientGrants"];

/// What else the deploy tool writes (its handlers and its example of a `tenant.yaml`).
const SECTIONS_TO_COME: &[&str] = &[
    "actionModules",
    "actions",
    "attackProtection",
    "branding",
    "connectionProfiles",
    "customDomains",
    "emailProvider",
    "emailTemplates",
    "eventStreams",
    "flowVaultConnections",
    "flows",
    "forms",
    "guardianFactorProviders",
    "guardianFactorTemplates",
    "guardianFactors",
    "guardianPhoneFactorMessageTypes",
    "guardianPhoneFactorSelectedProvider",
    "guardianPolicies",
    "hooks",
    "logStreams",
    "networkACLs",
    "pages",
    "phoneProviders",
    "phoneTemplates",
    "prompts",
    "rateLimitPolicies",
    "riskAssessment",
    "riskAssessments",
    "rules",
    "rulesConfigs",
    "selfServiceProfiles",
    "supplementalSignals",
    "themes",
    "tokenExchangeProfiles",
    "triggers",
    "userAttributeProfiles",
];

/// Where an entry says what the deploy tool has no place for: its id and secret, and what Actions do. Beside the sections,
/// it says so of the tenant as a whole: its faults, and whether rate limits apply.
const OURS: &str = "x-m2mock";

/// A seed, read.
#[derive(Clone)]
pub(super) struct Layout {
    pub settings: Entry,
    pub resource_servers: Vec<Entry>,
    pub clients: Vec<Client>,
    /// Databases, then the others.
    pub connections: Vec<Entry>,
    pub roles: Vec<Role>,
    pub organizations: Vec<Organization>,
    pub client_grants: Vec<Entry>,
    pub conditions: Conditions,
}

/// A body for the Management API, and where it stands in the seed.
#[derive(Clone)]
pub(super) struct Entry {
    pub place: Place,
    pub body: Map<String, Value>,
    pub pins: Pins,
    pub actions: Vec<Declared>,
}

impl Entry {
    /// A body that stands at this place, and nothing beside it.
    pub fn plain(place: Place, body: Map<String, Value>) -> Entry {
        Entry { place, body, pins: Pins::default(), actions: Vec::new() }
    }
}

/// A client. Its default organization is set when there are organizations.
#[derive(Clone)]
pub(super) struct Client {
    pub entry: Entry,
    pub default_organization: Option<Map<String, Value>>,
}

/// A role and what it lets its users do: bodies for the operation that adds permissions.
#[derive(Clone)]
pub(super) struct Role {
    pub entry: Entry,
    pub permissions: Option<Entry>,
}

/// An organization and what belongs to it.
#[derive(Clone)]
pub(super) struct Organization {
    pub entry: Entry,
    pub connections: Vec<Entry>,
    pub discovery_domains: Vec<Entry>,
    pub clients: Vec<Entry>,
    pub client_grants: Vec<NamedGrant>,
}

/// A client grant as an organization names it.
#[derive(Clone)]
pub(super) struct NamedGrant {
    pub place: Place,
    pub client: String,
    pub audience: Option<String>,
}

impl Layout {
    pub fn read(content: Value, file: &str) -> Result<Layout, SeedError> {
        let file = Place::file(file);
        let Value::Object(mut sections) = content else {
            let sections = SECTIONS.join(", ");
            return Err(SeedError::wrong_shape(&file, &format!("an object with sections ({sections})")));
        };
        let conditions = Conditions::read(sections.remove(OURS), &file.at(OURS))?;
        if let Some(section) = sections.keys().find(|section| !SECTIONS.contains(&section.as_str())) {
            return Err(if SECTIONS_TO_COME.contains(&section.as_str()) {
                SeedError::section_to_come(&file, section)
            } else {
                SeedError::unknown_section(&file, section, &SECTIONS)
            });
        }
        let mut entries = |section: &str, kind: &Kind| {
            let place = file.at(section);
            list(sections.remove(section), &place)?
                .into_iter()
                .enumerate()
                .map(|(index, value)| Entry::read(value, &place, index + 1, kind))
                .collect::<Result<Vec<Entry>, SeedError>>()
        };
        let resource_servers = entries("resourceServers", &RESOURCE_SERVERS)?;
        let clients = entries("clients", &CLIENTS)?;
        let mut connections = entries("databases", &CONNECTIONS)?;
        connections.extend(entries("connections", &CONNECTIONS)?);
        let roles = entries("roles", &ROLES)?;
        let organizations = entries("organizations", &ORGANIZATIONS)?;
        let client_grants = entries("clientGrants", &CLIENT_GRANTS)?;

        let place = file.at("tenant");
        let settings = match sections.remove("tenant") {
            None | Some(Value::Null) => Map::new(),
            Some(value) => object(value, &place)?,
        };
        Ok(Layout {
            settings: Entry::plain(place, settings),
            resource_servers,
            clients: clients.into_iter().map(Client::read).collect(),
            connections,
            roles: roles.into_iter().map(Role::read).collect(),
            organizations: organizations.into_iter().map(Organization::read).collect::<Result<_, _>>()?,
            client_grants,
            conditions,
        })
    }
}

/// What tells the entries of one section from those of another.
struct Kind {
    /// What to call an entry by, beside its number.
    title: fn(&Map<String, Value>) -> Option<String>,
    /// The keys below `x-m2mock`.
    id: &'static str,
    secret: Option<&'static str>,
    /// What a pinned id has to look like, with an example: references to it pass the Management API's own checks.
    shape: Option<(IdShape, &'static str)>,
    /// For a section whose entries may say what Actions do: by which key they name the other side of a client grant.
    actions_only_for: Option<&'static str>,
}

const RESOURCE_SERVERS: Kind =
    Kind { title: api_title, id: "id", secret: None, shape: None, actions_only_for: Some("client_id") };
const CLIENTS: Kind = Kind {
    title: name,
    id: "client_id",
    secret: Some("client_secret"),
    shape: None,
    actions_only_for: Some("audience"),
};
const CONNECTIONS: Kind = Kind {
    title: name,
    id: "id",
    secret: None,
    shape: Some((IdShape::CONNECTION, "an id such as con_0123456789abcDEF")),
    actions_only_for: None,
};
const ROLES: Kind = Kind {
    title: name,
    id: "id",
    secret: None,
    shape: Some((IdShape::ROLE, "an id such as rol_0123456789abcDEF")),
    actions_only_for: None,
};
const ORGANIZATIONS: Kind = Kind {
    title: name,
    id: "id",
    secret: None,
    shape: Some((IdShape::ORGANIZATION, "an id such as org_0123456789abcDEF")),
    actions_only_for: None,
};
const CLIENT_GRANTS: Kind = Kind {
    title: grant_title,
    id: "id",
    secret: None,
    shape: Some((IdShape::CLIENT_GRANT, "an id such as cgr_0123456789abcDEF")),
    actions_only_for: None,
};

fn name(body: &Map<String, Value>) -> Option<String> {
    text(body, "name").map(quoted)
}

fn api_title(body: &Map<String, Value>) -> Option<String> {
    text(body, "identifier").map(quoted).or_else(|| name(body))
}

fn grant_title(body: &Map<String, Value>) -> Option<String> {
    let subject = text(body, "client_id").or_else(|| text(body, "default_for"))?;
    Some(format!("{} for {}", quoted(subject), quoted(text(body, "audience")?)))
}

impl Entry {
    fn read(value: Value, section: &Place, number: usize, kind: &Kind) -> Result<Entry, SeedError> {
        let place = section.at(format_args!("entry {number}"));
        let mut body = object(value, &place)?;
        let place = match (kind.title)(&body) {
            Some(title) => section.at(format_args!("entry {number} ({title})")),
            None => place,
        };
        let (pins, actions) = match body.remove(OURS) {
            None => (Pins::default(), Vec::new()),
            Some(ours) => {
                let place = place.at(OURS);
                let mut ours = object(ours, &place)?;
                let actions = match kind.actions_only_for {
                    Some(only) => Declared::read(ours.remove(actions::KEY), &place, only)?,
                    None => Vec::new(),
                };
                (read_pins(ours, &place, kind)?, actions)
            }
        };
        Ok(Entry { place, body, pins, actions })
    }
}

impl Entry {
    /// Takes out a list of bodies for an operation of their own.
    fn take_list(
        &mut self,
        key: &str,
        title: fn(&Map<String, Value>) -> Option<String>,
    ) -> Result<Vec<Entry>, SeedError> {
        let list_place = self.place.at(key);
        let bodies = list(self.body.remove(key), &list_place)?.into_iter().enumerate();
        let entry = |(index, value): (usize, Value)| {
            let place = list_place.at(format_args!("entry {}", index + 1));
            let body = object(value, &place)?;
            let place = match title(&body) {
                Some(title) => list_place.at(format_args!("entry {} ({title})", index + 1)),
                None => place,
            };
            Ok(Entry::plain(place, body))
        };
        bodies.map(entry).collect()
    }
}

fn read_pins(mut values: Map<String, Value>, place: &Place, kind: &Kind) -> Result<Pins, SeedError> {
    let mut pin = |key: &str| match values.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(SeedError::wrong_shape(&place.at(key), "a text that is not empty (digits alone need quotes)")),
    };
    let id = pin(kind.id)?;
    let secret = kind.secret.map_or(Ok(None), pin)?;
    if let Some(key) = values.keys().next() {
        return Err(SeedError::unknown_key(place, key));
    }
    match (&id, kind.shape) {
        (Some(id), Some((shape, example))) if !shape.fits(id) => {
            Err(SeedError::wrong_shape(&place.at(kind.id), example))
        }
        _ => Ok(Pins { id, secret }),
    }
}

impl Client {
    fn read(mut entry: Entry) -> Client {
        // Anything but an object stays where it is, for the Management API to judge.
        let default_organization = match entry.body.remove("default_organization") {
            Some(Value::Object(default)) => Some(default),
            Some(other) => {
                entry.body.insert("default_organization".to_owned(), other);
                None
            }
            None => None,
        };
        Client { entry, default_organization }
    }
}

impl Role {
    fn read(mut entry: Entry) -> Role {
        let permissions = match entry.body.remove("permissions") {
            None | Some(Value::Null) => None,
            Some(Value::Array(none)) if none.is_empty() => None,
            Some(some) => Some(Entry::plain(entry.place.clone(), Map::from_iter([("permissions".to_owned(), some)]))),
        };
        Role { entry, permissions }
    }
}

impl Organization {
    fn read(mut entry: Entry) -> Result<Organization, SeedError> {
        let connections = entry.take_list("connections", name)?;
        let discovery_domains = entry.take_list("discovery_domains", |body| text(body, "domain").map(quoted))?;
        let clients = entry.take_list("clients", |body| text(body, "client_id").map(quoted))?;
        let place = entry.place.at("client_grants");
        let grants = list(entry.body.remove("client_grants"), &place)?.into_iter().enumerate();
        let client_grants = grants
            .map(|(index, grant)| NamedGrant::read(grant, place.at(format_args!("entry {}", index + 1))))
            .collect::<Result<_, _>>()?;
        Ok(Organization { entry, connections, discovery_domains, clients, client_grants })
    }
}

impl NamedGrant {
    fn read(value: Value, place: Place) -> Result<NamedGrant, SeedError> {
        let mut members = object(value, &place)?;
        let mut member = |key: &str| match members.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(SeedError::wrong_shape(&place.at(key), "a text")),
        };
        let (client, audience) = (member("client_id")?, member("audience")?);
        if let Some(key) = members.keys().next() {
            return Err(SeedError::unknown_key(&place, key));
        }
        let client = client.ok_or_else(|| SeedError::missing_key(&place, "client_id"))?;
        Ok(NamedGrant { place, client, audience })
    }
}

/// A list; a key without anything after it is an empty one.
pub(super) fn list(value: Option<Value>, place: &Place) -> Result<Vec<Value>, SeedError> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(values)) => Ok(values),
        Some(_) => Err(SeedError::wrong_shape(place, "a list")),
    }
}

pub(super) fn object(value: Value, place: &Place) -> Result<Map<String, Value>, SeedError> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(SeedError::wrong_shape(place, "an object")),
    }
}

fn text<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    body.get(key).and_then(Value::as_str)
}
