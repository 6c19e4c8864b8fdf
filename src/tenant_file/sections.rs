//! The sections of a seed: those of the deploy tool's `tenant.yaml`, and the folders and files that hold them in its other
//! layout (auth0-deploy-cli, `src/context/yaml/handlers`, `src/context/directory/handlers`, `src/tools/constants.ts`).

use serde_json::Value;

/// The key under which an entry says what the deploy tool has no place for: its id and secret, and what Actions do. Beside
/// the sections, it holds what concerns the tenant as a whole: its faults, and whether rate limits apply.
pub(crate) const OURS: &str = "x-m2mock";

/// The sections that m2mock models.
pub(crate) const MODELLED: [&str; 8] =
    ["tenant", "resourceServers", "clients", "databases", "connections", "roles", "organizations", "clientGrants"];

/// The other sections of the deploy tool.
const UNMODELLED: &[&str] = &[
    "actionModules",
    "actions",
    "attackProtection",
    "branding",
    "clientAuthCredentials",
    "connectionProfiles",
    "customDomains",
    "emailProvider",
    "emailTemplates",
    "eventStreams",
    "flowVaultConnections",
    "flows",
    "forms",
    "guardianEmailFactorSettings",
    "guardianFactorProviders",
    "guardianFactorTemplates",
    "guardianFactors",
    "guardianPhoneFactorMessageTypes",
    "guardianPhoneFactorSelectedProvider",
    "guardianPhoneFactorSettings",
    "guardianPolicies",
    "guardianSettings",
    "hooks",
    "logStreams",
    "migrations",
    "networkACLKeys",
    "networkACLs",
    "pages",
    "phoneProviders",
    "phoneTemplates",
    "prompts",
    "rateLimitPolicies",
    "riskAssessment",
    "riskAssessments",
    "riskAssessmentsNewDevice",
    "rules",
    "rulesConfigs",
    "selfServiceProfiles",
    "supplementalSignals",
    "themes",
    "tokenExchangeProfiles",
    "triggers",
    "userAttributeProfiles",
];

/// Where the section stands that the folder or file holds, in the layout of one file for each entry.
#[derive(Clone, Copy)]
pub(crate) enum Holds {
    /// The folder has one JSON file for each entry.
    Entries,
    /// The folder has a folder for each entry, with this file in it.
    Folders(&'static str),
    /// The file is the section.
    Section,
    /// m2mock does not model what is in it.
    Unmodelled,
}

/// The names in a folder of that layout, each with its section.
pub(crate) const FILES: &[(&str, &str, Holds)] = &[
    ("tenant.json", "tenant", Holds::Section),
    ("resource-servers", "resourceServers", Holds::Entries),
    ("clients", "clients", Holds::Entries),
    ("database-connections", "databases", Holds::Folders("database.json")),
    ("connections", "connections", Holds::Entries),
    ("roles", "roles", Holds::Entries),
    ("organizations", "organizations", Holds::Entries),
    ("grants", "clientGrants", Holds::Entries),
    ("action-modules", "actionModules", Holds::Unmodelled),
    ("actions", "actions", Holds::Unmodelled),
    ("attack-protection", "attackProtection", Holds::Unmodelled),
    ("branding", "branding", Holds::Unmodelled),
    ("client-auth-credentials", "clientAuthCredentials", Holds::Unmodelled),
    ("connection-profiles", "connectionProfiles", Holds::Unmodelled),
    ("custom-domains", "customDomains", Holds::Unmodelled),
    ("emails", "emailTemplates", Holds::Unmodelled),
    ("event-streams", "eventStreams", Holds::Unmodelled),
    ("flow-vault-connections", "flowVaultConnections", Holds::Unmodelled),
    ("flows", "flows", Holds::Unmodelled),
    ("forms", "forms", Holds::Unmodelled),
    ("guardian", "guardianFactors", Holds::Unmodelled),
    ("hooks", "hooks", Holds::Unmodelled),
    ("log-streams", "logStreams", Holds::Unmodelled),
    ("migrations.json", "migrations", Holds::Unmodelled),
    ("network-acl-keys", "networkACLKeys", Holds::Unmodelled),
    ("network-acls", "networkACLs", Holds::Unmodelled),
    ("pages", "pages", Holds::Unmodelled),
    ("phone-providers", "phoneProviders", Holds::Unmodelled),
    ("phone-templates", "phoneTemplates", Holds::Unmodelled),
    ("prompts", "prompts", Holds::Unmodelled),
    ("rate-limit-policies", "rateLimitPolicies", Holds::Unmodelled),
    ("risk-assessment", "riskAssessment", Holds::Unmodelled),
    ("rules", "rules", Holds::Unmodelled),
    ("rules-configs", "rulesConfigs", Holds::Unmodelled),
    ("self-service-profiles", "selfServiceProfiles", Holds::Unmodelled),
    ("supplemental-signals.json", "supplementalSignals", Holds::Unmodelled),
    ("themes", "themes", Holds::Unmodelled),
    ("token-exchange-profiles", "tokenExchangeProfiles", Holds::Unmodelled),
    ("triggers", "triggers", Holds::Unmodelled),
    ("user-attribute-profiles", "userAttributeProfiles", Holds::Unmodelled),
];

/// Whether the deploy tool has a section of this name that m2mock does not model.
pub(crate) fn is_unmodelled(section: &str) -> bool {
    UNMODELLED.contains(&section)
}

/// Every section that the deploy tool has.
pub(crate) fn all() -> Vec<&'static str> {
    MODELLED.iter().chain(UNMODELLED).copied().collect()
}

/// Whether a section holds nothing: an export has `rules: []`, and `guardianPolicies: { policies: [] }`.
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
        let files: BTreeSet<&str> = FILES.iter().map(|(name, ..)| *name).collect();
        assert_eq!(files.len(), FILES.len());
        for (file, section, holds) in FILES {
            assert!(names.contains(section), "{file} holds {section}");
            assert_eq!(matches!(holds, Holds::Unmodelled), is_unmodelled(section), "{file}");
        }
    }

    #[test]
    fn every_modelled_section_has_a_file_or_a_folder() {
        let held: BTreeSet<&str> = FILES.iter().map(|(_, section, _)| *section).collect();
        assert!(MODELLED.iter().all(|section| held.contains(section)));
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
