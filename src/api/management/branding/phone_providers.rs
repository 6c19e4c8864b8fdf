//! `/branding/phone/providers`: the service that sends the tenant's phone messages. A tenant has at most one provider. m2mock
//! stores it and sends no message.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::phone::{NOT_FOUND, accepted, view};
use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, Limit, List, Resource, Stamps};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("phone_providers.schema.json")));

const ALL: &str = "/branding/phone/providers";
const BY_ID: &str = "/branding/phone/providers/{id}";
const CREATE: &[&str] = &["create:phone_providers"];
const READ: &[&str] = &["read:phone_providers"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &PROVIDER).query("List"),
        Operation::create(ALL, CREATE, &PROVIDER).body("Create"),
        Operation::read(BY_ID, READ, &PROVIDER).parameters("ById"),
        Operation::update(BY_ID, &["update:phone_providers"], &PROVIDER).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:phone_providers"], &PROVIDER).parameters("ById"),
        Operation::post("/branding/phone/providers/{id}/try", CREATE, send_test)
            .body("Try")
            .parameters("ById")
            .success(202),
    ],
};

static PROVIDER: Resource = Resource {
    list: List::whole("providers").filters(&["disabled"]),
    defaults: Some(&DEFAULTS),
    limit: Some(Limit { most: 1, refusal: PROVIDER_EXISTS }),
    stamps: Stamps::Milliseconds,
    missing: NOT_FOUND,
    hidden: &["credentials"],
    prepare: Some(check_sender),
    show: Some(view),
    ..Resource::new(Kind::PhoneProvider, Identity::new(IdShape::PHONE_PROVIDER).malformed(MALFORMED_ID))
};

static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "disabled": false })));

/// An id of another form (d).
const MALFORMED_ID: Refusal = Refusal::plain(400, "Invalid id for provider.");

/// A second provider (d).
const PROVIDER_EXISTS: Refusal = Refusal::plain(409, "Custom phone provider conflict.");

/// Twilio without a sender: neither a number nor a messaging service (recorded).
const NO_SENDER: Refusal = Refusal::plain(400, "Bad Operation on Notification Resource");

fn check_sender(_: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let configuration = draft.entity.get("configuration");
    let has_text =
        |member| configuration.and_then(|configuration| configuration.get(member)).is_some_and(Value::is_string);
    if draft.text("name") != "twilio" || has_text("default_from") || has_text("mssid") {
        Ok(())
    } else {
        Err(NO_SENDER.into())
    }
}

fn send_test(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity(Kind::PhoneProvider, NOT_FOUND)?;
    Ok(accepted())
}
