//! Exports of the deploy tool, in the shapes that real ones have: keywords, other sections, members of answers, ids, and
//! both layouts.

use std::path::PathBuf;

use m2mock::MockTenant;
#[cfg(feature = "yaml")]
use m2mock::SeedProblemKind;
use m2mock::{Seed, SeedReader};
use rstest::rstest;
use serde_json::{Value, json};

use super::{get, state, tenant_with};

pub(super) fn export(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/seed/exports").join(name)
}

pub(super) fn started(seed: Seed) -> MockTenant {
    MockTenant::builder().seed(seed).start()
}

fn named<'a>(entities: &'a Value, name: &str) -> &'a Value {
    let mut found = entities.as_array().unwrap().iter().filter(|entity| entity["name"] == name);
    let one = found.next().unwrap_or_else(|| panic!("nothing is called {name}"));
    assert!(found.next().is_none(), "several are called {name}");
    one
}

#[cfg(feature = "yaml")]
fn bookshop() -> SeedReader {
    Seed::reader().mappings(export("bookshop.mappings.json")).unwrap().skip_unmodelled()
}

#[cfg(feature = "yaml")]
#[test]
fn an_export_with_keywords_and_other_sections_is_planted() {
    let tenant = started(bookshop().read(export("bookshop.yaml")).unwrap());
    let clients = get(&tenant, "/clients");
    let storefront = named(&clients, "dev-storefront");
    assert_eq!(storefront["web_origins"], json!(["https://dev.bookshop.example"]));
    assert_eq!(
        storefront["callbacks"],
        json!(["https://dev.bookshop.example/callback", "http://localhost:3000/callback"])
    );
    assert_eq!(storefront["cross_origin_authentication"], true);

    let api = get(&tenant, "/resource-servers/https%3A%2F%2Forders.bookshop.example");
    assert_eq!(api["token_lifetime"], 7200);

    let settings = get(&tenant, "/tenants/settings");
    assert_eq!(settings["friendly_name"], "Bookshop dev");
    assert_eq!(
        (&settings["idle_session_lifetime"], &settings["session_lifetime"]),
        (&json!(72), &json!(3.0166666666666666))
    );
    assert_eq!(settings["flags"]["new_universal_login_experience_enabled"], Value::Null);

    let first = get(&tenant, "/connections?name=Username-Password-Authentication");
    assert!(first[0]["enabled_clients"].as_array().unwrap().contains(&storefront["client_id"]));
    let roles = &state(&tenant)["roles"];
    assert_eq!(named(roles, "Clerk")["permissions"][0]["permission_name"], "ship:orders");
}

#[cfg(feature = "yaml")]
#[test]
fn a_grant_for_another_management_api_becomes_one_for_this_tenant_without_unknown_scopes() {
    let tenant = started(bookshop().read(export("bookshop.yaml")).unwrap());
    let grants = state(&tenant)["grants"].clone();
    let grants = grants.as_array().unwrap();
    let of_management = grants.iter().find(|grant| grant["audience"] == "https://travel0.localhost/api/v2/").unwrap();
    assert_eq!(of_management["scope"], json!(["read:users"]));
    assert_eq!(grants.len(), 2);
}

#[cfg(feature = "yaml")]
#[test]
fn a_seed_changes_the_management_application_and_not_its_grant() {
    let tenant = started(bookshop().read(export("bookshop.yaml")).unwrap());
    let clients = get(&tenant, "/clients");
    let (management_client, _) = tenant.management_client();
    let explorer = named(&clients, "API Explorer Application");
    assert_eq!((&explorer["client_id"], &explorer["oidc_conformant"]), (&json!(management_client), &json!(true)));
    let grants = get(&tenant, &format!("/client-grants?client_id={management_client}"));
    assert!(grants[0]["scope"].as_array().unwrap().len() > 100);
}

#[cfg(feature = "yaml")]
#[test]
fn sections_of_the_whole_tenant_are_planted() {
    let tenant = started(bookshop().read(export("bookshop.yaml")).unwrap());
    assert_eq!(get(&tenant, "/branding")["colors"]["primary"], "#336699");
    let bindings = get(&tenant, "/actions/triggers/post-login/bindings");
    assert_eq!(bindings["bindings"][0]["action"]["name"], "Stamp");
    // This provider has no key, so that it is left out, with the keyword in it.
    assert_eq!(get(&tenant, "/attack-protection/captcha")["active_provider_id"], "simple_captcha");
}

#[cfg(feature = "yaml")]
#[test]
fn every_keyword_without_a_mapping_is_named_with_its_line_and_its_place() {
    let refusal = Seed::reader().skip_unmodelled().read(export("bookshop.yaml")).unwrap_err();
    let keywords: Vec<String> = refusal.to_string().lines().map(str::to_owned).collect();
    assert!(refusal.problems().iter().all(|problem| problem.kind == SeedProblemKind::Keyword), "{keywords:?}");
    let callback = r###"bookshop.yaml, line 50, clients, entry 2 ("##ENV##-storefront"), callbacks, entry 1: the keyword "STOREFRONT" has no mapping"###;
    assert!(keywords.iter().any(|line| line.contains(callback)), "{keywords:#?}");
    let elsewhere = r###"bookshop.yaml, line 81, clients, entry 2 ("##ENV##-storefront"), web_origins: the keyword "STOREFRONT_URLS""###;
    assert!(keywords.iter().any(|line| line.contains(elsewhere)), "{keywords:#?}");
    // What a comment says, or a member that is left out, is no keyword of this seed.
    for other in ["MARKS", "CAPTCHA_ARKOSE_SECRET"] {
        assert!(!keywords.iter().any(|line| line.contains(other)), "{other}");
    }
}

#[cfg(feature = "yaml")]
#[test]
fn ids_of_an_export_are_the_ids_of_the_entities() {
    let tenant = started(Seed::read(export("clinic.yaml")).unwrap());
    let reminders = get(&tenant, "/clients/CLINICreminders00000000000000001");
    assert_eq!((&reminders["name"], &reminders["client_secret"]), (&json!("Reminders"), &json!("reminders-secret")));
    assert_eq!(reminders["tenant"], "travel0");
    assert_eq!(get(&tenant, "/resource-servers/65a000000000000000000001")["name"], "Appointments");
    assert_eq!(get(&tenant, "/connections/con_ClinicPatients01")["name"], "patients");
    assert_eq!(get(&tenant, "/roles/rol_ClinicNurse00001/permissions")[0]["permission_name"], "read:appointments");
    let associated = get(&tenant, "/organizations/org_ClinicNorth00001/client-grants");
    assert_eq!(associated[0]["id"], "cgr_ClinicReminders1");
    let connections = get(&tenant, "/organizations/org_ClinicNorth00001/connections");
    assert_eq!(connections[0]["connection_id"], "con_ClinicPatients01");
    let scim = get(&tenant, "/connections/con_ClinicStaff00001/scim-configuration");
    assert_eq!(scim["mapping"][0]["scim"], "userName");
}

#[cfg(feature = "yaml")]
#[test]
fn a_seed_can_refer_to_an_existing_entity_by_its_exported_id() {
    let tenant = started(Seed::read(export("clinic.yaml")).unwrap());
    let (management_client, _) = tenant.management_client();
    let patients = get(&tenant, "/connections/con_ClinicPatients01");
    assert_eq!(patients["enabled_clients"], json!([management_client]));
    let grants = get(&tenant, &format!("/client-grants?client_id={management_client}"));
    assert_eq!(grants.as_array().unwrap().len(), 2);
}

fn library() -> SeedReader {
    Seed::reader().mappings(export("library.mappings.json")).unwrap().skip_unmodelled()
}

#[test]
fn a_folder_with_a_file_for_each_entry_is_planted() {
    let tenant = started(library().read(export("library")).unwrap());
    let clients = get(&tenant, "/clients");
    let room = named(&clients, "Reading room");
    assert_eq!(room["callbacks"], json!(["https://reading.library.example"]));
    assert_eq!(room["custom_login_page"], "<html>library and ##anything## else</html>\n");
    assert_eq!(get(&tenant, "/tenants/settings")["friendly_name"], "Library");

    let state = state(&tenant);
    assert_eq!(state["associations"]["branch-north"][0]["audience"], "https://loans.library.example");
    assert_eq!(named(&state["roles"], "Librarian")["permissions"][0]["permission_name"], "read:loans");
    let mail = named(&state["connections"], "email");
    assert_eq!(mail["options"]["email"]["body"], "<p>Welcome to library</p>\n");
    let members = named(&state["connections"], "members");
    assert_eq!(members["strategy"], "auth0");
    let scripts = &members["options"]["customScripts"];
    assert!(scripts["login"].as_str().unwrap().contains("user_id: \"library\""));
    // This file is not there.
    assert_eq!(scripts["create"], "./create.js");
}

#[test]
fn a_problem_of_a_folder_names_the_file_of_the_entry() {
    let refusal = Seed::reader().read(export("library")).unwrap_err().to_string();
    let file = export("library").join("clients").join("Reading room.json");
    let expected = format!(
        "{}, line 4, clients, \"Reading room\", callbacks: the keyword \"READING_ROOM_CALLBACKS\" has no mapping",
        file.display()
    );
    assert!(refusal.contains(&expected), "{refusal}");
    assert!(!refusal.contains("emails"), "{refusal}");
}

/// A seed with a client, planted over another one.
fn planted_over(earlier: Value, later: Value) -> MockTenant {
    tenant_with(&[earlier, later])
}

#[test]
fn an_entry_of_a_later_seed_changes_the_entity_of_its_name() {
    let earlier = json!({
        "resourceServers": [{ "identifier": "trips", "name": "Trips" }],
        "clients": [{ "name": "Bot", "description": "old", "x-m2mock": { "client_id": "bot" } }],
        "connections": [{ "name": "staff", "strategy": "oidc", "options": { "client_id": "a" } }],
        "roles": [{ "name": "guest" }],
        "organizations": [{ "name": "granite-tours", "x-m2mock": { "id": "org_GraniteTours0001" } }],
        "clientGrants": [{ "client_id": "Bot", "audience": "trips", "scope": [] }],
    });
    let later = json!({
        "resourceServers": [{ "identifier": "trips", "token_lifetime": 60, "scopes": [{ "value": "read:trips" }] }],
        "clients": [{ "name": "Bot", "description": "new", "x-m2mock": { "client_secret": "told" } }],
        "connections": [{ "name": "staff", "strategy": "oidc", "display_name": "Staff" }],
        "roles": [{ "name": "guest", "description": "May look", "permissions": [
            { "permission_name": "read:trips", "resource_server_identifier": "trips" },
        ] }],
        "organizations": [{ "name": "granite-tours", "display_name": "Granite" }],
        "clientGrants": [{ "client_id": "Bot", "audience": "trips", "scope": ["read:trips"], "organization_usage": "allow" }],
    });
    let tenant = planted_over(earlier, later);
    let state = state(&tenant);
    for section in ["apis", "clients", "roles", "organizations", "grants"] {
        assert_eq!(state[section].as_array().unwrap().len(), 1, "{section}: {}", state[section]);
    }
    let bot = &state["clients"][0];
    assert_eq!(
        (&bot["client_id"], &bot["description"], &bot["client_secret"]),
        (&json!("bot"), &json!("new"), &json!("told"))
    );
    assert_eq!((&state["apis"][0]["name"], &state["apis"][0]["token_lifetime"]), (&json!("Trips"), &json!(60)));
    let staff = named(&state["connections"], "staff");
    assert_eq!((&staff["display_name"], &staff["options"]["client_id"]), (&json!("Staff"), &json!("a")));
    assert_eq!(state["roles"][0]["permissions"][0]["permission_name"], "read:trips");
    let organization = &state["organizations"][0];
    assert_eq!(
        (&organization["id"], &organization["display_name"]),
        (&json!("org_GraniteTours0001"), &json!("Granite"))
    );
    assert_eq!(state["grants"][0]["scope"], json!(["read:trips"]));
}

#[test]
fn a_second_use_of_the_same_seed_changes_nothing() {
    let seed = json!({
        "resourceServers": [{ "identifier": "trips", "scopes": [{ "value": "read:trips" }] }],
        "clients": [{ "name": "Bot" }],
        "databases": [{ "name": "users", "enabled_clients": ["Bot"] }],
        "connections": [{ "name": "staff", "strategy": "oidc", "options": { "client_id": "a" }, "scim_configuration": {
            "user_id_attribute": "sub", "mapping": [{ "scim": "userName", "auth0": "username" }],
        } }],
        "roles": [{ "name": "guest", "permissions": [{ "permission_name": "read:trips", "resource_server_identifier": "trips" }] }],
        "organizations": [{
            "name": "granite-tours",
            "connections": [{ "name": "users", "show_as_button": false }],
            "discovery_domains": [{ "domain": "granite.example", "status": "verified" }],
            "clients": [{ "client_id": "Bot", "use_for_member_access": true }],
            "client_grants": [{ "client_id": "Bot" }],
        }],
        "clientGrants": [{ "client_id": "Bot", "audience": "trips", "scope": ["read:trips"], "organization_usage": "allow" }],
    });
    let mut again = seed.clone();
    // The Management API replaces all options of a connection, and adds others to a new one.
    again["connections"][0].as_object_mut().unwrap().remove("options");
    let read = |seed: &Value| Seed::parse(&seed.to_string(), "seed.json").unwrap();
    let once = MockTenant::builder().deterministic(1).seed(read(&seed)).start();
    let twice = MockTenant::builder().deterministic(1).seed(read(&seed)).seed(read(&again)).start();
    assert_eq!(state(&once), state(&twice));
}

#[rstest]
#[case::the_global_client(json!({ "clients": [{ "name": "All Applications", "custom_login_page_on": false }] }), "/clients?is_global=true")]
#[case::the_management_api(
    json!({ "resourceServers": [{ "name": "Auth0 Management API", "identifier": "https://a.auth0.com/api/v2/", "is_system": true }] }),
    "/resource-servers"
)]
#[case::the_first_database(json!({ "connections": [{ "name": "Username-Password-Authentication", "strategy": "auth0", "metadata": { "a": "b" } }] }), "/connections")]
fn an_entry_with_the_name_of_a_built_in_entity_changes_it(#[case] seed: Value, #[case] path: &str) {
    let tenant = tenant_with(&[seed]);
    assert_eq!(get(&tenant, path).as_array().unwrap().len(), 1, "{path}");
}

#[test]
fn two_clients_with_the_same_name_in_a_seed_are_two_entities_even_after_an_earlier_seed() {
    let earlier = json!({ "clients": [{ "name": "Bot" }] });
    let later = json!({ "clients": [{ "name": "Bot" }, { "name": "Bot" }] });
    assert_eq!(state(&planted_over(earlier, later))["clients"].as_array().unwrap().len(), 2);
}

#[test]
fn a_pinned_id_is_a_wish_for_an_entity_of_its_own() {
    let tenant = planted_over(
        json!({ "clients": [{ "name": "Bot", "x-m2mock": { "client_id": "one" } }] }),
        json!({ "clients": [
            { "name": "Bot", "x-m2mock": { "client_id": "two" } },
            { "name": "Renamed", "x-m2mock": { "client_id": "one" } },
        ] }),
    );
    assert_eq!(get(&tenant, "/clients/one")["name"], "Renamed");
    assert_eq!(get(&tenant, "/clients/two")["name"], "Bot");
}
