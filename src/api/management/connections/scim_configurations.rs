//! `/connections/{id}/scim-configuration` and its tokens: the provisioning of a connection over SCIM. m2mock only
//! stores the configuration.
//!
//! `scim_mappings.json` has the default mappings by strategy: recorded for Okta and Azure AD, assumed to be Okta's for
//! the others.

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::provisioning::{CONNECTION, connection_members};
use crate::api::call::{Call, Reply};
use crate::api::error::connections::{INEXISTENT_CONNECTION, NOT_CONFIGURED};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, Limit, List, Parent, Removal, Resource, Stamps, Unique};
use crate::api::timestamp::timestamp;
use crate::domain::{IdShape, Names};
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("scim_configurations.schema.json")));

static MAPPINGS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("scim_mappings.json")).expect("scim_mappings.json is JSON"));

const READ: &[&str] = &["read:scim_config"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/connections-scim-configurations", READ, &CONFIGURATION).query("List"),
        Operation::read("/connections/{id}/scim-configuration", READ, &CONFIGURATION),
        Operation::create("/connections/{id}/scim-configuration", &["create:scim_config"], &CONFIGURATION)
            .body("Create"),
        Operation::update("/connections/{id}/scim-configuration", &["update:scim_config"], &CONFIGURATION)
            .body("Patch"),
        Operation::remove("/connections/{id}/scim-configuration", &["delete:scim_config"], &CONFIGURATION),
        Operation::get("/connections/{id}/scim-configuration/default-mapping", READ, default_mapping),
        Operation::list("/connections/{id}/scim-configuration/tokens", &["read:scim_token"], &TOKEN),
        Operation::create("/connections/{id}/scim-configuration/tokens", &["create:scim_token"], &TOKEN)
            .body("CreateToken"),
        Operation::remove("/connections/{id}/scim-configuration/tokens/{tokenId}", &["delete:scim_token"], &TOKEN),
    ],
};

static CONFIGURATION: Resource = Resource {
    parents: &[CONNECTION],
    list: List::checkpoint("scim_configurations"),
    unique: Some(Unique::new("connection_id", SCIM_CONFIGURATION_EXISTS)),
    stamps: Stamps::Milliseconds,
    updated: "updated_on",
    missing: NOT_CONFIGURED,
    removal: Removal::Ignore, // recorded
    prepare: Some(add_defaults),
    ..Resource::new(Kind::ScimConfiguration, Identity::of_parent("connection_id"))
};

static TOKEN: Resource = Resource {
    parents: &[
        CONNECTION,
        Parent { kind: Kind::ScimConfiguration, parameter: "id", member: "connection_id", missing: NOT_CONFIGURED },
    ],
    removal: Removal::Ignore, // assumed from the sibling deletes
    ..tokens(Identity::new(IdShape::SCIM_TOKEN).member("token_id").parameter("tokenId"))
};

/// The tokens of a SCIM configuration, for both APIs.
pub(in crate::api) const fn tokens(id: Identity) -> Resource {
    Resource {
        // Documented: one token in use and one for its replacement.
        limit: Some(Limit { most: 2, refusal: TOO_MANY_SCIM_TOKENS }),
        hidden: &["connection_id"],
        complete: Some(set_end),
        stored: Some(add_secret),
        ..Resource::new(Kind::ScimToken, id)
    }
}

/// A connection of a strategy that cannot be provisioned over SCIM (r).
const SCIM_NOT_SUPPORTED: Refusal = Refusal::plain(
    404,
    "This connection type does not support SCIM. Please see our documentation for the currently supported \
     connection types: https://auth0.com/docs/authenticate/protocols/scim/configure-inbound-scim.",
);

/// A second SCIM configuration (a; 400 is documented, 409 is not).
const SCIM_CONFIGURATION_EXISTS: Refusal =
    Refusal::invalid_body("A SCIM configuration already exists for this connection");

/// A token for SCIM beyond those that a connection may have (status documented, sentence assumed).
const TOO_MANY_SCIM_TOKENS: Refusal = Refusal::plain(409, "A connection can have at most {} SCIM tokens");

/// A SCIM token with an expiry outside the range of dates (a).
const SCIM_TOKEN_LIFETIME: Refusal = Refusal::invalid_body("The token_lifetime is too long");

/// Adds the defaults of a new configuration, which depend on the strategy of the connection.
fn add_defaults(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    if draft.is_new() {
        let connection = call.entity(Kind::Connection, INEXISTENT_CONNECTION)?;
        complete(&mut draft.entity, connection, call.names)?;
    }
    Ok(())
}

/// Adds the defaults of a new configuration of this connection.
///
/// # Errors
/// The strategy of the connection cannot be provisioned over SCIM.
pub(in crate::api) fn complete(
    configuration: &mut Map<String, Value>,
    connection: &Document,
    names: &Names,
) -> Result<(), ApiError> {
    for (member, default) in defaults(connection)? {
        configuration.entry(member).or_insert_with(|| default.clone());
    }
    configuration.extend(connection_members(connection));
    configuration.insert("tenant_name".to_owned(), names.tenant().into());
    Ok(())
}

fn default_mapping(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let defaults = defaults(call.entity(Kind::Connection, INEXISTENT_CONNECTION)?)?;
    Ok(Reply::json(&json!({ "mapping": defaults.get("mapping") })))
}

/// Sets the expiry of a new token.
fn set_end(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let now = call.clock.now();
    let lifetime = draft.entity.remove("token_lifetime").and_then(|lifetime| lifetime.as_u64());
    if let Some(seconds) = lifetime {
        let until = now.checked_add(Duration::from_secs(seconds)).filter(|_| seconds <= LONGEST_LIFETIME);
        draft.entity.insert("valid_until".to_owned(), timestamp(until.ok_or(SCIM_TOKEN_LIFETIME)?).into());
    }
    draft.entity.insert("created_at".to_owned(), timestamp(now).into());
    Ok(())
}

/// The maximum lifetime of a token in seconds: a hundred years.
const LONGEST_LIFETIME: u64 = 100 * 366 * 24 * 3600;

/// Adds the token itself, which only the answer to its creation has.
fn add_secret(call: &mut Call<'_>, _: &Draft, mut token: Document) -> Document {
    let secret = IdShape::SCIM_SECRET.draw(&mut call.state.random);
    let text = format!("{}.{secret}", text(&token, "token_id").unwrap_or_default());
    Document::make_mut(&mut token).insert("token".to_owned(), text.into());
    token
}

/// The default mapping of a configuration of this connection.
fn defaults(connection: &Document) -> Result<&'static Map<String, Value>, ApiError> {
    let strategy = text(connection, "strategy").unwrap_or_default();
    let defaults = match MAPPINGS.get(strategy) {
        Some(Value::String(other)) => MAPPINGS.get(other.as_str()),
        defaults => defaults,
    };
    defaults.and_then(Value::as_object).ok_or_else(|| SCIM_NOT_SUPPORTED.into())
}
