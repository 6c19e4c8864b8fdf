//! `/logs`: the tenant's log ("Retrieve Logs Using the Management API").

use std::sync::{Arc, LazyLock};

use http::header::LINK;
use serde_json::{Map, Value};

use super::log_entry::{self, entry};
use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::HasCheckpoints;
use crate::api::tenant_log::Event;
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("logs.schema.json")));

const READ: &[&str] = &["read:logs", "read:logs_users"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[Operation::get("/logs", READ, list).query("List"), Operation::get("/logs/{id}", READ, get)],
};

/// GET of an unknown entry (d; code assumed).
const LOG_NOT_FOUND: Refusal = Refusal::plain(404, "Log not found.");

/// The default number of entries after a checkpoint.
const DEFAULT_TAKE: usize = 50;

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    match call.query_text("from").filter(|from| !from.is_empty()) {
        Some(from) => after(call, from),
        None => log_entry::list(call, HasCheckpoints::Yes, |_| true),
    }
}

/// Lists the entries after an entry, the oldest first. Other parameters are ignored, and the link to the next page is
/// in a header (documented).
fn after(call: &Call<'_>, from: &str) -> Result<Reply, ApiError> {
    let take = call.query_number("take").unwrap_or(DEFAULT_TAKE);
    let events: Vec<Arc<Event>> = {
        let log = call.log.entries();
        log.after(from).ok_or_else(ApiError::invalid_cursor)?.take(take).cloned().collect()
    };
    let last = events.last().map_or_else(|| from.to_owned(), |event| event.id());
    let next = format!("<{}api/v2/logs?from={last}&take={take}>; rel=\"next\"", call.base_url);
    let items: Vec<Map<String, Value>> = events.iter().map(|event| entry(event, call.names.tenant())).collect();
    Ok(Reply::json(&items).header(LINK, &next))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let event = call.log.entries().find(call.parameter("id")).map(Arc::clone);
    let event = event.ok_or(LOG_NOT_FOUND)?;
    Ok(Reply::json(&entry(&event, call.names.tenant())))
}
