//! The My Organization API: the administrators of an organization manage it with a token that is bound to it.
//!
//! No path names the organization. The gate takes it from the token and adds it to the parameters of the path, so the operations work
//! on the same state, and often with the same functions, as those of the Management API.

mod attribute_mapping;
mod configuration;
mod details;
mod domains;
mod identity_provider;
mod identity_providers;
mod invitations;
mod list_page;
pub(in crate::api) mod log_types;
mod member_roles;
mod members;
mod provisioning;

use super::call::Administrator;
use super::error::ApiError;
use super::error::my_organization::{NOT_CONFIGURED, ORGANIZATION_NOT_FOUND};
use super::operation::Family;
use crate::store::{Kind, State};

const FAMILIES: &[Family] = &[
    configuration::FAMILY,
    details::FAMILY,
    domains::FAMILY,
    identity_providers::FAMILY,
    invitations::FAMILY,
    member_roles::FAMILY,
    members::FAMILY,
    provisioning::FAMILY,
];

/// Every family.
pub(super) fn families() -> impl Iterator<Item = &'static Family> {
    FAMILIES.iter()
}

/// The organization that an administrator manages, as the path parameter of the operations on organizations.
///
/// # Errors
/// The token has no organization, the organization does not exist, or the client has no `my_organization_configuration` (M23).
pub(super) fn organization(state: &State, administrator: &Administrator) -> Result<(&'static str, String), ApiError> {
    let id = administrator.organization.as_deref().filter(|id| state[Kind::Organization].contains(id));
    let id = id.ok_or(ORGANIZATION_NOT_FOUND)?;
    match configuration::of_client(state, &administrator.client_id) {
        Some(_) => Ok(("id", id.to_owned())),
        None => Err(NOT_CONFIGURED.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::families;
    use crate::domain::system_scopes;

    /// The published operations: method, path, scopes and status.
    fn published() -> BTreeSet<[String; 4]> {
        let lines = include_str!("../../../fixtures/my-organization.tsv").lines().skip(1);
        let row = |line: &str| {
            let columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
            columns.try_into().expect("an operation has four columns")
        };
        lines.map(row).collect()
    }

    /// An operation that needs two scopes has the first one in its row, and its handler checks the second one.
    #[test]
    fn every_operation_is_published_with_its_first_scope_and_its_status() {
        let published = published();
        for row in families().flat_map(|family| family.operations) {
            let scopes = row.scopes.join("|");
            let same = |[method, path, scope, success]: &&[String; 4]| {
                let first = scope.split(['&', '|']).next().unwrap_or_default();
                (method.as_str(), path.as_str(), first, success.as_str())
                    == (row.method, row.path, scopes.as_str(), &*row.success.to_string())
            };
            assert!(published.iter().any(|row| same(&row)), "{row} {scopes} {}", row.success);
        }
    }

    #[test]
    fn every_published_operation_is_modelled() {
        let modelled: BTreeSet<String> =
            families().flat_map(|family| family.operations).map(ToString::to_string).collect();
        let missing = published().into_iter().map(|[method, path, ..]| format!("{method} {path}"));
        let missing: Vec<String> = missing.filter(|operation| !modelled.contains(operation)).collect();
        assert_eq!(missing, [""; 0]);
    }

    #[test]
    fn every_scope_of_a_row_belongs_to_the_my_organization_api() {
        let known: BTreeSet<&str> = system_scopes::MY_ORGANIZATION.iter().map(|(scope, _)| *scope).collect();
        for row in families().flat_map(|family| family.operations) {
            assert!(row.scopes.iter().all(|scope| known.contains(scope)), "{row}");
        }
    }

    #[test]
    fn rows_and_schema_files_name_the_same_schemas() {
        for family in families() {
            let rows = family.operations;
            let of_rows: [(&str, BTreeSet<&str>); 3] = [
                ("bodies", rows.iter().filter_map(|row| row.body).collect()),
                ("queries", rows.iter().filter_map(|row| row.query).collect()),
                ("paths", rows.iter().filter_map(|row| row.parameters).collect()),
            ];
            for (section, expected) in of_rows {
                let names = BTreeSet::from_iter(family.schemas.names(section));
                assert_eq!(names, expected, "{section} in the family of {}", rows[0].path);
            }
        }
    }
}
