//! The events of event streams: documents of the state, which are `pending` until an attempt succeeds or the last one
//! fails.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::request::{Attempt, DueRequest, Failure, Outlook, of_webhook};
use crate::api::json::object;
use crate::api::timestamp::timestamp;
use crate::domain::delivery::pause_of_event;
use crate::domain::{IdShape, Names};
use crate::store::document::text;
use crate::store::{Document, Kind, State};

/// The most events of a tenant: waiting ones, and the last ones that were delivered or failed.
const MOST_EVENTS: usize = 2000;

/// The most waiting events.
const MOST_PENDING: usize = 1000;

/// The most attempts of an event that are kept. Redeliveries have no limit, so the last attempts stay.
const MOST_ATTEMPTS: usize = 100;

/// The largest event that is delivered, in bytes.
const LARGEST: usize = 64 * 1024;

/// Whether an event stream has a webhook, the one destination that m2mock delivers to.
pub(in crate::api) fn is_webhook(stream: &Map<String, Value>) -> bool {
    stream.get("destination").is_some_and(|destination| destination["type"] == "webhook")
}

/// An event of a stream (the members are recorded).
pub(in crate::api) fn cloud_event(
    names: &Names,
    now: SystemTime,
    (id, stream): (&str, &str),
    event_type: &str,
    data: &Value,
) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "urn:auth0:", "type": event_type, "time": timestamp(now),
        "data": data, "a0stream": stream, "a0tenant": names.domain(),
    })
}

/// Adds an event about this object to each stream with a webhook that subscribes to its type.
pub(in crate::api) fn raise(state: &mut State, names: &Names, now: SystemTime, event_type: &str, object: &Value) {
    let subscribes = |stream: &&Document| {
        let subscriptions = stream.get("subscriptions").and_then(Value::as_array);
        is_webhook(stream)
            && text(stream, "status") == Some("enabled")
            && subscriptions.into_iter().flatten().any(|subscription| subscription["event_type"] == event_type)
    };
    let streams = state[Kind::EventStream].iter().filter(subscribes);
    let streams: Vec<String> = streams.filter_map(|stream| text(stream, "id")).map(str::to_owned).collect();
    for stream in streams {
        let id = state.draw_id(Kind::EventDelivery, IdShape::EVENT);
        let event = cloud_event(names, now, (&id, &stream), event_type, &json!({ "object": object }));
        add_event(state, now, event);
    }
}

/// Adds an event that is to be delivered. Returns its document.
pub(in crate::api) fn add_event(state: &mut State, now: SystemTime, mut event: Value) -> Document {
    let size = event.to_string().len();
    let is_too_large = size > LARGEST;
    if is_too_large {
        event["data"] = json!({});
    }
    let id = event["id"].as_str().unwrap_or_default().to_owned();
    let mut delivery = object(json!({
        "id": id, "event_stream_id": event["a0stream"], "event_type": event["type"], "status": "pending", "attempts": [],
        "event": event,
    }));
    let sentence = if is_too_large {
        Some(format!("m2mock delivers no event of {size} bytes, more than {LARGEST}"))
    } else if state[Kind::EventDelivery].having("status", "pending").len() >= MOST_PENDING {
        Some(format!("{MOST_PENDING} events wait for their delivery"))
    } else {
        None
    };
    if let Some(sentence) = sentence {
        delivery.insert("status".to_owned(), "failed".into());
        delivery.insert("attempts".to_owned(), json!([failed(&sentence, now)]));
    }
    if state[Kind::EventDelivery].len() >= MOST_EVENTS {
        let events = &state[Kind::EventDelivery];
        let waits = |seq: &_| events.at(*seq).is_some_and(|delivery| text(delivery, "status") == Some("pending"));
        let oldest = events.order().iter().find(|seq| !waits(seq)).and_then(|seq| events.id_at(seq));
        if let Some(oldest) = oldest.map(str::to_owned) {
            state.remove(Kind::EventDelivery, &oldest);
        }
    }
    state[Kind::EventDelivery].insert(&id, delivery)
}

/// Adds to the attempts of an event, and forgets its oldest ones.
pub(in crate::api) fn add_attempts(delivery: &mut Map<String, Value>, more: impl IntoIterator<Item = Value>) {
    if let Some(Value::Array(attempts)) = delivery.get_mut("attempts") {
        attempts.extend(more);
        attempts.drain(..attempts.len().saturating_sub(MOST_ATTEMPTS));
    }
}

/// An entry of `attempts` for a failure.
pub(super) fn failed(sentence: &str, now: SystemTime) -> Value {
    json!({ "status": "failed", "error_message": sentence, "timestamp": timestamp(now) })
}

/// The failures since an event was last to be delivered, newest first. A redelivery begins with `retrying`.
fn failures(delivery: &Document) -> impl Iterator<Item = &Value> {
    let attempts = delivery.get("attempts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    attempts.iter().rev().take_while(|attempt| attempt["status"] == "failed")
}

/// When the next attempt of an event may begin; `None` for at once.
fn pauses_until(delivery: &Document) -> Option<SystemTime> {
    let last = failures(delivery).next()?["timestamp"].as_str()?;
    let pause = pause_of_event(failures(delivery).count(), false)?;
    Some(humantime::parse_rfc3339(last).ok()? + pause)
}

/// The request for the oldest event of each enabled stream that is due, and the moments of those that are not.
pub(super) fn due(state: &State, is_due: impl Fn(Option<SystemTime>) -> bool) -> (Vec<DueRequest>, Vec<SystemTime>) {
    let (mut requests, mut later, mut busy) = (Vec::new(), Vec::new(), Vec::new());
    let events = &state[Kind::EventDelivery];
    for delivery in events.having("status", "pending").iter().filter_map(|seq| events.at(seq)) {
        let id = text(delivery, "event_stream_id").unwrap_or_default();
        let Some(stream) = state[Kind::EventStream].get(id) else { continue };
        if busy.contains(&id) || text(stream, "status") != Some("enabled") {
            continue;
        }
        let moment = pauses_until(delivery);
        if !is_due(moment) {
            later.extend(moment);
            continue;
        }
        busy.push(id);
        let attempt = Attempt::Event { id: text(delivery, "id").unwrap_or_default().to_owned() };
        requests.push(DueRequest { attempt, request: request(stream, delivery) });
    }
    (requests, later)
}

fn request(stream: &Document, delivery: &Document) -> Result<http::Request<bytes::Bytes>, Failure> {
    let configuration = stream.get("destination").and_then(|destination| destination.get("configuration"));
    match configuration.and_then(Value::as_object).filter(|_| is_webhook(stream)) {
        Some(configuration) => {
            let event = delivery.get("event").map(Value::to_string);
            of_webhook(configuration, event.unwrap_or_default().into_bytes())
        }
        None => Err(Failure::lasting("m2mock delivers to webhooks only")),
    }
}

/// Writes down a successful attempt. Returns the stream of the event.
pub(super) fn delivered(state: &mut State, id: &str, now: SystemTime) -> Option<String> {
    write(state, id, |delivery| {
        delivery.insert("status".to_owned(), "success".into());
        json!({ "status": "success", "timestamp": timestamp(now) })
    })
}

/// Writes down a failed attempt. Returns the stream of the event, and whether this was the last attempt.
pub(super) fn not_delivered(state: &mut State, id: &str, now: SystemTime, failure: &Failure) -> Option<(String, bool)> {
    let before = failures(state[Kind::EventDelivery].get(id)?).count();
    let is_lost = pause_of_event(before + 1, failure.outlook != Outlook::Passing).is_none();
    let stream = write(state, id, |delivery| {
        if is_lost {
            delivery.insert("status".to_owned(), "failed".into());
        }
        failed(&failure.sentence, now)
    })?;
    Some((stream, is_lost))
}

/// Adds an attempt to an event that waits.
fn write(state: &mut State, id: &str, attempt: impl FnOnce(&mut Map<String, Value>) -> Value) -> Option<String> {
    let delivery = state[Kind::EventDelivery].get(id).filter(|delivery| text(delivery, "status") == Some("pending"))?;
    let stream = text(delivery, "event_stream_id")?.to_owned();
    state[Kind::EventDelivery].change(id, |delivery| {
        let attempt = attempt(delivery);
        add_attempts(delivery, [attempt]);
    });
    Some(stream)
}
