//! The Management API: one family of operations for each resource.

mod applications;
mod branding;
pub(super) mod connections;
pub(super) mod entitlements;
mod experimentation;
mod extensibility;
mod integrations;
pub(super) mod organizations;
#[cfg(test)]
mod published;
mod roles;
#[cfg(test)]
mod secret_members;
mod security;
pub(super) mod tenant;
mod users;

use serde_json::Value;

use super::operation::Family;

/// The families of every area, by the name of the area.
const AREAS: &[(&str, &[Family])] = &[
    ("applications", applications::FAMILIES),
    ("branding", branding::FAMILIES),
    ("connections", connections::FAMILIES),
    ("experimentation", experimentation::FAMILIES),
    ("extensibility", extensibility::FAMILIES),
    ("integrations", integrations::FAMILIES),
    ("organizations", organizations::FAMILIES),
    ("roles", roles::FAMILIES),
    ("security", security::FAMILIES),
    ("tenant", tenant::FAMILIES),
    ("users", users::FAMILIES),
];

/// Every family.
pub(super) fn families() -> impl Iterator<Item = &'static Family> {
    AREAS.iter().copied().flat_map(|(_, families)| families)
}

/// A modelled operation, for tests that go through all of them.
#[derive(Clone, Debug)]
pub struct ModelledOperation {
    /// The area of the Management API, a folder of `src/api/management`.
    pub area: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path below `/api/v2`, parameters in braces.
    pub path: &'static str,
    /// The accepted scopes. A token needs one of them.
    pub scopes: &'static [&'static str],
    /// Status of success.
    pub success: u16,
    /// The schema file of the operation's family.
    pub schemas: &'static Value,
    /// Name of the schema of the body.
    pub body: Option<&'static str>,
    /// Name of the schema of the query.
    pub query: Option<&'static str>,
    /// Name of the schemas of the path's parameters.
    pub parameters: Option<&'static str>,
    /// What the tenant keeps for the operation, `collection` or `setting`, if its row declares it.
    pub state: Option<&'static str>,
}

/// Every modelled operation of the Management API.
pub fn operations() -> Vec<ModelledOperation> {
    let families = AREAS.iter().flat_map(|(area, families)| families.iter().map(move |family| (*area, family)));
    let rows = families.flat_map(|(area, family)| family.operations.iter().map(move |row| (area, family, row)));
    rows.map(|(area, family, row)| ModelledOperation {
        area,
        method: row.method,
        path: row.path,
        scopes: row.scopes,
        success: row.success,
        schemas: family.schemas.file(),
        body: row.body,
        query: row.query,
        parameters: row.parameters,
        state: row.run.state(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::families;
    use crate::domain::system_scopes;

    /// A scope outside this list would make an operation unreachable.
    #[test]
    fn every_scope_of_a_row_belongs_to_the_management_api() {
        let known: BTreeSet<&str> = system_scopes::MANAGEMENT.iter().map(|(scope, _)| *scope).collect();
        for row in families().flat_map(|family| family.operations) {
            let unknown: Vec<&&str> = row.scopes.iter().filter(|scope| !known.contains(**scope)).collect();
            assert!(unknown.is_empty(), "{row}: {unknown:?}");
        }
    }

    /// A misspelled name would panic or, for a path, check nothing. An unused name belongs to a forgotten schema.
    #[test]
    fn rows_and_schema_files_name_the_same_schemas() {
        for family in families() {
            let rows = family.operations;
            let of_rows: [(&str, BTreeSet<&str>); 3] = [
                (
                    "bodies",
                    rows.iter().flat_map(|row| [row.body, row.smaller_body.map(|(name, _)| name)]).flatten().collect(),
                ),
                ("queries", rows.iter().filter_map(|row| row.query).collect()),
                ("paths", rows.iter().filter_map(|row| row.parameters).collect()),
            ];
            for (section, expected) in of_rows {
                let names = BTreeSet::from_iter(family.schemas.names(section));
                assert_eq!(names, expected, "{section} in the family of {}", rows[0].path);
            }
            for shared in family.schemas.names("shared") {
                assert!(family.schemas.refers_to(shared), "{shared} in the family of {}", rows[0].path);
            }
        }
    }
}
