//! The error of a wrong seed: one sentence with its location.

use std::path::PathBuf;

use m2mock::Seed;
use m2mock::internal::{Config, Tenant, plant};
use rstest::rstest;
use serde_json::{Value, json};

fn refusal(text: &str, name: &str) -> String {
    let refused = Seed::parse(text, name).and_then(|seed| plant(&seed, &Tenant::new(Config::default())));
    refused.unwrap_err().to_string()
}

const API: &str = "https://travel0.example/api";

/// Where the Actions of [`action`] stand.
const OF_BOT: &str = r#", clients, entry 1 ("Bot"), x-m2mock, credentials_exchange"#;

/// A client that declares these Actions.
fn action(actions: Value) -> Value {
    json!({ "clients": [{ "name": "Bot", "x-m2mock": { "credentials_exchange": actions } }] })
}

#[rstest]
#[case::no_sections(json!([]), ": an object with sections (tenant, clients and others) belongs here")]
#[case::an_unknown_section(
    json!({ "nonsense": [] }),
    r#": there is no section "nonsense"; a seed has those of the deploy tool"#
)]
#[case::a_section_to_come(json!({ "migrations": { "a": true } }), r#": m2mock does not model the section "migrations" yet; --skip-unmodelled leaves it out"#)]
#[case::a_section_that_is_no_list(json!({ "clients": { "name": "Bot" } }), ", clients: a list belongs here")]
#[case::settings_that_are_a_list(json!({ "tenant": [] }), ", tenant: an object belongs here")]
#[case::an_entry_that_is_a_text(json!({ "clients": ["Bot"] }), ", clients, entry 1: an object belongs here")]
#[case::an_unknown_condition(json!({ "x-m2mock": { "fault": [] } }), r#", x-m2mock: there is no key "fault"; did you mean "faults"?"#)]
#[case::limits_that_are_a_number(json!({ "x-m2mock": { "rate_limits": 30 } }), ", x-m2mock, rate_limits: true or false belongs here")]
#[case::features_that_are_a_text(json!({ "x-m2mock": { "without": "bot_detection" } }), ", x-m2mock, without: a list belongs here")]
#[case::a_feature_that_is_a_number(json!({ "x-m2mock": { "without": [1] } }), ", x-m2mock, without, entry 1: the name of a feature belongs here")]
#[case::a_misspelt_feature(
    json!({ "x-m2mock": { "without": ["network_acls", "bot-detectoin"] } }),
    r#", x-m2mock, without, entry 2: there is no feature "bot-detectoin"; did you mean "bot_detection"?"#
)]
#[case::a_feature_that_is_none(
    json!({ "x-m2mock": { "without": ["everything"] } }),
    ", x-m2mock, without, entry 1: there is no feature \"everything\"; the features are bot_detection, experimentation, \
     machine_to_machine_for_organizations, network_acls, phone_provider_protection, supplemental_signals, \
     universal_login_template"
)]
#[case::an_entry_that_needs_a_missing_feature(
    json!({
        "x-m2mock": { "without": ["bot_detection"] },
        "attackProtection": { "botDetection": { "bot_detection_level": "low" } },
    }),
    ", attackProtection, botDetection: the Management API refuses it: Please upgrade your subscription to use bot detection"
)]
#[case::a_fault_that_does_nothing(
    json!({ "x-m2mock": { "faults": [{ "status": 503 }, { "operation": "token" }] } }),
    ", x-m2mock, faults, entry 2: a fault does something: latency, status, reset, truncated, slow or malformed_json"
)]
#[case::a_fault_of_an_operation_that_is_none(
    json!({ "x-m2mock": { "faults": [{ "operation": "GET /client", "status": 503 }] } }),
    r#", x-m2mock, faults, entry 1: there is no operation "GET /client"; write "token", "management", or a modelled one such as "GET /clients/{id}""#
)]
#[case::a_fault_of_a_client_that_is_none(
    json!({ "x-m2mock": { "faults": [{ "client_id": "Bot", "status": 503 }] } }),
    r#", x-m2mock, faults, entry 1, client_id: there is no client with the name or id "Bot""#
)]
#[case::a_client_of_an_organization_that_is_none(
    json!({ "organizations": [{ "name": "granite-tours", "clients": [{ "client_id": "Bot" }] }] }),
    r#", organizations, entry 1 ("granite-tours"), clients, entry 1 ("Bot"), client_id: there is no client with the name or id "Bot""#
)]
#[case::a_secret_that_is_no_text(
    json!({ "clients": [{ "name": "Bot", "client_secret": { "value": "hush" } }] }),
    r#", clients, entry 1 ("Bot"), client_secret: a text (digits alone need quotes) belongs here"#
)]
#[case::an_unknown_setting(json!({ "tenant": { "friendly_nam": "a" } }), r#", tenant: there is no key "friendly_nam"; did you mean "friendly_name"?"#)]
#[case::an_unknown_key(
    json!({ "clients": [{ "name": "First" }, { "name": "Bot", "app_typ": "spa" }] }),
    r#", clients, entry 2 ("Bot"): there is no key "app_typ"; did you mean "app_type"?"#
)]
#[case::an_unknown_key_inside(
    json!({ "resourceServers": [{ "identifier": API, "scopes": [{ "value": "a", "name": "b" }] }] }),
    r#", resourceServers, entry 1 ("https://travel0.example/api"): there is no key "scopes[0].name""#
)]
#[case::a_value_outside_the_list(
    json!({ "clients": [{ "name": "Bot", "app_type": "robot" }] }),
    r#", clients, entry 1 ("Bot"): the Management API refuses it: Payload validation error: 'Invalid value "robot"' on property app_type."#
)]
#[case::a_missing_name(
    json!({ "organizations": [{ "display_name": "Granite Tours" }] }),
    ", organizations, entry 1: the Management API refuses it: Payload validation error: 'Missing required property: name'."
)]
#[case::a_name_that_is_taken(
    json!({ "organizations": [{ "name": "granite-tours" }, { "name": "granite-tours" }] }),
    r#", organizations, entry 2 ("granite-tours"): the Management API refuses it: An organization with this name already exists."#
)]
#[case::an_organization_with_a_connection_that_is_nowhere(
    json!({ "organizations": [{ "name": "granite-tours", "connections": [{ "name": "users" }] }] }),
    r#", organizations, entry 1 ("granite-tours"), connections, entry 1 ("users"), name: there is no connection with the name or id "users""#
)]
#[case::an_organization_with_connections_that_are_no_list(
    json!({ "organizations": [{ "name": "granite-tours", "connections": { "name": "users" } }] }),
    r#", organizations, entry 1 ("granite-tours"), connections: a list belongs here"#
)]
#[case::a_domain_in_no_form(
    json!({ "organizations": [{ "name": "granite-tours", "discovery_domains": [{ "domain": "granite.example", "stat": "a" }] }] }),
    r#", organizations, entry 1 ("granite-tours"), discovery_domains, entry 1 ("granite.example"): there is no key "stat""#
)]
#[case::a_connection_enabled_for_nobody(
    json!({ "databases": [{ "name": "users", "strategy": "auth0", "enabled_clients": ["Nobody"] }] }),
    r#", databases, entry 1 ("users"), enabled_clients, entry 1: there is no client with the name or id "Nobody""#
)]
#[case::a_connection_without_a_strategy(
    json!({ "connections": [{ "name": "users" }] }),
    r#", connections, entry 1 ("users"): the Management API refuses it: Payload validation error: 'Missing required property: strategy'."#
)]
#[case::a_database_that_is_a_connection_as_well(
    json!({
        "databases": [{ "name": "users", "strategy": "auth0" }],
        "connections": [{ "name": "users", "strategy": "oidc" }],
    }),
    r#", connections, entry 1 ("users"): the Management API refuses it: A connection with the same name already exists"#
)]
#[case::permissions_that_are_no_list(
    json!({ "roles": [{ "name": "admin", "permissions": "all" }] }),
    r#", roles, entry 1 ("admin"): the Management API refuses it: Payload validation error: 'Expected type array but found type string' on property permissions (array of resource_server_identifier, permission_name pairs)."#
)]
#[case::a_grant_of_nobody(
    json!({ "clientGrants": [{ "client_id": "Nobody", "audience": API }] }),
    r#", clientGrants, entry 1 ("Nobody" for "https://travel0.example/api"), client_id: there is no client with the name or id "Nobody""#
)]
#[case::a_grant_for_no_api(
    json!({ "clients": [{ "name": "Bot" }], "clientGrants": [{ "client_id": "Bot", "audience": "nothing" }] }),
    r#", clientGrants, entry 1 ("Bot" for "nothing"): the Management API refuses it: Resource server not found"#
)]
#[case::a_grant_of_one_of_two(
    json!({
        "clients": [{ "name": "Bot" }, { "name": "Bot" }],
        "clientGrants": [{ "client_id": "Bot", "audience": API }],
    }),
    r#", clientGrants, entry 1 ("Bot" for "https://travel0.example/api"), client_id: 2 clients are called "Bot"; name one by its id"#
)]
#[case::an_organization_of_nobody(
    json!({ "organizations": [{ "name": "granite-tours", "client_grants": [{ "client_id": "Nobody" }] }] }),
    r#", organizations, entry 1 ("granite-tours"), client_grants, entry 1, client_id: there is no client with the name or id "Nobody""#
)]
#[case::an_association_without_a_grant(
    json!({
        "clients": [{ "name": "Bot" }],
        "organizations": [{ "name": "granite-tours", "client_grants": [{ "client_id": "Bot" }] }],
    }),
    r#", organizations, entry 1 ("granite-tours"), client_grants, entry 1: the client "Bot" has no client grant"#
)]
#[case::an_association_without_that_grant(
    json!({
        "resourceServers": [{ "identifier": API }],
        "clients": [{ "name": "Bot" }],
        "clientGrants": [{ "client_id": "Bot", "audience": API }],
        "organizations": [{ "name": "granite-tours", "client_grants": [{ "client_id": "Bot", "audience": "other" }] }],
    }),
    r#", organizations, entry 1 ("granite-tours"), client_grants, entry 1: the client "Bot" has no client grant for "other""#
)]
#[case::an_association_without_a_client(
    json!({ "organizations": [{ "name": "granite-tours", "client_grants": [{}] }] }),
    r#", organizations, entry 1 ("granite-tours"), client_grants, entry 1: the key "client_id" is missing"#
)]
#[case::an_association_with_more(
    json!({ "organizations": [{ "name": "granite-tours", "client_grants": [{ "client_id": "Bot", "scope": [] }] }] }),
    r#", organizations, entry 1 ("granite-tours"), client_grants, entry 1: there is no key "scope""#
)]
#[case::a_default_that_is_nowhere(
    json!({ "clients": [{
        "name": "Bot",
        "default_organization": { "organization_id": "nowhere", "flows": ["client_credentials"] },
    }] }),
    r#", clients, entry 1 ("Bot"), default_organization, organization_id: there is no organization with the name or id "nowhere""#
)]
#[case::a_default_without_flows(
    json!({
        "clients": [{ "name": "Bot", "default_organization": { "organization_id": "granite-tours" } }],
        "organizations": [{ "name": "granite-tours" }],
    }),
    r#", clients, entry 1 ("Bot"): the Management API refuses it: Payload validation error: 'Missing required property: flows' on property default_organization."#
)]
#[case::an_unknown_pin(
    json!({ "organizations": [{ "name": "granite-tours", "x-m2mock": { "secret": "a" } }] }),
    r#", organizations, entry 1 ("granite-tours"), x-m2mock: there is no key "secret""#
)]
#[case::a_pin_that_is_a_number(
    json!({ "clients": [{ "name": "Bot", "x-m2mock": { "client_id": 1 } }] }),
    r#", clients, entry 1 ("Bot"), x-m2mock, client_id: a text that is not empty (digits alone need quotes) belongs here"#
)]
#[case::a_pin_that_no_reference_could_use(
    json!({ "organizations": [{ "name": "granite-tours", "x-m2mock": { "id": "granite" } }] }),
    r#", organizations, entry 1 ("granite-tours"), x-m2mock, id: an id such as org_0123456789abcDEF belongs here"#
)]
#[case::a_pin_that_is_taken(
    json!({ "clients": [
        { "name": "First", "x-m2mock": { "client_id": "one" } },
        { "name": "Second", "x-m2mock": { "client_id": "one" } },
    ] }),
    r#", clients, entry 2 ("Second"): the Management API refuses it: The id one is already in use."#
)]
#[case::actions_of_an_organization(
    json!({ "organizations": [{ "name": "granite-tours", "x-m2mock": { "credentials_exchange": [] } }] }),
    r#", organizations, entry 1 ("granite-tours"), x-m2mock: there is no key "credentials_exchange""#
)]
#[case::an_action_that_is_no_list(
    action(json!({ "deny": { "code": "server_error" } })),
    ": a list belongs here"
)]
#[case::an_action_that_does_nothing(
    action(json!([{ "audience": API }])),
    ", entry 1: custom_claims, deny, add_target_scopes or remove_target_scopes belongs here"
)]
#[case::an_action_with_more(
    action(json!([{ "deny": { "code": "server_error" }, "client_id": "Bot" }])),
    r#", entry 1: there is no key "client_id""#
)]
#[case::a_code_that_is_none(
    action(json!([{ "deny": { "code": "access_denied" } }])),
    ", entry 1, deny, code: one of invalid_scope, invalid_request, server_error belongs here"
)]
#[case::a_denial_without_a_code(
    action(json!([{ "deny": { "reason": "no" } }])),
    r#", entry 1, deny: the key "code" is missing"#
)]
#[case::a_denial_with_more(
    action(json!([{ "deny": { "code": "server_error", "status": 418 } }])),
    r#", entry 1, deny: there is no key "status""#
)]
#[case::a_restricted_claim(
    action(json!([{ "custom_claims": { "plan": "gold" } }, { "custom_claims": { "aud": "me" } }])),
    r#", entry 2, custom_claims: the claim "aud" is left out of every token, because the service keeps this name for itself"#
)]
#[case::a_claim_in_a_namespace_of_the_service(
    action(json!([{ "custom_claims": { "https://auth0.com/plan": "gold" } }])),
    r#", entry 1, custom_claims: the claim "https://auth0.com/plan" is left out of every token, because the namespace is one of the service's own"#
)]
#[case::a_claim_without_end(
    action(json!([{ "custom_claims": { "plan": "g".repeat(200_000) } }])),
    r#", entry 1, custom_claims: the claim "plan" is left out of every token, because custom claims take 100 KB at most"#
)]
#[case::a_scope_that_is_a_number(
    action(json!([{ "remove_target_scopes": ["read:trips", 1] }])),
    ", entry 1, remove_target_scopes, entry 2: a text that is not empty belongs here"
)]
#[case::an_action_for_no_api(
    action(json!([{ "audience": "nothing", "deny": { "code": "server_error" } }])),
    r#", entry 1, audience: there is no API with the identifier or id "nothing""#
)]
#[case::an_action_for_nobody(
    json!({ "resourceServers": [{ "identifier": API, "x-m2mock": { "credentials_exchange": [
        { "client_id": "Nobody", "deny": { "code": "server_error" } },
    ] } }] }),
    r#", resourceServers, entry 1 ("https://travel0.example/api"), x-m2mock, credentials_exchange, entry 1, client_id: there is no client with the name or id "Nobody""#
)]
fn a_wrong_seed(#[case] seed: Value, #[case] sentence: &str) {
    let place = if seed["clients"][0]["x-m2mock"]["credentials_exchange"].is_null() { "" } else { OF_BOT };
    assert_eq!(refusal(&seed.to_string(), "seed.json"), format!("seed.json{place}{sentence}"));
}

#[rstest]
#[case::that_ends_early(
    "{\n  \"clients\": [",
    ", line 2, column 14: the JSON cannot be read: EOF while parsing a list"
)]
#[case::with_a_comma_too_many("{ \"clients\": [], }", ", line 1, column 18: the JSON cannot be read: trailing comma")]
#[case::with_a_section_twice(
    "{ \"clients\": [],\n \"clients\": [] }",
    r#", line 2, column 10: the JSON cannot be read: the key "clients" stands here twice"#
)]
#[case::without_anything("", ", line 1, column 0: the JSON cannot be read: EOF while parsing a value")]
fn a_text_that_is_no_json(#[case] text: &str, #[case] sentence: &str) {
    assert_eq!(refusal(text, "seed.json"), format!("seed.json{sentence}"));
}

#[cfg(feature = "yaml")]
#[rstest]
#[case::with_a_bracket_too_few(
    "clients:\n  - name: [Bot\n",
    ", line 3, column 1: the YAML cannot be read: did not find expected ',' or ']', while parsing a flow sequence at line 2 column 11"
)]
#[case::with_a_tab(
    "clients:\n\t- name: Bot\n",
    ", line 2, column 1: the YAML cannot be read: found character that cannot start any token, while scanning for the next token"
)]
#[case::with_a_key_twice(
    "tenant:\n  friendly_name: a\n  friendly_name: b\n",
    r#", line 2, column 3: the YAML cannot be read: tenant: duplicate entry with key "friendly_name""#
)]
fn a_text_that_is_no_yaml(#[case] text: &str, #[case] sentence: &str) {
    assert_eq!(refusal(text, "seed.yaml"), format!("seed.yaml{sentence}"));
}

#[cfg(feature = "yaml")]
#[test]
fn a_yaml_file_without_anything_in_it_is_no_seed() {
    assert!(refusal("# nothing yet\n", "seed.yaml").ends_with("belongs here"));
}

/// A file of this test alone.
fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn a_file_that_is_not_there() {
    let missing = scratch("no-such-seed.json");
    let sentence = Seed::read(&missing).unwrap_err().to_string();
    assert!(sentence.starts_with(&format!("{}: the seed cannot be read: ", missing.display())), "{sentence}");
}

#[test]
fn a_file_that_is_no_text() {
    let file = scratch("binary.json");
    std::fs::write(&file, [0xff, 0xfe, 0x00]).unwrap();
    let sentence = Seed::read(&file).unwrap_err().to_string();
    assert_eq!(sentence, format!("{}: the seed is not a text in UTF-8", file.display()));
}
