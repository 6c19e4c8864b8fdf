//! An identity provider: a connection that an organization has under its own name, as `/my-org` shows it.
//!
//! The access level of the organization decides what an administrator sees and changes (M25). The Management API sets it.

use serde_json::{Map, Value};

use super::attribute_mapping::{self, Mapping};
use super::configuration;
use crate::api::call::Call;
use crate::api::error::{ApiError, Refusal};
use crate::api::management::organizations::connection_association::{find as find_association, in_order};
use crate::store::document::text;
use crate::store::{Document, Kind, State};

/// An identity provider that the organization does not have, or that its access level hides (d).
pub(super) const NOT_FOUND: Refusal = Refusal::new(404, "A0E-404-0002", "The IdP does not exist.");

/// A change that the access level does not allow (a).
const ACCESS_LEVEL_TOO_LOW: Refusal =
    Refusal::new(403, "A0E-403-0002", "The access level of the organization does not allow this operation.");

/// The rights of an organization over one of its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AccessLevel {
    /// The connection is hidden.
    None,
    /// It is shown.
    ReadOnly,
    /// It may be enabled, and shown as a button.
    Limited,
    /// It may be changed, detached and deleted.
    Full,
}

impl AccessLevel {
    fn of(association: &Document) -> AccessLevel {
        match text(association, "organization_access_level") {
            Some("readonly") => AccessLevel::ReadOnly,
            Some("limited") => AccessLevel::Limited,
            Some("full") => AccessLevel::Full,
            _ => AccessLevel::None,
        }
    }
}

/// The strategies of this API, with the options that answers show (published). Secrets are not among them.
const OPTIONS: [(&str, &[&str]); 7] = [
    ("adfs", &["adfs_server", "fedMetadataXml"]),
    ("google-apps", &["client_id", "domain", "icon_url"]),
    ("oidc", &["client_id", "discovery_url", "type"]),
    ("okta", &["client_id", "domain", "icon_url"]),
    (
        "pingfederate",
        &[
            "cert",
            "digestAlgorithm",
            "icon_url",
            "idpInitiated",
            "pingFederateBaseUrl",
            "signSAMLRequest",
            "signatureAlgorithm",
        ],
    ),
    (
        "samlp",
        &[
            "bindingMethod",
            "cert",
            "digestAlgorithm",
            "discovery_url",
            "icon_url",
            "idpInitiated",
            "metadataUrl",
            "protocolBinding",
            "signInEndpoint",
            "signSAMLRequest",
            "signatureAlgorithm",
        ],
    ),
    ("waad", &["client_id", "icon_url", "tenant_domain"]),
];

/// The options that answers show for a strategy; `None` for a strategy that this API does not have, such as a database.
pub(super) fn shown_options(strategy: &str) -> Option<&'static [&'static str]> {
    OPTIONS.into_iter().find(|(known, _)| *known == strategy).map(|(_, options)| options)
}

/// The association of an organization, and its connection.
#[derive(Clone, Copy)]
pub(super) struct IdentityProvider<'a> {
    pub association: &'a Document,
    pub connection: &'a Document,
}

impl<'a> IdentityProvider<'a> {
    /// The identity provider in the path, if the access level of the organization allows the operation.
    ///
    /// # Errors
    /// The organization does not see it, or its access level is lower.
    pub(super) fn of_call(call: &'a Call<'_>, needed: AccessLevel) -> Result<Self, ApiError> {
        let association = find_association(call.state, call.parameter("id"), call.parameter("idp_id"));
        let found = association.and_then(|association| Self::of(call.state, association)).ok_or(NOT_FOUND)?;
        if found.access_level() < needed { Err(ACCESS_LEVEL_TOO_LOW.into()) } else { Ok(found) }
    }

    /// The identity providers that an organization sees, in the order of the Management API.
    pub(super) fn all(state: &'a State, organization: &str) -> impl Iterator<Item = Self> {
        let associations = in_order(state, organization).into_iter();
        let associations = associations.filter_map(|seq| state[Kind::OrganizationConnection].at(seq));
        associations.filter_map(|association| Self::of(state, association))
    }

    /// The identity provider of an association, unless it is hidden.
    fn of(state: &'a State, association: &'a Document) -> Option<Self> {
        let connection = state[Kind::Connection].get(text(association, "connection_id")?)?;
        let found = IdentityProvider { association, connection };
        (found.access_level() > AccessLevel::None).then_some(found)
    }

    fn access_level(self) -> AccessLevel {
        AccessLevel::of(self.association)
    }

    pub(super) fn id(self) -> &'a str {
        text(self.connection, "id").unwrap_or_default()
    }

    /// The name of the connection in the organization.
    pub(super) fn name(self) -> Option<&'a Value> {
        self.association.get("organization_connection_name")
    }

    pub(super) fn strategy(self) -> &'a str {
        text(self.connection, "strategy").unwrap_or_default()
    }

    /// The domains for which login pages choose the identity provider.
    pub(super) fn domains(self) -> &'a [Value] {
        let options = self.connection.get("options");
        let domains = options.and_then(|options| options.get("domain_aliases")).and_then(Value::as_array);
        domains.map_or(&[], Vec::as_slice)
    }

    /// Whether it has a domain. Case does not matter.
    pub(super) fn has_domain(self, domain: &str) -> bool {
        self.domains().iter().any(|own| own.as_str().is_some_and(|own| own.eq_ignore_ascii_case(domain)))
    }

    /// The identity provider for answers to this client. One of a strategy that this API does not have, such as a database, has
    /// few members (published for lists).
    pub(super) fn view(self, state: &State, configuration: &Map<String, Value>) -> Map<String, Value> {
        let mut view = Map::new();
        let mut add =
            |name: &str, value: Option<&Value>| view.extend(value.map(|value| (name.to_owned(), value.clone())));
        add("id", self.connection.get("id"));
        add("name", self.name());
        let shown = shown_options(self.strategy());
        let display_name = self.connection.get("display_name");
        let name = || self.connection.get("name").filter(|_| shown.is_none());
        add("display_name", display_name.or_else(name));
        add("is_enabled", self.association.get("is_enabled"));
        add("access_level", self.association.get("organization_access_level"));
        let Some(shown) = shown else { return view };
        add("strategy", self.connection.get("strategy"));
        add("show_as_button", self.association.get("show_as_button"));
        add("assign_membership_on_login", self.association.get("assign_membership_on_login"));
        let options = self.connection.get("options").and_then(Value::as_object);
        let option = |name: &str| options.and_then(|options| options.get(name));
        let own = shown.iter().filter_map(|name| Some(((*name).to_owned(), option(name)?.clone())));
        view.insert("options".to_owned(), Value::Object(own.collect()));
        view.insert("domains".to_owned(), self.domains().into());
        if let Some(mapping) = Mapping::of_strategy(self.strategy()) {
            let profile = configuration::user_attribute_profile(state, configuration);
            let attributes = attribute_mapping::compare(profile, self.strategy(), mapping, options);
            view.insert("attributes".to_owned(), attributes.into());
        }
        view
    }
}
