//! `/self-service-profiles`: the assistant that a customer of the tenant uses to set up single sign-on. A ticket is a link to the
//! assistant. m2mock has no page for the link, so a ticket changes nothing and is not stored.

use std::sync::LazyLock;

use serde_json::json;

use crate::api::call::{Call, Reply};
use crate::api::error::connections::INEXISTENT_CONNECTION;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, Limit, List, Resource, Stamps};
use crate::api::setting::{Absent, Setting};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;
use crate::store::document::text;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("self_service_profiles.schema.json")));

const ALL: &str = "/self-service-profiles";
const BY_ID: &str = "/self-service-profiles/{id}";
const CUSTOM_TEXT: &str = "/self-service-profiles/{id}/custom-text/{language}/{page}";
const READ: &[&str] = &["read:self_service_profiles"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &PROFILE).query("List"),
        Operation::create(ALL, &["create:self_service_profiles"], &PROFILE).body("Create"),
        Operation::read(BY_ID, READ, &PROFILE),
        Operation::update(BY_ID, &["update:self_service_profiles"], &PROFILE).body("Patch"),
        Operation::remove(BY_ID, &["delete:self_service_profiles"], &PROFILE),
        Operation::read_setting(CUSTOM_TEXT, &["read:self_service_profile_custom_texts"], &TEXTS)
            .parameters("CustomText"),
        Operation::replace_setting(CUSTOM_TEXT, &["update:self_service_profile_custom_texts"], &TEXTS)
            .body("CustomText")
            .parameters("CustomText"),
        Operation::post("/self-service-profiles/{id}/sso-ticket", &["create:sso_access_tickets"], create_ticket)
            .body("Ticket"),
        Operation::post(
            "/self-service-profiles/{profileId}/sso-ticket/{id}/revoke",
            &["delete:sso_access_tickets"],
            revoke_ticket,
        )
        .success(202),
    ],
};

static PROFILE: Resource = Resource {
    list: List::offset("self_service_profiles"),
    limit: Some(Limit { most: 20, refusal: TOO_MANY_PROFILES }),
    stamps: Stamps::Milliseconds,
    missing: PROFILE_NOT_FOUND,
    prepare: Some(prepare),
    ..Resource::new(Kind::SelfServiceProfile, Identity::new(IdShape::SELF_SERVICE_PROFILE))
};

static TEXTS: Setting = Setting {
    admit: Some(|call| call.entity(Kind::SelfServiceProfile, NO_PROFILE).map(drop)),
    ..Setting::new(Absent::Empty)
};

/// A profile that does not exist (recorded).
const PROFILE_NOT_FOUND: Refusal = Refusal::plain(404, "Profile with ID: {} not found");

/// An unknown profile in the path of texts (d) and tickets (a).
const NO_PROFILE: Refusal = Refusal::plain(404, "Self-service profile not found.");

/// More than the maximum number of profiles (d).
const TOO_MANY_PROFILES: Refusal = Refusal::plain(409, "No more profiles can be created for this tenant.");

/// Attributes of the profile together with a user attribute profile (documented, sentence assumed).
const ATTRIBUTES_TWICE: Refusal =
    Refusal::invalid_body("user_attributes and user_attribute_profile_id cannot be used together");

/// A user attribute profile that does not exist (a).
const NO_ATTRIBUTE_PROFILE: Refusal = Refusal::invalid_body("The user attribute profile does not exist");

/// A ticket for a new connection whose name is taken (d).
const CONNECTION_EXISTS: Refusal = Refusal::plain(409, "A connection with this name already exists.");

fn prepare(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    // A profile without its own attributes shows an empty list (recorded).
    let attributes = draft.entity.entry("user_attributes").or_insert_with(|| json!([]));
    let has_attributes = attributes.as_array().is_some_and(|attributes| !attributes.is_empty());
    let Some(profile) = text(&draft.entity, "user_attribute_profile_id") else { return Ok(()) };
    if has_attributes {
        return Err(ATTRIBUTES_TWICE.into());
    }
    call.entity_named(Kind::UserAttributeProfile, Some(profile), NO_ATTRIBUTE_PROFILE).map(drop)
}

/// Answers a link to the assistant, for an existing or a new connection.
fn create_ticket(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity(Kind::SelfServiceProfile, NO_PROFILE)?;
    if let Some(id) = text(&call.body, "connection_id") {
        call.entity_named(Kind::Connection, Some(id), INEXISTENT_CONNECTION)?;
    }
    let name = call.body.get("connection_config").and_then(|connection| connection["name"].as_str());
    if name.is_some_and(|name| call.state[Kind::Connection].find("name", name).is_some()) {
        return Err(CONNECTION_EXISTS.into());
    }
    let ticket = IdShape::TICKET.draw(&mut call.state.random);
    let link = format!("{}self-service/connections-flow?ticket={ticket}", call.base_url); // recorded
    Ok(Reply::json(&json!({ "ticket": link })))
}

fn revoke_ticket(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity_named(Kind::SelfServiceProfile, Some(call.parameter("profileId")), NO_PROFILE)?;
    Ok(Reply::empty())
}
