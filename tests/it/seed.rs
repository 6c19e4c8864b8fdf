//! Seeds: the sample tenant, the layout, exports of the deploy tool, and the error texts.

mod actions;
#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "cli")]
mod export;
mod exports;
mod layout;
mod problems;
mod refusals;
#[cfg(feature = "yaml")]
mod sample;
#[cfg(feature = "yaml")]
mod sections;

use m2mock::MockTenant;
use m2mock::Seed;
use m2mock::http::Method;
use serde_json::{Value, json};

/// A tenant with these seeds, planted in turn.
fn tenant_with(seeds: &[Value]) -> MockTenant {
    let mut builder = MockTenant::builder();
    for seed in seeds {
        builder = builder.seed(Seed::parse(&seed.to_string(), "seed.json").unwrap());
    }
    builder.start()
}

fn get(tenant: &MockTenant, path: &str) -> Value {
    tenant.perform(Method::GET, path, Value::Null).unwrap()
}

/// Everything that a seed can put into a tenant, as the Management API shows it. What is drawn at random in every
/// tenant is left out: the global client, the management application and the ids of both.
fn state(tenant: &MockTenant) -> Value {
    let (management_client, _) = tenant.management_client();
    let all = |path: &str| get(tenant, path).as_array().cloned().unwrap_or_default();
    let is_ours = |entity: &Value| {
        entity["client_id"] != management_client.as_str() && entity["is_system"] != true && entity["global"] != true
    };
    let ours = |path: &str| all(path).into_iter().filter(is_ours).collect::<Vec<_>>();
    let organizations = all("/organizations");
    let id = |entity: &Value| entity["id"].as_str().unwrap().to_owned();
    // The first database has another id in every tenant.
    let first = |entity: &Value| entity["name"] == "Username-Password-Authentication";
    let connections = all("/connections").into_iter().map(|mut connection| {
        if first(&connection) {
            connection["id"] = Value::Null;
        }
        connection
    });
    let roles = all("/roles").into_iter().map(|mut role| {
        role["permissions"] = get(tenant, &format!("/roles/{}/permissions", id(&role)));
        role
    });
    let below = organizations.iter().map(|organization| {
        let path = |rest: &str| format!("/organizations/{}/{rest}", id(organization));
        let mut connections = all(&path("connections"));
        for connection in connections.iter_mut().filter(|held| first(&held["connection"])) {
            connection["connection_id"] = Value::Null;
        }
        connections.sort_by_key(|held| held["connection"]["name"].to_string());
        json!({ "connections": connections, "domains": get(tenant, &path("discovery-domains")) })
    });
    let below: Vec<Value> = below.collect();
    let associations = organizations.iter().map(|organization| {
        let name = organization["name"].as_str().unwrap();
        let id = organization["id"].as_str().unwrap();
        (name.to_owned(), get(tenant, &format!("/organizations/{id}/client-grants")))
    });
    json!({
        "settings": get(tenant, "/tenants/settings"),
        "apis": ours("/resource-servers"),
        "clients": ours("/clients"),
        "associations": associations.collect::<serde_json::Map<_, _>>(),
        "connections": connections.collect::<Vec<_>>(),
        "roles": roles.collect::<Vec<_>>(),
        "organizations": organizations,
        "below organizations": below,
        "grants": ours("/client-grants"),
    })
}
