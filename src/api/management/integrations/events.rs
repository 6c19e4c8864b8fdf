//! `/events`: the events of the tenant as server-sent events. m2mock sends the events so far and ends the answer.

use std::sync::LazyLock;

use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::api::call::{Body, Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;
use crate::store::document::texts;
use crate::store::{Kind, page};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("events.schema.json")));

pub(super) const FAMILY: Family =
    Family { schemas: &SCHEMAS, operations: &[Operation::get("/events", &["read:events"], list).query("List")] };

/// A cursor of another form (d; code a).
const MALFORMED_CURSOR: Refusal = Refusal::new(400, "invalid_query_string", "Invalid cursor format.");

/// Answers one message for each event after the cursor, and a last message with the cursor for the next request.
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let cursor = call.query_text("from").filter(|cursor| !cursor.is_empty());
    let after = cursor.map(|cursor| page::decode(cursor).ok_or(MALFORMED_CURSOR)).transpose()?;
    let since = call.query_text("from_timestamp");
    let types: Vec<&str> = texts(&call.query, "event_type").collect();
    let is_selected = |event: &Value| {
        let time = event["time"].as_str().unwrap_or_default();
        since.is_none_or(|since| since.trim_end_matches('Z') <= time)
            && (types.is_empty() || types.iter().any(|name| event["type"] == *name))
    };
    let deliveries = &call.state[Kind::EventDelivery];
    let (mut messages, mut last) = (Vec::new(), after);
    for seq in deliveries.order().iter().filter(|seq| after.is_none_or(|after| *seq > after)) {
        let event = deliveries.at(seq).and_then(|delivery| delivery.get("event")).filter(|event| is_selected(event));
        messages
            .extend(event.map(|event| json!({ "type": event["type"], "offset": page::encode(seq), "event": event })));
        last = Some(seq);
    }
    messages.extend(last.map(|seq| json!({ "type": "offset-only", "offset": page::encode(seq) })));
    let stream: String = messages.iter().map(|message| format!("data: {message}\n\n")).collect();
    let reply = Reply { body: Body::Bytes(stream.into_bytes()), ..Reply::default() };
    Ok(reply.header(CONTENT_TYPE, "text/event-stream"))
}
