//! The collections of the Management API in which a run on a shared tenant may create entities.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// A collection, and the members that tell its entities apart.
pub(super) struct Collection {
    pub path: &'static str,
    /// The members that may hold the name of an entity. A grant has no name, and is removed with its client.
    pub names: &'static [&'static str],
    id: &'static str,
}

const COLLECTIONS: [Collection; 7] = [
    Collection { path: "/clients", names: &["name"], id: "client_id" },
    Collection { path: "/client-grants", names: &[], id: "id" },
    Collection { path: "/connections", names: &["name"], id: "id" },
    Collection { path: "/organizations", names: &["name"], id: "id" },
    Collection { path: "/resource-servers", names: &["identifier", "name"], id: "id" },
    Collection { path: "/roles", names: &["name"], id: "id" },
    Collection { path: "/users", names: &["email", "username", "phone_number", "user_id"], id: "user_id" },
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

    /// The scopes of a token that can find and remove an entity.
    pub(super) fn scopes_to_remove(&self) -> [String; 2] {
        let family = self.path.trim_start_matches('/').replace('-', "_");
        [format!("read:{family}"), format!("delete:{family}")]
    }

    /// The searches for an entity of this name, page by page.
    pub(super) fn queries(&self, name: &str) -> Vec<String> {
        const PAGES: usize = 200;
        let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
        match self.path {
            "/users" => vec![format!("/users-by-email?email={encoded}")],
            "/connections" => vec![format!("/connections?name={encoded}")],
            "/roles" => vec![format!("/roles?name_filter={encoded}")],
            path => (0..PAGES).map(|page| format!("{path}?per_page=100&page={page}")).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Collection;

    #[test]
    fn an_entity_is_deleted_by_its_id() {
        let user = json!({ "user_id": "auth0|1" });
        assert_eq!(Collection::at("/users").unwrap().path_of(&user).as_deref(), Some("/users/auth0%7C1"));
        assert!(Collection::at("/jobs").is_none());
    }

    #[test]
    fn an_entity_is_removed_with_scopes_of_its_family() {
        let scopes = Collection::at("/resource-servers").unwrap().scopes_to_remove();
        assert_eq!(scopes, ["read:resource_servers", "delete:resource_servers"]);
    }
}
