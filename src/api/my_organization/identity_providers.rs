//! `/my-org/identity-providers`: the connections that the organization manages itself.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::attribute_mapping::{self, Mapping};
use super::configuration;
use super::identity_provider::{AccessLevel, IdentityProvider, shown_options};
use crate::api::call::{Call, Reply};
use crate::api::delivery::objects;
use crate::api::error::my_organization::{NOT_CONFIGURED, ORGANIZATION_NOT_FOUND};
use crate::api::error::organizations::TOO_MANY_ORGANIZATION_CONNECTIONS;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::management::connections::connection;
use crate::api::management::organizations::connection_association::{
    self, MOST_CONNECTIONS, in_order, remove as remove_association,
};
use crate::api::management::organizations::domain_proof::OWNER;
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;
use crate::store::document::{text, texts};
use crate::store::{Document, Kind, State};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("identity_providers.schema.json")));

const ALL: &str = "/my-org/identity-providers";
const BY_ID: &str = "/my-org/identity-providers/{idp_id}";
const READ: &[&str] = &["read:my_org:identity_providers"];
const UPDATE: &[&str] = &["update:my_org:identity_providers"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(ALL, READ, list).query("List"),
        Operation::post(ALL, &["create:my_org:identity_providers"], create).body("Create"),
        Operation::get(BY_ID, READ, get).parameters("ById"),
        Operation::patch(BY_ID, UPDATE, patch).body("Patch").parameters("ById"),
        Operation::delete(BY_ID, &["delete:my_org:identity_providers"], delete).parameters("ById"),
        Operation::post(
            "/my-org/identity-providers/{idp_id}/detach",
            &["update:my_org:identity_providers_detach"],
            detach,
        )
        .success(204)
        .parameters("ById"),
        Operation::put("/my-org/identity-providers/{idp_id}/update-attributes", UPDATE, update_attributes)
            .body("UpdateAttributes")
            .parameters("ById"),
        Operation::post(
            "/my-org/identity-providers/{idp_id}/domains",
            &["create:my_org:identity_providers_domains"],
            add_domain,
        )
        .body("AddDomain")
        .parameters("ById"),
        Operation::delete(
            "/my-org/identity-providers/{idp_id}/domains/{domain}",
            &["delete:my_org:identity_providers_domains"],
            remove_domain,
        )
        .parameters("Domain"),
    ],
};

/// A strategy that the configuration of the client does not allow (a).
const STRATEGY_NOT_ALLOWED: Refusal = Refusal::new(400, "A0E-400-0001", "The strategy is not allowed.");

/// A domain that the organization has not verified (a).
const DOMAIN_NOT_VERIFIED: Refusal =
    Refusal::new(400, "A0E-400-0001", "The domain is not a verified domain of the organization.");

/// A domain that the identity provider has already (d).
const DOMAIN_EXISTS: Refusal =
    Refusal::new(409, "A0E-409-0003", "Domain is already associated with this identity provider");

/// A domain that the identity provider does not have (a).
const DOMAIN_NOT_FOUND: Refusal = Refusal::new(404, "A0E-404-0002", "The domain does not exist.");

/// A value that the connection profile decides otherwise (a).
const DECIDED_BY_PROFILE: Refusal =
    Refusal::new(400, "A0E-400-0001", "The connection profile does not allow this value of {}.");

/// An option of another strategy (a; the published schemas of changes do not name the strategy).
const OPTION_OF_ANOTHER_STRATEGY: Refusal = Refusal::new(
    400,
    "A0E-400-0003",
    "Payload validation error: 'Additional properties not allowed: {}' on property options.",
);

/// The deletion of an identity provider with users, if the configuration of the client allows it only without (a).
const HAS_USERS: Refusal = Refusal::new(403, "A0E-403-0002", "The IdP has users and cannot be deleted.");

/// The options of requests that no answer shows (published).
const SECRET_OPTIONS: [&str; 2] = ["client_secret", "signingCert"];

/// Lists the identity providers that the organization sees.
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let configuration = configuration::of_caller(call)?;
    let levels: Vec<&str> = texts(&call.query, "member_access_level").collect();
    let found = IdentityProvider::all(call.state, call.parameter("id"));
    let matches = |found: &IdentityProvider<'_>| {
        levels.is_empty()
            || text(found.association, "organization_access_level").is_some_and(|level| levels.contains(&level))
    };
    let views: Vec<Value> = found.filter(matches).map(|found| found.view(call.state, configuration).into()).collect();
    Ok(Reply::json(&json!({ "identity_providers": views })))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let found = IdentityProvider::of_call(call, AccessLevel::ReadOnly)?;
    Ok(Reply::json(&found.view(call.state, configuration::of_caller(call)?)))
}

/// Creates a connection, and associates it with the organization under the name in the request.
fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let configuration = configuration::of_caller(call)?.clone();
    let profile = configuration::connection_profile(call.state, &configuration).cloned().ok_or(NOT_CONFIGURED)?;
    let body = std::mem::take(&mut call.body);
    let organization = call.id();
    let strategy = text(&body, "strategy").unwrap_or_default();
    if !texts(&configuration, "allowed_strategies").any(|allowed| allowed == strategy) {
        return Err(STRATEGY_NOT_ALLOWED.into());
    }
    if let Some(domain) = texts(&body, "domains").find(|domain| !is_verified(call.state, &organization, domain)) {
        return Err(DOMAIN_NOT_VERIFIED.with(&[&domain]));
    }
    if in_order(call.state, &organization).len() >= MOST_CONNECTIONS {
        return Err(TOO_MANY_ORGANIZATION_CONNECTIONS.with(&[&MOST_CONNECTIONS]));
    }
    let name = text(&body, "name").unwrap_or_default();
    let mut association = object(json!({
        "organization_connection_name": name, "organization_access_level": "full",
    }));
    for member in ["show_as_button", "assign_membership_on_login"] {
        let value = decided(&profile, member, body.get(member))?;
        association.extend(value.map(|value| (member.to_owned(), value)));
    }
    association.extend(body.get("is_enabled").map(|value| ("is_enabled".to_owned(), value.clone())));

    let mut options = body.get("options").and_then(Value::as_object).cloned().unwrap_or_default();
    options.extend(body.get("domains").map(|domains| ("domain_aliases".to_owned(), domains.clone())));
    if let Some(mapping) = Mapping::of_strategy(strategy)
        && let Some(profile) = configuration::user_attribute_profile(call.state, &configuration)
    {
        let (option, value) = attribute_mapping::of_profile(profile, strategy, mapping);
        options.insert(option.to_owned(), value);
    }
    let of_organization = call.state[Kind::Organization].get(&organization).ok_or(ORGANIZATION_NOT_FOUND)?;
    let mut connection = object(json!({
        "name": connection_name(&profile, of_organization, name), "strategy": strategy, "options": options,
    }));
    connection.extend(body.get("display_name").map(|value| ("display_name".to_owned(), value.clone())));

    let (connection, _) = connection::create_from(call, connection)?;
    association.extend(connection.get("id").map(|id| ("connection_id".to_owned(), id.clone())));
    connection_association::complete(&mut association);
    let association = connection_association::store(call.state, &organization, association);
    call.raise("organization.connection.added", |state| objects::connection(state, &organization, &association));
    let created = IdentityProvider { association: &association, connection: &connection };
    Ok(Reply::json(&created.view(call.state, &configuration)))
}

/// The value of a setting: the profile's if it decides it, else that of the request (M24, inferred).
fn decided(profile: &Document, member: &str, sent: Option<&Value>) -> Result<Option<Value>, ApiError> {
    let setting = profile.get("organization").and_then(|organization| organization.get(member));
    let value = match setting.and_then(Value::as_str) {
        Some("required") => true,
        Some("none") => false,
        _ => return Ok(sent.cloned()),
    };
    match sent {
        Some(sent) if *sent != Value::Bool(value) => Err(DECIDED_BY_PROFILE.with(&[&member])),
        _ => Ok(Some(value.into())),
    }
}

/// The name of a new connection: the prefix of the profile, and the name in the organization with a hyphen in place of each
/// character that a connection's name cannot have (assumed).
fn connection_name(profile: &Document, organization: &Document, name: &str) -> String {
    let template = text(profile, "connection_name_prefix_template").unwrap_or_default();
    let of = |member: &str| text(organization, member).unwrap_or_default();
    let prefix = template.replace("{org_id}", of("id")).replace("{org_name}", of("name"));
    let whole = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}-{name}") };
    let words = whole.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// Changes the association, and with the access level `full` the connection.
fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let changes = std::mem::take(&mut call.body);
    let of_connection = ["display_name", "options"].iter().any(|member| changes.contains_key(*member));
    // With `limited`, the button and the state may be changed (M25).
    let is_full = of_connection || changes.contains_key("assign_membership_on_login");
    let needed = if is_full { AccessLevel::Full } else { AccessLevel::Limited };
    let configuration = configuration::of_caller(call)?.clone();
    let found = IdentityProvider::of_call(call, needed)?;
    let mut association = Map::clone(found.association);
    for member in ["show_as_button", "assign_membership_on_login", "is_enabled"] {
        if let Some(value) = changes.get(member) {
            if let Some(profile) = configuration::connection_profile(call.state, &configuration) {
                decided(profile, member, Some(value))?;
            }
            association.insert(member.to_owned(), value.clone());
        }
    }
    let mut of_connection = Map::new();
    of_connection.extend(changes.get("display_name").map(|name| ("display_name".to_owned(), name.clone())));
    if let Some(options) = changes.get("options").and_then(Value::as_object) {
        let known = shown_options(found.strategy()).unwrap_or_default();
        let is_known = |name: &str| known.contains(&name) || SECRET_OPTIONS.contains(&name);
        if let Some(name) = options.keys().find(|name| !is_known(name)) {
            return Err(OPTION_OF_ANOTHER_STRATEGY.with(&[name]));
        }
        let mut all = found.connection.get("options").and_then(Value::as_object).cloned().unwrap_or_default();
        all.extend(options.clone());
        of_connection.insert("options".to_owned(), all.into());
    }
    let (organization, id) = (call.id(), found.id().to_owned());
    if !of_connection.is_empty() {
        connection::change(call, &id, of_connection)?;
    }
    let association = connection_association::store(call.state, &organization, association);
    call.raise("organization.connection.updated", |state| objects::connection(state, &organization, &association));
    view(call, &configuration)
}

/// The answer with the identity provider in the path.
fn view(call: &Call<'_>, configuration: &Map<String, Value>) -> Result<Reply, ApiError> {
    let found = IdentityProvider::of_call(call, AccessLevel::ReadOnly)?;
    Ok(Reply::json(&found.view(call.state, configuration)))
}

/// Deletes the connection with its users (M28), unless the configuration of the client allows it only without users.
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let found = IdentityProvider::of_call(call, AccessLevel::Full)?;
    let id = found.id().to_owned();
    let name = text(found.connection, "name").unwrap_or_default();
    let has_users = !call.state[Kind::User].having("identities.connection", name).is_empty();
    let behavior = configuration::of_caller(call)?.get("connection_deletion_behavior");
    if has_users && behavior.and_then(Value::as_str) == Some("allow_if_empty") {
        return Err(HAS_USERS.into());
    }
    call.state.remove(Kind::Connection, &id);
    Ok(Reply::empty())
}

/// Removes the connection from the organization. The connection stays.
fn detach(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = IdentityProvider::of_call(call, AccessLevel::Full)?.id().to_owned();
    let organization = call.id();
    remove_association(call.state, &organization, &id);
    call.raise("organization.connection.removed", |state| objects::removed_connection(state, &organization, &id));
    Ok(Reply::empty())
}

/// Copies the mapping of the user attribute profile into the connection.
fn update_attributes(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let configuration = configuration::of_caller(call)?.clone();
    let found = IdentityProvider::of_call(call, AccessLevel::Full)?;
    let profile = configuration::user_attribute_profile(call.state, &configuration).ok_or(NOT_CONFIGURED)?;
    if let Some(mapping) = Mapping::of_strategy(found.strategy()) {
        let (option, value) = attribute_mapping::of_profile(profile, found.strategy(), mapping);
        let id = found.id().to_owned();
        change_option(call.state, &id, option, value);
    }
    view(call, &configuration)
}

fn change_option(state: &mut State, id: &str, option: &str, value: Value) {
    state[Kind::Connection].change(id, |connection| {
        if let Value::Object(options) = connection.entry("options").or_insert_with(|| json!({})) {
            options.insert(option.to_owned(), value);
        }
    });
}

/// Whether a domain is a verified discovery domain of the organization.
fn is_verified(state: &State, organization: &str, domain: &str) -> bool {
    let domains = &state[Kind::DiscoveryDomain];
    let of_organization = domains.having(OWNER, organization).iter().filter_map(|seq| domains.at(seq));
    of_organization.into_iter().any(|found| {
        text(found, "domain").is_some_and(|name| name.eq_ignore_ascii_case(domain))
            && text(found, "status") == Some("verified")
    })
}

fn add_domain(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let domain = text(&call.body, "domain").unwrap_or_default().to_owned();
    let found = IdentityProvider::of_call(call, AccessLevel::Full)?;
    if found.has_domain(&domain) {
        return Err(DOMAIN_EXISTS.into());
    }
    if !is_verified(call.state, call.parameter("id"), &domain) {
        return Err(DOMAIN_NOT_VERIFIED.into());
    }
    let domains = [found.domains(), &[domain.clone().into()]].concat();
    let id = found.id().to_owned();
    change_option(call.state, &id, "domain_aliases", domains.into());
    Ok(Reply::json(&json!({ "domain": domain })))
}

fn remove_domain(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let found = IdentityProvider::of_call(call, AccessLevel::Full)?;
    let domain = call.parameter("domain");
    if !found.has_domain(domain) {
        return Err(DOMAIN_NOT_FOUND.into());
    }
    let mut domains = found.domains().to_vec();
    domains.retain(|own| own.as_str().is_none_or(|own| !own.eq_ignore_ascii_case(domain)));
    let id = found.id().to_owned();
    change_option(call.state, &id, "domain_aliases", domains.into());
    Ok(Reply::empty())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::no_prefix("", "Acme Login", "Acme-Login")]
    #[case::a_prefix("partners", "corporate", "partners-corporate")]
    #[case::the_id("{org_id}", "corporate", "org-1-corporate")]
    #[case::the_name("{org_name}", "corporate", "acme-corporate")]
    #[case::no_letter_at_the_ends("", "(corporate)", "corporate")]
    fn the_name_of_a_connection_has_the_prefix_of_the_profile(
        #[case] template: &str,
        #[case] name: &str,
        #[case] expected: &str,
    ) {
        let profile = Document::new(object(json!({ "connection_name_prefix_template": template })));
        let organization = Document::new(object(json!({ "id": "org_1", "name": "acme" })));
        assert_eq!(connection_name(&profile, &organization, name), expected);
    }

    #[rstest]
    #[case::required("required", None, Ok(Some(true)))]
    #[case::required_and_repeated("required", Some(true), Ok(Some(true)))]
    #[case::required_and_contradicted("required", Some(false), Err(()))]
    #[case::none("none", None, Ok(Some(false)))]
    #[case::none_and_contradicted("none", Some(true), Err(()))]
    #[case::optional("optional", None, Ok(None))]
    #[case::optional_and_set("optional", Some(true), Ok(Some(true)))]
    fn a_profile_decides_a_setting_or_leaves_it_to_the_administrator(
        #[case] setting: &str,
        #[case] sent: Option<bool>,
        #[case] expected: Result<Option<bool>, ()>,
    ) {
        let profile = Document::new(object(json!({ "organization": { "show_as_button": setting } })));
        let value = decided(&profile, "show_as_button", sent.map(Value::Bool).as_ref());
        assert_eq!(value.map_err(|_| ()), expected.map(|value| value.map(Value::Bool)));
    }
}
