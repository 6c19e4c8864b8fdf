//! A tenant's customer is taken on, works, and leaves: `cargo run --example onboarding`.
//!
//! The last lines print what remains of the organization: nothing.

use http::Method;
use m2mock::{MockTenant, OrganizationUsage, http};
use serde_json::{Value, json};

fn main() {
    let tenant = MockTenant::start();
    let perform = |method: Method, path: &str, body: Value| match tenant.perform(method, path, body) {
        Ok(answer) => answer,
        Err(refusal) => panic!("{path}: {refusal}"),
    };
    let post = |path: &str, body: Value| perform(Method::POST, path, body);

    // What the tenant has, whoever comes and goes.
    let api = tenant.api("https://travel0.example/api").scopes(["read:trips", "book:trips"]).create();
    let bot = tenant.application("Partner bot").create();
    let shop = tenant
        .application("Travel shop")
        .with("organization_usage", json!("require"))
        .with("initiate_login_uri", json!("https://shop.example/login"))
        .create();
    let grant =
        tenant.client_grant(&bot, &api).scopes(["read:trips"]).organization_usage(OrganizationUsage::Require).create();
    let admin = post("/roles", json!({ "name": "admin" }));

    println!("granite-tours is taken on:");
    let granite = tenant.organization("granite-tours").display_name("Granite Tours").create();
    let below = |what: &str| format!("/organizations/{}/{what}", granite.id);
    let database = post("/connections", json!({ "name": "granite-users", "strategy": "auth0" }));
    post(&below("enabled_connections"), json!({ "connection_id": database["id"] }));
    let ada = post(
        "/users",
        json!({ "connection": "granite-users", "email": "ada@granite.example", "password": "Passengers 1st" }),
    );
    post(&below("members"), json!({ "members": [ada["user_id"]] }));
    let member = ada["user_id"].as_str().unwrap_or_default().replace('|', "%7C");
    post(&below(&format!("members/{member}/roles")), json!({ "roles": [admin["id"]] }));
    post(&below("discovery-domains"), json!({ "domain": "granite.example", "status": "verified" }));
    let invitation = post(
        &below("invitations"),
        json!({
            "client_id": shop.client_id,
            "inviter": { "name": "Ada" },
            "invitee": { "email": "bob@granite.example" },
            "roles": [admin["id"]],
        }),
    );
    tenant.associate(&granite, &grant);
    println!("  bob's invitation leads to {}\n", invitation["invitation_url"].as_str().unwrap_or_default());

    println!("it works:");
    match tenant.token(&bot).audience(&api).organization(&granite).request() {
        Ok(token) => println!("  the bot has a token for {} with {}", token.claims["org_id"], token.scopes.join(" ")),
        Err(refused) => panic!("the bot has no token: {refused}"),
    }
    // What there is to see of an organization: a list for each kind of thing that belongs to it.
    let kinds = ["enabled_connections", "members", "discovery-domains", "invitations", "client-grants"];
    for kind in kinds {
        let list = perform(Method::GET, &below(kind), Value::Null);
        println!("  {kind}: {}", count(&list));
        assert_eq!(count(&list), "1");
    }

    println!("\nit leaves:");
    perform(Method::DELETE, &format!("/organizations/{}", granite.id), Value::Null);
    match tenant.token(&bot).audience(&api).organization(&granite).request() {
        Ok(token) => panic!("the bot has a token: {token:?}"),
        Err(refused) => println!("  the bot has no token: {}", refused.description),
    }
    for kind in kinds {
        match tenant.perform(Method::GET, &below(kind), Value::Null) {
            Ok(list) => panic!("{kind}: {}", count(&list)),
            Err(refusal) => println!("  {kind}: {refusal}"),
        }
    }
    let remaining = [
        ("organizations of ada", format!("/users/{member}/organizations")),
        ("organizations of the bot's grant", format!("/client-grants/{}/organizations", grant.id)),
        ("organizations of the tenant", "/organizations".to_owned()),
    ];
    for (what, path) in remaining {
        let list = perform(Method::GET, &path, Value::Null);
        println!("  {what}: {}", count(&list));
        assert_eq!(count(&list), "nothing");
    }
}

/// How long a list is, bare or in its envelope.
fn count(answer: &Value) -> String {
    let list = answer.as_array().or_else(|| answer.as_object()?.values().find_map(Value::as_array));
    match list.map_or(0, Vec::len) {
        0 => "nothing".to_owned(),
        number => number.to_string(),
    }
}
