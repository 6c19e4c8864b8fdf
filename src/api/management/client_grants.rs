//! `/client-grants`: what a client may ask of an API (organization-rules F; resources 2).

use std::collections::HashSet;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::crud::Paging;
use super::shown_grant;
use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::{patch as apply, text, texts};
use crate::store::views::{ClientGrantView, ClientView, ResourceServerView};
use crate::store::{Document, Kind, Link};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("client_grants.schema.json")));

const ADDRESSED: &[Addressed] = &[Api("audience"), Api("client_grants.audience")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/client-grants", &["read:client_grants"], list).query("List").addressed(ADDRESSED),
        Operation::post("/client-grants", &["create:client_grants"], create).body("Create").addressed(ADDRESSED),
        Operation::get("/client-grants/{id}", &["read:client_grants"], get).addressed(ADDRESSED),
        Operation::patch("/client-grants/{id}", &["update:client_grants"], patch).body("Patch").addressed(ADDRESSED),
        Operation::delete("/client-grants/{id}", &["delete:client_grants"], delete),
        Operation::get("/client-grants/{id}/organizations", &["read:organization_client_grants"], organizations)
            .query("ListOrganizations"),
    ],
};

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::of(call)?;
    // The filter takes `true` only (R111).
    let any_organization = call.query_flag("allow_any_organization").map(|_| "true");
    let wanted: Vec<(&str, &str)> = [
        ("client_id", call.query_text("client_id")),
        ("audience", call.query_text("audience")),
        ("subject_type", call.query_text("subject_type")),
        ("default_for", call.query_text("default_for")),
        ("allow_any_organization", any_organization),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?)))
    .collect();
    let grants = &call.state[Kind::ClientGrant];
    Ok(paging.reply("client_grants", grants, &grants.matching(&wanted), shown_grant))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let grant =
        call.state[Kind::ClientGrant].get(call.parameter("id")).ok_or_else(ApiError::inexistent_client_grant)?;
    Ok(Reply::json(&shown_grant(grant)))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    check_plan(call)?;
    let mut grant = std::mem::take(&mut call.body);
    let audience = text(&grant, "audience").unwrap_or_default().to_owned();
    grant.entry("subject_type").or_insert_with(|| "client".into()); // R59
    grant.entry("scope").or_insert_with(|| Value::Array(Vec::new()));

    let subject = match (text(&grant, "client_id"), text(&grant, "default_for")) {
        (Some(client_id), None) => Some(client_id.to_owned()),
        (None, Some(_)) => None,
        _ => return Err(ApiError::grant_without_one_subject()),
    };
    let api = call.state[Kind::ResourceServer].find("identifier", &audience);
    let api = Document::clone(api.ok_or_else(ApiError::grant_for_unknown_resource_server)?);
    if let Some(client_id) = &subject {
        let client = call.state[Kind::Client].get(client_id).ok_or_else(ApiError::grant_for_unknown_client)?;
        if text(client, "app_type") == Some("express_configuration") {
            return Err(ApiError::express_configuration_client());
        }
    }
    check(call, &grant, &api)?;
    check_scopes(&grant, &api)?;

    let subject = match &subject {
        Some(client_id) => ("client_id", client_id.as_str()),
        None => ("default_for", text(&grant, "default_for").unwrap_or_default()),
    };
    let subject_type = text(&grant, "subject_type").unwrap_or_default();
    if call.state.client_grant(subject, &audience, subject_type).is_some() {
        return Err(ApiError::client_grant_exists(subject.1, &audience));
    }
    let id = call.new_id(Kind::ClientGrant, IdShape::CLIENT_GRANT)?;
    grant.insert("id".to_owned(), id.clone().into());
    Ok(Reply::json(&shown_grant(&call.state[Kind::ClientGrant].insert(&id, grant))))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    check_plan(call)?;
    let id = call.id();
    let held = call.state[Kind::ClientGrant].get(&id).ok_or_else(ApiError::client_grant_not_found)?;
    if held.get("is_system") == Some(&Value::Bool(true)) {
        return Err(ApiError::system_client_grant());
    }
    let mut grant = Map::clone(held);
    let mut changes = std::mem::take(&mut call.body);
    if changes.get("scope").is_some_and(Value::is_null) {
        changes.insert("scope".to_owned(), Value::Array(Vec::new()));
    }
    let changes_scopes = changes.contains_key("scope");
    apply(&mut grant, changes);
    let audience = text(&grant, "audience").unwrap_or_default();
    if let Some(api) = call.state[Kind::ResourceServer].find("identifier", audience) {
        check(call, &grant, api)?;
        if changes_scopes {
            check_scopes(&grant, api)?;
        }
    }
    Ok(Reply::json(&shown_grant(&call.state[Kind::ClientGrant].replace(&id, grant))))
}

/// Deletes a grant; one that is gone already is no error (R90).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    let held = call.state[Kind::ClientGrant].get(&id);
    if held.is_some_and(|grant| grant.get("is_system") == Some(&Value::Bool(true))) {
        return Err(ApiError::system_client_grant());
    }
    call.state.remove(Kind::ClientGrant, &id);
    Ok(Reply::empty())
}

/// The organizations that are explicitly associated with a grant (R46).
fn organizations(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::of(call)?;
    let grant =
        call.state[Kind::ClientGrant].seq(call.parameter("id")).ok_or_else(ApiError::inexistent_client_grant)?;
    let places = call.state[Link::OrganizationClientGrants].of_right(grant).as_slice();
    Ok(paging.reply("organizations", &call.state[Kind::Organization], places, Document::clone))
}

/// A plan without machine-to-machine access for organizations has no grants that mention them (R9).
fn check_plan(call: &Call<'_>) -> Result<(), ApiError> {
    let mentioned = ["organization_usage", "allow_any_organization"]
        .iter()
        .any(|key| call.body.get(*key).is_some_and(|value| !value.is_null()));
    if mentioned && !call.state.machine_to_machine_for_organizations {
        return Err(ApiError::plan_without_organizations());
    }
    Ok(())
}

/// Members that a grant for anonymous users cannot have (R127).
const NOT_FOR_ANONYMOUS_USERS: [&str; 4] =
    ["organization_usage", "allow_any_organization", "authorization_details_types", "default_for"];

/// The rules between a grant's members, its client and its API.
fn check(call: &Call<'_>, grant: &Map<String, Value>, api: &Document) -> Result<(), ApiError> {
    let api = ResourceServerView(api);
    if text(grant, "subject_type") == Some("anonymous_user")
        && let Some(member) = NOT_FOR_ANONYMOUS_USERS.iter().find(|member| grant.contains_key(**member))
    {
        return Err(ApiError::not_for_anonymous_users(member));
    }
    if api.is_system() && grant.contains_key("allow_all_scopes") {
        return Err(ApiError::all_scopes_of_a_system_api());
    }
    let asks_for_details = texts(grant, "authorization_details_types").next().is_some();
    if asks_for_details && ClientGrantView(grant).is_for_client() {
        return Err(ApiError::authorization_details_for_a_client());
    }
    let client = text(grant, "client_id").and_then(|id| call.state[Kind::Client].get(id));
    let is_third_party =
        grant.contains_key("default_for") || client.is_some_and(|client| ClientView(client).is_strict_third_party());
    if is_third_party && api.is_system() {
        return Err(ApiError::grant_for_third_party_client());
    }
    if is_third_party && ClientGrantView(grant).allows_any_organization() {
        return Err(ApiError::any_organization_for_third_party_client());
    }
    Ok(())
}

/// The scopes of a grant for one of the service's own APIs: those that the API defines (R65). On other APIs a grant may hold
/// any (R64).
///
/// Three reports disagree about the Management API: dropped without a word (October 2025), 400 in two tenants (May 2026).
/// The newest one counts, which quotes the answer.
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
        Err(ApiError::scope_beyond_the_system_api())
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use crate::api::{Config, Pins, Tenant};

    // proves R71
    #[test]
    fn a_grant_that_the_service_made_goes_with_its_client_only() {
        let tenant = Tenant::new(Config::default());
        let perform = |method, path: &str, body| tenant.perform(method, path, body, Pins::default());
        let express = json!({ "name": "Express", "app_type": "express_configuration" });
        let client = perform(Method::POST, "/clients", express).expect("a client");
        let of_client = format!("/client-grants?client_id={}", client["client_id"].as_str().expect("an id"));
        let grants = perform(Method::GET, &of_client, Value::Null).expect("a list");
        assert_eq!((grants[0]["audience"].as_str(), grants.get(1)), (Some(&*tenant.management_audience()), None));
        let path = format!("/client-grants/{}", grants[0]["id"].as_str().expect("an id"));

        for (method, body) in [(Method::PATCH, json!({ "scope": [] })), (Method::DELETE, Value::Null)] {
            let refused = perform(method, &path, body).expect_err("a refusal");
            assert_eq!(refused.status, 400, "{refused}");
        }
        assert_eq!(perform(Method::GET, &path, Value::Null).expect("the grant"), grants[0]);

        let path_of_client = format!("/clients/{}", client["client_id"].as_str().expect("an id"));
        perform(Method::DELETE, &path_of_client, Value::Null).expect("a deletion");
        assert_eq!(perform(Method::GET, &path, Value::Null).expect_err("a refusal").status, 404);
    }
}
