//! The layout of a seed.

use std::slice;

use m2mock::http::Method;
use m2mock::{MockTenant, Seed};
use serde_json::{Value, json};

use super::{get, state, tenant_with};

const API: &str = "https://travel0.example/api";
const OTHER_API: &str = "https://invoices.travel0.example/api";
const GRANITE: &str = "org_GraniteTours0001";
const FIRST: &str = "cgr_FirstGrant000001";
const SECOND: &str = "cgr_SecondGrant00001";
const THIRD: &str = "cgr_ThirdGrant000001";

/// Two APIs, and a client that has a grant for each.
fn a_client_with_two_grants() -> Value {
    json!({
        "resourceServers": [{ "identifier": API }, { "identifier": OTHER_API }],
        "clients": [{ "name": "Partner bot", "x-m2mock": { "client_id": "bot" } }],
        "clientGrants": [
            { "client_id": "Partner bot", "audience": API, "scope": [], "x-m2mock": { "id": FIRST } },
            { "client_id": "Partner bot", "audience": OTHER_API, "scope": [], "x-m2mock": { "id": SECOND } },
        ],
    })
}

/// The grants with which an organization is associated, when its entry names them like this.
fn associated_by(client_grants: Value) -> Vec<String> {
    let mut seed = a_client_with_two_grants();
    seed["organizations"] =
        json!([{ "name": "granite-tours", "client_grants": client_grants, "x-m2mock": { "id": GRANITE } }]);
    let grants = get(&tenant_with(&[seed]), &format!("/organizations/{GRANITE}/client-grants"));
    grants.as_array().unwrap().iter().map(|grant| grant["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_name_of_a_client_in_an_organization_refers_to_its_first_grant() {
    assert_eq!(associated_by(json!([{ "client_id": "Partner bot" }])), [FIRST]);
}

#[test]
fn an_organization_can_select_a_grant_by_its_api() {
    assert_eq!(associated_by(json!([{ "client_id": "Partner bot", "audience": OTHER_API }])), [SECOND]);
}

#[test]
fn an_organization_may_name_a_client_by_its_id() {
    assert_eq!(associated_by(json!([{ "client_id": "bot", "audience": OTHER_API }])), [SECOND]);
}

#[test]
fn an_api_in_an_organization_does_not_refer_to_a_grant_for_users() {
    let mut seed = a_client_with_two_grants();
    seed["clientGrants"][0]["subject_type"] = "user".into();
    let for_machines = json!({ "client_id": "bot", "audience": API, "x-m2mock": { "id": THIRD } });
    seed["clientGrants"].as_array_mut().unwrap().push(for_machines);
    seed["organizations"] =
        json!([{ "name": "granite-tours", "client_grants": [{ "client_id": "bot", "audience": API }] }]);
    assert_eq!(state(&tenant_with(&[seed]))["associations"]["granite-tours"][0]["id"], THIRD);
}

#[test]
fn a_default_organization_may_be_a_name_or_an_id() {
    for organization in ["granite-tours", GRANITE] {
        let tenant = tenant_with(&[json!({
            "clients": [{
                "name": "Nightly export",
                "default_organization": { "organization_id": organization, "flows": ["client_credentials"] },
                "x-m2mock": { "client_id": "nightly" },
            }],
            "organizations": [{ "name": "granite-tours", "x-m2mock": { "id": GRANITE } }],
        })]);
        let default = &get(&tenant, "/clients/nightly")["default_organization"];
        assert_eq!(default["organization_id"], GRANITE, "{organization}");
    }
}

#[test]
fn a_later_seed_can_refer_to_entities_of_an_earlier_seed() {
    let later = json!({
        "clients": [{ "name": "Second bot" }],
        "clientGrants": [{ "client_id": "Second bot", "audience": API }],
        "organizations": [{ "name": "granite-tours", "client_grants": [
            { "client_id": "Partner bot" },
            { "client_id": "Second bot" },
        ]}],
    });
    let tenant = tenant_with(&[a_client_with_two_grants(), later]);
    assert_eq!(state(&tenant)["associations"]["granite-tours"].as_array().unwrap().len(), 2);
}

#[test]
fn clients_are_found_however_many_there_are() {
    let clients: Vec<Value> = (0..250).map(|number| json!({ "name": format!("Bot {number}") })).collect();
    let tenant = tenant_with(&[
        json!({ "resourceServers": [{ "identifier": API }], "clients": clients }),
        json!({ "clientGrants": [{ "client_id": "Bot 249", "audience": API }] }),
    ]);
    assert_eq!(state(&tenant)["grants"].as_array().unwrap().len(), 1);
}

#[test]
fn a_name_that_two_clients_have_does_no_harm_until_it_is_used() {
    let tenant = tenant_with(&[json!({ "clients": [{ "name": "Bot" }, { "name": "Bot" }] })]);
    assert_eq!(state(&tenant)["clients"].as_array().unwrap().len(), 2);
}

#[test]
fn a_client_may_be_called_like_the_management_application() {
    // An export has the application of the vendor's dashboard in it.
    let tenant = tenant_with(&[json!({
        "resourceServers": [{ "identifier": API }],
        "clients": [{ "name": "API Explorer Application", "x-m2mock": { "client_id": "exported" } }],
        "clientGrants": [{ "client_id": "API Explorer Application", "audience": API }],
    })]);
    assert_eq!(state(&tenant)["grants"][0]["client_id"], "exported");
}

#[test]
fn a_grant_may_be_for_the_management_api() {
    let tenant = tenant_with(&[json!({
        "clients": [{ "name": "Bot" }],
        "clientGrants": [{
            "client_id": "Bot",
            "audience": "https://travel0.localhost/api/v2/",
            "scope": ["read:clients"],
        }],
    })]);
    assert_eq!(state(&tenant)["grants"][0]["scope"], json!(["read:clients"]));
}

#[test]
fn members_of_the_management_api_are_passed_on() {
    let tenant = tenant_with(&[json!({
        "tenant": { "allow_organization_name_in_authentication_api": true },
        "resourceServers": [{ "identifier": API, "token_lifetime": 60 }],
        "clients": [{ "name": "Bot", "client_metadata": { "team": "trips" } }],
        "organizations": [{
            "name": "granite-tours",
            "token_quota": { "client_credentials": { "per_day": 5 } },
            "connections": [],
        }],
    })]);
    let state = state(&tenant);
    assert_eq!(state["settings"]["allow_organization_name_in_authentication_api"], true);
    assert_eq!(state["apis"][0]["token_lifetime"], 60);
    assert_eq!(state["clients"][0]["client_metadata"], json!({ "team": "trips" }));
    assert_eq!(state["organizations"][0]["token_quota"]["client_credentials"]["per_day"], 5);
}

/// A seed with a database for one client, and an organization that uses it.
fn a_database_of_an_organization() -> Value {
    json!({
        "clients": [{ "name": "Shop", "x-m2mock": { "client_id": "travel0Shop00000000000000000000a" } }],
        "databases": [{
            "name": "granite-users",
            "strategy": "auth0",
            "enabled_clients": ["Shop"],
            "options": { "requires_username": true },
            "x-m2mock": { "id": "con_GraniteUsers0001" },
        }],
        "connections": [{ "name": "granite-staff", "strategy": "oidc", "options": { "client_id": "a" } }],
        "organizations": [{
            "name": "granite-tours",
            "connections": [
                { "name": "granite-users", "assign_membership_on_login": true },
                { "name": "Username-Password-Authentication", "show_as_button": false },
            ],
            "discovery_domains": [{ "domain": "granite.example", "status": "verified" }],
        }],
    })
}

#[test]
fn connections_are_enabled_for_clients_by_name() {
    let tenant = tenant_with(&[a_database_of_an_organization()]);
    let database = get(&tenant, "/connections/con_GraniteUsers0001");
    assert_eq!(database["enabled_clients"], json!(["travel0Shop00000000000000000000a"]));
    assert_eq!(database["options"]["requires_username"], true);
    assert_eq!(get(&tenant, "/connections?name=granite-staff")[0]["strategy"], "oidc");
}

#[test]
fn an_organization_has_its_connections_and_domains() {
    let tenant = tenant_with(&[a_database_of_an_organization()]);
    let below = &state(&tenant)["below organizations"][0];
    // They come in the order of their ids, of which one is drawn.
    let connections = below["connections"].as_array().unwrap();
    let (users, others): (Vec<&Value>, Vec<&Value>) =
        connections.iter().partition(|connection| connection["connection_id"] == "con_GraniteUsers0001");
    assert_eq!(users[0]["assign_membership_on_login"], true);
    assert_eq!(others[0]["show_as_button"], false);
    assert_eq!(below["domains"]["domains"][0]["domain"], "granite.example");
}

/// As the deploy tool exports it: a list for each organization, which may be empty.
#[test]
fn an_organization_has_its_clients_by_name_or_id() {
    let tenant = tenant_with(&[json!({
        "clients": [{ "name": "Shop", "x-m2mock": { "client_id": "shop" } }, { "name": "Bot", "x-m2mock": { "client_id": "bot" } }],
        "organizations": [
            { "name": "granite-tours", "x-m2mock": { "id": GRANITE }, "clients": [
                { "client_id": "Shop", "use_for_member_access": true },
                { "client_id": "bot", "use_for_member_access": false },
            ] },
            { "name": "summit-trips", "clients": [] },
        ],
    })]);
    let clients = get(&tenant, &format!("/organizations/{GRANITE}/clients"));
    let clients: Vec<(&Value, &Value)> = clients["clients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|client| (&client["client_id"], &client["use_for_member_access"]))
        .collect();
    assert_eq!(clients, [(&json!("shop"), &json!(true)), (&json!("bot"), &json!(false))]);
}

#[test]
fn the_database_that_every_tenant_begins_with_is_changed() {
    let first = "Username-Password-Authentication";
    let seed = |options: Value| json!({ "databases": [{ "name": first, "strategy": "auth0", "options": options }] });
    let tenant = tenant_with(&[seed(json!({ "requires_username": true })), seed(json!({ "import_mode": true }))]);
    let connections = get(&tenant, "/connections");
    assert_eq!(connections.as_array().unwrap().len(), 1);
    assert_eq!(connections[0]["options"]["import_mode"], true);
    let tenant = tenant_with(&[json!({ "databases": [{ "name": first, "strategy": "auth0" }] })]);
    assert_eq!(get(&tenant, "/connections").as_array().unwrap().len(), 1);
}

#[test]
fn a_role_has_its_permissions() {
    let permission = json!({ "permission_name": "read:trips", "resource_server_identifier": API });
    let tenant = tenant_with(&[json!({
        "resourceServers": [{ "identifier": API, "scopes": [{ "value": "read:trips" }] }],
        "roles": [
            { "name": "admin", "description": "May look", "permissions": [permission] },
            { "name": "guest", "permissions": [], "x-m2mock": { "id": "rol_TravelGuest00001" } },
        ],
    })]);
    let roles = &state(&tenant)["roles"];
    assert_eq!(roles[0]["permissions"][0]["permission_name"], "read:trips");
    assert_eq!((&roles[1]["id"], &roles[1]["permissions"]), (&json!("rol_TravelGuest00001"), &json!([])));
}

#[test]
fn ids_and_secrets_without_a_pin_are_random() {
    let seed = json!({ "organizations": [{ "name": "granite-tours" }] });
    let [one, other] = [(); 2].map(|()| state(&tenant_with(slice::from_ref(&seed)))["organizations"][0]["id"].clone());
    assert_ne!(one, other);
}

#[test]
fn empty_sections_have_no_effect() {
    let seed = json!({ "tenant": null, "clients": null, "organizations": [], "clientGrants": null });
    assert_eq!(state(&tenant_with(&[seed])), state(&tenant_with(&[json!({})])));
}

#[cfg(feature = "yaml")]
#[test]
fn a_section_of_yaml_may_be_commented_out() {
    let seed = Seed::parse("clients:\n#  - name: Bot\norganizations:\n  - name: granite-tours\n", "seed.yaml").unwrap();
    assert_eq!(state(&MockTenant::builder().seed(seed).start())["clients"], json!([]));
}

#[cfg(not(feature = "yaml"))]
#[test]
fn without_the_feature_yaml_is_refused_as_such() {
    assert_eq!(
        Seed::parse("clients: []", "seed.yaml").unwrap_err().to_string(),
        "seed.yaml: this build of m2mock reads seeds in JSON only: its feature `yaml` is off"
    );
}

#[test]
fn a_seed_takes_features_of_the_plan_away_until_a_reset_and_in_an_export() {
    let read = |tenant: &MockTenant, path: &str| {
        tenant.perform(Method::GET, path, Value::Null).map_err(|error| error.message().to_owned())
    };
    let seeds = [
        json!({ "x-m2mock": { "without": ["bot_detection"] } }),
        json!({ "x-m2mock": { "without": ["network_acls"] } }),
    ];
    let tenant = tenant_with(&seeds);
    tenant.reset();
    let again = MockTenant::builder().import(tenant.export()).start();
    for tenant in [&tenant, &again] {
        let refusal = read(tenant, "/attack-protection/bot-detection");
        assert_eq!(refusal, Err("Please upgrade your subscription to use bot detection".to_owned()));
        assert!(read(tenant, "/network-acls").is_err() && read(tenant, "/supplemental-signals").is_ok());
    }
}
