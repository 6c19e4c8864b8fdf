//! What names what, so that a state that comes from outside names nothing that is not there.

use super::collection::values;
use super::{Collection, State};

/// A collection, the member of its documents that names others, their collection, and the member by which they are known
/// if that is not the id.
type Reference = (&'static str, &'static str, &'static str, Option<&'static str>);

/// Not among them is what a request may name without its being there: the enabled clients of a connection, the API that a
/// client stands for, the client of a device; nor a default organization, which a client keeps when it is gone (R54).
const REFERENCES: &[Reference] = &[
    ("authentication_methods", "user_id", "users", None),
    ("client_credentials", "client_id", "clients", None),
    ("client_grants", "audience", "resource_servers", Some("identifier")),
    ("client_grants", "client_id", "clients", None),
    ("connection_keys", "connection_id", "connections", None),
    ("discovery_domains", "organization_id", "organizations", None),
    ("invitations", "client_id", "clients", None),
    ("invitations", "connection_id", "connections", None),
    ("invitations", "organization_id", "organizations", None),
    ("invitations", "roles", "roles", None),
    ("organization_connections", "connection_id", "connections", None),
    ("organization_connections", "organization_id", "organizations", None),
    ("resource_servers", "client_id", "clients", None),
    ("roles", "owner_id", "organizations", None),
    ("scim_tokens", "connection_id", "connections", None),
    ("users", "identities.connection", "connections", Some("name")),
];

/// Collections whose ids are those of connections.
const OF_CONNECTIONS: [&str; 2] = ["scim_configurations", "directory_provisionings"];

impl State {
    /// Whether everything that is named is there.
    ///
    /// # Errors
    ///
    /// What names something that is not, in one sentence without a full stop.
    pub(super) fn names_only_what_is_there(&self) -> Result<(), String> {
        let collections = self.collections();
        let collection = |wanted: &str| collections.iter().find(|(name, _)| *name == wanted).map(|(_, held)| *held);
        for (from, member, to, key) in REFERENCES {
            let (Some(from_held), Some(to_held)) = (collection(from), collection(to)) else { continue };
            for (at, document) in from_held.iter().enumerate() {
                let named = values(document, member).into_iter().flatten();
                if let Some(gone) = named.into_iter().find(|named| !is_there(to_held, *key, named)) {
                    let place = format!("state.collections.{from}, entity {}", at + 1);
                    return Err(format!("{place}: its {member} {gone:?} is not in {to}"));
                }
            }
        }
        for from in OF_CONNECTIONS {
            let Some(held) = collection(from) else { continue };
            let mut ids = held.order().iter().filter_map(|seq| held.id_at(seq));
            if let Some(gone) = ids.find(|id| !self.connections.contains(id)) {
                return Err(format!("state.collections.{from}: {gone:?} is not in connections"));
            }
        }
        let gone = |what: &str, id: &str| Err(format!("state.{what}: {id:?} is not there"));
        for (connection, _) in self.synchronized_groups.keys() {
            if !self.directory_provisionings.contains(connection) {
                return gone("synchronized_groups", connection);
            }
        }
        for (owners, mut ids) in self.token_usage.owners() {
            let Some(held) = collection(owners) else { continue };
            if let Some(id) = ids.find(|id| !held.contains(id)) {
                return gone("token_usage", id);
            }
        }
        for action in self.declared_actions.iter() {
            let client = action.client_id.iter().find(|id| !self.clients.contains(id));
            let api = action.audience.iter().find(|api| self.resource_servers.find("identifier", api).is_none());
            if let Some(id) = client.or(api) {
                return gone("declared_actions", id);
            }
        }
        for used in self.used_assertions.list() {
            if !self.clients.contains(&used.client_id) {
                return gone("used_assertions", &used.client_id);
            }
        }
        Ok(())
    }
}

fn is_there(collection: &Collection, key: Option<&str>, named: &str) -> bool {
    match key {
        Some(key) => collection.find(key, named).is_some(),
        None => collection.contains(named),
    }
}
