//! The table of the kinds of entities that a seed creates: how each is found and written, and the members of an export that no
//! body of the Management API has.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde_json::{Map, Value};

use super::error::quoted;
use crate::domain::IdShape;

/// A kind of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Api,
    Client,
    Connection,
    Role,
    Organization,
    ClientGrant,
    /// The kind of a section with a row in the table.
    Of(&'static Traits),
}

/// The properties of a kind.
pub(crate) struct Traits {
    /// The noun in sentences.
    pub entity: &'static str,
    /// The collection in the Management API.
    pub path: &'static str,
    /// The member with the id: in answers, in exports with identifiers, and below `x-m2mock`.
    pub id: &'static str,
    /// The member with the secret, in the same places.
    pub secret: Option<&'static str>,
    /// The form of a pinned id, with an example, because the Management API checks references to it.
    pub shape: Option<(IdShape, &'static str)>,
    /// For a kind whose entries may declare Actions: the key by which they name the other side of a client grant.
    pub actions_only_for: Option<&'static str>,
    /// The members that identify an entity. References use the first one. Without such a member, the tenant has one entity of the
    /// kind.
    pub named_by: &'static [&'static str],
    /// The name of an entry beside its number.
    pub title: fn(&Map<String, Value>) -> Option<String>,
    /// Members of an answer that no body accepts, because the service sets them. A dot leads into an object, `[]` into a list.
    pub made_by_the_service: &'static [&'static str],
    /// Old names of members, each with the new one.
    pub renamed: &'static [(&'static str, &'static str)],
    /// Members that only a creation accepts.
    pub only_when_new: &'static [&'static str],
    /// How all entities are listed, for a kind that has a row in the table.
    pub list: List,
}

/// Kinds have collections of their own, by which they are the same.
impl PartialEq for Traits {
    fn eq(&self, other: &Traits) -> bool {
        self.path == other.path
    }
}

impl Eq for Traits {}

impl Hash for Traits {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path.hash(state);
    }
}

impl fmt::Debug for Traits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entity)
    }
}

/// How the entities of a collection are listed.
#[derive(Clone, Copy)]
pub(crate) enum List {
    /// All at once, or a single entity, at this path.
    Whole(&'static str),
    /// By `page` and `per_page`.
    Pages,
    /// By `from` and `take`.
    Checkpoints,
}

/// Modules of Actions.
pub(crate) const MODULES: Kind = Kind::Of(&ACTION_MODULE);

/// Actions.
pub(super) const ACTIONS: Kind = Kind::Of(&ACTION);

impl Kind {
    /// The kind of the entries of a section without a row in the table.
    #[cfg(feature = "cli")]
    pub(super) fn of_section(section: &str) -> Option<Kind> {
        Some(match section {
            "resourceServers" => Kind::Api,
            "clients" => Kind::Client,
            "databases" | "connections" => Kind::Connection,
            "roles" => Kind::Role,
            "organizations" => Kind::Organization,
            "clientGrants" => Kind::ClientGrant,
            _ => return None,
        })
    }

    pub(crate) fn traits(self) -> &'static Traits {
        match self {
            Kind::Api => &API,
            Kind::Client => &CLIENT,
            Kind::Connection => &CONNECTION,
            Kind::Role => &ROLE,
            Kind::Organization => &ORGANIZATION,
            Kind::ClientGrant => &CLIENT_GRANT,
            Kind::Of(traits) => traits,
        }
    }
}

impl Traits {
    /// A kind whose entities have an `id` and a `name`, and nothing of their own.
    pub(super) const NAMED: Traits = Traits {
        entity: "",
        path: "",
        id: "id",
        secret: None,
        shape: None,
        actions_only_for: None,
        named_by: &["name"],
        title: name,
        made_by_the_service: &[],
        renamed: &[],
        only_when_new: &[],
        list: List::Pages,
    };

    /// Whether an id can be one of this kind, so that requests may name it.
    pub(crate) fn has_form_of_id(&self, id: &str) -> bool {
        self.shape.as_ref().is_none_or(|(shape, _)| shape.fits(id))
    }
}

const API: Traits = Traits {
    entity: "API",
    path: "/resource-servers",
    id: "id",
    secret: None,
    shape: None,
    actions_only_for: Some("client_id"),
    named_by: &["identifier"],
    title: |body| text(body, "identifier").map(quoted).or_else(|| name(body)),
    made_by_the_service: &["client_id", "is_system", "created_at", "updated_at"],
    renamed: &[],
    only_when_new: &["identifier"],
    list: List::Pages,
};

const CLIENT: Traits = Traits {
    entity: "client",
    path: "/clients",
    id: "client_id",
    secret: Some("client_secret"),
    shape: None,
    actions_only_for: Some("audience"),
    named_by: &["name"],
    title: name,
    // auth0-deploy-cli, `src/readonly.ts` and `src/tools/auth0/handlers/clients.ts`, and the answers of the API.
    made_by_the_service: &[
        "agent_id",
        "callback_url_template",
        "config_route",
        "created_at",
        "encrypted",
        "external_client_id",
        "external_metadata_created_by",
        "external_metadata_type",
        "global",
        "jwks_uri",
        "owners",
        "signing_keys",
        "tenant",
        "updated_at",
    ],
    renamed: &[("cross_origin_auth", "cross_origin_authentication")],
    only_when_new: &["resource_server_identifier", "jwt_configuration.secret_encoded"],
    list: List::Pages,
};

const CONNECTION: Traits = Traits {
    entity: "connection",
    path: "/connections",
    id: "id",
    secret: None,
    shape: Some((IdShape::CONNECTION, "an id such as con_0123456789abcDEF")),
    actions_only_for: None,
    named_by: &["name"],
    title: name,
    made_by_the_service: &["provisioning_ticket_url", "created_at", "updated_at"],
    renamed: &[],
    only_when_new: &["name", "strategy"],
    list: List::Pages,
};

const ROLE: Traits = Traits {
    entity: "role",
    path: "/roles",
    id: "id",
    secret: None,
    shape: Some((IdShape::ROLE, "an id such as rol_0123456789abcDEF")),
    actions_only_for: None,
    named_by: &["name"],
    title: name,
    made_by_the_service: &[
        "created_at",
        "updated_at",
        "permissions[].resource_server_name",
        "permissions[].description",
        "permissions[].sources",
    ],
    renamed: &[],
    only_when_new: &["type", "owner_id"],
    list: List::Pages,
};

const ORGANIZATION: Traits = Traits {
    entity: "organization",
    path: "/organizations",
    id: "id",
    secret: None,
    shape: Some((IdShape::ORGANIZATION, "an id such as org_0123456789abcDEF")),
    actions_only_for: None,
    named_by: &["name"],
    title: name,
    made_by_the_service: &[
        "client",
        "created_at",
        "updated_at",
        "connections[].connection",
        "discovery_domains[].id",
        "discovery_domains[].verification_host",
        "discovery_domains[].verification_txt",
    ],
    renamed: &[],
    only_when_new: &["enabled_connections"],
    list: List::Pages,
};

const CLIENT_GRANT: Traits = Traits {
    entity: "client grant",
    path: "/client-grants",
    id: "id",
    secret: None,
    shape: Some((IdShape::CLIENT_GRANT, "an id such as cgr_0123456789abcDEF")),
    actions_only_for: None,
    named_by: &[],
    title: |body| {
        let subject = text(body, "client_id").or_else(|| text(body, "default_for"))?;
        Some(format!("{} for {}", quoted(subject), quoted(text(body, "audience")?)))
    },
    made_by_the_service: &["is_system", "created_at", "updated_at"],
    renamed: &[],
    only_when_new: &["audience", "client_id", "default_for", "subject_type"],
    list: List::Pages,
};

/// Modules of Actions, which Actions name.
pub(super) const ACTION_MODULE: Traits = Traits {
    entity: "action module",
    path: "/actions/modules",
    made_by_the_service: &["actions_using_module_total", "latest_version_number", "created_at", "updated_at"],
    only_when_new: &["name"],
    ..Traits::NAMED
};

/// Actions, which other entities name.
pub(super) const ACTION: Traits = Traits {
    entity: "action",
    path: "/actions/actions",
    made_by_the_service: &["status", "installed_integration_id", "created_at", "updated_at"],
    ..Traits::NAMED
};

pub(crate) fn name(body: &Map<String, Value>) -> Option<String> {
    text(body, "name").map(quoted)
}

pub(crate) fn text<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    body.get(key).and_then(Value::as_str)
}
