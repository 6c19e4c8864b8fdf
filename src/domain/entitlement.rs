//! The features that depend on a tenant's plan. A tenant has all of them unless a test takes some away.

use std::fmt;

/// A feature of a plan.
///
/// Operations that need a missing one are refused with the vendor's sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Entitlement {
    /// Bot detection and CAPTCHA: `/attack-protection/bot-detection` and `/attack-protection/captcha` (recorded).
    BotDetection,
    /// Experiments, feature flags and segments: `/experimentation` (documented).
    Experimentation,
    /// Organizations in client grants and in token requests (R9, R10; documented).
    MachineToMachineForOrganizations,
    /// Network access control lists: `/network-acls` (documented).
    NetworkAcls,
    /// Exponential backoff for phone providers: `/attack-protection/phone-provider-protection` (documented).
    PhoneProviderProtection,
    /// Signals of Akamai: `/supplemental-signals` (documented).
    SupplementalSignals,
    /// Templates of the login page: `/branding/templates/universal-login` (documented).
    UniversalLoginTemplate,
}

impl Entitlement {
    /// Every feature, in the order of the names.
    pub const ALL: [Entitlement; 7] = [
        Entitlement::BotDetection,
        Entitlement::Experimentation,
        Entitlement::MachineToMachineForOrganizations,
        Entitlement::NetworkAcls,
        Entitlement::PhoneProviderProtection,
        Entitlement::SupplementalSignals,
        Entitlement::UniversalLoginTemplate,
    ];

    /// Its name in seeds, exports and the option `--without`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Entitlement::BotDetection => "bot_detection",
            Entitlement::Experimentation => "experimentation",
            Entitlement::MachineToMachineForOrganizations => "machine_to_machine_for_organizations",
            Entitlement::NetworkAcls => "network_acls",
            Entitlement::PhoneProviderProtection => "phone_provider_protection",
            Entitlement::SupplementalSignals => "supplemental_signals",
            Entitlement::UniversalLoginTemplate => "universal_login_template",
        }
    }

    /// The feature of this name.
    pub fn parse(name: &str) -> Option<Entitlement> {
        Self::ALL.into_iter().find(|entitlement| entitlement.as_str() == name)
    }
}

impl fmt::Display for Entitlement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The features of one tenant: all but those that were taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entitlements {
    missing: Vec<Entitlement>,
}

impl Entitlements {
    /// Takes a feature away.
    pub(crate) fn remove(&mut self, entitlement: Entitlement) {
        if self.has(entitlement) {
            self.missing.push(entitlement);
            self.missing.sort_unstable();
        }
    }

    /// Whether the tenant has a feature.
    pub(crate) fn has(&self, entitlement: Entitlement) -> bool {
        !self.missing.contains(&entitlement)
    }

    /// The features that were taken away, in the order of their names.
    pub(crate) fn missing(&self) -> &[Entitlement] {
        &self.missing
    }
}

#[cfg(test)]
mod tests {
    use super::{Entitlement, Entitlements};

    #[test]
    fn each_name_is_that_of_one_feature_and_the_names_are_sorted() {
        for entitlement in Entitlement::ALL {
            assert_eq!(Entitlement::parse(entitlement.as_str()), Some(entitlement));
        }
        assert!(Entitlement::ALL.is_sorted_by_key(|entitlement| entitlement.as_str()));
        assert!(Entitlement::ALL.is_sorted());
        assert_eq!(Entitlement::parse("unheard_of"), None);
    }

    #[test]
    fn a_tenant_has_every_feature_that_was_not_taken_away() {
        let mut entitlements = Entitlements::default();
        entitlements.remove(Entitlement::NetworkAcls);
        entitlements.remove(Entitlement::NetworkAcls);
        entitlements.remove(Entitlement::BotDetection);
        assert_eq!(entitlements.missing(), [Entitlement::BotDetection, Entitlement::NetworkAcls]);
        assert!(entitlements.has(Entitlement::Experimentation) && !entitlements.has(Entitlement::NetworkAcls));
    }
}
