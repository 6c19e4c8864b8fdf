//! `/my-org/config`: what the `my_organization_configuration` of the calling client allows (M23 to M26).

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Caller, Reply};
use crate::api::error::ApiError;
use crate::api::error::my_organization::NOT_CONFIGURED;
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;
use crate::store::document::{text, texts};
use crate::store::{Document, Kind, State};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of("{}"));

const READ: &[&str] = &["read:my_org:configuration"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/my-org/config", READ, get),
        Operation::get("/my-org/config/identity-providers", READ, get_identity_providers),
    ],
};

/// The strategies of this API (published), with their names in the configuration of identity providers and whether they support
/// provisioning over SCIM (those of the Management API).
const STRATEGIES: [(&str, &str, bool); 7] = [
    ("adfs", "adfs", false),
    ("google-apps", "googleapps", false),
    ("oidc", "oidc", true),
    ("okta", "okta", true),
    ("pingfederate", "pingfederate", false),
    ("samlp", "samlp", true),
    ("waad", "waad", true),
];

/// The `my_organization_configuration` of a client, if it has one.
pub(super) fn of_client<'a>(state: &'a State, client_id: &str) -> Option<&'a Map<String, Value>> {
    state[Kind::Client].get(client_id)?.get("my_organization_configuration")?.as_object()
}

/// The configuration of the calling client.
pub(super) fn of_caller<'a>(call: &'a Call<'_>) -> Result<&'a Map<String, Value>, ApiError> {
    let configuration = match call.caller {
        Caller::Administrator(administrator) => of_client(call.state, &administrator.client_id),
        Caller::Bearer(_) | Caller::Owner => None,
    };
    Ok(configuration.ok_or(NOT_CONFIGURED)?)
}

/// The connection profile that a configuration names.
pub(super) fn connection_profile<'a>(state: &'a State, configuration: &Map<String, Value>) -> Option<&'a Document> {
    state[Kind::ConnectionProfile].get(text(configuration, "connection_profile_id")?)
}

/// The user attribute profile that a configuration names.
pub(super) fn user_attribute_profile<'a>(state: &'a State, configuration: &Map<String, Value>) -> Option<&'a Document> {
    state[Kind::UserAttributeProfile].get(text(configuration, "user_attribute_profile_id")?)
}

/// Whether a connection profile enables provisioning over SCIM for a strategy.
pub(super) fn enables_scim(profile: &Document, strategy: &str) -> bool {
    features(profile, strategy).any(|feature| feature == "scim")
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let configuration = of_caller(call)?;
    let allowed: Vec<&str> = allowed_strategies(configuration).map(|(strategy, ..)| strategy).collect();
    let behavior = configuration.get("connection_deletion_behavior");
    Ok(Reply::json(&json!({ "allowed_strategies": allowed, "connection_deletion_behavior": behavior })))
}

/// Answers what the connection profile of the client allows. Without a profile the operation does not work (M26).
fn get_identity_providers(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let configuration = of_caller(call)?;
    let profile = connection_profile(call.state, configuration).ok_or(NOT_CONFIGURED)?;
    // `required` and `none` decide the value; only `optional` leaves it to the administrator (inferred).
    let can_set = |member: &str| {
        let setting = profile.get("organization").and_then(|organization| organization.get(member));
        setting.and_then(Value::as_str) == Some("optional")
    };
    let strategies: Map<String, Value> =
        allowed_strategies(configuration).map(|row| (row.1.to_owned(), strategy(profile, row))).collect();
    Ok(Reply::json(&json!({
        "organization": {
            "can_set_assign_membership_on_login": can_set("assign_membership_on_login"),
            "can_set_show_as_button": can_set("show_as_button"),
        },
        "strategies": strategies,
    })))
}

/// The allowed strategies, in the order of the configuration.
fn allowed_strategies(configuration: &Map<String, Value>) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    let find = |strategy: &str| STRATEGIES.into_iter().find(|(known, ..)| *known == strategy);
    texts(configuration, "allowed_strategies").filter_map(find)
}

/// The features of a strategy: those of its override, else those of the profile.
fn features<'a>(profile: &'a Document, strategy: &str) -> impl Iterator<Item = &'a str> {
    let own = profile.get("strategy_overrides").and_then(|overrides| overrides.get(strategy));
    let features = own.and_then(|own| own.get("enabled_features")).or_else(|| profile.get("enabled_features"));
    features.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The features of a strategy as this API shows them.
fn strategy(profile: &Document, (strategy, _, supports_scim): (&str, &str, bool)) -> Value {
    let (mut enabled, mut methods) = (Vec::new(), Vec::new());
    for feature in features(profile, strategy) {
        match feature {
            "scim" if supports_scim => {
                enabled.push("provisioning");
                methods.push("scim");
            }
            "universal_logout" => enabled.push("universal_logout"),
            _ => {}
        }
    }
    json!({ "enabled_features": enabled, "provisioning_methods": methods })
}
