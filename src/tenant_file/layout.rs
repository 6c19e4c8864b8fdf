//! The layout: what an entry of each section says beyond the Management API's bodies, and nothing of what those bodies may
//! hold.

use serde_json::{Map, Value, json};

use super::actions::{self, Declared};
use super::error::{Report, SeedProblem, quoted};
use super::exported;
use super::kinds::{Kind, Traits, name, text};
use super::location::Location;
use super::names::NamedGrant;
use super::section::{Section, Writes, named_in_path};
use super::sections::OURS;
use super::shape::{list, object};
use super::source::{Options, Raw, Source};
use super::table;
use crate::domain::Pins;

/// A seed, read.
#[derive(Clone, Default)]
pub(crate) struct Layout {
    pub settings: Option<SeedEntry>,
    pub apis: Vec<SeedEntry>,
    pub clients: Vec<Client>,
    /// Databases, then the others.
    pub connections: Vec<Connection>,
    pub roles: Vec<Role>,
    pub organizations: Vec<Organization>,
    pub client_grants: Vec<SeedEntry>,
    /// The entries of the sections with a row in the table that clients refer to.
    pub before_clients: Vec<(&'static Section, SeedEntry)>,
    /// The entries of the other sections with a row.
    pub after_settings: Vec<(&'static Section, SeedEntry)>,
}

/// A body for the Management API, and its place in the seed.
#[derive(Clone)]
pub(crate) struct SeedEntry {
    pub place: Location,
    pub body: Map<String, Value>,
    /// The id and the secret that the entity must have.
    pub pins: Pins,
    /// The id that an exported entity had. A new entity gets it; one that is there already keeps its own.
    pub exported_id: Option<String>,
    pub actions: Vec<Declared>,
    /// Whether the entry has a keyword without a mapping, so that its values mean nothing.
    pub is_broken: bool,
}

impl SeedEntry {
    /// A body at this place, and nothing beside it.
    pub(crate) fn plain(place: Location, body: Map<String, Value>) -> SeedEntry {
        SeedEntry { place, body, pins: Pins::default(), exported_id: None, actions: Vec::new(), is_broken: false }
    }
}

/// A client. Its default organization is set when there are organizations.
#[derive(Clone)]
pub(crate) struct Client {
    pub entry: SeedEntry,
    pub default_organization: Option<Map<String, Value>>,
}

/// A connection, and what operations of their own add to it.
#[derive(Clone)]
pub(crate) struct Connection {
    pub entry: SeedEntry,
    pub scim: Option<Value>,
    pub provisioning: Option<Value>,
}

/// A role and what it lets its users do: bodies for the operation that adds permissions.
#[derive(Clone)]
pub(crate) struct Role {
    pub entry: SeedEntry,
    pub permissions: Option<Value>,
}

/// An organization and what belongs to it.
#[derive(Clone)]
pub(crate) struct Organization {
    pub entry: SeedEntry,
    pub connections: Vec<SeedEntry>,
    pub discovery_domains: Vec<SeedEntry>,
    pub clients: Vec<SeedEntry>,
    pub client_grants: Vec<NamedGrant>,
}

impl Layout {
    /// Reads the sections of a source. What stands under our own key beside them is left to the caller.
    pub(crate) fn read(mut source: Source, options: &Options, report: &mut Report) -> Layout {
        let mut entries = |section: &'static str, kind: Kind| -> Vec<SeedEntry> {
            let raw = source.take(section).into_iter();
            raw.filter_map(|raw| SeedEntry::read(raw, section, kind.traits(), options, report)).collect()
        };
        let apis = entries("resourceServers", Kind::Api);
        let clients = entries("clients", Kind::Client);
        let mut connections = entries("databases", Kind::Connection);
        for database in &mut connections {
            // As in the tool, where this section has one strategy.
            database.body.entry("strategy").or_insert_with(|| json!("auth0"));
        }
        connections.extend(entries("connections", Kind::Connection));
        let roles = entries("roles", Kind::Role);
        let organizations = entries("organizations", Kind::Organization);
        let client_grants = entries("clientGrants", Kind::ClientGrant);
        let mut rows = |sections: &'static [&'static Section]| -> Vec<(&'static Section, SeedEntry)> {
            let read = |section: &&'static Section| {
                let entries = entries(section.name, Kind::Of(&section.traits));
                entries.into_iter().map(|entry| (*section, entry)).collect::<Vec<_>>()
            };
            sections.iter().flat_map(read).collect()
        };
        let (before_clients, after_settings) = (rows(&table::BEFORE_CLIENTS), rows(&table::AFTER_SETTINGS));
        for (section, entry) in before_clients.iter().chain(&after_settings) {
            check(section, entry, report);
        }
        Layout {
            settings: source.take("tenant").into_iter().find_map(|raw| settings(raw, report)),
            apis,
            clients: clients.into_iter().map(Client::read).collect(),
            connections: connections.into_iter().map(Connection::read).collect(),
            roles: roles.into_iter().map(Role::read).collect(),
            organizations: organizations.into_iter().map(|entry| Organization::read(entry, report)).collect(),
            client_grants,
            before_clients,
            after_settings,
        }
    }
}

/// Tells what an entry needs for the paths of its requests and does not have.
fn check(section: &Section, entry: &SeedEntry, report: &mut Report) {
    match &section.writes {
        Writes::Put(path) | Writes::Patch(path) => {
            for member in named_in_path(path).filter(|member| text(&entry.body, member).is_none()) {
                report.error(SeedProblem::missing_key(&entry.place, member));
            }
        }
        Writes::Members(paths) => {
            let known = || paths.iter().map(|(member, _)| *member);
            for member in entry.body.keys().filter(|member| known().all(|known| known != member.as_str())) {
                report.error(SeedProblem::unknown_key(&entry.place, member, known()));
            }
        }
        Writes::Nothing => {
            let fault = "the deploy tool reads nothing from this section";
            report.warn(SeedProblem::no_effect(&entry.place, fault));
        }
        _ => {}
    }
}

/// The settings of the tenant, unless there are none.
fn settings(raw: Raw, report: &mut Report) -> Option<SeedEntry> {
    let place = raw.section.clone();
    let is_broken = raw.report_keywords(&place, report);
    if raw.value.is_null() {
        return None;
    }
    let mut body = report.accept(object(raw.value, &place))?;
    exported::adapt_settings(&mut body, &place, report);
    (!body.is_empty()).then(|| SeedEntry { is_broken, ..SeedEntry::plain(place, body) })
}

impl SeedEntry {
    fn read(mut raw: Raw, section: &str, traits: &Traits, options: &Options, report: &mut Report) -> Option<SeedEntry> {
        let row = table::all().find(|row| row.name == section);
        if let Some(row) = row {
            raw.trim(row.trim);
        }
        let untitled = raw.place(None);
        let Some(members) = raw.value.as_object() else {
            if !raw.report_keywords(&untitled, report) {
                report.error(SeedProblem::wrong_shape(&untitled, "an object"));
            }
            return None;
        };
        let place = raw.place((traits.title)(members).as_deref());
        let is_broken = raw.report_keywords(&place, report);
        let mut body = report.accept(object(raw.value, &place))?;
        let (mut pins, actions) = match body.remove(OURS).map(|ours| object(ours, &place.at(OURS))) {
            None => (Pins::default(), Vec::new()),
            Some(ours) => {
                let place = place.at(OURS);
                let mut ours = report.accept(ours).unwrap_or_default();
                let actions = match traits.actions_only_for {
                    Some(only) => Declared::read(ours.remove(actions::KEY), &place, only, report),
                    None => Vec::new(),
                };
                (read_pins(ours, &place, traits, report), actions)
            }
        };
        exported::adapt(&mut body, traits, &place, report);
        if let Some((key, secret)) = traits.secret.and_then(|key| body.remove_entry(key)) {
            match secret {
                Value::String(text) if !text.is_empty() => pins.secret = pins.secret.or(Some(text)),
                Value::String(_) | Value::Null => {}
                _ => report.error(SeedProblem::wrong_shape(&place.at(&key), "a text (digits alone need quotes)")),
            }
        }
        let id = if traits.id.is_empty() { None } else { body.remove(traits.id) };
        let exported_id = id.filter(|id| !id.is_null()).and_then(|id| {
            let usable = id.as_str().filter(|id| !id.is_empty() && traits.has_form_of_id(id)).map(str::to_owned);
            if usable.is_none() {
                let fault = format_args!("{:?} is left out: it has not the form of an id", traits.id);
                report.warn(SeedProblem::no_effect(&place, fault));
            }
            usable
        });
        if let Some(folder) = &raw.folder {
            folder.fill(section, &mut body, &place, &options.mappings, report);
            if let Some(row) = row {
                folder.fill_row(row, &mut body, &place, &options.mappings, report);
            }
        }
        Some(SeedEntry { place, body, pins, exported_id, actions, is_broken })
    }

    /// Takes out a list of bodies for an operation of their own.
    fn take_list(
        &mut self,
        key: &str,
        title: fn(&Map<String, Value>) -> Option<String>,
        report: &mut Report,
    ) -> Vec<SeedEntry> {
        let list_place = self.place.at(key);
        let values = report.accept(list(self.body.remove(key), &list_place)).unwrap_or_default();
        let entry = |(index, value): (usize, Value)| {
            let untitled = list_place.entry(index + 1, None);
            let body = report.accept(object(value, &untitled))?;
            let place = list_place.entry(index + 1, title(&body).as_deref());
            Some(SeedEntry::plain(place, body))
        };
        values.into_iter().enumerate().filter_map(entry).collect()
    }
}

fn read_pins(mut values: Map<String, Value>, place: &Location, traits: &Traits, report: &mut Report) -> Pins {
    let mut pin = |key: &str| match values.remove(key) {
        None => None,
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        Some(_) => {
            let expected = "a text that is not empty (digits alone need quotes)";
            report.error(SeedProblem::wrong_shape(&place.at(key), expected));
            None
        }
    };
    let id = if traits.id.is_empty() { None } else { pin(traits.id) };
    let secret = traits.secret.and_then(&mut pin);
    let id_key = (!traits.id.is_empty()).then_some(traits.id);
    let known = [id_key, traits.secret, traits.actions_only_for.map(|_| actions::KEY)];
    for key in values.keys() {
        report.error(SeedProblem::unknown_key(place, key, known.into_iter().flatten()));
    }
    if let (Some(id), Some((_, example))) = (&id, &traits.shape)
        && !traits.has_form_of_id(id)
    {
        report.error(SeedProblem::wrong_shape(&place.at(traits.id), example));
    }
    Pins { id, secret }
}

impl Client {
    fn read(mut entry: SeedEntry) -> Client {
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

impl Connection {
    fn read(mut entry: SeedEntry) -> Connection {
        let mut take = |key: &str| entry.body.remove(key).filter(|value| !value.is_null());
        let (scim, provisioning) = (take("scim_configuration"), take("directory_provisioning_configuration"));
        Connection { entry, scim, provisioning }
    }
}

impl Role {
    fn read(mut entry: SeedEntry) -> Role {
        let permissions = entry.body.remove("permissions").filter(|value| !value.is_null() && *value != json!([]));
        Role { entry, permissions }
    }
}

impl Organization {
    fn read(mut entry: SeedEntry, report: &mut Report) -> Organization {
        let connections = entry.take_list("connections", name, report);
        let discovery_domains = entry.take_list("discovery_domains", |body| text(body, "domain").map(quoted), report);
        let clients = entry.take_list("clients", |body| text(body, "client_id").map(quoted), report);
        let place = entry.place.at("client_grants");
        let grants = report.accept(list(entry.body.remove("client_grants"), &place)).unwrap_or_default();
        let grants = grants.into_iter().enumerate();
        let client_grants =
            grants.filter_map(|(index, grant)| NamedGrant::read(grant, place.entry(index + 1, None), report)).collect();
        Organization { entry, connections, discovery_domains, clients, client_grants }
    }
}

impl NamedGrant {
    fn read(value: Value, place: Location, report: &mut Report) -> Option<NamedGrant> {
        const KEYS: [&str; 2] = ["client_id", "audience"];
        let mut members = report.accept(object(value, &place))?;
        let [client, audience] = KEYS.map(|key| match members.remove(key) {
            None => Some(None),
            Some(Value::String(text)) => Some(Some(text)),
            Some(_) => {
                report.error(SeedProblem::wrong_shape(&place.at(key), "a text"));
                None
            }
        });
        for key in members.keys() {
            report.error(SeedProblem::unknown_key(&place, key, KEYS));
        }
        if client == Some(None) {
            report.error(SeedProblem::missing_key(&place, "client_id"));
        }
        Some(NamedGrant { place, client: client??, audience: audience? })
    }
}
