//! `/my-org/identity-providers/{idp_id}/provisioning`: the provisioning of an identity provider over SCIM, and its tokens.

use std::sync::LazyLock;

use serde_json::json;

use super::attribute_mapping::{self, Mapping};
use super::configuration;
use super::identity_provider::{AccessLevel, IdentityProvider, NOT_FOUND};
use crate::api::call::{Call, Reply};
use crate::api::error::my_organization::NOT_CONFIGURED;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::management::connections::scim_configurations::{complete, tokens};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, List, Parent, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("provisioning.schema.json")));

const PROVISIONING: &str = "/my-org/identity-providers/{idp_id}/provisioning";
const TOKENS: &str = "/my-org/identity-providers/{idp_id}/provisioning/scim-tokens";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(PROVISIONING, &["read:my_org:identity_providers_provisioning"], |call| {
            visible(call, AccessLevel::ReadOnly, |call| CONFIGURATION.read(call))
        })
        .parameters("ById"),
        Operation::post(PROVISIONING, &["create:my_org:identity_providers_provisioning"], |call| {
            visible(call, AccessLevel::Full, |call| CONFIGURATION.create(call))
        })
        .parameters("ById"),
        Operation::delete(PROVISIONING, &["delete:my_org:identity_providers_provisioning"], |call| {
            visible(call, AccessLevel::Full, |call| CONFIGURATION.remove(call))
        })
        .parameters("ById"),
        Operation::put(
            "/my-org/identity-providers/{idp_id}/provisioning/update-attributes",
            &["update:my_org:identity_providers_provisioning"],
            update_attributes,
        )
        .body("UpdateAttributes")
        .parameters("ById"),
        Operation::get(TOKENS, &["read:my_org:identity_providers_scim_tokens"], |call| {
            visible(call, AccessLevel::ReadOnly, |call| TOKEN.list(call))
        })
        .parameters("ById"),
        Operation::post(TOKENS, &["create:my_org:identity_providers_scim_tokens"], |call| {
            visible(call, AccessLevel::Full, |call| TOKEN.create(call))
        })
        .body("CreateToken")
        .parameters("ById"),
        Operation::delete(
            "/my-org/identity-providers/{idp_id}/provisioning/scim-tokens/{idp_scim_token_id}",
            &["delete:my_org:identity_providers_scim_tokens"],
            |call| visible(call, AccessLevel::Full, |call| TOKEN.remove(call)),
        )
        .parameters("Token"),
    ],
};

static CONFIGURATION: Resource = Resource {
    parents: &[CONNECTION],
    unique: Some(Unique::new("connection_id", PROVISIONING_EXISTS)),
    stamps: Stamps::Milliseconds,
    updated: "updated_on",
    missing: PROVISIONING_NOT_FOUND,
    prepare: Some(add_defaults),
    show: Some(view),
    ..Resource::new(Kind::ScimConfiguration, Identity::of_parent("connection_id").parameter("idp_id"))
};

static TOKEN: Resource = Resource {
    parents: &[
        CONNECTION,
        Parent {
            kind: Kind::ScimConfiguration,
            parameter: "idp_id",
            member: "connection_id",
            missing: PROVISIONING_NOT_FOUND,
        },
    ],
    list: List::whole("scim_tokens"),
    missing: TOKEN_NOT_FOUND,
    ..tokens(Identity::new(IdShape::SCIM_TOKEN).member("token_id").parameter("idp_scim_token_id"))
};

/// The connection of an identity provider that [`visible`] has found.
const CONNECTION: Parent =
    Parent { kind: Kind::Connection, parameter: "idp_id", member: "connection_id", missing: NOT_FOUND };

/// A second provisioning configuration (a; no conflict is published).
const PROVISIONING_EXISTS: Refusal = Refusal::new(400, "A0E-400-0001", "The IdP has a provisioning configuration.");

/// An identity provider without provisioning (a).
const PROVISIONING_NOT_FOUND: Refusal =
    Refusal::new(404, "A0E-404-0002", "The provisioning configuration does not exist.");

/// A token that the identity provider does not have (a).
const TOKEN_NOT_FOUND: Refusal = Refusal::new(404, "A0E-404-0002", "The SCIM token does not exist.");

/// Runs an operation if the access level of the organization allows it.
fn visible(
    call: &mut Call<'_>,
    needed: AccessLevel,
    run: impl FnOnce(&mut Call<'_>) -> Result<Reply, ApiError>,
) -> Result<Reply, ApiError> {
    IdentityProvider::of_call(call, needed)?;
    run(call)
}

/// Adds the defaults of a new configuration: the mapping of the user attribute profile, or that of the strategy. The connection
/// profile must enable SCIM for the strategy.
fn add_defaults(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let configuration = configuration::of_caller(call)?;
    let found = IdentityProvider::of_call(call, AccessLevel::Full)?;
    let profile = configuration::connection_profile(call.state, configuration).ok_or(NOT_CONFIGURED)?;
    if !configuration::enables_scim(profile, found.strategy()) {
        return Err(NOT_CONFIGURED.into());
    }
    if let Some(profile) = configuration::user_attribute_profile(call.state, configuration) {
        let (member, mapping) = attribute_mapping::of_profile(profile, found.strategy(), Mapping::Scim);
        draft.entity.insert(member.to_owned(), mapping);
    }
    complete(&mut draft.entity, found.connection, call.names)
}

/// The configuration in the words of this API.
fn view(call: &Call<'_>, stored: &Document) -> Document {
    let strategy = text(stored, "strategy").unwrap_or_default();
    let configuration = configuration::of_caller(call).ok();
    let profile = configuration.and_then(|own| configuration::user_attribute_profile(call.state, own));
    let found = IdentityProvider::of_call(call, AccessLevel::ReadOnly).ok();
    Document::new(object(json!({
        "identity_provider_id": stored.get("connection_id"),
        "identity_provider_name": found.and_then(IdentityProvider::name),
        "strategy": strategy,
        "method": "scim",
        "attributes": attribute_mapping::compare(profile, strategy, Mapping::Scim, Some(stored)),
        "user_id_attribute": stored.get("user_id_attribute"),
        "created_at": stored.get("created_at"),
        "updated_on": stored.get("updated_on"),
    })))
}

/// Copies the mapping of the user attribute profile into the SCIM configuration.
fn update_attributes(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let configuration = configuration::of_caller(call)?;
    let found = IdentityProvider::of_call(call, AccessLevel::Full)?;
    let id = found.id().to_owned();
    if !call.state[Kind::ScimConfiguration].contains(&id) {
        return Err(PROVISIONING_NOT_FOUND.into());
    }
    let profile = configuration::user_attribute_profile(call.state, configuration).ok_or(NOT_CONFIGURED)?;
    let (member, mapping) = attribute_mapping::of_profile(profile, found.strategy(), Mapping::Scim);
    let now = Stamps::Milliseconds.moment(call.clock.now());
    call.state[Kind::ScimConfiguration].change(&id, |configuration| {
        configuration.insert(member.to_owned(), mapping);
        configuration.extend(now.map(|now| ("updated_on".to_owned(), now.into())));
    });
    CONFIGURATION.read(call)
}
