//! `/connections/{id}/scim-configuration` and its tokens: how a connection is provisioned over SCIM. Nobody provisions
//! anything here; the configuration is kept and shown.
//!
//! What a configuration maps when it does not say stands in `scim_mappings.json`, by strategy: recorded for Okta and
//! Azure AD, assumed to be Okta's for the others.

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::crud::Paging;
use super::object;
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::journal::timestamp;
use crate::api::operation::{Family, Operation};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("scim_configurations.schema.json")));

static MAPPINGS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("scim_mappings.json")).expect("scim_mappings.json is JSON"));

const READ: &[&str] = &["read:scim_config"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/connections-scim-configurations", READ, list).query("List"),
        Operation::get("/connections/{id}/scim-configuration", READ, get),
        Operation::post("/connections/{id}/scim-configuration", &["create:scim_config"], create).body("Create"),
        Operation::patch("/connections/{id}/scim-configuration", &["update:scim_config"], patch).body("Patch"),
        Operation::delete("/connections/{id}/scim-configuration", &["delete:scim_config"], delete),
        Operation::get("/connections/{id}/scim-configuration/default-mapping", READ, default_mapping),
        Operation::get("/connections/{id}/scim-configuration/tokens", &["read:scim_token"], list_tokens),
        Operation::post("/connections/{id}/scim-configuration/tokens", &["create:scim_token"], create_token)
            .body("CreateToken"),
        Operation::delete(
            "/connections/{id}/scim-configuration/tokens/{tokenId}",
            &["delete:scim_token"],
            delete_token,
        ),
    ],
};

/// Tokens that a connection may have at a time (documented: one in use, one to change to).
const MOST_TOKENS: usize = 2;

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::checkpoint(call)?;
    let configurations = &call.state[Kind::ScimConfiguration];
    Ok(paging.reply("scim_configurations", configurations, configurations.order().as_slice(), Document::clone))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(configuration(call)?))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let connection = Document::clone(connection(call)?);
    let defaults = defaults(&connection)?;
    let id = call.id();
    if call.state[Kind::ScimConfiguration].contains(&id) {
        return Err(ApiError::scim_configuration_exists());
    }
    let now = timestamp(call.clock.now());
    let mut configuration = object(json!({
        "connection_id": id,
        "connection_name": text(&connection, "name"),
        "strategy": text(&connection, "strategy"),
        "tenant_name": call.names.tenant(),
        "created_at": now,
        "updated_on": now,
    }));
    configuration.extend(std::mem::take(&mut call.body));
    for (member, default) in defaults {
        configuration.entry(member).or_insert_with(|| default.clone());
    }
    Ok(Reply::json(&call.state[Kind::ScimConfiguration].insert(&id, configuration)))
}

/// Both members are sent, as the schema asks.
fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut configuration = Map::clone(configuration(call)?);
    configuration.extend(std::mem::take(&mut call.body));
    configuration.insert("updated_on".to_owned(), timestamp(call.clock.now()).into());
    let id = call.id();
    Ok(Reply::json(&call.state[Kind::ScimConfiguration].replace(&id, configuration)))
}

/// Deletes a configuration with its tokens; one that is not there is no error (recorded).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    connection(call)?;
    let id = call.id();
    call.state.remove(Kind::ScimConfiguration, &id);
    Ok(Reply::empty())
}

fn default_mapping(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let defaults = defaults(connection(call)?)?;
    Ok(Reply::json(&json!({ "mapping": defaults.get("mapping") })))
}

/// The tokens without their secrets, in creation order.
fn list_tokens(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    configuration(call)?;
    let tokens = &call.state[Kind::ScimToken];
    let places = tokens.having("connection_id", call.parameter("id"));
    let shown = places.iter().filter_map(|seq| tokens.at(seq)).map(shown);
    Ok(Reply::json(&shown.collect::<Vec<_>>()))
}

/// Makes a token. Only this answer shows it.
fn create_token(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    configuration(call)?;
    let connection = call.id();
    if call.state[Kind::ScimToken].having("connection_id", &connection).len() >= MOST_TOKENS {
        return Err(ApiError::too_many_scim_tokens(MOST_TOKENS));
    }
    let lifetime = call.body.remove("token_lifetime").and_then(|lifetime| lifetime.as_u64());
    let now = call.clock.now();
    let valid_until = match lifetime.map(|seconds| now.checked_add(Duration::from_secs(seconds))) {
        None => None,
        Some(until) => {
            Some(until.filter(|_| lifetime <= Some(LONGEST_LIFETIME)).ok_or_else(ApiError::scim_token_lifetime)?)
        }
    };
    let id = call.new_id(Kind::ScimToken, IdShape::SCIM_TOKEN)?;
    let mut token = std::mem::take(&mut call.body);
    token.insert("token_id".to_owned(), id.clone().into());
    token.insert("connection_id".to_owned(), connection.into());
    token.insert("created_at".to_owned(), timestamp(now).into());
    if let Some(until) = valid_until {
        token.insert("valid_until".to_owned(), timestamp(until).into());
    }
    let mut answer = shown(&call.state[Kind::ScimToken].insert(&id, token));
    let secret = IdShape::SCIM_SECRET.draw(&mut call.state.random);
    answer.insert("token".to_owned(), format!("{id}.{secret}").into());
    Ok(Reply::json(&answer))
}

/// Seconds that a token may live: a hundred years, beyond which no date can be written.
const LONGEST_LIFETIME: u64 = 100 * 366 * 24 * 3600;

/// Deletes a token; one that is not there is no error (assumed from the sibling deletes).
fn delete_token(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    configuration(call)?;
    let id = call.parameter("tokenId").to_owned();
    let token = call.state[Kind::ScimToken].get(&id);
    if token.and_then(|token| text(token, "connection_id")) == Some(call.parameter("id")) {
        call.state.remove(Kind::ScimToken, &id);
    }
    Ok(Reply::empty())
}

/// A token as answers show it.
fn shown(token: &Document) -> Map<String, Value> {
    let mut shown = Map::clone(token);
    shown.remove("connection_id");
    shown
}

/// The connection that the path names.
fn connection<'a>(call: &'a Call<'_>) -> Result<&'a Document, ApiError> {
    call.state[Kind::Connection].get(call.parameter("id")).ok_or_else(ApiError::inexistent_connection)
}

/// Its configuration.
fn configuration<'a>(call: &'a Call<'_>) -> Result<&'a Document, ApiError> {
    connection(call)?;
    call.state[Kind::ScimConfiguration].get(call.parameter("id")).ok_or_else(ApiError::not_configured)
}

/// What a configuration of this connection has unless it says otherwise.
fn defaults(connection: &Document) -> Result<&'static Map<String, Value>, ApiError> {
    let strategy = text(connection, "strategy").unwrap_or_default();
    let defaults = match MAPPINGS.get(strategy) {
        Some(Value::String(other)) => MAPPINGS.get(other.as_str()),
        defaults => defaults,
    };
    defaults.and_then(Value::as_object).ok_or_else(ApiError::scim_not_supported)
}
