//! The collections of the Management API in which a run may make things on somebody's tenant.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// A list, and how what is in it is told apart.
pub(crate) struct Collection {
    pub path: &'static str,
    /// The members that may hold its name. A grant has none, and goes with its client.
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
    pub fn at(path: &str) -> Option<&'static Collection> {
        COLLECTIONS.iter().find(|collection| collection.path == path)
    }

    /// The path that deletes something of it.
    pub fn path_of(&self, made: &Value) -> Option<String> {
        // The id of a user holds a `|`.
        let id = utf8_percent_encode(made.get(self.id)?.as_str()?, NON_ALPHANUMERIC);
        Some(format!("{}/{id}", self.path))
    }

    /// What a token must carry so that what is made here can be found again and removed.
    pub fn scopes_to_remove(&self) -> [String; 2] {
        let family = self.path.trim_start_matches('/').replace('-', "_");
        [format!("read:{family}"), format!("delete:{family}")]
    }

    /// Where to look for something of this name. A list is read page by page, as far as so many pages.
    pub fn queries(&self, name: &str) -> Vec<String> {
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
    fn a_thing_is_deleted_by_its_id() {
        let user = json!({ "user_id": "auth0|1" });
        assert_eq!(Collection::at("/users").unwrap().path_of(&user).as_deref(), Some("/users/auth0%7C1"));
        assert!(Collection::at("/jobs").is_none());
    }

    #[test]
    fn what_is_made_is_removed_with_scopes_of_its_family() {
        let scopes = Collection::at("/resource-servers").unwrap().scopes_to_remove();
        assert_eq!(scopes, ["read:resource_servers", "delete:resource_servers"]);
    }
}
