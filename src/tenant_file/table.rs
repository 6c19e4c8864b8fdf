//! The table of the sections that need no reader of their own. A row has the place of a section in both layouts of the deploy
//! tool, the requests of its entries, the members that name other entities, and the way an export reads it.
//!
//! The rows have facts about auth0-deploy-cli 8.44 (`src/tools/auth0/handlers`, `src/context/{yaml,directory}/handlers`).

use serde_json::{Map, Value};

use super::error::quoted;
use super::kinds::{self, Kind, List, Traits, text};
use super::section::{Holds, Named, Reads, Section, Text, Writes};
use super::{special, special_reads};

/// The sections that clients refer to, in the order of their requests.
pub(crate) static BEFORE_CLIENTS: [&Section; 2] = [&USER_ATTRIBUTE_PROFILES, &CONNECTION_PROFILES];

/// The other sections, in the order of their requests: references lead backwards.
pub(crate) static AFTER_SETTINGS: [&Section; 34] = [
    &PAGES,
    &RULES,
    &RULES_CONFIGS,
    &HOOKS,
    &ACTION_MODULES,
    &ACTIONS,
    &TRIGGERS,
    &TOKEN_EXCHANGE_PROFILES,
    &EMAIL_PROVIDER,
    &EMAIL_TEMPLATES,
    &GUARDIAN_FACTORS,
    &GUARDIAN_FACTOR_PROVIDERS,
    &GUARDIAN_FACTOR_TEMPLATES,
    &GUARDIAN_POLICIES,
    &GUARDIAN_PHONE_FACTOR_SELECTED_PROVIDER,
    &GUARDIAN_PHONE_FACTOR_MESSAGE_TYPES,
    &CUSTOM_DOMAINS,
    &THEMES,
    &BRANDING,
    &PHONE_PROVIDERS,
    &PHONE_TEMPLATES,
    &PROMPTS,
    &ATTACK_PROTECTION,
    &RISK_ASSESSMENT,
    &SUPPLEMENTAL_SIGNALS,
    &LOG_STREAMS,
    &EVENT_STREAMS,
    &NETWORK_ACLS,
    &RATE_LIMIT_POLICIES,
    &FLOW_VAULT_CONNECTIONS,
    &FLOWS,
    &FORMS,
    &SELF_SERVICE_PROFILES,
    &CLIENT_AUTH_CREDENTIALS,
];

/// Every row.
pub(crate) fn all() -> impl Iterator<Item = &'static Section> {
    BEFORE_CLIENTS.into_iter().chain(AFTER_SETTINGS)
}

/// The properties of most rows: a list of entries, each with a file of its own, that are entities with names.
const PLAIN: Section = Section {
    name: "",
    is_list: true,
    files: &[],
    traits: ENTITY,
    writes: Writes::Nothing,
    reads: Reads::AsWritten,
    names: &[],
    texts: &[],
    trim: special::nothing,
    prepare: special::as_it_is,
};

const ENTITY: Traits = Traits { made_by_the_service: &["created_at", "updated_at"], ..Traits::NAMED };

/// Entries that are documents have no ids.
const DOCUMENT: Traits = Traits { id: "", named_by: &[], ..ENTITY };

/// A section that is one document.
const SETTINGS: Section = Section { is_list: false, traits: UNTITLED, ..PLAIN };

const UNTITLED: Traits = Traits { title: |_| None, ..DOCUMENT };

/// An entity that one request creates or changes completely.
const ALONE: Writes = Writes::Entity(special::nothing_more);

static USER_ATTRIBUTE_PROFILES: Section = Section {
    name: "userAttributeProfiles",
    files: &[("user-attribute-profiles", Holds::Entries)],
    traits: Traits {
        entity: "user attribute profile",
        path: "/user-attribute-profiles",
        list: List::Checkpoints,
        ..ENTITY
    },
    writes: ALONE,
    ..PLAIN
};

static CONNECTION_PROFILES: Section = Section {
    name: "connectionProfiles",
    files: &[("connection-profiles", Holds::Entries)],
    traits: Traits { entity: "connection profile", path: "/connection-profiles", list: List::Checkpoints, ..ENTITY },
    writes: ALONE,
    trim: special::connection_profile,
    ..PLAIN
};

static PAGES: Section = Section {
    name: "pages",
    files: &[("pages", Holds::Entries)],
    traits: Traits { entity: "page", ..DOCUMENT },
    writes: Writes::Requests(special::page),
    reads: Reads::Section(special_reads::pages),
    texts: &[Text { at: "html", below: "pages", is_json: false }],
    ..PLAIN
};

static RULES: Section = Section {
    name: "rules",
    files: &[("rules", Holds::Entries)],
    traits: Traits {
        entity: "rule",
        path: "/rules",
        made_by_the_service: &["stage", "created_at", "updated_at"],
        ..ENTITY
    },
    writes: ALONE,
    texts: &[Text { at: "script", below: "rules", is_json: false }],
    ..PLAIN
};

static RULES_CONFIGS: Section = Section {
    name: "rulesConfigs",
    files: &[("rules-configs", Holds::Entries)],
    traits: Traits { title: |entry| title(entry, "key"), ..DOCUMENT },
    writes: Writes::Put("/rules-configs/{key}"),
    reads: Reads::Section(special_reads::rules_configs),
    ..PLAIN
};

static HOOKS: Section = Section {
    name: "hooks",
    files: &[("hooks", Holds::Entries)],
    traits: Traits { entity: "hook", path: "/hooks", only_when_new: &["triggerId"], ..ENTITY },
    writes: Writes::Entity(special::hook_secrets),
    reads: Reads::Completed(special_reads::hook_secrets),
    texts: &[Text { at: "script", below: "hooks", is_json: false }],
    prepare: special::hook_name,
    ..PLAIN
};

static ACTION_MODULES: Section = Section {
    name: "actionModules",
    files: &[("action-modules", Holds::Entries)],
    traits: kinds::ACTION_MODULE,
    writes: Writes::Entity(special::publish_module),
    reads: Reads::Completed(special_reads::published_module),
    texts: &[Text { at: "code", below: "", is_json: false }],
    ..PLAIN
};

static ACTIONS: Section = Section {
    name: "actions",
    files: &[("actions", Holds::Entries)],
    traits: kinds::ACTION,
    writes: Writes::Entity(special::deploy_action),
    reads: Reads::Completed(special_reads::deployed_action),
    texts: &[Text { at: "code", below: "", is_json: false }],
    prepare: special::modules_of_action,
    ..PLAIN
};

static TRIGGERS: Section = Section {
    name: "triggers",
    files: &[("triggers", Holds::Entries)],
    writes: Writes::Requests(special::triggers),
    reads: Reads::Section(special_reads::triggers),
    ..SETTINGS
};

static TOKEN_EXCHANGE_PROFILES: Section = Section {
    name: "tokenExchangeProfiles",
    files: &[("token-exchange-profiles", Holds::Entries)],
    traits: Traits {
        entity: "token exchange profile",
        path: "/token-exchange-profiles",
        named_by: &["subject_token_type"],
        only_when_new: &["action_id", "type"],
        list: List::Checkpoints,
        ..ENTITY
    },
    writes: ALONE,
    names: &[Named { member: "action", of: kinds::ACTIONS, sent_as: Some("action_id"), is_optional: false }],
    ..PLAIN
};

static EMAIL_PROVIDER: Section = Section {
    name: "emailProvider",
    files: &[("emails/provider.json", Holds::Section)],
    writes: Writes::Post("/emails/provider"),
    ..SETTINGS
};

static EMAIL_TEMPLATES: Section = Section {
    name: "emailTemplates",
    files: &[("emails", Holds::Entries)],
    traits: Traits { title: |entry| title(entry, "template"), ..DOCUMENT },
    writes: Writes::Requests(special::email_template),
    reads: Reads::Section(special_reads::email_templates),
    texts: &[Text { at: "body", below: "emails", is_json: false }],
    ..PLAIN
};

static GUARDIAN_FACTORS: Section = Section {
    name: "guardianFactors",
    files: &[("guardian/factors", Holds::Entries)],
    traits: Traits { made_by_the_service: &["trial_expired"], ..DOCUMENT },
    writes: Writes::Put("/guardian/factors/{name}"),
    reads: Reads::Section(special_reads::guardian_factors),
    ..PLAIN
};

static GUARDIAN_FACTOR_PROVIDERS: Section = Section {
    name: "guardianFactorProviders",
    files: &[("guardian/providers", Holds::Entries)],
    traits: DOCUMENT,
    writes: Writes::Put("/guardian/factors/{name}/providers/{provider}"),
    ..PLAIN
};

static GUARDIAN_FACTOR_TEMPLATES: Section = Section {
    name: "guardianFactorTemplates",
    files: &[("guardian/templates", Holds::Entries)],
    traits: DOCUMENT,
    writes: Writes::Put("/guardian/factors/{name}/templates"),
    ..PLAIN
};

static GUARDIAN_POLICIES: Section = Section {
    name: "guardianPolicies",
    files: &[("guardian/policies.json", Holds::Section)],
    writes: Writes::Requests(special::guardian_policies),
    reads: Reads::Section(special_reads::guardian_policies),
    ..SETTINGS
};

static GUARDIAN_PHONE_FACTOR_SELECTED_PROVIDER: Section = Section {
    name: "guardianPhoneFactorSelectedProvider",
    files: &[("guardian/phoneFactorSelectedProvider.json", Holds::Section)],
    writes: Writes::Put("/guardian/factors/phone/selected-provider"),
    ..SETTINGS
};

static GUARDIAN_PHONE_FACTOR_MESSAGE_TYPES: Section = Section {
    name: "guardianPhoneFactorMessageTypes",
    files: &[("guardian/phoneFactorMessageTypes.json", Holds::Section)],
    writes: Writes::Put("/guardian/factors/phone/message-types"),
    ..SETTINGS
};

static CUSTOM_DOMAINS: Section = Section {
    name: "customDomains",
    files: &[("custom-domains/custom-domains.json", Holds::Section)],
    traits: Traits {
        entity: "custom domain",
        path: "/custom-domains",
        id: "custom_domain_id",
        title: |entry| title(entry, "domain"),
        named_by: &["domain"],
        made_by_the_service: &[
            "status",
            "primary",
            "verification",
            "certificate",
            "origin_domain_name",
            "created_at",
            "updated_at",
        ],
        only_when_new: &["type", "verification_method"],
        list: List::Whole("/custom-domains"),
        ..ENTITY
    },
    writes: Writes::Entity(special::default_domain),
    reads: Reads::Completed(special_reads::default_domain),
    ..PLAIN
};

static THEMES: Section = Section {
    name: "themes",
    files: &[("themes", Holds::Entries)],
    traits: Traits {
        entity: "theme",
        path: "/branding/themes",
        id: "themeId",
        title: |entry| title(entry, "displayName"),
        named_by: &[],
        list: List::Whole("/branding/themes/default"),
        ..ENTITY
    },
    writes: ALONE,
    ..PLAIN
};

static BRANDING: Section = Section {
    name: "branding",
    files: &[("branding/branding.json", Holds::Section), ("branding/templates", Holds::Items("templates"))],
    writes: Writes::Requests(special::branding),
    reads: Reads::Section(special_reads::branding),
    texts: &[Text { at: "templates.*.body", below: "branding/templates", is_json: false }],
    ..SETTINGS
};

static PHONE_PROVIDERS: Section = Section {
    name: "phoneProviders",
    files: &[("phone-providers/provider.json", Holds::Section)],
    traits: Traits {
        entity: "phone provider",
        path: "/branding/phone/providers",
        named_by: &[],
        made_by_the_service: &["tenant", "channel", "created_at", "updated_at"],
        list: List::Whole("/branding/phone/providers"),
        ..ENTITY
    },
    writes: ALONE,
    reads: Reads::Completed(special_reads::phone_provider),
    prepare: special::phone_provider,
    ..PLAIN
};

static PHONE_TEMPLATES: Section = Section {
    name: "phoneTemplates",
    files: &[("phone-templates", Holds::Entries)],
    traits: Traits {
        entity: "phone template",
        path: "/branding/phone/templates",
        title: |entry| title(entry, "type"),
        named_by: &["type"],
        made_by_the_service: &["channel", "customizable", "tenant"],
        only_when_new: &["content.syntax"],
        list: List::Whole("/branding/phone/templates"),
        ..ENTITY
    },
    writes: ALONE,
    ..PLAIN
};

static PROMPTS: Section = Section {
    name: "prompts",
    files: &[
        ("prompts/prompts.json", Holds::Section),
        ("prompts/custom-text.json", Holds::Member("customText")),
        ("prompts/partials.json", Holds::Member("partials")),
        ("prompts/screenRenderSettings", Holds::Items("screenRenderers")),
    ],
    traits: Traits { made_by_the_service: &["screenRenderers[].tenant"], ..UNTITLED },
    writes: Writes::Requests(special::prompts),
    reads: Reads::Section(special_reads::prompts),
    texts: &[
        Text { at: "partials.*.*.*.*.template", below: "prompts", is_json: false },
        Text { at: "screenRenderers.*.*.*", below: "", is_json: true },
    ],
    ..SETTINGS
};

static ATTACK_PROTECTION: Section = Section {
    name: "attackProtection",
    files: &[
        ("attack-protection/bot-detection.json", Holds::Member("botDetection")),
        ("attack-protection/breached-password-detection.json", Holds::Member("breachedPasswordDetection")),
        ("attack-protection/brute-force-protection.json", Holds::Member("bruteForceProtection")),
        ("attack-protection/captcha.json", Holds::Member("captcha")),
        ("attack-protection/suspicious-ip-throttling.json", Holds::Member("suspiciousIpThrottling")),
    ],
    traits: Traits {
        made_by_the_service: &[
            "bruteForceProtection.form_submission_mode",
            "bruteForceProtection.form_submission_behavior",
            "suspiciousIpThrottling.stage.pre-custom-token-exchange",
        ],
        ..UNTITLED
    },
    writes: Writes::Members(&[
        ("botDetection", "/attack-protection/bot-detection"),
        ("breachedPasswordDetection", "/attack-protection/breached-password-detection"),
        ("bruteForceProtection", "/attack-protection/brute-force-protection"),
        ("captcha", "/attack-protection/captcha"),
        ("suspiciousIpThrottling", "/attack-protection/suspicious-ip-throttling"),
    ]),
    trim: special::captcha,
    ..SETTINGS
};

static RISK_ASSESSMENT: Section = Section {
    name: "riskAssessment",
    files: &[("risk-assessment/settings.json", Holds::Section)],
    writes: Writes::Members(&[
        ("settings", "/risk-assessments/settings"),
        ("new_device", "/risk-assessments/settings/new-device"),
    ]),
    ..SETTINGS
};

static SUPPLEMENTAL_SIGNALS: Section = Section {
    name: "supplementalSignals",
    files: &[("supplemental-signals.json", Holds::Section)],
    writes: Writes::Patch("/supplemental-signals"),
    ..SETTINGS
};

static LOG_STREAMS: Section = Section {
    name: "logStreams",
    files: &[("log-streams", Holds::Entries)],
    traits: Traits {
        entity: "log stream",
        path: "/log-streams",
        made_by_the_service: &["sink.awsPartnerEventSource", "sink.azurePartnerTopic"],
        only_when_new: &["type"],
        list: List::Whole("/log-streams"),
        ..ENTITY
    },
    writes: Writes::Entity(special::status_of_stream),
    reads: Reads::Completed(special_reads::status_of_stream),
    ..PLAIN
};

static EVENT_STREAMS: Section = Section {
    name: "eventStreams",
    files: &[("event-streams", Holds::Entries)],
    traits: Traits {
        entity: "event stream",
        path: "/event-streams",
        made_by_the_service: &["destination.configuration.aws_partner_event_source", "created_at", "updated_at"],
        list: List::Checkpoints,
        ..ENTITY
    },
    writes: ALONE,
    names: &[Named { member: "action_id", of: kinds::ACTIONS, sent_as: None, is_optional: false }],
    ..PLAIN
};

static NETWORK_ACLS: Section = Section {
    name: "networkACLs",
    files: &[("network-acls", Holds::Entries)],
    traits: Traits {
        entity: "network ACL",
        path: "/network-acls",
        title: |entry| title(entry, "description"),
        made_by_the_service: &["tenant_id", "created_at", "updated_at", "deleted_at"],
        named_by: &["priority"],
        ..ENTITY
    },
    writes: ALONE,
    ..PLAIN
};

static RATE_LIMIT_POLICIES: Section = Section {
    name: "rateLimitPolicies",
    files: &[("rate-limit-policies", Holds::Entries)],
    traits: Traits {
        entity: "rate limit policy",
        path: "/rate-limit-policies",
        title: |entry| title(entry, "consumer_selector"),
        named_by: &["consumer_selector", "consumer", "resource"],
        only_when_new: &["consumer_selector", "consumer", "resource"],
        list: List::Checkpoints,
        ..ENTITY
    },
    writes: ALONE,
    ..PLAIN
};

static FLOW_VAULT_CONNECTIONS: Section = Section {
    name: "flowVaultConnections",
    files: &[("flow-vault-connections", Holds::Entries)],
    traits: Traits {
        entity: "vault connection",
        path: "/flows/vault/connections",
        made_by_the_service: &[
            "ready",
            "account_name",
            "environment",
            "refreshed_at",
            "fingerprint",
            "created_at",
            "updated_at",
        ],
        only_when_new: &["app_id"],
        ..ENTITY
    },
    writes: ALONE,
    trim: special::vault_connection,
    ..PLAIN
};

static FLOWS: Section = Section {
    name: "flows",
    files: &[("flows", Holds::Entries)],
    traits: Traits {
        entity: "flow",
        path: "/flows",
        made_by_the_service: &["executed_at", "submitted_at", "embedded_at", "created_at", "updated_at"],
        ..ENTITY
    },
    writes: ALONE,
    names: &[Named {
        member: "connection_id",
        of: Kind::Of(&FLOW_VAULT_CONNECTIONS.traits),
        sent_as: None,
        is_optional: true,
    }],
    texts: &[Text { at: "body", below: "", is_json: true }],
    ..PLAIN
};

static FORMS: Section = Section {
    name: "forms",
    files: &[("forms", Holds::Entries)],
    traits: Traits {
        entity: "form",
        path: "/forms",
        made_by_the_service: &["submitted_at", "embedded_at", "created_at", "updated_at"],
        ..ENTITY
    },
    writes: ALONE,
    names: &[Named { member: "flow_id", of: Kind::Of(&FLOWS.traits), sent_as: None, is_optional: true }],
    texts: &[Text { at: "body", below: "", is_json: true }],
    ..PLAIN
};

static SELF_SERVICE_PROFILES: Section = Section {
    name: "selfServiceProfiles",
    files: &[("self-service-profiles", Holds::Entries)],
    traits: Traits { entity: "self-service profile", path: "/self-service-profiles", ..ENTITY },
    writes: Writes::Entity(special::custom_text_of_profile),
    reads: Reads::Completed(special_reads::custom_text_of_profile),
    names: &[Named {
        member: "user_attribute_profile_id",
        of: Kind::Of(&USER_ATTRIBUTE_PROFILES.traits),
        sent_as: None,
        is_optional: false,
    }],
    ..PLAIN
};

static CLIENT_AUTH_CREDENTIALS: Section =
    Section { name: "clientAuthCredentials", files: &[("client-auth-credentials", Holds::Entries)], ..PLAIN };

/// The kind of a reference from a client, by its member.
pub(crate) const OF_CLIENTS: [(&str, Kind); 2] = [
    ("user_attribute_profile_id", Kind::Of(&USER_ATTRIBUTE_PROFILES.traits)),
    ("connection_profile_id", Kind::Of(&CONNECTION_PROFILES.traits)),
];

fn title(entry: &Map<String, Value>, member: &str) -> Option<String> {
    text(entry, member).map(quoted)
}
