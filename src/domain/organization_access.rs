//! Decides the organization of a client credentials token, or its refusal: one total function.
//!
//! The rule ids are those of `fixtures/rules.tsv`; the settings are documented on "Configure Your Application for M2M
//! Access" and "Configure M2M Access with Auth0 Organizations".

use super::Ruling;

/// What a client grant says about organizations. Absent on the grant means [`Deny`](OrganizationUsage::Deny) (R2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrganizationUsage {
    /// Tokens of this grant never belong to an organization.
    #[default]
    Deny,
    /// A request may name an organization.
    Allow,
    /// Every token belongs to an organization.
    Require,
}

impl OrganizationUsage {
    /// Every value, in the order of the documentation's table.
    pub const ALL: [OrganizationUsage; 3] = [Self::Deny, Self::Allow, Self::Require];

    /// Parses the value in the Management API.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| usage.as_str() == word)
    }

    /// The value in the Management API.
    pub const fn as_str(self) -> &'static str {
        match self {
            OrganizationUsage::Deny => "deny",
            OrganizationUsage::Allow => "allow",
            OrganizationUsage::Require => "require",
        }
    }
}

/// The organization that a request names, seen from the client grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requested {
    /// The request names none.
    None,
    /// It names one by its name, and the tenant accepts ids only.
    NameNotAccepted,
    /// No organization has this id or name.
    Unknown,
    /// The organization exists, without an association with this grant.
    NotAssociated,
    /// The organization is associated with this grant.
    Associated,
    /// The organization exists, and the grant allows any organization.
    AnyOrganization,
}

/// The client's default organization, seen from the client grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Default {
    /// The client has none.
    None,
    /// It was deleted after it had become the default.
    Unknown,
    /// It exists, without an association with this grant.
    NotAssociated,
    /// It is associated with this grant.
    Associated,
    /// It exists, and the grant allows any organization.
    AnyOrganization,
}

/// Everything that the decision depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// The grant's setting.
    pub usage: OrganizationUsage,
    /// The organization that the request names.
    pub requested: Requested,
    /// The client's default organization.
    pub default: Default,
}

/// The origin of the organization of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The `organization` parameter.
    Request,
    /// The client's default organization.
    Default,
}

/// The reason of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// An organization is named, and the grant denies organizations (E1).
    NotAllowed,
    /// The organization is not associated with the grant (E2).
    NotAssociated,
    /// The grant requires an organization, and there is none (E3).
    Missing,
    /// There is no such organization (E4).
    Unknown,
    /// A name is sent, and the tenant accepts ids only (E5).
    NameNotAccepted,
}

/// The decision on a token and its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// A token without an organization.
    NoOrganization,
    /// A token for the organization from this source.
    Use(Source),
    /// No token.
    Refuse(Refusal),
}

/// Decides one case.
pub(crate) const fn decide(case: Case) -> Ruling<Decision> {
    use Decision::{NoOrganization, Refuse, Use};

    match (case.usage, case.requested) {
        (OrganizationUsage::Deny, Requested::None) => Ruling::new(NoOrganization, &["R11"]),
        // A grant that denies organizations "must not" be used with any.
        (
            OrganizationUsage::Deny,
            Requested::NameNotAccepted
            | Requested::Unknown
            | Requested::NotAssociated
            | Requested::Associated
            | Requested::AnyOrganization,
        ) => Ruling::new(Refuse(Refusal::NotAllowed), &["R12", "E1"]),

        // The default applies only where the grant requires an organization (the page's call-out).
        (OrganizationUsage::Allow, Requested::None) => Ruling::new(NoOrganization, &["R13", "R52"]),
        (OrganizationUsage::Allow, Requested::NotAssociated) => {
            Ruling::new(Refuse(Refusal::NotAssociated), &["R15", "E2"])
        }
        (OrganizationUsage::Allow, Requested::Associated) => Ruling::new(Use(Source::Request), &["R14"]),

        (OrganizationUsage::Require, Requested::None) => match case.default {
            Default::None => Ruling::new(Refuse(Refusal::Missing), &["R16", "E3"]),
            Default::Unknown => Ruling::new(Refuse(Refusal::Unknown), &["R55", "R17", "E4"]),
            Default::NotAssociated => Ruling::new(Refuse(Refusal::NotAssociated), &["R19", "R17", "E2"]),
            Default::Associated => Ruling::new(Use(Source::Default), &["R17", "R18"]),
            Default::AnyOrganization => Ruling::new(Use(Source::Default), &["R17", "R20"]),
        },
        // A named organization wins over a default one, whatever that is (R24).
        (OrganizationUsage::Require, Requested::NotAssociated) => match case.default {
            Default::None => Ruling::new(Refuse(Refusal::NotAssociated), &["R19", "E2"]),
            Default::Unknown | Default::NotAssociated | Default::Associated | Default::AnyOrganization => {
                Ruling::new(Refuse(Refusal::NotAssociated), &["R19", "R24", "E2"])
            }
        },
        (OrganizationUsage::Require, Requested::Associated) => match case.default {
            Default::None => Ruling::new(Use(Source::Request), &["R18"]),
            Default::Unknown | Default::NotAssociated | Default::Associated | Default::AnyOrganization => {
                Ruling::new(Use(Source::Request), &["R18", "R24"])
            }
        },

        (OrganizationUsage::Allow | OrganizationUsage::Require, Requested::AnyOrganization) => {
            Ruling::new(Use(Source::Request), &["R20"])
        }
        (OrganizationUsage::Allow | OrganizationUsage::Require, Requested::Unknown) => {
            Ruling::new(Refuse(Refusal::Unknown), &["R21", "E4"])
        }
        (OrganizationUsage::Allow | OrganizationUsage::Require, Requested::NameNotAccepted) => {
            Ruling::new(Refuse(Refusal::NameNotAccepted), &["R28", "E5"])
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use rstest::rstest;

    use super::Decision::{NoOrganization, Refuse, Use};
    use super::OrganizationUsage::{Allow, Deny, Require};
    use super::{Case, Decision, Default, OrganizationUsage, Refusal, Requested, Source, decide};

    const REQUESTED: [Requested; 6] = [
        Requested::None,
        Requested::NameNotAccepted,
        Requested::Unknown,
        Requested::NotAssociated,
        Requested::Associated,
        Requested::AnyOrganization,
    ];
    const DEFAULTS: [Default; 5] =
        [Default::None, Default::Unknown, Default::NotAssociated, Default::Associated, Default::AnyOrganization];

    #[rstest]
    #[case::a_denying_grant_gives_a_token_without_organization(Deny, Requested::None, Default::None, NoOrganization)]
    #[case::a_denying_grant_ignores_the_default(Deny, Requested::None, Default::Associated, NoOrganization)]
    #[case::a_denying_grant_must_not_be_used_with_an_organization(
        Deny,
        Requested::Associated,
        Default::None,
        Refuse(Refusal::NotAllowed)
    )]
    #[case::an_allowing_grant_works_without_organization(Allow, Requested::None, Default::None, NoOrganization)]
    #[case::an_allowing_grant_does_not_apply_the_default(Allow, Requested::None, Default::Associated, NoOrganization)]
    #[case::an_allowing_grant_takes_an_associated_organization(
        Allow,
        Requested::Associated,
        Default::None,
        Use(Source::Request)
    )]
    #[case::an_allowing_grant_refuses_an_organization_it_is_not_associated_with(
        Allow,
        Requested::NotAssociated,
        Default::None,
        Refuse(Refusal::NotAssociated)
    )]
    #[case::a_requiring_grant_refuses_a_request_without_organization(
        Require,
        Requested::None,
        Default::None,
        Refuse(Refusal::Missing)
    )]
    #[case::a_requiring_grant_takes_the_default(Require, Requested::None, Default::Associated, Use(Source::Default))]
    #[case::the_default_must_be_associated_as_well(
        Require,
        Requested::None,
        Default::NotAssociated,
        Refuse(Refusal::NotAssociated)
    )]
    #[case::a_deleted_default_is_an_unknown_organization(
        Require,
        Requested::None,
        Default::Unknown,
        Refuse(Refusal::Unknown)
    )]
    #[case::the_named_organization_wins_over_the_default(
        Require,
        Requested::Associated,
        Default::Associated,
        Use(Source::Request)
    )]
    #[case::the_default_does_not_rescue_a_named_organization_without_association(
        Require,
        Requested::NotAssociated,
        Default::Associated,
        Refuse(Refusal::NotAssociated)
    )]
    #[case::any_organization_needs_no_association(
        Require,
        Requested::AnyOrganization,
        Default::None,
        Use(Source::Request)
    )]
    #[case::any_organization_serves_the_default_too(
        Require,
        Requested::None,
        Default::AnyOrganization,
        Use(Source::Default)
    )]
    #[case::an_unknown_organization_is_refused(Allow, Requested::Unknown, Default::None, Refuse(Refusal::Unknown))]
    #[case::a_name_is_refused_while_names_are_off(
        Allow,
        Requested::NameNotAccepted,
        Default::None,
        Refuse(Refusal::NameNotAccepted)
    )]
    fn organization_access(
        #[case] usage: OrganizationUsage,
        #[case] requested: Requested,
        #[case] default: Default,
        #[case] expected: Decision,
    ) {
        assert_eq!(decide(Case { usage, requested, default }).decision, expected);
    }

    /// Every case in one table: a changed rule is a changed row.
    #[test]
    fn a_usage_has_the_word_of_the_management_api() {
        for word in ["deny", "allow", "require"] {
            assert_eq!(OrganizationUsage::parse(word).map(OrganizationUsage::as_str), Some(word));
        }
        assert_eq!(["required", "Allow", ""].map(OrganizationUsage::parse), [None; 3]);
    }

    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        writeln!(table, "{:8} {:16} {:16} {:24} rules", "usage", "requested", "default", "decision").unwrap();
        for usage in OrganizationUsage::ALL {
            for requested in REQUESTED {
                for default in DEFAULTS {
                    let ruling = decide(Case { usage, requested, default });
                    let decision = match ruling.decision {
                        NoOrganization => "token, no organization".to_owned(),
                        Use(source) => format!("token, from {source:?}").to_lowercase(),
                        Refuse(refusal) => format!("refused, {refusal:?}"),
                    };
                    let (requested, default) = (format!("{requested:?}"), format!("{default:?}"));
                    let rules = ruling.rules.join(" ");
                    writeln!(table, "{:8} {requested:16} {default:16} {decision:24} {rules}", usage.as_str()).unwrap();
                }
            }
        }
        insta::assert_snapshot!(table);
    }
}
