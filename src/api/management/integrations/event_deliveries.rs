//! `/event-streams/{id}/deliveries`: the events of a stream, including test events, and their redelivery.
//!
//! A tenant that delivers sends the events of webhooks (`api/delivery/`), and changes in the tenant raise events. In any other
//! tenant the only events are test events, and every attempt to deliver one fails; recordings show the same answers for a
//! webhook that does not exist.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::delivery::{add_attempts, add_event, cloud_event, is_webhook};
use crate::api::error::event_streams::STREAM_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::paging::checkpoint;
use crate::api::resource::{Identity, Parent, Resource};
use crate::api::timestamp::timestamp;
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::{text, texts};
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("event_deliveries.schema.json")));

const UPDATE: &[&str] = &["update:event_deliveries"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/event-streams/{id}/deliveries", &["read:event_streams", "read:event_deliveries"], list)
            .query("List")
            .parameters("Stream"),
        Operation::read("/event-streams/{id}/deliveries/{event_id}", &["read:event_deliveries"], &DELIVERY)
            .parameters("Delivery"),
        Operation::post("/event-streams/{id}/redeliver", UPDATE, redeliver_all)
            .success(202)
            .body("Redeliver")
            .parameters("Stream"),
        Operation::post("/event-streams/{id}/redeliver/{event_id}", UPDATE, redeliver)
            .success(202)
            .parameters("Delivery"),
        Operation::post("/event-streams/{id}/test", &["update:event_streams"], test)
            .success(202)
            .body("Test")
            .parameters("Stream"),
    ],
};

static DELIVERY: Resource = Resource {
    parents: &[Parent {
        kind: Kind::EventStream,
        parameter: "id",
        member: "event_stream_id",
        missing: STREAM_NOT_FOUND,
    }],
    missing: EVENT_NOT_FOUND,
    show: Some(|_, delivery| view(delivery)),
    ..Resource::new(Kind::EventDelivery, Identity::new(IdShape::EVENT).parameter("event_id"))
};

/// An event that the stream does not have (d).
const EVENT_NOT_FOUND: Refusal = Refusal::plain(404, "The event does not exist.");

/// Events of a disabled stream (d; the state is assumed).
const EVENTS_NOT_REDELIVERABLE: Refusal =
    Refusal::plain(409, "One or more events is not in a state that allows redelivery.");

/// An event of a disabled stream (d).
const EVENT_NOT_REDELIVERABLE: Refusal = Refusal::plain(409, "The event is not in a state that allows redelivery.");

/// The default entities of test events (the user is recorded).
static SAMPLES: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("event_deliveries.samples.json")).expect("a file of this crate holds an object")
});

/// The deliveries of a stream that a request selects. An empty list selects all.
struct Filter<'a> {
    statuses: Vec<&'a str>,
    event_types: Vec<&'a str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

impl Filter<'_> {
    /// Whether the stream shows a delivery. Its list is one of failures (documented): a delivered event is in it only if
    /// the request asks for its status.
    fn shows(&self, delivery: &Document) -> bool {
        (text(delivery, "status") != Some("success") || !self.statuses.is_empty()) && self.accepts(delivery)
    }

    /// The positions of the selected deliveries, in the order of their events.
    fn positions(&self, call: &Call<'_>) -> Vec<Seq> {
        let deliveries = &call.state[Kind::EventDelivery];
        let of_stream = deliveries.having("event_stream_id", call.parameter("id"));
        of_stream.iter().filter(|seq| deliveries.at(*seq).is_some_and(|delivery| self.shows(delivery))).collect()
    }

    fn accepts(&self, delivery: &Document) -> bool {
        let matches = |member: &str, values: &[&str]| {
            values.is_empty() || text(delivery, member).is_some_and(|text| values.contains(&text))
        };
        let second = second(delivery.get("event").and_then(|event| event["time"].as_str()).unwrap_or_default());
        matches("status", &self.statuses)
            && matches("event_type", &self.event_types)
            && self.from.is_none_or(|from| self::second(from) <= second)
            && self.to.is_none_or(|to| second <= self::second(to))
    }
}

/// A timestamp in UTC without the fraction of its second, so that timestamps compare as texts.
fn second(time: &str) -> &str {
    time.split(['.', 'Z']).next().unwrap_or_default()
}

/// Lists deliveries. The envelope has its own member for the cursor (recorded 2025-08; another list is published).
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.seq(Kind::EventStream, STREAM_NOT_FOUND)?;
    let values = |name: &str| call.query_text(name).into_iter().flat_map(|list| list.split(',')).collect();
    let filter = Filter {
        statuses: values("statuses"),
        event_types: values("event_types"),
        from: call.query_text("date_from"),
        to: call.query_text("date_to"),
    };
    let (deliveries, next) = checkpoint(call)?.of(&call.state[Kind::EventDelivery], &filter.positions(call));
    let mut page = object(json!({ "deliveries": deliveries.into_iter().map(view).collect::<Vec<_>>() }));
    page.extend(next.map(|next| ("nextPageToken".to_owned(), next.into())));
    Ok(Reply::of(page))
}

/// Redelivers the selected events, and answers the body of the request (recorded).
fn redeliver_all(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    check_enabled(call, EVENTS_NOT_REDELIVERABLE)?;
    let filter = Filter {
        statuses: texts(&call.body, "statuses").collect(),
        event_types: texts(&call.body, "event_types").collect(),
        from: text(&call.body, "date_from"),
        to: text(&call.body, "date_to"),
    };
    for seq in filter.positions(call) {
        if is_failed(call, seq) {
            add_attempt(call, seq);
        }
    }
    Ok(Reply::json(&call.body))
}

fn redeliver(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.seq(Kind::EventStream, STREAM_NOT_FOUND)?;
    let (stream, event, deliveries) = (call.id(), call.parameter("event_id"), &call.state[Kind::EventDelivery]);
    let is_own = deliveries.get(event).is_some_and(|delivery| text(delivery, "event_stream_id") == Some(&stream));
    let seq = deliveries.seq(event).filter(|_| is_own).ok_or(EVENT_NOT_FOUND)?;
    check_enabled(call, EVENT_NOT_REDELIVERABLE)?;
    if !is_failed(call, seq) {
        return Err(EVENT_NOT_REDELIVERABLE.into());
    }
    add_attempt(call, seq);
    Ok(Reply::json(&Map::new()))
}

fn check_enabled(call: &Call<'_>, refusal: Refusal) -> Result<(), ApiError> {
    let stream = call.entity(Kind::EventStream, STREAM_NOT_FOUND)?;
    if text(stream, "status") == Some("enabled") { Ok(()) } else { Err(refusal.into()) }
}

fn is_failed(call: &Call<'_>, seq: Seq) -> bool {
    call.state[Kind::EventDelivery].at(seq).is_some_and(|delivery| text(delivery, "status") == Some("failed"))
}

/// Adds the start of another attempt (recorded), and its failure unless the tenant delivers.
fn add_attempt(call: &mut Call<'_>, seq: Seq) {
    let now = timestamp(call.clock.now());
    let delivers = delivers(call);
    let retrying = json!({ "status": "retrying", "timestamp": now });
    let entries = if delivers { vec![retrying] } else { vec![retrying, failed(&now)] };
    let id = call.state[Kind::EventDelivery].id_at(seq).unwrap_or_default().to_owned();
    call.state[Kind::EventDelivery].change(&id, |delivery| {
        add_attempts(delivery, entries);
        if delivers {
            delivery.insert("status".to_owned(), "pending".into());
        }
    });
}

fn failed(now: &str) -> Value {
    json!({ "status": "failed", "error_message": "m2mock delivers no events.", "timestamp": now })
}

/// The answer shows the event as pending; the next read shows the failed attempt (recorded), unless the tenant delivers.
fn test(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.seq(Kind::EventStream, STREAM_NOT_FOUND)?;
    let (stream, now) = (call.id(), call.clock.now());
    let id = call.new_id(Kind::EventDelivery, IdShape::EVENT)?;
    let event_type = text(&call.body, "event_type").unwrap_or_default().to_owned();
    let data = call.body.remove("data").unwrap_or_else(|| json!({ "object": sample(&event_type) }));
    let mut event = cloud_event(call.names, now, (&id, &stream), &event_type, &data);
    event["source"] = format!("urn:auth0:{}.sus.auth0.com", call.names.domain()).into();
    event["a0purpose"] = "test".into();
    let delivery = add_event(call.state, now, event);
    if !delivers(call) {
        call.state[Kind::EventDelivery].change(&id, |delivery| {
            delivery.extend(object(json!({ "status": "failed", "attempts": [failed(&timestamp(now))] })));
        });
    }
    Ok(Reply::json(&delivery))
}

/// Whether the events of the stream in the path leave the tenant.
fn delivers(call: &Call<'_>) -> bool {
    call.deliveries.is_some()
        && call.state[Kind::EventStream].get(call.parameter("id")).is_some_and(|to| is_webhook(to))
}

/// The sample entity of an event. An event about several entities, as `organization.member.role.assigned`, has an object with each.
fn sample(event_type: &str) -> Value {
    let nouns: Vec<&str> = event_type.split('.').filter(|noun| SAMPLES.contains_key(*noun)).collect();
    if let [noun] = nouns.as_slice() {
        return SAMPLES[*noun].clone();
    }
    // A member of an organization is a user. A member of a group may be another entity.
    let name = |noun: &&str| if nouns[0] == "organization" && *noun == "member" { "user" } else { *noun }.to_owned();
    let entities = nouns.iter().map(|noun| (name(noun), SAMPLES[&name(noun)].clone()));
    entities.collect::<Map<_, _>>().into()
}

/// The view of a delivery in reads: the source without the tenant, and no purpose (recorded).
fn view(delivery: &Document) -> Document {
    let mut view = Document::clone(delivery);
    if let Some(Value::Object(event)) = Document::make_mut(&mut view).get_mut("event") {
        event.remove("a0purpose");
        event.insert("source".to_owned(), "urn:auth0:".into());
    }
    view
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{sample, second};

    #[test]
    fn a_sample_has_the_entities_of_the_event() {
        let members = |event_type: &str| -> Vec<String> {
            sample(event_type).as_object().into_iter().flat_map(|object| object.keys().cloned()).collect()
        };
        assert_eq!(sample("user.created")["email"], "john.doe@gmail.com");
        assert_eq!(sample("organization.created")["name"], "travel0");
        assert_eq!(members("organization.member.role.assigned"), ["organization", "role", "user"]);
        assert_eq!(members("group.member.added"), ["group", "member"]);
        assert_eq!(sample("unknown"), json!({}));
    }

    #[test]
    fn timestamps_compare_by_their_seconds() {
        assert_eq!(second("2025-08-01T06:47:44.030Z"), second("2025-08-01T06:47:44Z"));
    }
}
