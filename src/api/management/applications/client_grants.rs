//! `/client-grants`: the scopes that a client may request for an API (organization-rules F; resources 2).

use std::collections::HashSet;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::client_grant_view::grant_view;
use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Reply};
use crate::api::error::client_grants::INEXISTENT_CLIENT_GRANT;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::paging::Paging;
use crate::api::resource::{Defaults, Draft, Identity, List, Removal, Resource};
use crate::domain::{Entitlement, IdShape};
use crate::schema::Schemas;
use crate::store::document::{text, texts};
use crate::store::views::{ClientGrantView, ClientView, ResourceServerView};
use crate::store::{Document, Kind, Link};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("client_grants.schema.json")));

const ADDRESSED: &[Addressed] = &[Api("audience"), Api("client_grants.audience")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/client-grants", &["read:client_grants"], &GRANT).query("List").addressed(ADDRESSED),
        Operation::create("/client-grants", &["create:client_grants"], &GRANT).body("Create").addressed(ADDRESSED),
        Operation::read("/client-grants/{id}", &["read:client_grants"], &GRANT).addressed(ADDRESSED),
        Operation::update("/client-grants/{id}", &["update:client_grants"], &GRANT).body("Patch").addressed(ADDRESSED),
        Operation::remove("/client-grants/{id}", &["delete:client_grants"], &GRANT),
        Operation::get("/client-grants/{id}/organizations", &["read:organization_client_grants"], organizations)
            .query("ListOrganizations"),
    ],
};

static GRANT: Resource = Resource {
    list: List::either("client_grants").filters(&[
        "client_id",
        "audience",
        "subject_type",
        "default_for",
        // R111: the only value is `true`.
        "allow_any_organization",
    ]),
    defaults: Some(&DEFAULTS),
    missing: INEXISTENT_CLIENT_GRANT,
    missing_on_update: Some(CLIENT_GRANT_NOT_FOUND),
    removal: Removal::Ignore, // R90
    admit: Some(check_plan),
    prepare: Some(prepare),
    check_removal: Some(|_, grant| check_changeable(grant)),
    show: Some(|_, grant| grant_view(grant)),
    ..Resource::new(Kind::ClientGrant, Identity::new(IdShape::CLIENT_GRANT))
};

// R59
static DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "scope": [], "subject_type": "client" })));

/// PATCH of an unknown client grant (d; code assumed).
const CLIENT_GRANT_NOT_FOUND: Refusal =
    Refusal::new(404, "inexistent_client_grant", "The client grant does not exist.");

/// A new client grant for an unknown client (R63, d).
const GRANT_FOR_UNKNOWN_CLIENT: Refusal = Refusal::new(404, "inexistent_client", "Client not found");

/// A new client grant for an unknown API (R62, d).
const GRANT_FOR_UNKNOWN_RESOURCE_SERVER: Refusal =
    Refusal::new(404, "inexistent_resource_server", "Resource server not found");

/// `client_id` and `default_for` together, or neither (R79; sentence assumed).
const GRANT_WITHOUT_ONE_SUBJECT: Refusal =
    Refusal::invalid_body("Exactly one of client_id and default_for must be provided");

/// `allow_all_scopes` with a system API (R67, p).
const ALL_SCOPES_OF_A_SYSTEM_API: Refusal =
    Refusal::invalid_body("`allow_all_scopes` cannot be provided when `audience` is a system API");

/// A scope that the system API does not define (R65, p: without quotes and full stop).
const SCOPE_BEYOND_THE_SYSTEM_API: Refusal =
    Refusal::invalid_body("Payload validation error: scope must be a subset of resource server scopes");

/// A member that a grant for anonymous users cannot have (R127, p for `organization_usage`; code assumed).
const NOT_FOR_ANONYMOUS_USERS: Refusal =
    Refusal::invalid_body("`{}` cannot be set for client grants with `subject_type`: anonymous_user");

/// `authorization_details_types` on a grant that is not for users (R68; sentence assumed).
const AUTHORIZATION_DETAILS_FOR_A_CLIENT: Refusal =
    Refusal::invalid_body("authorization_details_types can only be set when subject_type is user");

/// A client grant for an application of type `express_configuration` (R69, r).
const EXPRESS_CONFIGURATION_CLIENT: Refusal =
    Refusal::new(400, "validation_error", "Client of type express_configuration cannot be used");

/// A member that a third-party client cannot have (R77, R83; the end of the sentence is assumed).
const GRANT_FOR_THIRD_PARTY_CLIENT: Refusal =
    Refusal::invalid_body("Client grants for this API cannot be created for third-party clients");

/// `allow_any_organization` for a third-party client (R77; sentence assumed).
const ANY_ORGANIZATION_FOR_THIRD_PARTY_CLIENT: Refusal =
    Refusal::invalid_body("allow_any_organization cannot be set for third-party clients");

/// A second client grant for one client, API and subject type (R58, p).
const CLIENT_GRANT_EXISTS: Refusal = Refusal::plain(409, "A client grant already exists between {} and {}");

/// A change of a client grant of the service itself (R71; sentence assumed).
const SYSTEM_CLIENT_GRANT: Refusal = Refusal::invalid_body("System client grants cannot be modified.");

fn prepare(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    match &draft.before {
        None => prepare_new(call, draft),
        Some(before) => {
            check_changeable(before)?;
            prepare_changed(call, draft)
        }
    }
}

fn prepare_new(call: &Call<'_>, draft: &Draft) -> Result<(), ApiError> {
    let grant = &draft.entity;
    let subject = match (text(grant, "client_id"), text(grant, "default_for")) {
        (Some(client_id), None) => ("client_id", client_id),
        (None, Some(kind)) => ("default_for", kind),
        _ => return Err(GRANT_WITHOUT_ONE_SUBJECT.into()),
    };
    let audience = draft.text("audience");
    let api = call.state[Kind::ResourceServer].find("identifier", audience);
    let api = api.ok_or(GRANT_FOR_UNKNOWN_RESOURCE_SERVER)?;
    if let ("client_id", client_id) = subject {
        let client = call.state[Kind::Client].get(client_id).ok_or(GRANT_FOR_UNKNOWN_CLIENT)?;
        if text(client, "app_type") == Some("express_configuration") {
            return Err(EXPRESS_CONFIGURATION_CLIENT.into());
        }
    }
    check(call, grant, api)?;
    check_scopes(grant, api)?;
    match call.state.client_grant(subject, audience, draft.text("subject_type")) {
        Some(_) => Err(CLIENT_GRANT_EXISTS.with(&[&subject.1, &audience])),
        None => Ok(()),
    }
}

fn prepare_changed(call: &Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    draft.entity.entry("scope").or_insert_with(|| Value::Array(Vec::new()));
    if let Some(api) = call.state[Kind::ResourceServer].find("identifier", draft.text("audience")) {
        check(call, &draft.entity, api)?;
        if draft.sends("scope") {
            check_scopes(&draft.entity, api)?;
        }
    }
    Ok(())
}

/// Refuses a change of a grant of the service itself (R71).
fn check_changeable(grant: &Document) -> Result<(), ApiError> {
    if grant.get("is_system") == Some(&Value::Bool(true)) { Err(SYSTEM_CLIENT_GRANT.into()) } else { Ok(()) }
}

/// The organizations that are explicitly associated with a grant (R46).
fn organizations(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::of(call)?;
    let grant = call.seq(Kind::ClientGrant, INEXISTENT_CLIENT_GRANT)?;
    let positions = call.state[Link::OrganizationClientGrants].of_right(grant).as_slice();
    Ok(paging.reply("organizations", &call.state[Kind::Organization], positions, Document::clone))
}

/// A plan without machine-to-machine access for organizations has no grants that mention them (R9).
fn check_plan(call: &Call<'_>) -> Result<(), ApiError> {
    let is_mentioned = ["organization_usage", "allow_any_organization"]
        .iter()
        .any(|key| call.body.get(*key).is_some_and(|value| !value.is_null()));
    if is_mentioned && !call.state.entitlements.has(Entitlement::MachineToMachineForOrganizations) {
        return Err(ApiError::plan_without_organizations());
    }
    Ok(())
}

/// Members that a grant for anonymous users cannot have (R127).
const MEMBERS_FOR_USERS: [&str; 4] =
    ["organization_usage", "allow_any_organization", "authorization_details_types", "default_for"];

/// The rules between a grant's members, its client and its API.
fn check(call: &Call<'_>, grant: &Map<String, Value>, api: &Document) -> Result<(), ApiError> {
    let api = ResourceServerView(api);
    if text(grant, "subject_type") == Some("anonymous_user")
        && let Some(member) = MEMBERS_FOR_USERS.iter().find(|member| grant.contains_key(**member))
    {
        return Err(NOT_FOR_ANONYMOUS_USERS.with(&[&member]));
    }
    if api.is_system() && grant.contains_key("allow_all_scopes") {
        return Err(ALL_SCOPES_OF_A_SYSTEM_API.into());
    }
    let has_details = texts(grant, "authorization_details_types").next().is_some();
    if has_details && ClientGrantView(grant).is_for_client() {
        return Err(AUTHORIZATION_DETAILS_FOR_A_CLIENT.into());
    }
    let client = text(grant, "client_id").and_then(|id| call.state[Kind::Client].get(id));
    let is_third_party =
        grant.contains_key("default_for") || client.is_some_and(|client| ClientView(client).is_strict_third_party());
    if is_third_party && api.is_system() {
        return Err(GRANT_FOR_THIRD_PARTY_CLIENT.into());
    }
    if is_third_party && ClientGrantView(grant).allows_any_organization() {
        return Err(ANY_ORGANIZATION_FOR_THIRD_PARTY_CLIENT.into());
    }
    Ok(())
}

/// Checks the scopes of a grant for one of the service's own APIs, which must define them (R65). On other APIs a grant
/// may have any scope (R64).
///
/// Three reports on the Management API differ: the scope is dropped (October 2025), or the answer is 400 (two tenants, May 2026).
/// The newest report counts, because it quotes the answer.
fn check_scopes(grant: &Map<String, Value>, api: &Document) -> Result<(), ApiError> {
    let api = ResourceServerView(api);
    if !api.is_system() {
        return Ok(());
    }
    let defined = api.scopes();
    let defined: HashSet<&str> = defined.iter().collect();
    if texts(grant, "scope").all(|scope| defined.contains(scope)) {
        Ok(())
    } else {
        Err(SCOPE_BEYOND_THE_SYSTEM_API.into())
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use crate::api::{Config, Pins, Tenant};

    // proves R71
    #[test]
    fn a_system_grant_is_deleted_only_with_its_client() {
        let tenant = Tenant::new(Config::default());
        let perform = |method, path: &str, body| tenant.perform(method, path, body, Pins::default());
        let express = json!({ "name": "Express", "app_type": "express_configuration" });
        let client = perform(Method::POST, "/clients", express).expect("a client");
        let of_client = format!("/client-grants?client_id={}", client["client_id"].as_str().expect("an id"));
        let grants = perform(Method::GET, &of_client, Value::Null).expect("a list");
        assert_eq!((grants[0]["audience"].as_str(), grants.get(1)), (Some(&*tenant.management_audience()), None));
        let path = format!("/client-grants/{}", grants[0]["id"].as_str().expect("an id"));

        for (method, body) in [(Method::PATCH, json!({ "scope": [] })), (Method::DELETE, Value::Null)] {
            let refusal = perform(method, &path, body).expect_err("a refusal");
            assert_eq!(refusal.status, 400, "{refusal}");
        }
        assert_eq!(perform(Method::GET, &path, Value::Null).expect("the grant"), grants[0]);

        let path_of_client = format!("/clients/{}", client["client_id"].as_str().expect("an id"));
        perform(Method::DELETE, &path_of_client, Value::Null).expect("a deletion");
        assert_eq!(perform(Method::GET, &path, Value::Null).expect_err("a refusal").status, 404);
    }
}
