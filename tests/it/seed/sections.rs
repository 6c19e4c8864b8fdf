//! Each section of the deploy tool in a seed, and in exports that the tool made of a tenant with that seed, in both layouts.

use std::collections::BTreeSet;

use m2mock::{MockTenant, Seed};
use rstest::rstest;
use serde_json::{Value, json};

use super::exports::{export, started};
use super::{get, tenant_with};

/// The seed, and the exports of the deploy tool.
#[derive(Clone, Copy)]
enum Layout {
    Seed,
    OneFile,
    Folder,
}

fn tenant(layout: Layout) -> MockTenant {
    let path = match layout {
        Layout::Seed => "every-section.yaml",
        Layout::OneFile => "travel0-file/tenant.yaml",
        Layout::Folder => "travel0",
    };
    let reader = Seed::reader().mappings(export("travel0.mappings.json")).unwrap();
    started(reader.read(export(path)).unwrap())
}

/// The answer of the Management API for each section: the section, a path, and a part of the answer.
fn view() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "pages",
            "/tenants/settings",
            json!({ "error_page": { "html": "<html>Sorry</html>", "show_log_link": false } }),
        ),
        (
            "pages",
            "/clients?is_global=true",
            json!([{ "custom_login_page": "<html>Log in</html>", "custom_login_page_on": true }]),
        ),
        (
            "rules",
            "/rules",
            json!([{
                "name": "Note-the-plan", "order": 1, "enabled": false,
                "script": "function note(user, context, callback) { callback(null, user, context); }",
            }]),
        ),
        ("rulesConfigs", "/rules-configs", json!([{ "key": "PLAN" }])),
        (
            "hooks",
            "/hooks",
            json!([{
                "name": "price-tag", "triggerId": "credentials-exchange", "enabled": true,
                "script": "module.exports = (client, scope, audience, context, cb) => cb(null, {});",
            }]),
        ),
        ("hooks", "/hooks/<hooks>/secrets", json!({ "PRICE_KEY": "_VALUE_NOT_SHOWN_" })),
        (
            "actionModules",
            "/actions/modules",
            json!({ "modules": [{ "name": "prices", "all_changes_published": true, "latest_version_number": 1 }] }),
        ),
        (
            "actions",
            "/actions/actions",
            json!({ "actions": [
                {
                    "name": "Add the plan", "runtime": "node22", "all_changes_deployed": true,
                    "code": "exports.onExecuteCredentialsExchange = async (event, api) => {};",
                    "dependencies": [{ "name": "lodash", "version": "4.17.21" }], "secrets": [{ "name": "PLAN_KEY" }],
                    "modules": [{ "module_name": "prices", "module_version_number": 1 }],
                },
                { "name": "Exchange a voucher", "all_changes_deployed": true },
            ] }),
        ),
        (
            "triggers",
            "/actions/triggers/credentials-exchange/bindings",
            json!({ "bindings": [{ "display_name": "Add the plan", "action": { "name": "Add the plan" } }] }),
        ),
        (
            "tokenExchangeProfiles",
            "/token-exchange-profiles",
            json!({ "token_exchange_profiles": [{
                "name": "Vouchers", "subject_token_type": "https://travel0.example/voucher",
                "type": "custom_authentication", "action_id": "<actions:Exchange a voucher>",
            }] }),
        ),
        (
            "emailProvider",
            "/emails/provider",
            json!({ "name": "smtp", "enabled": true, "default_from_address": "trips@travel0.example" }),
        ),
        (
            "emailTemplates",
            "/email-templates/verify_email",
            json!({ "body": "<html>Welcome aboard</html>", "subject": "Verify your address", "enabled": true }),
        ),
        (
            "guardianFactors",
            "/guardian/factors",
            json!([{ "name": "otp", "enabled": true }, { "name": "recovery-code", "enabled": true }, { "name": "sms", "enabled": false }]),
        ),
        (
            "guardianFactorTemplates",
            "/guardian/factors/sms/templates",
            json!({ "enrollment_message": "{{code}} enrols you", "verification_message": "{{code}} lets you in" }),
        ),
        ("guardianPolicies", "/guardian/policies", json!(["confidence-score"])),
        (
            "guardianPhoneFactorSelectedProvider",
            "/guardian/factors/phone/selected-provider",
            json!({ "provider": "auth0" }),
        ),
        (
            "guardianPhoneFactorMessageTypes",
            "/guardian/factors/phone/message-types",
            json!({ "message_types": ["sms"] }),
        ),
        ("branding", "/branding", json!({ "colors": { "primary": "#336699", "page_background": "#eeeeee" } })),
        (
            "branding",
            "/branding/templates/universal-login",
            json!({ "body": "<html>{%- auth0:head -%}{%- auth0:widget -%}</html>" }),
        ),
        (
            "phoneProviders",
            "/branding/phone/providers",
            json!({ "providers": [{ "name": "twilio", "configuration": { "sid": "ACtravel0", "default_from": "+4930123456" } }] }),
        ),
        (
            "phoneTemplates",
            "/branding/phone/templates",
            json!({ "templates": [{ "type": "otp_verify", "content": { "from": "+4930123456", "body": { "text": "{{ code }}" } } }] }),
        ),
        (
            "themes",
            "/branding/themes/default",
            json!({ "displayName": "Alpine", "colors": { "primary_button": "#336699" } }),
        ),
        ("prompts", "/prompts", json!({ "universal_login_experience": "new", "identifier_first": false })),
        ("prompts", "/prompts/login/custom-text/en", json!({ "login": { "title": "Welcome aboard" } })),
        ("prompts", "/prompts/login/partials", json!({ "login": { "form-content-start": "<b>Hello</b>" } })),
        ("prompts", "/prompts/login/screen/login/rendering", json!({ "rendering_mode": "standard" })),
        (
            "customDomains",
            "/custom-domains",
            json!([{ "domain": "login.travel0.example", "type": "auth0_managed_certs", "domain_metadata": { "region": "alps" } }]),
        ),
        (
            "attackProtection",
            "/attack-protection/brute-force-protection",
            json!({ "mode": "count_per_identifier_and_ip", "max_attempts": 7, "shields": ["block"] }),
        ),
        (
            "attackProtection",
            "/attack-protection/suspicious-ip-throttling",
            json!({ "allowlist": ["192.0.2.1"], "stage": { "pre-login": { "max_attempts": 50 } } }),
        ),
        (
            "attackProtection",
            "/attack-protection/breached-password-detection",
            json!({ "enabled": true, "admin_notification_frequency": ["daily"] }),
        ),
        ("riskAssessment", "/risk-assessments/settings", json!({ "enabled": true })),
        ("riskAssessment", "/risk-assessments/settings/new-device", json!({ "remember_for": 20 })),
        ("supplementalSignals", "/supplemental-signals", json!({ "akamai_enabled": true })),
        (
            "logStreams",
            "/log-streams",
            json!([{ "name": "Trip log", "type": "http", "status": "paused", "sink": { "httpEndpoint": "https://travel0.example/log" } }]),
        ),
        (
            "eventStreams",
            "/event-streams",
            json!({ "eventStreams": [{
                "name": "Changes", "status": "enabled", "subscriptions": [{ "event_type": "user.created" }],
                "destination": { "type": "webhook", "configuration": { "webhook_endpoint": "https://travel0.example/events" } },
            }] }),
        ),
        (
            "networkACLs",
            "/network-acls",
            json!([{ "description": "Only the office", "priority": 1, "rule": { "not_match": { "ipv4_cidrs": ["192.0.2.0/24"] } } }]),
        ),
        ("flowVaultConnections", "/flows/vault/connections", json!([{ "name": "Mailer", "app_id": "HTTP" }])),
        (
            "flows",
            "/flows/<flows>",
            json!({ "name": "Welcome mail", "actions": [{ "params": { "connection_id": "<flowVaultConnections>" } }] }),
        ),
        (
            "forms",
            "/forms/<forms>",
            json!({ "name": "Trip survey", "nodes": [{ "config": { "flow_id": "<flows>" } }] }),
        ),
        (
            "userAttributeProfiles",
            "/user-attribute-profiles",
            json!({ "user_attribute_profiles": [{ "name": "Passenger", "user_attributes": { "email": { "auth0_mapping": "email" } } }] }),
        ),
        (
            "connectionProfiles",
            "/connection-profiles",
            json!({ "connection_profiles": [{ "name": "Partners", "enabled_features": ["scim"] }] }),
        ),
        (
            "selfServiceProfiles",
            "/self-service-profiles",
            json!([{ "name": "Partner set-up", "user_attribute_profile_id": "<userAttributeProfiles>" }]),
        ),
        (
            "selfServiceProfiles",
            "/self-service-profiles/<selfServiceProfiles>/custom-text/en/get-started",
            json!({ "introduction": "Welcome" }),
        ),
        (
            "rateLimitPolicies",
            "/rate-limit-policies",
            json!({ "rate_limit_policies": [{ "consumer_selector": "Partner bot", "configuration": { "action": "log", "limit": 10 } }] }),
        ),
    ]
}

/// The lists of the entities to which `<section>` or `<section:name>` refers.
const LISTS: [(&str, &str); 6] = [
    ("hooks", "/hooks"),
    ("actions", "/actions/actions"),
    ("flowVaultConnections", "/flows/vault/connections"),
    ("flows", "/flows"),
    ("forms", "/forms"),
    ("userAttributeProfiles", "/user-attribute-profiles"),
];

/// The text with ids in the places of references.
fn with_ids(text: &str, tenant: &MockTenant) -> String {
    let Some((before, rest)) = text.split_once('<') else { return text.to_owned() };
    let Some((reference, after)) = rest.split_once('>') else { return text.to_owned() };
    let (section, name) = match reference.split_once(':') {
        Some((section, name)) => (section, Some(name)),
        None => (reference, None),
    };
    let lists = LISTS.into_iter().chain([("selfServiceProfiles", "/self-service-profiles")]);
    let Some((_, path)) = lists.into_iter().find(|(known, _)| *known == section) else { return text.to_owned() };
    let list = get(tenant, path);
    let list = list.as_array().or_else(|| list.as_object()?.values().find_map(Value::as_array)).unwrap();
    let entity = list.iter().find(|entity| name.is_none_or(|name| entity["name"] == name)).unwrap();
    format!("{before}{}{after}", entity["id"].as_str().unwrap())
}

/// Whether everything of one value is in another one: the members of an object, and the items of a list.
fn includes(whole: &Value, part: &Value, tenant: &MockTenant) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| includes(whole, part, tenant)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            part.iter().all(|part| whole.iter().any(|whole| includes(whole, part, tenant)))
        }
        (Value::String(whole), Value::String(part)) => whole == part || *whole == with_ids(part, tenant),
        _ => whole == part,
    }
}

#[rstest]
#[case::a_seed(Layout::Seed)]
#[case::an_export_in_one_file(Layout::OneFile)]
#[case::an_export_in_a_folder(Layout::Folder)]
fn the_management_api_returns_every_section(#[case] layout: Layout) {
    let tenant = tenant(layout);
    // The service shows no values of rules, so that no export has them.
    let is_exported = |section: &str| matches!(layout, Layout::Seed) || section != "rulesConfigs";
    for (section, path, expected) in view().into_iter().filter(|(section, ..)| is_exported(section)) {
        let path = with_ids(path, &tenant);
        let held = get(&tenant, &path);
        assert!(includes(&held, &expected, &tenant), "{section}: {path} shows {held:#}, not {expected:#}");
    }
}

#[test]
fn an_empty_tenant_has_no_entity_of_the_sections() {
    let tenant = MockTenant::start();
    let differs = |path: &str, expected: &Value| {
        path.contains('<')
            || tenant
                .perform(m2mock::http::Method::GET, path, Value::Null)
                .map_or(true, |held| !includes(&held, expected, &tenant))
    };
    let alike: BTreeSet<&str> =
        view().iter().filter(|(_, path, expected)| !differs(path, expected)).map(|(_, path, _)| *path).collect();
    // The seed says of these what every tenant says.
    let expected = ["/guardian/factors/phone/selected-provider", "/prompts/login/screen/login/rendering"];
    assert_eq!(alike, expected.into_iter().collect());
}

#[test]
fn a_seed_with_every_section_changes_nothing_the_second_time() {
    let read = || Seed::read(export("every-section.yaml")).unwrap();
    let once = tenant(Layout::Seed);
    let twice = MockTenant::builder().seed(read()).seed(read()).start();
    for (section, path, expected) in view() {
        let path = with_ids(path, &twice);
        let held = get(&twice, &path);
        assert!(includes(&held, &expected, &twice), "{section}: {path} shows {held:#}, not {expected:#}");
    }
    for (section, path) in LISTS {
        let count = |tenant: &MockTenant| {
            let list = get(tenant, path);
            list.as_array().or_else(|| list.as_object()?.values().find_map(Value::as_array)).unwrap().len()
        };
        assert_eq!(count(&once), count(&twice), "{section}");
    }
}

#[rstest]
#[case::an_action_that_is_none(
    json!({ "triggers": { "post-login": [{ "action_name": "Stamp" }] } }),
    r#", triggers, post-login, entry 1, action_name: there is no action with the name or id "Stamp""#
)]
#[case::the_action_of_a_profile(
    json!({ "tokenExchangeProfiles": [{ "name": "Vouchers", "action": "Stamp" }] }),
    r#", tokenExchangeProfiles, entry 1 ("Vouchers"), action: there is no action with the name or id "Stamp""#
)]
#[case::a_version_that_is_none(
    json!({
        "actionModules": [{ "name": "prices", "code": "1" }],
        "actions": [{
            "name": "Stamp", "code": "1", "supported_triggers": [{ "id": "post-login", "version": "v3" }],
            "modules": [{ "module_name": "prices", "module_version_number": 7 }],
        }],
    }),
    r#", actions, entry 1 ("Stamp"), modules, entry 1, module_version_number: there is no version of the module with the number "7""#
)]
#[case::a_member_of_a_section(
    json!({ "attackProtection": { "bruteForceProtecton": { "enabled": true } } }),
    r#", attackProtection: there is no key "bruteForceProtecton"; did you mean "bruteForceProtection"?"#
)]
#[case::a_key_of_an_entry(
    json!({ "networkACLs": [{ "descripton": "Office", "active": true, "priority": 1, "rule": { "action": { "block": true }, "scope": "management" } }] }),
    r#", networkACLs, entry 1: there is no key "descripton"; did you mean "description"?"#
)]
#[case::a_member_that_the_path_needs(json!({ "guardianFactors": [{ "enabled": true }] }), r#", guardianFactors, entry 1: the key "name" is missing"#)]
#[case::an_object_in_the_place_of_a_list(json!({ "rules": { "name": "a" } }), ", rules: a list belongs here")]
#[case::a_list_in_the_place_of_an_object(json!({ "branding": [] }), ", branding: an object belongs here")]
fn a_problem_of_a_section_has_its_place(#[case] seed: Value, #[case] expected: &str) {
    let seed = Seed::parse(&seed.to_string(), "seed.json");
    let refusal =
        seed.and_then(|seed| m2mock::internal::plant(&seed, &m2mock::internal::Tenant::new(Default::default())));
    let sentences = refusal.unwrap_err().to_string();
    assert!(sentences.contains(&format!("seed.json{expected}")), "{sentences}");
}

#[test]
fn an_entry_of_a_later_seed_changes_the_entity_of_an_earlier_seed() {
    let rule = |order: u64| json!({ "rules": [{ "name": "Note", "script": "function note() {}", "order": order }] });
    let tenant = tenant_with(&[rule(3), rule(4)]);
    let rules = get(&tenant, "/rules");
    assert_eq!((rules.as_array().unwrap().len(), &rules[0]["order"]), (1, &json!(4)));
}
