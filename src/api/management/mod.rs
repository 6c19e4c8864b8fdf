//! The Management API: one family per resource, and what every tenant has from the beginning.

mod account_connection;
mod client_credentials;
mod client_grants;
mod client_rules;
mod clients;
mod connection_association;
mod connection_configuration;
mod connection_defaults;
mod connection_key;
mod connection_keys;
mod connections;
mod credential_record;
mod crud;
mod device_credentials;
mod directory_provisionings;
mod grants;
mod groups;
mod identity_provider_certificate;
mod jobs;
pub(super) mod log_entry;
mod log_titles;
mod logs;
mod member_record;
pub(super) mod new_tenant;
mod openid_discovery;
mod organization_client_grants;
mod organization_clients;
mod organization_connections;
mod organization_discovery_domains;
mod organization_groups;
mod organization_invitations;
mod organization_member_roles;
mod organization_members;
mod organization_roles;
mod organizations;
mod permission_record;
#[cfg(test)]
mod published_members;
mod resource_servers;
mod role_permissions;
mod role_users;
mod roles;
mod scim_configurations;
mod scopes;
mod signing_key_record;
mod signing_keys;
mod stats;
mod tenants;
mod tickets;
mod user_account;
mod user_authentication_methods;
mod user_blocks;
mod user_connected_accounts;
mod user_identities;
mod user_import;
mod user_logs;
mod user_multifactor;
mod user_organizations;
mod user_permissions;
mod user_roles;
mod user_search;
mod user_sessions;
mod users;

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::error::ApiError;
use super::operation::Family;
use crate::schema::Schemas;
use crate::store::Document;
use crate::store::views::ClientGrantView;

/// Every family. A row of an earlier family answers where two fit; none do.
pub(super) static FAMILIES: &[Family] = &[
    client_credentials::FAMILY,
    client_grants::FAMILY,
    clients::FAMILY,
    connection_keys::FAMILY,
    connections::FAMILY,
    directory_provisionings::FAMILY,
    device_credentials::FAMILY,
    grants::FAMILY,
    groups::FAMILY,
    jobs::FAMILY,
    logs::FAMILY,
    organization_client_grants::FAMILY,
    organization_clients::FAMILY,
    organization_connections::FAMILY,
    organization_discovery_domains::FAMILY,
    organization_groups::FAMILY,
    organization_invitations::FAMILY,
    organization_member_roles::FAMILY,
    organization_members::FAMILY,
    organization_roles::FAMILY,
    organizations::FAMILY,
    resource_servers::FAMILY,
    scim_configurations::FAMILY,
    role_permissions::FAMILY,
    role_users::FAMILY,
    roles::FAMILY,
    stats::FAMILY,
    signing_keys::FAMILY,
    tenants::FAMILY,
    tickets::FAMILY,
    user_authentication_methods::FAMILY,
    user_blocks::FAMILY,
    user_connected_accounts::FAMILY,
    user_identities::FAMILY,
    user_logs::FAMILY,
    user_multifactor::FAMILY,
    user_organizations::FAMILY,
    user_permissions::FAMILY,
    user_roles::FAMILY,
    user_sessions::FAMILY,
    users::FAMILY,
];

/// A modelled operation, for tests that go through all of them.
#[derive(Clone, Debug)]
pub struct ModelledOperation {
    /// HTTP method.
    pub method: &'static str,
    /// Path below `/api/v2`, parameters in braces.
    pub path: &'static str,
    /// Scopes, of which any one is enough.
    pub scopes: &'static [&'static str],
    /// Status of success.
    pub success: u16,
    /// The schema file of the operation's family, which is parsed on first use.
    pub schemas: &'static LazyLock<Schemas>,
    /// Name of the schema of the body.
    pub body: Option<&'static str>,
    /// Name of the schema of the query.
    pub query: Option<&'static str>,
    /// Name of the schemas of the path's parameters.
    pub parameters: Option<&'static str>,
}

/// Every modelled operation of the Management API.
pub fn operations() -> Vec<ModelledOperation> {
    let rows = FAMILIES.iter().flat_map(|family| family.operations.iter().map(move |row| (family, row)));
    rows.map(|(family, row)| ModelledOperation {
        method: row.method,
        path: row.path,
        scopes: row.scopes,
        success: row.success,
        schemas: family.schemas,
        body: row.body,
        query: row.query,
        parameters: row.parameters,
    })
    .collect()
}

/// The members of a JSON object that the code itself wrote.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// `enforce` of a quota defaults to true (R96).
fn complete_token_quota(owner: &mut Map<String, Value>) {
    complete_quota(owner.get_mut("token_quota"));
}

/// The same for the quota itself, wherever it stands.
fn complete_quota(quota: Option<&mut Value>) {
    let quota = quota.and_then(|quota| quota.get_mut("client_credentials")).and_then(Value::as_object_mut);
    if let Some(quota) = quota {
        quota.entry("enforce").or_insert(Value::Bool(true));
    }
}

/// A grant as answers show it: without `scope` while it has every scope (R66).
fn shown_grant(grant: &Document) -> Document {
    if !ClientGrantView(grant).allows_all_scopes() {
        return Document::clone(grant);
    }
    let mut shown = Map::clone(grant);
    shown.remove("scope");
    Document::new(shown)
}

/// Metadata as the vendor bounds it, looked at after a PATCH was merged as well: so many entries, keys of at most 255
/// characters. Their values are the schema's concern.
fn check_metadata(owner: &Map<String, Value>, property: &str, most: usize) -> Result<(), ApiError> {
    let Some(metadata) = owner.get(property).and_then(Value::as_object) else { return Ok(()) };
    if metadata.len() > most {
        return Err(ApiError::too_many_properties(property, metadata.len(), most));
    }
    match metadata.keys().map(|key| key.chars().count()).max() {
        Some(longest) if longest > LONGEST_METADATA_KEY => {
            Err(ApiError::metadata_key_too_long(property, longest, LONGEST_METADATA_KEY))
        }
        _ => Ok(()),
    }
}

const LONGEST_METADATA_KEY: usize = 255;

/// Roles that a user may have (entity limits, documented).
const MOST_ROLES_OF_USER: usize = 50;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::FAMILIES;

    /// A misspelled name would panic or, for a path, check nothing; a name that no row uses is a forgotten one.
    #[test]
    fn rows_and_schema_files_name_the_same_schemas() {
        for family in FAMILIES {
            let rows = family.operations;
            let of_rows: [(&str, BTreeSet<&str>); 3] = [
                (
                    "bodies",
                    rows.iter().flat_map(|row| [row.body, row.smaller_body.map(|(name, _)| name)]).flatten().collect(),
                ),
                ("queries", rows.iter().filter_map(|row| row.query).collect()),
                ("paths", rows.iter().filter_map(|row| row.parameters).collect()),
            ];
            for (section, named) in of_rows {
                let written = BTreeSet::from_iter(family.schemas.names(section));
                assert_eq!(written, named, "{section} in the family of {}", rows[0].path);
            }
            for shared in family.schemas.names("shared") {
                assert!(family.schemas.refers_to(shared), "{shared} in the family of {}", rows[0].path);
            }
        }
    }
}
