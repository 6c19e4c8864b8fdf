//! The families of a replay report, and the entities that a path names.

use crate::conformance::recording::identifiers::{decoded, is_identifier};

/// Parts of an organization that are families of their own.
const PARTS_OF_ORGANIZATIONS: [&str; 5] =
    ["client-grants", "enabled_connections", "members", "invitations", "discovery-domains"];

/// The first families of a report, in order; others follow by name.
pub(super) const FIRST: [&str; 18] = [
    "clients",
    "client-grants",
    "organizations",
    "organizations/{id}/client-grants",
    "organizations/{id}/enabled_connections",
    "organizations/{id}/members",
    "organizations/{id}/invitations",
    "organizations/{id}/discovery-domains",
    "resource-servers",
    "connections",
    "users",
    "roles",
    "tenants",
    "logs",
    "actions",
    "branding",
    "prompts",
    "oauth/token",
];

/// The family of a path.
pub(super) fn family(path: &str) -> String {
    let Some(path) = path.strip_prefix("/api/v2/") else {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        return match parts.as_slice() {
            ["oauth", "token", ..] => "oauth/token".to_owned(),
            [first, ..] => format!("/{first}"),
            [] => "/".to_owned(),
        };
    };
    let mut parts = path.split('/');
    match (parts.next().unwrap_or_default(), parts.nth(1)) {
        ("organizations", Some(part)) if PARTS_OF_ORGANIZATIONS.contains(&part) => {
            format!("organizations/{{id}}/{part}")
        }
        (first, _) => first.to_owned(),
    }
}

/// The segment after one of these names an entity, in any form, except for [`NOT_NAMES`].
const COLLECTIONS: [&str; 20] = [
    "clients",
    "client-grants",
    "organizations",
    "resource-servers",
    "connections",
    "users",
    "roles",
    "rules",
    "hooks",
    "log-streams",
    "custom-domains",
    "email-templates",
    "network-acls",
    "sessions",
    "refresh-tokens",
    "user-blocks",
    "logs",
    "name",
    "signing",
    "device-credentials",
];
/// Segments after a collection that name no entity.
const NOT_NAMES: [&str; 6] = ["default", "name", "templates", "vault", "cimd", "rotate"];

/// The segments of a path that name an entity, decoded twice, because some clients encode twice.
pub(super) fn names_in(path: &str) -> Vec<String> {
    let path = path.strip_prefix("/api/v2").unwrap_or(path);
    let mut previous = String::new();
    let mut names = Vec::new();
    for part in path.split('/') {
        let part = decoded(&decoded(part));
        if is_identifier(&part) || COLLECTIONS.contains(&previous.as_str()) && !NOT_NAMES.contains(&part.as_str()) {
            names.push(part.clone());
        }
        previous = part;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{family, names_in};

    #[test]
    fn a_path_belongs_to_one_family() {
        for (path, expected) in [
            ("/api/v2/clients/x/credentials", "clients"),
            ("/api/v2/organizations/org_1/members/u/roles", "organizations/{id}/members"),
            ("/api/v2/organizations/org_1/connections", "organizations"),
            ("/oauth/token", "oauth/token"),
            ("/userinfo", "/userinfo"),
        ] {
            assert_eq!(family(path), expected);
        }
    }

    #[test]
    fn a_path_names_entities() {
        assert_eq!(names_in("/api/v2/organizations/name/acme"), ["acme"]);
        assert_eq!(names_in("/api/v2/users/auth0%7Cjo/roles"), ["auth0|jo"]);
        assert_eq!(names_in("/api/v2/keys/signing/kid-1"), ["kid-1"]);
        assert_eq!(names_in("/api/v2/keys/signing/kid-1/revoke"), ["kid-1"]);
        assert_eq!(names_in("/api/v2/device-credentials/dcr_1"), ["dcr_1"]);
        assert_eq!(names_in("/api/v2/keys/signing/rotate"), [""; 0]);
        assert_eq!(names_in("/api/v2/tenants/settings"), [""; 0]);
    }
}
