//! From a seed to a tenant: the operations of the Management API, in an order in which references lead backwards.

use http::Method;
use serde_json::{Map, Value, json};

use super::error::SeedError;
use super::layout::{Entry, Layout};
use super::references::{References, segment};
use crate::api::Tenant;
use crate::store::DeclaredAction;

/// The database that every tenant begins with.
const FIRST_DATABASE: &str = "Username-Password-Authentication";

pub(super) fn plant(layout: &Layout, tenant: &Tenant) -> Result<(), SeedError> {
    if !layout.settings.body.is_empty() {
        perform(tenant, Method::PATCH, "/tenants/settings", &layout.settings)?;
    }
    for api in &layout.resource_servers {
        create(tenant, "/resource-servers", api, "id")?;
    }
    let mut clients = Vec::with_capacity(layout.clients.len());
    for client in &layout.clients {
        clients.push((create(tenant, "/clients", &client.entry, "client_id")?, client));
    }
    let references = References::of(tenant);
    for connection in &layout.connections {
        plant_connection(connection, tenant, &references)?;
    }
    for role in &layout.roles {
        let id = create(tenant, "/roles", &role.entry, "id")?;
        if let Some(permissions) = &role.permissions {
            perform(tenant, Method::POST, &format!("/roles/{}/permissions", segment(&id)), permissions)?;
        }
    }
    let mut organizations = Vec::with_capacity(layout.organizations.len());
    for organization in &layout.organizations {
        let id = create(tenant, "/organizations", &organization.entry, "id")?;
        for connection in &organization.connections {
            let mut connection = connection.clone();
            if let Some(Value::String(name)) = connection.body.remove("name") {
                let connection_id = references.connection(&name, &connection.place.at("name"))?;
                connection.body.insert("connection_id".to_owned(), connection_id.into());
            }
            perform(tenant, Method::POST, &format!("/organizations/{}/connections", segment(&id)), &connection)?;
        }
        for domain in &organization.discovery_domains {
            perform(tenant, Method::POST, &format!("/organizations/{}/discovery-domains", segment(&id)), domain)?;
        }
        for client in &organization.clients {
            let path = format!("/organizations/{}/clients", segment(&id));
            perform(tenant, Method::POST, &path, &in_a_list(client, &references)?)?;
        }
        organizations.push((id, organization));
    }

    for grant in &layout.client_grants {
        let mut grant = grant.clone();
        if let Some(Value::String(client)) = grant.body.get("client_id") {
            let client_id = references.client(client, &grant.place.at("client_id"))?;
            grant.body.insert("client_id".to_owned(), client_id.into());
        }
        create(tenant, "/client-grants", &grant, "id")?;
    }
    for (id, organization) in &organizations {
        for named in &organization.client_grants {
            let body = Map::from_iter([("grant_id".to_owned(), references.client_grant(named)?.into())]);
            let association = Entry::plain(named.place.clone(), body);
            perform(tenant, Method::POST, &format!("/organizations/{}/client-grants", segment(id)), &association)?;
        }
    }
    for (client_id, client) in &clients {
        let Some(mut default) = client.default_organization.clone() else { continue };
        let place = client.entry.place.at("default_organization");
        if let Some(Value::String(organization)) = default.get("organization_id") {
            let id = references.organization(organization, &place.at("organization_id"))?;
            default.insert("organization_id".to_owned(), id.into());
        }
        let body = Map::from_iter([("default_organization".to_owned(), json!(default))]);
        let change = Entry::plain(client.entry.place.clone(), body);
        perform(tenant, Method::PATCH, &format!("/clients/{}", segment(client_id)), &change)?;
    }
    for api in &layout.resource_servers {
        let audience = api.body.get("identifier").and_then(Value::as_str);
        for declared in &api.actions {
            let place = declared.place.at("client_id");
            let client_id = declared.only.as_ref().map(|called| references.client(called, &place)).transpose()?;
            let audience = audience.map(str::to_owned);
            tenant.declare_action(DeclaredAction { client_id, audience, ..declared.action.clone() });
        }
    }
    for (client_id, client) in &clients {
        for declared in &client.entry.actions {
            let place = declared.place.at("audience");
            let audience = declared.only.as_ref().map(|called| references.audience(called, &place)).transpose()?;
            let client_id = Some(client_id.clone());
            tenant.declare_action(DeclaredAction { client_id, audience, ..declared.action.clone() });
        }
    }
    for planned in &layout.conditions.faults {
        let mut fault = planned.fault.clone();
        if let Some(client) = &fault.client_id {
            fault.client_id = Some(references.client(client, &planned.place.at("client_id"))?);
        }
        tenant.add_fault(fault).map_err(|error| SeedError::refused(&planned.place, &error))?;
    }
    if let Some(are_on) = layout.conditions.rate_limits {
        tenant.set_rate_limits(are_on);
    }
    Ok(())
}

/// Creates a connection; the database that every tenant begins with is there already, and is changed.
fn plant_connection(connection: &Entry, tenant: &Tenant, references: &References<'_>) -> Result<(), SeedError> {
    let mut connection = connection.clone();
    if let Some(Value::Array(clients)) = connection.body.get_mut("enabled_clients") {
        let place = connection.place.at("enabled_clients");
        for (index, client) in clients.iter_mut().enumerate() {
            if let Value::String(called) = client {
                *client = references.client(called, &place.at(format_args!("entry {}", index + 1)))?.into();
            }
        }
    }
    let begins_with = connection.body.get("name") == Some(&json!(FIRST_DATABASE))
        && connection.body.get("strategy") == Some(&json!("auth0"));
    let first = if begins_with { references.connection(FIRST_DATABASE, &connection.place).ok() } else { None };
    match first {
        Some(id) if connection.pins.id.is_none() => {
            for fixed in ["name", "strategy"] {
                connection.body.remove(fixed);
            }
            // An export may say no more of it than that it is there.
            if !connection.body.is_empty() {
                perform(tenant, Method::PATCH, &format!("/connections/{}", segment(&id)), &connection)?;
            }
        }
        _ => {
            create(tenant, "/connections", &connection, "id")?;
        }
    }
    Ok(())
}

/// The body that adds one client to an organization: the operation takes several.
fn in_a_list(client: &Entry, references: &References<'_>) -> Result<Entry, SeedError> {
    let mut added = client.body.clone();
    if let Some(Value::String(called)) = added.get("client_id") {
        let client_id = references.client(called, &client.place.at("client_id"))?;
        added.insert("client_id".to_owned(), client_id.into());
    }
    Ok(Entry::plain(client.place.clone(), Map::from_iter([("clients".to_owned(), json!([added]))])))
}

/// Creates an entity and gives back its id.
fn create(tenant: &Tenant, path: &str, entry: &Entry, id: &str) -> Result<String, SeedError> {
    let created = perform(tenant, Method::POST, path, entry)?;
    Ok(created[id].as_str().unwrap_or_default().to_owned())
}

fn perform(tenant: &Tenant, method: Method, path: &str, entry: &Entry) -> Result<Value, SeedError> {
    let body = Value::Object(entry.body.clone());
    let answer = tenant.perform(method, path, body, entry.pins.clone());
    answer.map_err(|error| SeedError::refused(&entry.place, &error))
}
