//! The data model: every kind of entity, every link between kinds, and what a deletion means for the rest.
//!
//! This table is the only description. Collections and their indexes, cascades (`removal.rs`), referential
//! integrity (`integrity.rs`), exports (`dump.rs`), the labels of snapshots and the property
//! tests derive from it. A new kind is a variant, a row of [`KINDS`] and its family.

/// A kind of entity. The discriminant is its position in [`KINDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// APIs.
    ResourceServer,
    /// Applications, by `client_id`.
    Client,
    /// Keys with which clients authenticate.
    ClientCredential,
    /// Organizations.
    Organization,
    /// The scopes of an API that a client, or a kind of clients, may request.
    ClientGrant,
    /// Connections.
    Connection,
    /// Keys with which connections authenticate to identity providers, by `kid`.
    ConnectionKey,
    /// Connections of organizations, by the ids of both.
    OrganizationConnection,
    /// The SCIM configuration of a connection, by the id of the connection.
    ScimConfiguration,
    /// SCIM tokens of a connection.
    ScimToken,
    /// The directory provisioning of a connection, by the id of the connection.
    DirectoryProvisioning,
    /// Users, by `user_id`.
    User,
    /// Authentication methods of users, besides the password.
    AuthenticationMethod,
    /// Public keys of devices.
    DeviceCredential,
    /// Roles.
    Role,
    /// Invitations to organizations.
    Invitation,
    /// Domains by which organizations are discovered.
    DiscoveryDomain,
    /// Streams of log entries to services outside the tenant.
    LogStream,
    /// Network access control lists.
    NetworkAcl,
    /// Keys that encrypt the tenant's data, by `kid`.
    EncryptionKey,
    /// Keys with which network access control lists check signatures.
    NetworkAclKey,
    /// Rules, which ran at logins before Actions.
    Rule,
    /// Values that rules read, by their keys.
    RuleConfig,
    /// Hooks, which ran at extension points before Actions.
    Hook,
    /// Limits on the token requests of clients.
    RateLimitPolicy,
    /// Streams of events to services outside the tenant.
    EventStream,
    /// Events that a stream delivers.
    EventDelivery,
    /// Agents, by `agent_id`.
    Agent,
    /// Feature flags.
    FeatureFlag,
    /// Variations of feature flags.
    Variation,
    /// Kinds of requests that experiments address.
    Segment,
    /// Experiments.
    Experiment,
    /// Templates of verifiable credentials.
    VerificationTemplate,
    /// Code that several Actions share.
    ActionModule,
    /// Published versions of such modules.
    ActionModuleVersion,
    /// Actions.
    Action,
    /// Deployed versions of Actions.
    ActionVersion,
    /// Actions at a trigger.
    ActionBinding,
    /// Actions that handle types of subject tokens.
    TokenExchangeProfile,
    /// The names that the attributes of users have.
    UserAttributeProfile,
    /// The properties of connections that organizations create for themselves.
    ConnectionProfile,
    /// Assistants for the single sign-on of customers.
    SelfServiceProfile,
    /// Credentials of flows for other services.
    VaultConnection,
    /// Flows.
    Flow,
    /// Forms.
    Form,
    /// Further domains at which the tenant answers.
    CustomDomain,
    /// Providers of phone messages.
    PhoneProvider,
    /// Templates of phone messages.
    PhoneTemplate,
    /// Themes of the login pages.
    Theme,
    /// A kind that only the tests have. It shows that a row of the table is all that a kind needs.
    #[cfg(test)]
    Sample,
}

/// The description of a kind: a row of [`KINDS`].
#[derive(Debug)]
pub(crate) struct KindSpec {
    /// The kind that the row describes.
    pub kind: Kind,
    /// Its name in exports, snapshots and error messages.
    pub name: &'static str,
    /// The label that a snapshot shows instead of an id; `None` if the id consists of other ids.
    pub label: Option<Label>,
    /// The members by which entities are found and sorted.
    pub indexes: &'static [&'static str],
    /// The members that name other entities.
    pub foreign_keys: &'static [ForeignKey],
}

/// The label of an entity in a snapshot: `<role:Dispatcher>`.
#[derive(Debug)]
pub(crate) struct Label {
    /// The noun before the colon.
    pub noun: &'static str,
    /// The parts after the colon. Each is the first of these members that has a text. Without parts, entities are
    /// numbered.
    pub parts: &'static [&'static [&'static str]],
}

/// A member that names entities of another kind.
#[derive(Debug)]
pub(crate) struct ForeignKey {
    /// The member: a text, a list of texts, or a path with dots to one of these.
    pub member: &'static str,
    /// The kind of the named entities.
    pub to: Kind,
    /// The member of the named entity that holds the name; `None` for its id.
    pub by: Option<&'static str>,
    /// The text before the name. A member that begins otherwise names no entity.
    pub prefix: &'static str,
    /// The effect of the deletion of the named entity.
    pub on_delete: OnDelete,
    /// Whether the named entity must exist. `false` where the live service accepts any text.
    pub is_checked: bool,
}

/// The effect of the deletion of a named entity on the entity that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDelete {
    /// The entity is deleted, too.
    Cascade,
    /// The member is removed.
    RemoveMember,
    /// The text is removed from the list.
    RemoveItem,
    /// The object is removed from the list of objects. The member is a path: the list, a dot, the member of an object.
    RemoveEntry,
    /// The entity cannot be deleted while another one names it: its family asks `State::is_in_use` and refuses.
    Restrict,
    /// Nothing: the member keeps the name.
    Keep,
    /// A rule of its own in `State::after_removal`.
    AfterRemoval,
}

/// A set of pairs of two kinds. The discriminant is its position in [`LINKS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// The explicit associations of organizations with client grants.
    OrganizationClientGrants,
    /// The applications of organizations.
    OrganizationClients,
    /// The applications of organizations that are used for member access.
    OrganizationMemberAccess,
    /// The roles of users.
    UserRoles,
}

/// The description of a link: a row of [`LINKS`].
#[derive(Debug)]
pub(crate) struct LinkSpec {
    /// The link that the row describes.
    pub link: Link,
    /// Its name in exports, snapshots and error messages.
    pub name: &'static str,
    /// The kind on the left.
    pub left: Kind,
    /// The kind on the right.
    pub right: Kind,
    /// The link that must hold each pair of this one.
    pub within: Option<Link>,
}

impl Kind {
    /// The row of the kind.
    pub(crate) fn spec(self) -> &'static KindSpec {
        &KINDS[self as usize]
    }
}

impl Link {
    /// The row of the link.
    pub(crate) fn spec(self) -> &'static LinkSpec {
        &LINKS[self as usize]
    }
}

impl Label {
    const fn numbered(noun: &'static str) -> Option<Label> {
        Some(Label { noun, parts: &[] })
    }

    const fn by(noun: &'static str, parts: &'static [&'static [&'static str]]) -> Option<Label> {
        Some(Label { noun, parts })
    }
}

impl ForeignKey {
    const fn new(member: &'static str, to: Kind, on_delete: OnDelete) -> Self {
        ForeignKey { member, to, by: None, prefix: "", on_delete, is_checked: true }
    }

    const fn by(self, member: &'static str) -> Self {
        ForeignKey { by: Some(member), ..self }
    }

    const fn after(self, prefix: &'static str) -> Self {
        ForeignKey { prefix, ..self }
    }

    const fn unchecked(self) -> Self {
        ForeignKey { is_checked: false, ..self }
    }

    /// The text with which the member names the entity of this name.
    pub(super) fn text(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// Every kind of entity, in the order of [`Kind`]. A label may use the labels of earlier rows.
pub(crate) const KINDS: &[KindSpec] = &[
    KindSpec {
        kind: Kind::ResourceServer,
        name: "resource_servers",
        label: Label::by("api", &[&["identifier"]]),
        indexes: &["identifier", "client_id"],
        foreign_keys: &[ForeignKey::new("client_id", Kind::Client, OnDelete::RemoveMember)],
    },
    KindSpec {
        kind: Kind::Client,
        name: "clients",
        label: Label::by("client", &[&["name"]]),
        indexes: &[
            "agent_id",
            "app_type",
            "client_aliases",
            "external_client_id",
            "global",
            "is_first_party",
            "resource_server_identifier",
            "express_configuration.connection_profile_id",
            "express_configuration.user_attribute_profile_id",
            "my_organization_configuration.connection_profile_id",
            "my_organization_configuration.user_attribute_profile_id",
        ],
        foreign_keys: &[
            // R113; the deletion of an agent unlinks its clients (assumed).
            ForeignKey::new("agent_id", Kind::Agent, OnDelete::RemoveMember),
            // A client may name an API that does not exist. It loses the name with the API (assumed).
            ForeignKey::new("resource_server_identifier", Kind::ResourceServer, OnDelete::RemoveMember)
                .by("identifier")
                .unchecked(),
            // The client keeps the id of a deleted organization (R54, R55).
            ForeignKey::new("default_organization.organization_id", Kind::Organization, OnDelete::Keep).unchecked(),
            ForeignKey::new("express_configuration.connection_profile_id", Kind::ConnectionProfile, OnDelete::Restrict)
                .unchecked(),
            ForeignKey::new(
                "express_configuration.user_attribute_profile_id",
                Kind::UserAttributeProfile,
                OnDelete::Restrict,
            )
            .unchecked(),
            ForeignKey::new(
                "my_organization_configuration.connection_profile_id",
                Kind::ConnectionProfile,
                OnDelete::Restrict,
            )
            .unchecked(),
            ForeignKey::new(
                "my_organization_configuration.user_attribute_profile_id",
                Kind::UserAttributeProfile,
                OnDelete::Restrict,
            )
            .unchecked(),
        ],
    },
    KindSpec {
        kind: Kind::ClientCredential,
        name: "client_credentials",
        label: Label::by("credential", &[&["name"]]),
        indexes: &["client_id"],
        foreign_keys: &[ForeignKey::new("client_id", Kind::Client, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::Organization,
        name: "organizations",
        label: Label::by("org", &[&["name"]]),
        indexes: &["name", "display_name"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::ClientGrant,
        name: "client_grants",
        label: Label::by("grant", &[&["client_id", "default_for"], &["audience"]]),
        indexes: &["client_id", "audience", "subject_type", "default_for", "allow_any_organization"],
        foreign_keys: &[
            // R92, R94.
            ForeignKey::new("client_id", Kind::Client, OnDelete::Cascade),
            ForeignKey::new("audience", Kind::ResourceServer, OnDelete::Cascade).by("identifier"),
        ],
    },
    KindSpec {
        kind: Kind::Connection,
        name: "connections",
        label: Label::by("connection", &[&["name"]]),
        indexes: &["name", "strategy", "enabled_clients", "options.custom_password_hash.action_id"],
        foreign_keys: &[
            ForeignKey::new("enabled_clients", Kind::Client, OnDelete::RemoveItem).unchecked(),
            ForeignKey::new("options.custom_password_hash.action_id", Kind::Action, OnDelete::Restrict).unchecked(),
        ],
    },
    KindSpec {
        kind: Kind::ConnectionKey,
        name: "connection_keys",
        label: Label::numbered("key"),
        indexes: &["connection_id"],
        foreign_keys: &[ForeignKey::new("connection_id", Kind::Connection, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::OrganizationConnection,
        name: "organization_connections",
        label: None,
        indexes: &["organization_id", "connection_id"],
        foreign_keys: &[
            ForeignKey::new("organization_id", Kind::Organization, OnDelete::Cascade),
            ForeignKey::new("connection_id", Kind::Connection, OnDelete::Cascade),
        ],
    },
    KindSpec {
        kind: Kind::ScimConfiguration,
        name: "scim_configurations",
        label: None,
        indexes: &["connection_id"],
        foreign_keys: &[ForeignKey::new("connection_id", Kind::Connection, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::ScimToken,
        name: "scim_tokens",
        label: Label::numbered("scim token"),
        indexes: &["connection_id"],
        // A configuration has the id of its connection.
        foreign_keys: &[ForeignKey::new("connection_id", Kind::ScimConfiguration, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::DirectoryProvisioning,
        name: "directory_provisionings",
        label: None,
        indexes: &["connection_id"],
        foreign_keys: &[ForeignKey::new("connection_id", Kind::Connection, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::User,
        name: "users",
        label: Label::by("user", &[&["email", "username", "phone_number"]]),
        indexes: &["email", "username", "phone_number", "identities.connection", "identities.profileData.email"],
        // A user is deleted with the connection of the first identity; further identities leave the list.
        foreign_keys: &[ForeignKey::new("identities.connection", Kind::Connection, OnDelete::AfterRemoval).by("name")],
    },
    KindSpec {
        kind: Kind::AuthenticationMethod,
        name: "authentication_methods",
        label: Label::numbered("authentication method"),
        indexes: &["user_id"],
        foreign_keys: &[ForeignKey::new("user_id", Kind::User, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::DeviceCredential,
        name: "device_credentials",
        label: Label::by("device", &[&["device_name"]]),
        indexes: &["user_id", "client_id", "device_id", "type"],
        foreign_keys: &[ForeignKey::new("client_id", Kind::Client, OnDelete::Cascade).unchecked()],
    },
    KindSpec {
        kind: Kind::Role,
        name: "roles",
        label: Label::by("role", &[&["name"]]),
        indexes: &["name", "owner_id", "type"],
        // The roles of an organization are deleted with it (assumed).
        foreign_keys: &[ForeignKey::new("owner_id", Kind::Organization, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::Invitation,
        name: "invitations",
        label: Label::numbered("invitation"),
        indexes: &["organization_id", "expires_at", "client_id", "connection_id", "roles"],
        foreign_keys: &[
            ForeignKey::new("organization_id", Kind::Organization, OnDelete::Cascade),
            ForeignKey::new("client_id", Kind::Client, OnDelete::Cascade),
            ForeignKey::new("connection_id", Kind::Connection, OnDelete::Cascade),
            ForeignKey::new("roles", Kind::Role, OnDelete::RemoveItem),
        ],
    },
    KindSpec {
        kind: Kind::DiscoveryDomain,
        name: "discovery_domains",
        label: Label::by("domain", &[&["domain"]]),
        indexes: &["organization_id"],
        foreign_keys: &[ForeignKey::new("organization_id", Kind::Organization, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::LogStream,
        name: "log_streams",
        label: Label::by("log stream", &[&["name"]]),
        indexes: &[],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::NetworkAcl,
        name: "network_acls",
        label: Label::by("network acl", &[&["description"]]),
        indexes: &[],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::EncryptionKey,
        name: "encryption_keys",
        label: Label::numbered("encryption key"),
        indexes: &["parent_kid", "state", "type"],
        foreign_keys: &[ForeignKey::new("parent_kid", Kind::EncryptionKey, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::NetworkAclKey,
        name: "network_acl_keys",
        label: Label::by("network acl key", &[&["name"]]),
        indexes: &["name"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::Rule,
        name: "rules",
        label: Label::by("rule", &[&["name"]]),
        indexes: &["name", "enabled"],
        foreign_keys: &[],
    },
    KindSpec { kind: Kind::RuleConfig, name: "rule_configs", label: None, indexes: &[], foreign_keys: &[] },
    KindSpec {
        kind: Kind::Hook,
        name: "hooks",
        label: Label::by("hook", &[&["name"]]),
        indexes: &["name", "enabled", "triggerId"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::RateLimitPolicy,
        name: "rate_limit_policies",
        label: Label::by("rate limit policy", &[&["consumer_selector"]]),
        indexes: &["resource", "consumer", "consumer_selector"],
        // A policy may be about a client that does not exist. It is deleted with its client (assumed).
        foreign_keys: &[
            ForeignKey::new("consumer_selector", Kind::Client, OnDelete::Cascade).after("client_id:").unchecked(),
            ForeignKey::new("consumer_selector", Kind::Client, OnDelete::Cascade)
                .by("external_client_id")
                .after("client_id:")
                .unchecked(),
        ],
    },
    KindSpec {
        kind: Kind::EventStream,
        name: "event_streams",
        label: Label::by("event stream", &[&["name"]]),
        indexes: &["name"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::EventDelivery,
        name: "event_deliveries",
        label: Label::numbered("event"),
        indexes: &["event_stream_id", "event_type", "status"],
        foreign_keys: &[ForeignKey::new("event_stream_id", Kind::EventStream, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::Agent,
        name: "agents",
        label: Label::by("agent", &[&["name"]]),
        indexes: &["external_agent_id"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::FeatureFlag,
        name: "feature_flags",
        label: Label::by("feature flag", &[&["name"]]),
        indexes: &["name", "status", "type"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::Variation,
        name: "variations",
        label: Label::by("variation", &[&["name"]]),
        indexes: &["name", "feature_flag_id"],
        foreign_keys: &[ForeignKey::new("feature_flag_id", Kind::FeatureFlag, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::Segment,
        name: "segments",
        label: Label::by("segment", &[&["name"]]),
        indexes: &["name", "type"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::Experiment,
        name: "experiments",
        label: Label::by("experiment", &[&["name"]]),
        indexes: &[
            "allocations.segment_id",
            "allocations.variation_id",
            "authentication_flow",
            "feature_flag_id",
            "name",
            "status",
        ],
        // Only archived experiments lose what they name: the deletion of what others use is refused.
        foreign_keys: &[
            ForeignKey::new("feature_flag_id", Kind::FeatureFlag, OnDelete::Cascade),
            ForeignKey::new("allocations.variation_id", Kind::Variation, OnDelete::RemoveEntry),
            ForeignKey::new("allocations.segment_id", Kind::Segment, OnDelete::RemoveEntry),
        ],
    },
    KindSpec {
        kind: Kind::VerificationTemplate,
        name: "verification_templates",
        label: Label::by("verification template", &[&["name"]]),
        indexes: &["name"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::ActionModule,
        name: "action_modules",
        label: Label::by("action module", &[&["name"]]),
        indexes: &["name"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::ActionModuleVersion,
        name: "action_module_versions",
        label: Label::numbered("action module version"),
        indexes: &["module_id"],
        foreign_keys: &[ForeignKey::new("module_id", Kind::ActionModule, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::Action,
        name: "actions",
        label: Label::by("action", &[&["name"]]),
        indexes: &["name", "modules.module_id"],
        // A version of a module is there as long as the module.
        foreign_keys: &[ForeignKey::new("modules.module_id", Kind::ActionModule, OnDelete::Restrict)],
    },
    KindSpec {
        kind: Kind::ActionVersion,
        name: "action_versions",
        label: Label::numbered("action version"),
        indexes: &["action_id", "deployed", "modules.module_id"],
        foreign_keys: &[
            ForeignKey::new("action_id", Kind::Action, OnDelete::Cascade),
            ForeignKey::new("modules.module_id", Kind::ActionModule, OnDelete::Restrict),
        ],
    },
    KindSpec {
        kind: Kind::ActionBinding,
        name: "action_bindings",
        label: Label::numbered("action binding"),
        indexes: &["trigger_id", "action_id"],
        foreign_keys: &[ForeignKey::new("action_id", Kind::Action, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::TokenExchangeProfile,
        name: "token_exchange_profiles",
        label: Label::by("token exchange profile", &[&["name"]]),
        indexes: &["subject_token_type", "action_id"],
        foreign_keys: &[ForeignKey::new("action_id", Kind::Action, OnDelete::Cascade)],
    },
    KindSpec {
        kind: Kind::UserAttributeProfile,
        name: "user_attribute_profiles",
        label: Label::by("user attribute profile", &[&["name"]]),
        indexes: &["name"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::ConnectionProfile,
        name: "connection_profiles",
        label: Label::by("connection profile", &[&["name"]]),
        indexes: &["name"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::SelfServiceProfile,
        name: "self_service_profiles",
        label: Label::by("self-service profile", &[&["name"]]),
        indexes: &["user_attribute_profile_id"],
        foreign_keys: &[ForeignKey::new(
            "user_attribute_profile_id",
            Kind::UserAttributeProfile,
            OnDelete::RemoveMember,
        )],
    },
    KindSpec {
        kind: Kind::VaultConnection,
        name: "vault_connections",
        label: Label::by("vault connection", &[&["name"]]),
        indexes: &[],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::Flow,
        name: "flows",
        label: Label::by("flow", &[&["name"]]),
        indexes: &["actions.params.connection_id"],
        // A flow or a form may name what does not exist (assumed).
        foreign_keys: &[
            ForeignKey::new("actions.params.connection_id", Kind::VaultConnection, OnDelete::Restrict).unchecked()
        ],
    },
    KindSpec {
        kind: Kind::Form,
        name: "forms",
        label: Label::by("form", &[&["name"]]),
        indexes: &["nodes.config.flow_id", "nodes.config.components.config.flow_id", "ending.after_submit.flow_id"],
        foreign_keys: &[
            ForeignKey::new("nodes.config.flow_id", Kind::Flow, OnDelete::Restrict).unchecked(),
            ForeignKey::new("nodes.config.components.config.flow_id", Kind::Flow, OnDelete::Restrict).unchecked(),
            ForeignKey::new("ending.after_submit.flow_id", Kind::Flow, OnDelete::Restrict).unchecked(),
        ],
    },
    KindSpec {
        kind: Kind::CustomDomain,
        name: "custom_domains",
        label: Label::by("custom domain", &[&["domain"]]),
        indexes: &["domain", "cname_api_key"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::PhoneProvider,
        name: "phone_providers",
        label: Label::by("phone provider", &[&["name"]]),
        indexes: &["disabled"],
        foreign_keys: &[],
    },
    KindSpec {
        kind: Kind::PhoneTemplate,
        name: "phone_templates",
        label: Label::by("phone template", &[&["type"]]),
        indexes: &["disabled", "type"],
        foreign_keys: &[],
    },
    KindSpec { kind: Kind::Theme, name: "themes", label: Label::numbered("theme"), indexes: &[], foreign_keys: &[] },
    #[cfg(test)]
    KindSpec {
        kind: Kind::Sample,
        name: "samples",
        label: Label::by("sample", &[&["title"], &["user_id"]]),
        indexes: &["user_id", "roles", "connection"],
        foreign_keys: &[
            ForeignKey::new("user_id", Kind::User, OnDelete::Cascade),
            ForeignKey::new("roles", Kind::Role, OnDelete::RemoveItem),
            ForeignKey::new("connection", Kind::Connection, OnDelete::RemoveMember).by("name"),
            ForeignKey::new("organization_id", Kind::Organization, OnDelete::Keep).unchecked(),
        ],
    },
];

/// Every link, in the order of [`Link`].
pub(crate) const LINKS: &[LinkSpec] = &[
    LinkSpec {
        link: Link::OrganizationClientGrants,
        name: "organization_client_grants",
        left: Kind::Organization,
        right: Kind::ClientGrant,
        within: None,
    },
    LinkSpec {
        link: Link::OrganizationClients,
        name: "organization_clients",
        left: Kind::Organization,
        right: Kind::Client,
        within: None,
    },
    LinkSpec {
        link: Link::OrganizationMemberAccess,
        name: "organization_member_access",
        left: Kind::Organization,
        right: Kind::Client,
        within: Some(Link::OrganizationClients),
    },
    LinkSpec { link: Link::UserRoles, name: "user_roles", left: Kind::User, right: Kind::Role, within: None },
];

// Each row has the position of its kind or link, and a link comes after the link that contains it.
const _: () = {
    let mut at = 0;
    while at < KINDS.len() {
        assert!(KINDS[at].kind as usize == at);
        at += 1;
    }
    let mut at = 0;
    while at < LINKS.len() {
        assert!(LINKS[at].link as usize == at);
        if let Some(outer) = LINKS[at].within {
            assert!((outer as usize) < at);
        }
        at += 1;
    }
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names = KINDS.iter().map(|spec| spec.name).chain(LINKS.iter().map(|spec| spec.name));
        let unique: BTreeSet<&str> = names.clone().collect();
        assert_eq!(unique.len(), names.count());
    }

    /// Otherwise a deletion would walk a whole collection, or miss what it must change.
    #[test]
    fn foreign_keys_are_indexed_on_both_sides() {
        for spec in KINDS {
            for key in spec.foreign_keys {
                let finds = key.on_delete == OnDelete::Keep || spec.indexes.contains(&key.member);
                assert!(finds, "{}: {} is no index", spec.name, key.member);
                let is_found = key.by.is_none_or(|by| key.to.spec().indexes.contains(&by));
                assert!(is_found, "{}: {} is no index of {}", spec.name, key.by.unwrap_or("id"), key.to.spec().name);
            }
        }
    }
}
