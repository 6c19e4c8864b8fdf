//! `/token-exchange-profiles`: the Action that handles a type of subject token. m2mock stores the profiles; its token endpoint
//! has no token exchange.

use std::sync::LazyLock;

use super::trigger::supports;
use crate::api::call::Call;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, Limit, List, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("token_exchange_profiles.schema.json")));

const ALL: &str = "/token-exchange-profiles";
const BY_ID: &str = "/token-exchange-profiles/{id}";
const READ: &[&str] = &["read:token_exchange_profiles"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &PROFILE).query("List"),
        Operation::create(ALL, &["create:token_exchange_profiles"], &PROFILE).body("Create"),
        Operation::read(BY_ID, READ, &PROFILE),
        Operation::update(BY_ID, &["update:token_exchange_profiles"], &PROFILE).body("Patch"),
        Operation::remove(BY_ID, &["delete:token_exchange_profiles"], &PROFILE),
    ],
};

static PROFILE: Resource = Resource {
    list: List::checkpoint("token_exchange_profiles"),
    unique: Some(Unique::new("subject_token_type", TYPE_TAKEN)),
    limit: Some(Limit { most: 100, refusal: TOO_MANY_PROFILES }), // documented
    stamps: Stamps::Milliseconds,
    missing: PROFILE_NOT_FOUND,
    prepare: Some(check_action),
    ..Resource::new(Kind::TokenExchangeProfile, Identity::new(IdShape::TOKEN_EXCHANGE_PROFILE))
};

/// A profile that does not exist (recorded).
const PROFILE_NOT_FOUND: Refusal = Refusal::plain(404, "Token exchange profile not found.");

/// A type of token that another profile has (d).
const TYPE_TAKEN: Refusal = Refusal::plain(409, "subject_token_type already exists for tenant");

/// More than the maximum number of profiles (d).
const TOO_MANY_PROFILES: Refusal =
    Refusal::plain(403, "You reached the limit of entities of this type for this tenant.");

/// An Action that does not exist (d; code assumed).
const ACTION_NOT_FOUND: Refusal = Refusal::invalid_body("Action not found");

/// An Action of another trigger (d; code assumed).
const OTHER_TRIGGER: Refusal = Refusal::invalid_body("Action must have supported_triggers: custom-token-exchange");

/// An Action that was never deployed (d; code assumed).
const NOT_DEPLOYED: Refusal = Refusal::invalid_body("Action is not deployed");

/// Checks the Action of a profile.
fn check_action(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let id = draft.text("action_id");
    let action = call.entity_named(Kind::Action, Some(id), ACTION_NOT_FOUND)?;
    if !supports(action, "custom-token-exchange") {
        return Err(OTHER_TRIGGER.into());
    }
    if call.state.deployed_version(id).is_some() { Ok(()) } else { Err(NOT_DEPLOYED.into()) }
}
