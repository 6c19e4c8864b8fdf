//! `/event-streams`: the destinations of the tenant's events. A tenant that delivers sends them to webhooks. Other streams are
//! stored, and get no event.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::error::event_streams::STREAM_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, List, Removal, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("event_streams.schema.json")));

const ALL: &str = "/event-streams";
const BY_ID: &str = "/event-streams/{id}";
const READ: &[&str] = &["read:event_streams"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &STREAM).query("List"),
        Operation::create(ALL, &["create:event_streams"], &STREAM).body("Create"),
        Operation::read(BY_ID, READ, &STREAM).parameters("ById"),
        Operation::update(BY_ID, &["update:event_streams"], &STREAM).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:event_streams"], &STREAM).parameters("ById"),
    ],
};

static STREAM: Resource = Resource {
    list: List::checkpoint("eventStreams"),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("name", STREAM_EXISTS)),
    stamps: Stamps::Milliseconds,
    missing: STREAM_NOT_FOUND,
    removal: Removal::Ignore,
    complete: Some(set_source),
    show: Some(|_, stream| without_secrets(stream)),
    ..Resource::new(Kind::EventStream, Identity::new(IdShape::EVENT_STREAM))
};

/// A name that another stream has (d).
const STREAM_EXISTS: Refusal = Refusal::plain(
    409,
    "You have reached the maximum number of event streams for your account OR Event stream name already in use.",
);

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "status": "enabled" })));

/// Sets the name of the source of the events in the receiving event bus (recorded).
fn set_source(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let Some(destination) = draft.entity.get_mut("destination").filter(|to| to["type"] == "eventbridge") else {
        return Ok(());
    };
    let suffix = IdShape::UUID.draw(&mut call.state.random);
    let source = format!("aws.partner/auth0.com/{}-{suffix}/auth0.events", call.names.tenant());
    if let Some(Value::Object(configuration)) = destination.get_mut("configuration") {
        configuration.entry("aws_partner_event_source").or_insert_with(|| source.into());
    }
    Ok(())
}

/// The view without the credentials of a webhook (recorded).
fn without_secrets(stream: &Document) -> Document {
    let mut view = Document::clone(stream);
    let destination = Document::make_mut(&mut view).get_mut("destination");
    let authorization = destination.and_then(|to| to.pointer_mut("/configuration/webhook_authorization"));
    if let Some(Value::Object(authorization)) = authorization {
        authorization.retain(|member, _| !["password", "token", "header_value"].contains(&member.as_str()));
    }
    view
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use crate::api::{Config, Pins, Tenant};

    fn perform(tenant: &Tenant, method: Method, path: &str, body: Value) -> Result<Value, u16> {
        tenant.perform(method, path, body, Pins::default()).map_err(|error| error.status)
    }

    fn create(tenant: &Tenant, path: &str, body: Value) -> String {
        let created = perform(tenant, Method::POST, path, body).expect("it is created");
        created["id"].as_str().expect("an id").to_owned()
    }

    fn stream(tenant: &Tenant, name: &str, action: &str) -> String {
        let destination = json!({ "type": "action", "configuration": { "action_id": action } });
        let subscriptions = json!([{ "event_type": "user.created" }]);
        create(
            tenant,
            "/event-streams",
            json!({ "name": name, "subscriptions": subscriptions, "destination": destination }),
        )
    }

    /// Recorded: `TestAccEventStreamAction`.
    #[test]
    fn the_action_of_a_stream_is_deleted_with_the_last_stream_that_names_it() {
        let tenant = Tenant::new(Config::default());
        let body = json!({ "name": "deliver", "supported_triggers": [{ "id": "event-stream", "version": "v1" }] });
        let action = create(&tenant, "/actions/actions", body);
        let streams = [stream(&tenant, "first", &action), stream(&tenant, "second", &action)];
        let path = format!("/actions/actions/{action}");
        for (stream, exists) in streams.iter().zip([true, false]) {
            perform(&tenant, Method::DELETE, &format!("/event-streams/{stream}"), Value::Null).expect("it is deleted");
            assert_eq!(perform(&tenant, Method::GET, &path, Value::Null).is_ok(), exists);
        }
        assert_eq!(perform(&tenant, Method::DELETE, &path, Value::Null), Err(404));
    }

    #[test]
    fn an_action_that_a_trigger_runs_outlives_its_stream() {
        let tenant = Tenant::new(Config::default());
        let triggers = json!([{ "id": "event-stream", "version": "v1" }, { "id": "post-login", "version": "v3" }]);
        let action = create(&tenant, "/actions/actions", json!({ "name": "both", "supported_triggers": triggers }));
        perform(&tenant, Method::POST, &format!("/actions/actions/{action}/deploy"), Value::Null).expect("deployed");
        let bindings = json!({ "bindings": [{ "ref": { "type": "action_id", "value": action } }] });
        perform(&tenant, Method::PATCH, "/actions/triggers/post-login/bindings", bindings).expect("it is bound");
        let stream = stream(&tenant, "only", &action);
        perform(&tenant, Method::DELETE, &format!("/event-streams/{stream}"), Value::Null).expect("it is deleted");
        assert!(perform(&tenant, Method::GET, &format!("/actions/actions/{action}"), Value::Null).is_ok());
    }
}
