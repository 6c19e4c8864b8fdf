//! `/log-streams`: the destinations of the tenant's log entries. A tenant that delivers sends them to streams of the type `http`.
//! Other streams are stored, and get no entry.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, Resource};
use crate::domain::IdShape;
use crate::schema::{Schemas, Sent};
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("log_streams.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/log-streams", &["read:log_streams"], &STREAM),
        Operation::create("/log-streams", &["create:log_streams"], &STREAM).body("Create").success(200), // recorded
        Operation::read("/log-streams/{id}", &["read:log_streams"], &STREAM),
        Operation::update("/log-streams/{id}", &["update:log_streams"], &STREAM).body("Patch"),
        Operation::remove("/log-streams/{id}", &["delete:log_streams"], &STREAM),
    ],
};

static STREAM: Resource = Resource {
    defaults: Some(&DEFAULTS),
    missing: STREAM_NOT_FOUND,
    prepare: Some(check_sink),
    complete: Some(complete),
    stored: Some(begin),
    show: Some(|_, stream| {
        let mut view = Document::clone(stream);
        if view.get("sink").is_some_and(|sink| sink.get(PASSWORD).is_some()) {
            Document::make_mut(&mut view)["sink"][PASSWORD] = "********".into(); // recorded
        }
        view
    }),
    ..Resource::new(Kind::LogStream, Identity::new(IdShape::LOG_STREAM))
};

/// A stream that does not exist (d).
const STREAM_NOT_FOUND: Refusal = Refusal::plain(404, "The log stream does not exist.");

/// The only secret that answers mask.
const PASSWORD: &str = "mixpanelServiceAccountPassword";

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "status": "active" })));

/// Says where a new stream begins: at the moment of its `startFrom`, or with the next entry.
fn begin(call: &mut Call<'_>, draft: &Draft, stream: Document) -> Document {
    if let (Some(deliveries), true) = (call.deliveries, draft.is_new()) {
        let moment = text(&stream, "startFrom").and_then(|moment| humantime::parse_rfc3339_weak(moment).ok());
        let next = {
            let log = call.log.entries();
            moment.map_or_else(|| log.next(), |moment| log.first_since(moment))
        };
        deliveries.begin_log_stream(text(&stream, "id").unwrap_or_default(), next);
    }
    stream
}

/// An update may name the sink of any type of stream (published); one of another type than that of the stream is refused with
/// the sentence of a create (a).
fn check_sink(_: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let Some(sink) = draft.entity.get("sink").filter(|_| !draft.is_new() && draft.sends("sink")) else {
        return Ok(());
    };
    let stream = json!({ "type": draft.text("type"), "sink": sink });
    SCHEMAS.check_sent_body("Create", &stream, Sent::Value).map_err(ApiError::invalid_body)
}

fn complete(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    // An update of the sink without `pii_config` removes `pii_config` (recorded).
    if !draft.is_new() && draft.sends("sink") && !draft.sends("pii_config") {
        draft.entity.remove("pii_config");
    }
    if draft.entity.get("filters").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        draft.entity.remove("filters"); // recorded
    }
    if let Some(Value::Object(configuration)) = draft.entity.get_mut("pii_config") {
        configuration.entry("method").or_insert_with(|| "hash".into());
        configuration.entry("algorithm").or_insert_with(|| "xxhash".into());
    }
    let kind = draft.text("type").to_owned();
    if matches!(kind.as_str(), "http" | "datadog") {
        draft.entity.entry("isPriority").or_insert(Value::Bool(false)); // recorded for these two
    }
    // The name of the source of the entries in the receiving service.
    let source = match kind.as_str() {
        "eventbridge" => Some(("awsPartnerEventSource", "aws")),
        "eventgrid" => Some(("azurePartnerTopic", "azure")),
        _ => None,
    };
    if let (Some((member, partner)), Some(Value::Object(sink))) = (source, draft.entity.get_mut("sink")) {
        let (tenant, suffix) = (call.names.tenant(), IdShape::UUID.draw(&mut call.state.random));
        let subscription = sink.get("azureSubscriptionId").and_then(Value::as_str);
        let suffix = subscription.map_or(suffix, str::to_owned);
        let name = format!("{partner}.partner/auth0.com/{tenant}-{suffix}/auth0.logs");
        sink.entry(member).or_insert_with(|| name.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use crate::api::{Config, Pins, Tenant};

    #[test]
    fn a_stream_keeps_a_sink_of_its_type() {
        let tenant = Tenant::new(Config::default());
        let perform = |method, path: &str, body| tenant.perform(method, path, body, Pins::default());
        let sink = json!({ "httpEndpoint": "https://travel0.example/logs" });
        let stream = perform(Method::POST, "/log-streams", json!({ "type": "http", "sink": sink })).unwrap();
        let path = format!("/log-streams/{}", stream["id"].as_str().unwrap());
        for other in [json!({ "segmentWriteKey": "a" }), json!({})] {
            let refusal = perform(Method::PATCH, &path, json!({ "sink": other })).unwrap_err();
            assert_eq!((refusal.status(), refusal.code()), (400, Some("invalid_body")));
        }
        let sink = json!({ "httpEndpoint": "https://travel0.example/others", "httpContentFormat": "JSONLINES" });
        let changed = perform(Method::PATCH, &path, json!({ "sink": sink })).unwrap();
        assert_eq!(changed["sink"], sink);
        assert_eq!(perform(Method::GET, &path, json!(null)).unwrap()["sink"], sink);
    }
}
