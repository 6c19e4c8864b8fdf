//! `/agents`: the agents that applications act for. `agent_id` of an application is its agent (R113).

use std::sync::LazyLock;

use serde_json::json;

use crate::api::call::Call;
use crate::api::error::agents::AGENT_NOT_FOUND;
use crate::api::error::clients::CLIENT_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, List, Removal, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("agents.schema.json")));

const READ: &[&str] = &["read:agents"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/agents", READ, &AGENT).query("List"),
        Operation::create("/agents", &["create:agents"], &AGENT).body("Create"),
        Operation::read("/agents/{id}", READ, &AGENT),
        Operation::update("/agents/{id}", &["update:agents"], &AGENT).body("Patch"),
        Operation::remove("/agents/{id}", &["delete:agents"], &AGENT),
    ],
};

static AGENT: Resource = Resource {
    list: List::checkpoint("agents"),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("external_agent_id", EXTERNAL_ID_TAKEN)),
    stamps: Stamps::Milliseconds,
    missing: AGENT_NOT_FOUND,
    removal: Removal::Ignore,
    prepare: Some(check),
    stored: Some(link_client),
    ..Resource::new(Kind::Agent, Identity::new(IdShape::AGENT).member("agent_id"))
};

/// An external id that another agent has (status d, sentence a).
const EXTERNAL_ID_TAKEN: Refusal = Refusal::plain(409, "An agent with the same external_agent_id already exists.");

/// Metadata of more than 10 KB of JSON (limit d, sentence a).
const METADATA_TOO_LARGE: Refusal = Refusal::invalid_body("The metadata of an agent must not exceed 10 KB.");

const MOST_METADATA: usize = 10 * 1024;

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "metadata": {} })));

fn check(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    // `null` empties the metadata (assumed).
    let metadata = draft.entity.entry("metadata").or_insert_with(|| json!({}));
    if metadata.to_string().len() > MOST_METADATA {
        return Err(METADATA_TOO_LARGE.into());
    }
    let client = draft.entity.remove("client_id");
    let is_known = |client: &str| call.state[Kind::Client].contains(client);
    if client.is_none_or(|client| client.as_str().is_some_and(is_known)) {
        Ok(())
    } else {
        Err(CLIENT_NOT_FOUND.into())
    }
}

fn link_client(call: &mut Call<'_>, draft: &Draft, agent: Document) -> Document {
    if let (Some(client), Some(id)) = (text(&draft.body, "client_id"), agent.get("agent_id")) {
        call.state[Kind::Client].change(client, |client| client.insert("agent_id".to_owned(), id.clone()));
    }
    agent
}
