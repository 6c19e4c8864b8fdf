//! Reads the sections of a tenant as the deploy tool exports them: the inverse of [`steps`](super::steps).
//!
//! Names take the place of ids, and members that the service makes are left out. So are settings documents that no request wrote:
//! they have the service's defaults. Entries are sorted by their titles, because a folder has no other order.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value, json};

use super::error::Report;
use super::exported;
use super::kinds::{Kind, List, Traits};
use super::location::Location;
use super::section::{Named, Reads, Section, Writes};
use super::sections;
use super::steps::{OF_PROVISIONING, OF_SCIM, without};
use super::tenant_reader::{Complete, Readable, Reader, object};
use super::{segment, table};

/// The sections by their names. No section is empty.
pub(crate) type Sections = BTreeMap<&'static str, Value>;

type Entry = Map<String, Value>;

/// The sections of a tenant.
pub(crate) fn sections_of(tenant: &dyn Readable) -> Sections {
    let reader = Reader::of(tenant);
    let (databases, connections): (Vec<Value>, Vec<Value>) =
        reader.connections().into_iter().partition(|connection| connection["strategy"] == "auth0");
    let kinds = [
        ("resourceServers", Kind::Api, reader.apis()),
        ("clients", Kind::Client, reader.clients()),
        ("databases", Kind::Connection, databases),
        ("connections", Kind::Connection, connections),
        ("roles", Kind::Role, reader.roles()),
        ("organizations", Kind::Organization, reader.organizations()),
        ("clientGrants", Kind::ClientGrant, reader.client_grants()),
    ];
    let kinds = kinds.map(|(section, kind, entries)| (section, sorted(kind.traits(), entries)));
    let rows = table::all().map(|row| (row.name, reader.row(row)));
    let all = std::iter::once(("tenant", reader.settings())).chain(kinds).chain(rows);
    all.filter(|(_, section)| !sections::is_empty(section)).collect()
}

impl Reader<'_> {
    /// All entities of a kind, in the views of the Management API.
    fn all(&self, traits: &Traits) -> Vec<Value> {
        let entities = self.tenant.list(traits.path, traits.list).into_iter();
        let whole = |entity: Value| {
            let path = format!("{}/{}", traits.path, segment(entity[traits.id].as_str().unwrap_or_default()));
            self.get(&path).unwrap_or(entity)
        };
        entities.map(whole).collect()
    }

    /// The members of an answer that the operation accepts which creates the entity.
    fn entry(&self, kind: Kind, answer: &Value) -> Entry {
        let traits = kind.traits();
        let mut body = answer.clone();
        self.tenant.hide(traits.path, &mut body);
        self.tenant.keep_known(Method::POST, traits.path, &mut body);
        let mut body = object(body);
        adapt(&mut body, traits);
        body.remove(traits.id);
        body.retain(|_, value| !value.is_null());
        let (id, name) =
            (answer[traits.id].as_str(), traits.named_by.first().and_then(|member| answer[*member].as_str()));
        if let (Some(id), Some(name)) = (id, name)
            && self.name(kind, id) != name
        {
            // Other entities have the same name, so references have the id.
            body.insert(traits.id.to_owned(), id.into());
        }
        body
    }

    /// The section of a row in the table.
    fn row(&self, row: &'static Section) -> Value {
        let complete = match row.reads {
            Reads::AsWritten => None,
            Reads::Completed(complete) => Some(complete),
            Reads::Section(read) => return in_order(row, read(self)),
        };
        let document = |method: Method, path: &str| -> Value {
            let fill = |(path, members): (&str, Vec<(String, String)>)| {
                let mut document = self.document(method.clone(), path)?;
                document.extend(members.into_iter().map(|(member, value)| (member, value.into())));
                Some(Value::from(document))
            };
            let mut documents = self.written(path).into_iter().filter_map(fill);
            if row.is_list { documents.collect::<Vec<_>>().into() } else { documents.next().unwrap_or_default() }
        };
        let section = match &row.writes {
            Writes::Entity(_) => {
                let entry = |answer: &Value| self.row_entry(row, answer, complete);
                self.all(&row.traits).iter().map(entry).collect::<Vec<Value>>().into()
            }
            Writes::Put(path) => document(Method::PUT, path),
            Writes::Patch(path) | Writes::Post(path) => document(Method::PATCH, path),
            Writes::Members(paths) => {
                let member = |(member, path): &(&str, &str)| {
                    Some(((*member).to_owned(), Value::from(self.document(Method::PATCH, path)?)))
                };
                let mut members: Entry = paths.iter().filter_map(member).collect();
                adapt(&mut members, &row.traits);
                members.into()
            }
            Writes::Requests(_) | Writes::Nothing => Value::Null,
        };
        in_order(row, section)
    }

    fn row_entry(&self, row: &'static Section, answer: &Value, complete: Option<Complete>) -> Value {
        let mut entry = self.entry(Kind::Of(&row.traits), answer);
        for named in row.names {
            self.unname(named, &mut entry);
        }
        if let (Some(complete), Value::Object(answer)) = (complete, answer) {
            complete(&mut entry, answer, self);
        }
        (row.trim)(&mut entry);
        entry.into()
    }

    /// Replaces ids by names.
    fn unname(&self, named: &Named, entry: &mut Entry) {
        match named.sent_as {
            Some(sent_as) => {
                if let Some(Value::String(id)) = entry.remove(sent_as) {
                    entry.insert(named.member.to_owned(), self.name(named.of, &id).into());
                }
            }
            None => entry.iter_mut().for_each(|(key, value)| self.unname_below(named, key, value)),
        }
    }

    fn unname_below(&self, named: &Named, key: &str, value: &mut Value) {
        match value {
            Value::String(id) if key == named.member => *id = self.name(named.of, id),
            Value::Array(items) => items.iter_mut().for_each(|item| self.unname_below(named, "", item)),
            Value::Object(members) => members.iter_mut().for_each(|(key, value)| self.unname_below(named, key, value)),
            _ => {}
        }
    }

    /// Replaces the id at a JSON pointer by the name of its entity.
    fn unname_at(&self, kind: Kind, entry: &mut Entry, member: &str, pointer: &str) {
        let value = entry.get_mut(member).and_then(|value| value.pointer_mut(pointer));
        if let Some(Value::String(id)) = value {
            *id = self.name(kind, id);
        }
    }

    fn settings(&self) -> Value {
        const PATH: &str = "/tenants/settings";
        let mut settings = self.get(PATH).unwrap_or_default();
        self.tenant.hide(PATH, &mut settings);
        self.tenant.keep_known(Method::PATCH, PATH, &mut settings);
        let mut settings = object(settings);
        settings.retain(|_, value| !value.is_null());
        super::special::PAGES.iter().for_each(|(_, member)| _ = settings.remove(*member));
        exported::adapt_settings(&mut settings, &Location::file(""), &mut Report::default());
        settings.into()
    }

    /// Few members of an API of the service can be changed.
    fn apis(&self) -> Vec<Value> {
        let entry = |api: &Value| {
            let mut entry = self.entry(Kind::Api, api);
            if api["is_system"] == true {
                entry.retain(|member, _| ["name", "identifier", "token_lifetime"].contains(&member.as_str()));
            }
            entry.into()
        };
        self.all(Kind::Api.traits()).iter().map(entry).collect()
    }

    /// The clients without those of every tenant, because the tool omits the client that it uses.
    fn clients(&self) -> Vec<Value> {
        let management_client = self.tenant.management_client();
        let entry = |client: &Value| {
            if client["global"] == true || client["client_id"] == management_client.as_str() {
                return None;
            }
            let mut entry = self.entry(Kind::Client, client);
            // A seed pins the id; the operation draws one.
            if let Some(secret) = client.get("client_secret").filter(|_| self.tenant.shows_secrets()) {
                entry.insert("client_secret".to_owned(), secret.clone());
            }
            // The Management API shows only the ids of the credentials, which a request does not accept.
            entry.remove("client_authentication_methods");
            if let Some(default) = client.get("default_organization").filter(|default| default.is_object()) {
                entry.insert("default_organization".to_owned(), default.clone());
                self.unname_at(Kind::Organization, &mut entry, "default_organization", "/organization_id");
            }
            self.unname_at(Kind::Client, &mut entry, "express_configuration", "/okta_oin_client_id");
            for (member, kind) in table::OF_CLIENTS {
                for of in ["express_configuration", "my_organization_configuration"] {
                    self.unname_at(kind, &mut entry, of, &format!("/{member}"));
                }
            }
            Some(entry.into())
        };
        self.all(Kind::Client.traits()).iter().filter_map(entry).collect()
    }

    fn connections(&self) -> Vec<Value> {
        let entry = |connection: &Value| {
            let mut entry = self.entry(Kind::Connection, connection);
            let clients = entry.get_mut("enabled_clients").and_then(Value::as_array_mut);
            if let Some(clients) = clients {
                let mut names: Vec<String> =
                    clients.iter().filter_map(|id| Some(self.name(Kind::Client, id.as_str()?))).collect();
                names.sort_unstable();
                *clients = names.into_iter().map(Value::from).collect();
            }
            let methods = entry.get_mut("options").and_then(|options| options.get_mut("authentication_methods"));
            if let Some(Value::Object(methods)) = methods {
                // A database that was created without methods has no such members, and behaves the same.
                methods.retain(|method, settings| {
                    !["email_otp", "phone_otp"].contains(&method.as_str()) || *settings != json!({ "enabled": false })
                });
            }
            self.unname_at(Kind::Client, &mut entry, "options", "/idpinitiated/client_id");
            let path = format!("/connections/{}", segment(connection["id"].as_str().unwrap_or_default()));
            for (member, below, of_answers) in [
                ("scim_configuration", "scim-configuration", &OF_SCIM[..]),
                ("directory_provisioning_configuration", "directory-provisioning", &OF_PROVISIONING[..]),
            ] {
                if let Some(mut configuration) = self.get(&format!("{path}/{below}")) {
                    self.tenant.keep_known(Method::POST, &format!("{path}/{below}"), &mut configuration);
                    entry.insert(member.to_owned(), without(&configuration, of_answers));
                }
            }
            entry.into()
        };
        self.all(Kind::Connection.traits()).iter().map(entry).collect()
    }

    /// The roles of the tenant. The layout has no place for those of an organization.
    fn roles(&self) -> Vec<Value> {
        let entry = |role: &Value| {
            if role["owner_id"].is_string() {
                return None;
            }
            let mut entry = self.entry(Kind::Role, role);
            let path = format!("/roles/{}/permissions", segment(role["id"].as_str()?));
            let permission = |permission: Value| {
                json!({
                    "permission_name": permission["permission_name"],
                    "resource_server_identifier": permission["resource_server_identifier"],
                })
            };
            let permissions: Vec<Value> = self.tenant.list(&path, List::Pages).into_iter().map(permission).collect();
            if !permissions.is_empty() {
                entry.insert("permissions".to_owned(), permissions.into());
            }
            Some(entry.into())
        };
        self.all(Kind::Role.traits()).iter().filter_map(entry).collect()
    }

    fn organizations(&self) -> Vec<Value> {
        let entry = |organization: &Value| {
            let mut entry = self.entry(Kind::Organization, organization);
            let path = format!("/organizations/{}", segment(organization["id"].as_str().unwrap_or_default()));
            let mut add = |member: &str, below: &str, list: List, entry_of: &dyn Fn(Value) -> Value| {
                let entries: Vec<Value> =
                    self.tenant.list(&format!("{path}/{below}"), list).into_iter().map(entry_of).collect();
                if !entries.is_empty() {
                    entry.insert(member.to_owned(), entries.into());
                }
            };
            add("connections", "connections", List::Pages, &|mut connection| {
                let id = connection["connection_id"].as_str().unwrap_or_default().to_owned();
                self.tenant.keep_known(Method::POST, &format!("{path}/connections"), &mut connection);
                let mut body = object(connection);
                body.remove("connection_id");
                body.retain(|_, value| !value.is_null());
                body.insert("name".to_owned(), self.name(Kind::Connection, &id).into());
                body.into()
            });
            add("discovery_domains", "discovery-domains", List::Checkpoints, &|mut domain| {
                self.tenant.keep_known(Method::POST, &format!("{path}/discovery-domains"), &mut domain);
                domain
            });
            add("clients", "clients", List::Pages, &|client| {
                let mut body = json!({ "clients": [client] });
                self.tenant.keep_known(Method::POST, &format!("{path}/clients"), &mut body);
                let mut client = object(body["clients"][0].take());
                self.unname_at(Kind::Client, &mut client, "client_id", "");
                client.into()
            });
            add("client_grants", "client-grants", List::Pages, &|grant| {
                let client = grant["client_id"].as_str().unwrap_or_default();
                json!({ "client_id": self.name(Kind::Client, client), "audience": grant["audience"] })
            });
            entry.into()
        };
        self.all(Kind::Organization.traits()).iter().map(entry).collect()
    }

    /// The grants without those that the service creates.
    fn client_grants(&self) -> Vec<Value> {
        let (client, audience) = (self.tenant.management_client(), self.tenant.management_audience());
        let traits = Kind::ClientGrant.traits();
        let grants = self.tenant.list(traits.path, traits.list).into_iter();
        let is_made_by_the_service = |grant: &Value| {
            grant["is_system"] == true || grant["audience"] == *audience && grant["client_id"] == *client
        };
        let entry = |grant: Value| {
            let mut entry = self.entry(Kind::ClientGrant, &grant);
            self.unname_at(Kind::Client, &mut entry, "client_id", "");
            entry.into()
        };
        grants.filter(|grant| !is_made_by_the_service(grant)).map(entry).collect()
    }
}

fn adapt(members: &mut Entry, traits: &Traits) {
    exported::adapt(members, traits, &Location::file(""), &mut Report::default());
}

/// The section of a row, with its entries sorted by title.
fn in_order(row: &Section, section: Value) -> Value {
    match section {
        Value::Array(entries) => sorted(&row.traits, entries),
        section => section,
    }
}

fn sorted(traits: &Traits, mut entries: Vec<Value>) -> Value {
    entries.sort_by_cached_key(|entry| entry.as_object().and_then(traits.title));
    entries.into()
}
