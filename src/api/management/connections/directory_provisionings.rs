//! `/connections/{id}/directory-provisioning`: the provisioning of users and groups from the directory of a Google
//! Workspace connection. m2mock calls no directory; it stores the configuration and the selected groups.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::provisioning::{CONNECTION, connection_members};
use crate::api::call::{Call, Reply};
use crate::api::error::connections::{INEXISTENT_CONNECTION, NOT_CONFIGURED};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::paging::checkpoint_reply;
use crate::api::resource::{Defaults, Draft, Identity, List, Removal, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::page::{decode_key, encode_key};
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("directory_provisionings.schema.json")));

/// The default mapping of a configuration (recorded).
static MAPPING: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("directory_mapping.json")).expect("directory_mapping.json is JSON")
});

const READ: &[&str] = &["read:directory_provisionings"];
const CREATE: &[&str] = &["create:directory_provisionings"];
const UPDATE: &[&str] = &["update:directory_provisionings"];
const DELETE: &[&str] = &["delete:directory_provisionings"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/connections-directory-provisionings", READ, &PROVISIONING).query("List"),
        Operation::read("/connections/{id}/directory-provisioning", READ, &PROVISIONING),
        Operation::create("/connections/{id}/directory-provisioning", CREATE, &PROVISIONING).body("Create"),
        Operation::update("/connections/{id}/directory-provisioning", UPDATE, &PROVISIONING).body("Patch"),
        Operation::remove("/connections/{id}/directory-provisioning", DELETE, &PROVISIONING),
        Operation::get("/connections/{id}/directory-provisioning/default-mapping", READ, default_mapping),
        Operation::post("/connections/{id}/directory-provisioning/synchronizations", CREATE, synchronize),
        Operation::get("/connections/{id}/directory-provisioning/synchronized-groups", READ, list_groups)
            .query("ListGroups"),
        Operation::put("/connections/{id}/directory-provisioning/synchronized-groups", UPDATE, replace_groups)
            .body("Groups")
            .success(204),
        // The next two are newer than the published document; they are recorded.
        Operation::post("/connections/{id}/directory-provisioning/synchronized-groups", UPDATE, add_groups)
            .body("Groups")
            .success(204),
        Operation::delete("/connections/{id}/directory-provisioning/synchronized-groups", UPDATE, remove_groups)
            .body("Groups"),
    ],
};

/// Removing a configuration removes its selected groups.
static PROVISIONING: Resource = Resource {
    parents: &[CONNECTION],
    list: List::checkpoint("directory_provisionings"),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("connection_id", DIRECTORY_PROVISIONING_EXISTS)),
    stamps: Stamps::Milliseconds,
    missing: NOT_CONFIGURED,
    removal: Removal::Ignore, // assumed from the sibling deletes
    prepare: Some(prepare),
    ..Resource::new(Kind::DirectoryProvisioning, Identity::of_parent("connection_id"))
};

static DEFAULTS: Defaults = LazyLock::new(|| {
    object(json!({ "mapping": *MAPPING, "synchronize_automatically": false, "synchronize_groups": "off" }))
});

/// A connection of a strategy that has no directory (a).
const DIRECTORY_PROVISIONING_NOT_SUPPORTED: Refusal =
    Refusal::new(400, "operation_not_supported", "This connection type does not support directory provisioning.");

/// A second configuration for a directory (status documented, sentence assumed).
const DIRECTORY_PROVISIONING_EXISTS: Refusal =
    Refusal::plain(409, "A directory provisioning configuration already exists for this connection");

/// The default number of groups on a page.
const DEFAULT_PAGE: usize = 50;

/// Checks the strategy of the connection, and adds its name and strategy to a new configuration.
fn prepare(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    if draft.is_new() {
        let connection = call.entity(Kind::Connection, INEXISTENT_CONNECTION)?;
        check_strategy(connection)?;
        draft.entity.extend(connection_members(connection));
    }
    Ok(())
}

fn default_mapping(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    check_strategy(call.entity(Kind::Connection, INEXISTENT_CONNECTION)?)?;
    Ok(Reply::json(&json!({ "mapping": *MAPPING })))
}

/// Starts a synchronization, which never ends because there is no directory.
fn synchronize(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    provisioning(call)?;
    let id = IdShape::SYNCHRONIZATION.draw(&mut call.state.random);
    Ok(Reply::json(&json!({ "connection_id": call.id(), "synchronization_id": id, "status": "pending" })))
}

/// Lists the selected groups by their ids (recorded).
fn list_groups(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    provisioning(call)?;
    let after = match call.query_text("from").filter(|cursor| !cursor.is_empty()) {
        None => None,
        Some(cursor) => Some(decode_key(cursor).ok_or_else(ApiError::invalid_cursor)?),
    };
    let take = call.query_number("take").unwrap_or(DEFAULT_PAGE);
    let wanted = call.query_text("q").filter(|q| !q.is_empty()).map(Prefix::parse).transpose()?;
    let rest = call.state.synchronized_groups_of(call.parameter("id"), after.as_deref());
    let rest = rest.filter(|group| wanted.as_ref().is_none_or(|wanted| wanted.fits(group)));
    let mut groups: Vec<&Document> = rest.take(take.saturating_add(1)).collect();
    let more = groups.len() > take;
    groups.truncate(take);
    let last = groups.last().filter(|_| more).and_then(|group| text(group, "id"));
    Ok(checkpoint_reply("groups", groups.iter().map(|group| Document::clone(group)), last.map(encode_key)))
}

/// The prefix of a group's name or email in `q` (documented: `name:engineering*`, without regard to case).
struct Prefix<'a> {
    member: &'a str,
    prefix: String,
}

impl Prefix<'_> {
    fn parse(q: &str) -> Result<Prefix<'_>, ApiError> {
        let term = q.split_once(':').filter(|(member, _)| ["name", "email"].contains(member));
        let term = term.and_then(|(member, prefix)| Some((member, prefix.strip_suffix('*')?)));
        let term = term.filter(|(_, prefix)| !prefix.is_empty() && !prefix.contains(['*', '(', ')', '"']));
        let (member, prefix) = term.ok_or_else(|| ApiError::query_not_permitted(q))?;
        Ok(Prefix { member, prefix: prefix.to_lowercase() })
    }

    fn fits(&self, group: &Document) -> bool {
        text(group, self.member).is_some_and(|value| value.to_lowercase().starts_with(&self.prefix))
    }
}

fn replace_groups(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    provisioning(call)?;
    let id = call.id();
    call.state.remove_synchronized_groups(&id);
    add_groups(call)
}

/// Adds groups and replaces existing ones (recorded).
fn add_groups(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    provisioning(call)?;
    for (key, group) in groups(call) {
        call.state.synchronized_groups.insert(key, group);
    }
    Ok(Reply::empty())
}

fn remove_groups(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    provisioning(call)?;
    for (key, _) in groups(call) {
        call.state.synchronized_groups.remove(&key);
    }
    Ok(Reply::empty())
}

/// The groups of the body, each under its connection and its id.
fn groups(call: &mut Call<'_>) -> Vec<((String, String), Document)> {
    let connection = call.id();
    let Some(Value::Array(groups)) = call.body.remove("groups") else { return Vec::new() };
    let groups = groups.into_iter().map(object);
    let key = |group: &Map<String, Value>| (connection.clone(), text(group, "id").unwrap_or_default().to_owned());
    groups.map(|group| (key(&group), Document::new(group))).collect()
}

/// The configuration of the connection in the path.
fn provisioning<'a>(call: &'a Call<'_>) -> Result<&'a Document, ApiError> {
    call.entity(Kind::Connection, INEXISTENT_CONNECTION)?;
    call.entity(Kind::DirectoryProvisioning, NOT_CONFIGURED)
}

/// Checks that the connection is of Google Workspace (documented).
fn check_strategy(connection: &Document) -> Result<(), ApiError> {
    let supported = text(connection, "strategy") == Some("google-apps");
    if supported { Ok(()) } else { Err(DIRECTORY_PROVISIONING_NOT_SUPPORTED.into()) }
}
