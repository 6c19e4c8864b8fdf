//! The facts of a token request: the entities that were looked up, with the value of the request and the result.

use std::fmt;

use serde::Serialize;

use crate::domain::BoundedText;
use crate::redaction;
use crate::store::views::{AgentView, ClientGrantView, ClientView, OrganizationView, ResourceServerView};

/// A name in a sentence, in at most 100 bytes.
type Name = BoundedText<100>;

/// The look-ups of a token request. A look-up that did not happen is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TokenFacts {
    /// The client of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Lookup>,
    /// The agent of the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Lookup>,
    /// The API that the token is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<Lookup>,
    /// The client grant for this API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_grant: Option<Lookup>,
    /// The organization that the request names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Lookup>,
    /// The default organization of the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_organization: Option<Lookup>,
}

/// One look-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Lookup {
    /// The origin of the value.
    pub by: LookupKey,
    /// The value.
    pub value: BoundedText,
    /// The entity, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Entity>,
}

/// The origin of the value of a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LookupKey {
    /// The parameter `client_id`; for a client grant, the id of the client.
    ClientId,
    /// The user name of HTTP Basic.
    Basic,
    /// The subject of a client assertion.
    ClientAssertion,
    /// The `agent_id` of the client.
    AgentId,
    /// The parameter `audience`.
    Audience,
    /// The parameter `resource`.
    Resource,
    /// The tenant's default audience.
    DefaultAudience,
    /// The default client grant for third-party clients.
    DefaultFor,
    /// The parameter `organization`.
    Organization,
    /// The client's default organization.
    DefaultOrganization,
}

/// An entity that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entity {
    /// Its id; of an API, the identifier.
    pub id: BoundedText,
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<BoundedText>,
}

impl Entity {
    pub(super) fn client(client: &ClientView<'_>) -> Self {
        Entity::new(client.id(), client.name())
    }

    pub(super) fn agent(agent: &AgentView<'_>) -> Self {
        Entity::new(agent.ids().id, agent.name())
    }

    pub(super) fn api(api: &ResourceServerView<'_>) -> Self {
        Entity::new(api.identifier(), api.name())
    }

    pub(super) fn client_grant(grant: &ClientGrantView<'_>) -> Self {
        Entity::new(grant.id(), "")
    }

    pub(super) fn organization(organization: &OrganizationView<'_>) -> Self {
        Entity::new(organization.id(), organization.name())
    }

    fn new(id: &str, name: &str) -> Self {
        Entity { id: id.into(), name: Some(name).filter(|name| !name.is_empty()).map(Into::into) }
    }
}

impl Lookup {
    pub(super) fn new(by: LookupKey, value: &str, found: Option<Entity>) -> Self {
        Lookup { by, value: value.into(), found }
    }

    /// The entity in a sentence: `client "Partner bot" (4V6U…)`. The name is for people, the id for tests. An entity
    /// without a name, or whose name is its id, has only the id. A look-up without an entity has its value.
    pub(super) fn label(&self, kind: &'static str) -> impl fmt::Display {
        struct Label<'l>(&'static str, &'l Lookup);

        impl fmt::Display for Label<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Label(kind, lookup) = self;
                match &lookup.found {
                    None => write!(f, "{kind} {}", lookup.value),
                    Some(Entity { id, name: Some(name) }) if name != id => {
                        write!(f, "{kind} \"{}\" ({id})", Name::from(name.as_str()))
                    }
                    Some(Entity { id, .. }) => write!(f, "{kind} {id}"),
                }
            }
        }

        Label(kind, self)
    }
}

impl TokenFacts {
    pub(super) fn is_empty(&self) -> bool {
        *self == TokenFacts::default()
    }

    /// Every look-up.
    pub(super) fn lookups_mut(&mut self) -> impl Iterator<Item = &mut Lookup> {
        let TokenFacts { client, agent, api, client_grant, organization, default_organization } = self;
        [client, agent, api, client_grant, organization, default_organization].into_iter().flatten()
    }

    /// The facts without secrets.
    pub(super) fn redacted(mut self, mask: &str) -> Self {
        for lookup in self.lookups_mut() {
            lookup.value = redaction::text(&lookup.value, mask).into();
            if let Some(Entity { id, name }) = &mut lookup.found {
                *id = redaction::text(id, mask).into();
                *name = name.as_deref().map(|name| redaction::text(name, mask).into());
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Entity, Lookup, LookupKey};

    fn label(kind: &'static str, name: &str, id: &str) -> String {
        Lookup::new(LookupKey::ClientId, id, Some(Entity::new(id, name))).label(kind).to_string()
    }

    #[test]
    fn an_entity_has_its_name_before_its_id() {
        assert_eq!(label("client", "Partner bot", "4V6U"), r#"client "Partner bot" (4V6U)"#);
    }

    #[test]
    fn an_entity_without_a_name_of_its_own_has_its_id_alone() {
        assert_eq!(label("client", "", "4V6U"), "client 4V6U");
        assert_eq!(label("API", "urn:trips", "urn:trips"), "API urn:trips");
    }

    #[test]
    fn a_long_name_is_cut() {
        let label = label("client", &"e".repeat(5000), "4V6U");
        assert!(label.ends_with("e…\" (4V6U)"), "{label}");
        assert_eq!(label.len(), "client \"\" (4V6U)".len() + 100);
    }

    #[test]
    fn a_lookup_without_an_entity_has_its_value() {
        let lookup = Lookup::new(LookupKey::Organization, "acme", None);
        assert_eq!(lookup.label("organization").to_string(), "organization acme");
    }
}
