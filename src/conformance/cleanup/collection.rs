//! The collections of the Management API in which a run on a shared tenant may create entities.

use std::borrow::Cow;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// A collection, and the members that tell its entities apart.
pub(crate) struct Collection {
    pub path: &'static str,
    /// The members that may hold the name of an entity. An entity without a name is removed with its client.
    pub names: &'static [&'static str],
    /// Whether the service stores names in lower case.
    in_lower_case: bool,
    id: &'static str,
    /// What the scopes are about: `read:…` finds an entity, and `delete:…` deletes it.
    resource: &'static str,
    search: Search,
    /// The request below an entity that ends its use, if an entity in use is not deleted: the rest of its path, and its body.
    end_of_use: Option<(&'static str, &'static str)>,
}

/// How an entity is found by its name.
enum Search {
    /// This query takes the name at its end.
    ByName(&'static str),
    /// The list has no pages.
    Whole,
    /// The list has numbered pages of this size.
    Pages(usize),
    /// Each page of the list has the cursor of the next one; a page has at most this number of entities.
    Cursor(usize),
}

impl Collection {
    /// Entities with an `id`, whose name is the `name`.
    const fn named(path: &'static str, resource: &'static str, search: Search) -> Collection {
        Collection { path, names: &["name"], in_lower_case: false, id: "id", resource, search, end_of_use: None }
    }
}

pub(crate) const COLLECTIONS: [Collection; 27] = [
    Collection::named("/actions/actions", "actions", Search::Pages(100)),
    Collection::named("/actions/modules", "actions", Search::Pages(100)),
    Collection { id: "agent_id", ..Collection::named("/agents", "agents", Search::Cursor(50)) },
    Collection { names: &[], ..Collection::named("/client-grants", "client_grants", Search::Pages(100)) },
    Collection { id: "client_id", ..Collection::named("/clients", "clients", Search::Pages(100)) },
    Collection::named("/connection-profiles", "connection_profiles", Search::Cursor(10)),
    Collection::named("/connections", "connections", Search::ByName("/connections?name=")),
    Collection {
        names: &["domain"],
        id: "custom_domain_id",
        ..Collection::named("/custom-domains", "custom_domains", Search::Cursor(100))
    },
    Collection::named("/event-streams", "event_streams", Search::Cursor(100)),
    Collection {
        end_of_use: Some(("/status", r#"{"status":"archived"}"#)),
        ..Collection::named("/experimentation/experiments", "experimentation", Search::Cursor(50))
    },
    Collection::named("/experimentation/feature-flags", "experimentation", Search::Cursor(50)),
    Collection::named("/experimentation/segments", "experimentation", Search::Cursor(50)),
    Collection::named("/flows", "flows", Search::Pages(100)),
    Collection::named("/flows/vault/connections", "flows_vault_connections", Search::Pages(100)),
    Collection::named("/forms", "forms", Search::Pages(100)),
    Collection::named("/log-streams", "log_streams", Search::Whole),
    Collection { names: &["description"], ..Collection::named("/network-acls", "network_acls", Search::Pages(100)) },
    Collection::named("/organizations", "organizations", Search::Pages(100)),
    Collection {
        names: &["consumer_selector"],
        ..Collection::named("/rate-limit-policies", "rate_limit_policies", Search::Cursor(100))
    },
    Collection {
        names: &["identifier", "name"],
        ..Collection::named("/resource-servers", "resource_servers", Search::Pages(100))
    },
    Collection::named("/roles", "roles", Search::ByName("/roles?name_filter=")),
    Collection::named("/rules", "rules", Search::Pages(100)),
    Collection::named("/self-service-profiles", "self_service_profiles", Search::Pages(100)),
    Collection::named("/token-exchange-profiles", "token_exchange_profiles", Search::Cursor(100)),
    Collection::named("/user-attribute-profiles", "user_attribute_profiles", Search::Cursor(10)),
    Collection {
        names: &["email", "username", "phone_number", "user_id"],
        in_lower_case: true,
        id: "user_id",
        ..Collection::named("/users", "users", Search::ByName("/users-by-email?email="))
    },
    Collection::named("/verifiable-credentials/verification/templates", "vdcs_templates", Search::Cursor(100)),
];

impl Collection {
    pub(super) fn at(path: &str) -> Option<&'static Collection> {
        COLLECTIONS.iter().find(|collection| collection.path == path)
    }

    /// The path that deletes an entity.
    pub(super) fn path_of(&self, entity: &Value) -> Option<String> {
        // The id of a user holds a `|`.
        let id = utf8_percent_encode(entity.get(self.id)?.as_str()?, NON_ALPHANUMERIC);
        Some(format!("{}/{id}", self.path))
    }

    /// The request that ends the use of the entity at a path, which is then deleted: its path and its body.
    pub(super) fn end_of_use(path: &str) -> Option<(String, Value)> {
        let (list, _) = path.rsplit_once('/')?;
        let (below, body) = Collection::at(list)?.end_of_use?;
        Some((format!("{path}{below}"), serde_json::from_str(body).ok()?))
    }

    /// The scopes of a token that can find and remove an entity.
    pub(crate) fn scopes_to_remove(&self) -> [String; 2] {
        ["read", "delete"].map(|verb| format!("{verb}:{}", self.resource))
    }

    /// Whether an entity has this name.
    pub(super) fn is_named(&self, entity: &Value, name: &str) -> bool {
        let name = self.stored(name);
        self.names.iter().any(|member| entity.get(member).is_some_and(|value| *value == *name))
    }

    /// The name as the service stores it.
    fn stored<'n>(&self, name: &'n str) -> Cow<'n, str> {
        if self.in_lower_case { name.to_lowercase().into() } else { name.into() }
    }

    /// The first page of the search for an entity of this name.
    pub(crate) fn first_page(&self, name: &str) -> String {
        match self.search {
            Search::ByName(query) => format!("{query}{}", utf8_percent_encode(&self.stored(name), NON_ALPHANUMERIC)),
            Search::Whole => self.path.to_owned(),
            Search::Pages(size) => format!("{}?per_page={size}&page=0", self.path),
            Search::Cursor(size) => format!("{}?take={size}", self.path),
        }
    }

    /// The page after the page of this number, which has `length` entities in this body.
    pub(super) fn next_page(&self, number: usize, body: &Value, length: usize) -> Option<String> {
        match self.search {
            Search::ByName(_) | Search::Whole => None,
            Search::Pages(size) if length < size => None,
            Search::Pages(size) => Some(format!("{}?per_page={size}&page={}", self.path, number + 1)),
            Search::Cursor(size) => {
                let cursor = utf8_percent_encode(body.get("next")?.as_str()?, NON_ALPHANUMERIC);
                Some(format!("{}?take={size}&from={cursor}", self.path))
            }
        }
    }
}

/// Whether the entities of the collection at a path have names, by which a run tells its own from others.
pub(crate) fn has_names(path: &str) -> bool {
    Collection::at(path).is_some_and(|collection| collection.names.contains(&"name"))
}

/// The scopes of a token that can find and remove the entities that a request to this path creates. An entity below another one
/// is removed with it.
#[cfg(feature = "cli")]
pub(crate) fn scopes_to_remove(path: &str) -> Option<[String; 2]> {
    Collection::at(path).map(Collection::scopes_to_remove)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Collection;

    #[test]
    fn an_entity_is_deleted_by_its_id() {
        let user = json!({ "user_id": "auth0|1" });
        assert_eq!(Collection::at("/users").unwrap().path_of(&user).as_deref(), Some("/users/auth0%7C1"));
        assert!(Collection::at("/jobs").is_none());
    }

    #[test]
    fn a_user_is_found_by_an_address_in_lower_case() {
        let (users, roles) = (Collection::at("/users").unwrap(), Collection::at("/roles").unwrap());
        assert_eq!(users.first_page("Ada@b.example"), "/users-by-email?email=ada%40b%2Eexample");
        assert!(users.is_named(&json!({ "email": "ada@b.example" }), "Ada@b.example"));
        assert!(!roles.is_named(&json!({ "name": "guide" }), "Guide"));
    }

    #[test]
    fn a_search_goes_from_page_to_page() {
        let next = |path: &str, number: usize, body: Value, length: usize| {
            Collection::at(path).unwrap().next_page(number, &body, length)
        };
        assert_eq!(next("/clients", 3, json!([]), 100).as_deref(), Some("/clients?per_page=100&page=4"));
        assert_eq!(next("/clients", 3, json!([]), 99), None);
        assert_eq!(next("/agents", 0, json!({ "next": "a=" }), 50).as_deref(), Some("/agents?take=50&from=a%3D"));
        assert_eq!(next("/agents", 0, json!({ "agents": [] }), 50), None);
        assert_eq!(next("/log-streams", 0, json!([]), 500), None);
    }
}
