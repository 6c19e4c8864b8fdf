//! The sections of a seed: those of the deploy tool's `tenant.yaml`, and the folders and files that hold them in its other
//! layout (auth0-deploy-cli, `src/context/yaml/handlers`, `src/context/directory/handlers`, `src/tools/constants.ts`).

use serde_json::Value;

use super::section::Holds;
use super::table;

/// The key for members that the deploy tool does not have. In an entry they are id, secret and Actions. Beside the sections
/// they concern the tenant: faults, rate limits, and the features that its plan lacks.
pub(crate) const OURS: &str = "x-m2mock";

/// The sections with a reader of their own.
const READ: [&str; 8] =
    ["tenant", "resourceServers", "clients", "databases", "connections", "roles", "organizations", "clientGrants"];

/// The sections of other versions of the deploy tool, which m2mock does not model.
const UNMODELLED: &[&str] = &[
    "guardianEmailFactorSettings",
    "guardianPhoneFactorSettings",
    "guardianSettings",
    "migrations",
    "networkACLKeys",
    "riskAssessments",
    "riskAssessmentsNewDevice",
];

/// The sections that m2mock models.
pub(crate) fn modelled() -> impl Iterator<Item = &'static str> {
    READ.into_iter().chain(table::all().map(|row| row.name))
}

/// Whether a section is a list of entries, not one object.
pub(crate) fn is_list(section: &str) -> bool {
    section != "tenant" && table::all().find(|row| row.name == section).is_none_or(|row| row.is_list)
}

/// The files and folders of that layout for sections without a row in the table.
const FILES: [(&str, &str, Holds); 10] = [
    ("tenant.json", "tenant", Holds::Section),
    ("resource-servers", "resourceServers", Holds::Entries),
    ("clients", "clients", Holds::Entries),
    ("database-connections", "databases", Holds::Folders("database.json")),
    ("connections", "connections", Holds::Entries),
    ("roles", "roles", Holds::Entries),
    ("organizations", "organizations", Holds::Entries),
    ("grants", "clientGrants", Holds::Entries),
    ("migrations.json", "migrations", Holds::Unmodelled),
    ("network-acl-keys", "networkACLKeys", Holds::Unmodelled),
];

/// The paths of files and folders of that layout, each with its section.
pub(crate) fn files() -> impl Iterator<Item = (&'static str, &'static str, Holds)> {
    let rows = table::all().flat_map(|row| row.files.iter().map(|(path, holds)| (*path, row.name, *holds)));
    FILES.into_iter().chain(rows)
}

/// Whether the deploy tool has a section of this name that m2mock does not model.
pub(crate) fn is_unmodelled(section: &str) -> bool {
    UNMODELLED.contains(&section)
}

/// Every section that the deploy tool has.
pub(crate) fn all() -> Vec<&'static str> {
    modelled().chain(UNMODELLED.iter().copied()).collect()
}

/// Whether a section is empty: an export has `rules: []`, and `guardianPolicies: { policies: [] }`.
pub(crate) fn is_empty(section: &Value) -> bool {
    match section {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_section_has_one_name() {
        let names: BTreeSet<&str> = all().into_iter().collect();
        assert_eq!(names.len(), all().len());
        let paths: BTreeSet<&str> = files().map(|(path, ..)| path).collect();
        assert_eq!(paths.len(), files().count());
        for (file, section, holds) in files() {
            assert!(names.contains(section), "{file} holds {section}");
            assert_eq!(matches!(holds, Holds::Unmodelled), is_unmodelled(section), "{file}");
        }
    }

    #[test]
    fn every_modelled_section_has_a_file_or_a_folder() {
        let held: BTreeSet<&str> = files().map(|(_, section, _)| section).collect();
        assert!(modelled().all(|section| held.contains(section)));
    }

    #[rstest]
    #[case::null(json!(null), true)]
    #[case::a_list(json!([]), true)]
    #[case::an_object_of_empty_lists(json!({ "policies": [], "more": {} }), true)]
    #[case::a_flag(json!({ "enabled": false }), false)]
    #[case::a_text(json!(""), false)]
    fn an_empty_section(#[case] section: Value, #[case] expected: bool) {
        assert_eq!(is_empty(&section), expected);
    }
}
