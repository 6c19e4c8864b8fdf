//! The features of a plan: the operations that need each feature, and the refusal without it.

use crate::api::error::{ApiError, Refusal};
use crate::domain::{Entitlement, Entitlements};

/// One feature, with the beginnings of the paths that need it.
struct Row {
    entitlement: Entitlement,
    paths: &'static [&'static str],
    refusal: Refusal,
}

const ROWS: &[Row] = &[
    Row {
        entitlement: Entitlement::BotDetection,
        paths: &["/attack-protection/bot-detection", "/attack-protection/captcha"],
        // Recorded, for both paths.
        refusal: Refusal::new(403, "insufficient_entitlement", "Please upgrade your subscription to use bot detection"),
    },
    Row {
        entitlement: Entitlement::Experimentation,
        paths: &["/experimentation"],
        // Documented; the code is assumed.
        refusal: Refusal::new(403, "insufficient_entitlement", "Tenant not entitled to this feature."),
    },
    Row {
        entitlement: Entitlement::NetworkAcls,
        paths: &["/network-acls"],
        // Documented for the create; the code is assumed.
        refusal: Refusal::new(
            403,
            "insufficient_entitlement",
            "Entitlement is not enabled for this tenant. Please upgrade your subscription to enable Tenant ACL Management.",
        ),
    },
    Row {
        entitlement: Entitlement::PhoneProviderProtection,
        paths: &["/attack-protection/phone-provider-protection"],
        // Documented; the code is assumed.
        refusal: Refusal::new(403, "insufficient_entitlement", "Exponential backoff is not enabled for this tenant."),
    },
    Row {
        entitlement: Entitlement::SupplementalSignals,
        paths: &["/supplemental-signals"],
        // Reported, with this code.
        refusal: Refusal::new(403, "insufficient_scope", "Please upgrade your subscription to enable Akamai Signals."),
    },
    Row {
        entitlement: Entitlement::UniversalLoginTemplate,
        paths: &["/branding/templates/universal-login"],
        // Documented.
        refusal: Refusal::plain(402, "A paid subscription is required for this feature."),
    },
];

impl Row {
    /// Whether the operations at a path need the feature.
    fn is_for(&self, path: &str) -> bool {
        let is_below =
            |first: &&str| path.strip_prefix(*first).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.paths.iter().any(is_below)
    }
}

/// Refuses an operation that needs a feature that the tenant lacks. Most tenants have all features, and then no path is compared.
///
/// # Errors
///
/// The tenant lacks the feature.
pub(in crate::api) fn check(entitlements: &Entitlements, path: &str) -> Result<(), ApiError> {
    let mut missing = ROWS.iter().filter(|row| !entitlements.has(row.entitlement));
    missing.find(|row| row.is_for(path)).map_or(Ok(()), |row| Err(row.refusal.into()))
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::Value;

    use super::ROWS;
    use crate::api::management::families;
    use crate::api::{Config, Pins, Tenant};
    use crate::domain::Entitlement;

    #[test]
    fn each_row_has_paths_of_operations_and_each_feature_has_one_row() {
        let paths: Vec<&str> = families().flat_map(|family| family.operations).map(|row| row.path).collect();
        for row in ROWS {
            for path in row.paths {
                assert!(paths.iter().any(|known| known.starts_with(path)), "{path}");
            }
        }
        let mut features: Vec<Entitlement> = ROWS.iter().map(|row| row.entitlement).collect();
        // The rules about client grants and token requests check this feature themselves.
        features.push(Entitlement::MachineToMachineForOrganizations);
        features.sort_unstable();
        assert_eq!(features, Entitlement::ALL);
    }

    #[test]
    fn a_tenant_without_a_feature_refuses_its_operations_and_no_others() {
        let operations = || families().flat_map(|family| family.operations);
        let reads = || operations().filter(|row| row.method == "GET" && !row.path.contains('{'));
        let read = |tenant: &Tenant, path: &str| tenant.perform(Method::GET, path, Value::Null, Pins::default());
        let full_tenant = Tenant::new(Config::default());
        for row in ROWS {
            let tenant = Tenant::new(Config { without: vec![row.entitlement], ..Config::default() });
            for path in reads().map(|operation| operation.path) {
                let expected =
                    if row.is_for(path) { Err(row.refusal.into()) } else { read(&full_tenant, path).map(|_| ()) };
                assert_eq!(read(&tenant, path).map(|_| ()), expected, "{path} without {}", row.entitlement);
            }
        }
    }

    #[test]
    fn a_path_needs_the_feature_of_its_first_segments() {
        let feature = |path| ROWS.iter().find(|row| row.is_for(path)).map(|row| row.entitlement);
        assert_eq!(feature("/network-acls/{id}"), Some(Entitlement::NetworkAcls));
        assert_eq!(feature("/keys/network-acls"), None);
        assert_eq!(feature("/attack-protection/captcha"), Some(Entitlement::BotDetection));
        assert_eq!(feature("/attack-protection/brute-force-protection"), None);
    }
}
