//! The published documents of a tenant: members, values and order.

use bytes::Bytes;
use http::{Request, header};
use m2mock::http;
use m2mock::internal::{Config, Pins, Tenant};
use rstest::rstest;
use serde_json::{Value, json};

fn read(tenant: &Tenant, path: &str) -> String {
    let request = Request::get(path).header(header::HOST, "127.0.0.1:4000").body(Bytes::new()).expect("a request");
    let answer = tenant.answer(request);
    assert_eq!(answer.status(), 200);
    String::from_utf8(answer.body().to_vec()).expect("UTF-8")
}

/// The names of the members of the outermost object in the text, as they stand there.
fn members(text: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(text).expect("JSON");
    let members = value.as_object().expect("an object").keys();
    let mut places: Vec<(usize, String)> =
        members.map(|name| (text.find(&format!("\"{name}\":")).expect("a member"), name.clone())).collect();
    places.sort();
    places.into_iter().map(|(_, name)| name).collect()
}

/// Source: captures of real tenants' documents, 2024 to July 2026 (token-endpoint, "Published documents").
#[rstest]
fn the_discovery_document_is_that_of_a_tenant_today(
    #[values("openid-configuration", "oauth-authorization-server")] name: &str,
) {
    let tenant = Tenant::new(Config::default());
    let text = read(&tenant, &format!("/.well-known/{name}"));
    assert_eq!(
        members(&text),
        [
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "device_authorization_endpoint",
            "userinfo_endpoint",
            "mfa_challenge_endpoint",
            "jwks_uri",
            "registration_endpoint",
            "revocation_endpoint",
            "scopes_supported",
            "response_types_supported",
            "code_challenge_methods_supported",
            "response_modes_supported",
            "subject_types_supported",
            "token_endpoint_auth_methods_supported",
            "token_endpoint_auth_signing_alg_values_supported",
            "claims_supported",
            "grant_types_supported",
            "request_uri_parameter_supported",
            "request_parameter_supported",
            "id_token_signing_alg_values_supported",
            "end_session_endpoint",
            "global_token_revocation_endpoint",
            "global_token_revocation_endpoint_auth_methods_supported",
            "dpop_signing_alg_values_supported",
        ],
    );
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["token_endpoint_auth_signing_alg_values_supported"], json!(["RS256", "RS384", "PS256"]));
    assert_eq!(
        document["token_endpoint_auth_methods_supported"],
        json!(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]),
    );
    let grant_types = document["grant_types_supported"].as_array().expect("a list");
    assert_eq!(
        grant_types[..5],
        ["client_credentials", "authorization_code", "refresh_token", "password", "implicit"].map(Value::from),
    );
    assert_eq!(document["dpop_signing_alg_values_supported"], json!(["ES256"]));
    assert_eq!(
        document["global_token_revocation_endpoint"],
        "http://127.0.0.1:4000/oauth/global-token-revocation/connection/{connectionName}",
    );
}

#[test]
fn a_tenant_with_an_agent_publishes_the_kinds_of_subjects_and_clients() {
    let tenant = Tenant::new(Config::default());
    let agent = json!({ "name": "planner" });
    tenant.perform(http::Method::POST, "/agents", agent, Pins::default()).expect("a right body");
    let text = read(&tenant, "/.well-known/openid-configuration");
    let members = members(&text);
    let place = members.iter().position(|name| name == "entity_profiles_supported").expect("the member");
    assert_eq!(
        (members[place - 1].as_str(), members[place + 1].as_str()),
        ("claims_supported", "grant_types_supported")
    );
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        document["entity_profiles_supported"],
        json!({
            "client": ["native_app", "web_app", "browser_app", "service", "ai_agent"],
            "subject": ["user", "service", "ai_agent"],
        }),
    );
}

#[test]
fn a_tenant_can_publish_its_logout_endpoint() {
    let tenant = Tenant::new(Config::default());
    let off = json!({ "oidc_logout": { "rp_logout_end_session_endpoint_discovery": false } });
    tenant.perform(http::Method::PATCH, "/tenants/settings", off, Pins::default()).expect("a setting");
    let members = members(&read(&tenant, "/.well-known/openid-configuration"));
    assert!(!members.contains(&"end_session_endpoint".to_owned()), "{members:?}");
}

/// Source: a capture of July 2026.
#[test]
fn a_published_key_begins_with_its_type_and_ends_with_its_algorithm() {
    let tenant = Tenant::new(Config::default());
    let text = read(&tenant, "/.well-known/jwks.json");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let keys: Vec<&str> = text.split_once('[').expect("a list").1.split("},{").collect();
    assert_eq!(keys.len(), document["keys"].as_array().expect("keys").len());
    for key in keys {
        let key = format!("{{{}}}", key.trim_matches(['{', '}', ']']));
        assert_eq!(members(&key), ["kty", "use", "n", "e", "kid", "x5t", "x5c", "alg"]);
    }
}
