//! `/event-streams`: where the tenant's events go. A tenant that delivers sends them to webhooks; other streams are only kept.

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

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("event_streams.schema.json")));

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
    complete: Some(name_source),
    show: Some(|_, stream| without_secrets(stream)),
    ..Resource::new(Kind::EventStream, Identity::new(IdShape::EVENT_STREAM))
};

/// A name that another stream has (d).
const STREAM_EXISTS: Refusal = Refusal::plain(
    409,
    "You have reached the maximum number of event streams for your account OR Event stream name already in use.",
);

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "status": "enabled" })));

/// The bus at the other end knows the source of the events by this name (recorded).
fn name_source(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
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

/// No answer shows what the webhook is called with (recorded).
fn without_secrets(stream: &Document) -> Document {
    let mut shown = Document::clone(stream);
    let destination = Document::make_mut(&mut shown).get_mut("destination");
    let authorization = destination.and_then(|to| to.pointer_mut("/configuration/webhook_authorization"));
    if let Some(Value::Object(authorization)) = authorization {
        authorization.retain(|member, _| !["password", "token", "header_value"].contains(&member.as_str()));
    }
    shown
}
