//! `MockTenant`: its start, its addresses and credentials, and its end.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

use m2mock::{Clock, Entitlement, MockTenant, OrganizationUsage};
use serde_json::{Value, json};

use crate::wire;

#[test]
fn a_fixed_issuer_applies_to_every_host_name() {
    let tenant = MockTenant::builder().issuer("https://login.example").start();
    assert_eq!(tenant.issuer(), "https://login.example/");
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();
    let token = tenant.token(&bot).audience(&api).request().unwrap();
    assert_eq!(token.claims["iss"], "https://login.example/");

    let port = tenant.uri().rsplit(':').next().unwrap().to_owned();
    let bearer = tenant.management_token(&["read:resource_servers"]);
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), "alias.example".to_owned()] {
        let get = |path: &str| {
            let request = format!(
                "GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {bearer}\r\nconnection: close\r\n\r\n"
            );
            let answer = wire::send(&tenant.uri(), request.as_bytes());
            assert_eq!(answer.status, 200, "{path} at {host}: {}", answer.body);
            serde_json::from_str::<serde_json::Value>(&answer.body).unwrap()
        };
        let discovery = get("/.well-known/openid-configuration");
        assert_eq!(discovery["issuer"], "https://login.example/");
        assert_eq!(discovery["jwks_uri"], "https://login.example/.well-known/jwks.json");
        // The Management API has the host name of the request instead.
        let identifier = get("/api/v2/resource-servers")[0]["identifier"].as_str().unwrap().to_owned();
        let name = if host == "alias.example" { "travel0.localhost" } else { &host };
        assert!(identifier.ends_with(&format!("://{name}/api/v2/")), "{identifier} at {host}");
    }
}

#[test]
fn with_a_fixed_issuer_a_token_of_another_issuer_is_refused() {
    let tenant = MockTenant::builder().issuer("https://login.example").start();
    let other = MockTenant::builder().port(0).start();
    let bearer = other.management_token(&["read:clients"]);
    let request = format!(
        "GET /api/v2/clients HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {bearer}\r\nconnection: close\r\n\r\n"
    );
    assert_eq!(wire::send(&tenant.uri(), request.as_bytes()).status, 401);
}

#[test]
fn a_tenant_answers_a_plain_test() {
    let tenant = MockTenant::start();
    assert_eq!(wire::get(&tenant.uri(), "/.well-known/jwks.json").status, 200);
}

#[tokio::test(flavor = "current_thread")]
async fn a_test_on_a_single_thread_gets_answers() {
    let tenant = MockTenant::start();
    assert_eq!(jwks(&tenant).await["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_answers_a_test_on_several_threads() {
    let tenant = MockTenant::start();
    assert_eq!(jwks(&tenant).await["keys"].as_array().unwrap().len(), 2);
}

async fn jwks(tenant: &MockTenant) -> Value {
    wire::client().get(tenant.uri() + "/.well-known/jwks.json").send().await.unwrap().json().await.unwrap()
}

#[test]
fn two_tenants_have_separate_states() {
    let (one, other) = (MockTenant::start(), MockTenant::start());
    let organization = one.organization("travel0").create();

    assert_ne!(one.uri(), other.uri());
    let path = format!("/organizations/{}", organization.id);
    assert!(one.perform(m2mock::http::Method::GET, &path, Value::Null).is_ok());
    assert_eq!(other.perform(m2mock::http::Method::GET, &path, Value::Null).unwrap_err().status(), 404);
}

#[test]
fn a_dropped_tenant_does_not_answer() {
    let tenant = MockTenant::start();
    let uri = tenant.uri();
    let mut kept_alive = wire::connect(&uri);
    drop(tenant);

    // A process that another test starts holds a copy of the listener until it runs its own program. Nobody answers there, and
    // the connection ends with the copy.
    while let Ok(mut stream) = TcpStream::connect(wire::address(&uri)) {
        stream.set_read_timeout(Some(wire::PATIENCE)).unwrap();
        let _ = stream.write_all(b"GET /.well-known/jwks.json HTTP/1.1\r\nhost: localhost\r\n\r\n");
        match stream.read(&mut [0]) {
            Ok(length) => assert_eq!(length, 0, "the dropped tenant answers"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "the listener stays open"),
        }
    }
    // A connection from before is closed, not left waiting.
    let mut byte = [0];
    assert_eq!(kept_alive.read(&mut byte).unwrap_or(0), 0);
}

#[tokio::test]
async fn an_open_connection_does_not_delay_the_shutdown() {
    let client = wire::client();
    let tenant = MockTenant::start();
    let uri = tenant.uri() + "/.well-known/jwks.json";
    client.get(&uri).send().await.unwrap().bytes().await.unwrap();
    drop(tenant);
    assert!(client.get(&uri).send().await.is_err());
}

#[test]
fn a_chosen_port_in_use_is_a_panic_that_names_it() {
    let tenant = MockTenant::start();
    let port: u16 = tenant.uri().rsplit(':').next().unwrap().parse().unwrap();
    let panic = panic_of(|| drop(MockTenant::builder().port(port).start()));
    assert!(panic.contains(&format!("127.0.0.1:{port}")), "{panic}");
}

#[test]
fn an_invalid_domain_panics_with_a_reason() {
    for domain in ["https://foo.example/", "", "foo .example", "foo.example\n"] {
        let panic = panic_of(|| drop(MockTenant::builder().domain(domain).start()));
        assert!(panic.starts_with(&format!("the domain {domain:?} is not a host name")), "{panic}");
    }
    let tenant = MockTenant::builder().domain("granite.example:8443").start();
    assert_eq!(tenant.management_audience(), "https://granite.example:8443/api/v2/");
}

#[test]
fn an_empty_credential_panics_with_a_reason() {
    for (id, secret) in [("", "a-secret"), ("an-id", "")] {
        let panic = panic_of(|| drop(MockTenant::builder().management_client(id, secret).start()));
        assert!(panic.contains("of the management application is empty"), "{panic}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_thousand_tenants_leave_no_thread_and_no_socket() {
    let count = |folder: &str| std::fs::read_dir(folder).unwrap().count();
    let before = (count("/proc/self/task"), count("/proc/self/fd"));
    for _ in 0..1000 {
        let tenant = MockTenant::start();
        assert_eq!(wire::get(&tenant.uri(), "/.well-known/jwks.json").status, 200);
    }
    let after = (count("/proc/self/task"), count("/proc/self/fd"));

    // Other tests run beside this one and hold a few of both; a leak would be a thousand.
    assert!(after.0 < before.0 + 100, "threads: {before:?} before, {after:?} after");
    assert!(after.1 < before.1 + 100, "descriptors: {before:?} before, {after:?} after");
}

#[tokio::test]
async fn a_token_fetched_through_the_address_names_it_as_the_issuer() {
    let tenant = MockTenant::builder()
        .domain("granite.example")
        .clock(Clock::fixed(1_750_000_000))
        .management_client("the-id", "the-secret")
        .start();

    assert_eq!(tenant.domain(), "granite.example");
    assert_eq!(tenant.management_audience(), "https://granite.example/api/v2/");
    assert_eq!(tenant.management_client(), ("the-id".to_owned(), "the-secret".to_owned()));

    let answer: Value = wire::client()
        .post(tenant.uri() + "/oauth/token")
        .json(&json!({
            "grant_type": "client_credentials",
            "client_id": "the-id",
            "client_secret": "the-secret",
            "audience": tenant.management_audience(),
        }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let claims = claims(answer["access_token"].as_str().unwrap());
    assert_eq!(claims["iss"], tenant.issuer());
    assert_eq!(claims["iat"], 1_750_000_000);
}

#[tokio::test]
async fn a_management_token_is_limited_to_its_scopes() {
    let tenant = MockTenant::start();
    let token = tenant.management_token(&["read:organizations"]);
    let status = async |path: &str| {
        let request = wire::client().get(format!("{}/api/v2{path}", tenant.uri())).bearer_auth(&token);
        request.send().await.unwrap().status().as_u16()
    };

    assert_eq!(status("/organizations").await, 200);
    assert_eq!(status("/client-grants").await, 403);
    assert_eq!(claims(&token)["iss"], tenant.issuer());
}

#[test]
fn a_token_for_an_associated_organization_is_bound_to_it() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").scopes(["read:trips", "create:trips"]).create();
    let application = tenant.application("Partner bot").create();
    let organization = tenant.organization("granite-tours").create();
    let grant = tenant
        .client_grant(&application, &api)
        .scopes(["read:trips"])
        .organization_usage(OrganizationUsage::Require)
        .create();

    let refusal = tenant.token(&application).audience(&api).organization(&organization).request().unwrap_err();
    assert_eq!(refusal.rules[0], "R19", "{refusal}");

    tenant.associate(&organization, &grant);
    let token = tenant.token(&application).audience(&api).organization(&organization).request().unwrap();
    assert_eq!(token.claims["org_id"], organization.id);
    assert_eq!(token.claims["iss"], tenant.issuer());
    assert_eq!(token.scopes, ["read:trips"]);
    assert_eq!(token.expires_in, 86_400);
}

#[test]
fn a_default_organization_serves_callers_that_name_none() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let application = tenant.application("Old client").create();
    let organization = tenant.organization("granite-tours").create();
    tenant
        .client_grant(&application, &api)
        .organization_usage(OrganizationUsage::Require)
        .allow_any_organization(true)
        .create();
    tenant.set_default_organization(&application, &organization);

    let token = tenant.token(&application).audience(&api).request().unwrap();
    assert_eq!(token.claims["org_id"], organization.id);
    assert!(token.rules.contains(&"R17"), "{token:?}");
}

#[test]
fn an_organization_is_named_by_its_name_where_the_tenant_allows_it() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let application = tenant.application("Internal").create();
    let organization = tenant.organization("granite-tours").display_name("Granite Tours").create();
    tenant
        .client_grant(&application, &api)
        .organization_usage(OrganizationUsage::Allow)
        .allow_any_organization(true)
        .create();
    let by_name = || tenant.token(&application).audience(&api).organization(&organization.name).request();

    assert!(by_name().is_err());
    tenant.allow_organization_names();
    assert_eq!(by_name().unwrap().claims["org_name"], "granite-tours");
}

#[test]
fn ids_and_secrets_can_be_chosen() {
    let tenant = MockTenant::start();
    let application = tenant.application("Pinned").client_id("my-client").client_secret("my-secret").create();
    let organization = tenant.organization("travel0").id("org_0123456789abcdef").create();

    assert_eq!((application.client_id.as_str(), application.client_secret.as_str()), ("my-client", "my-secret"));
    assert_eq!(organization.id, "org_0123456789abcdef");
    assert!(!format!("{application:?}").contains("my-secret"));
}

#[test]
fn a_refused_helper_panics_with_the_vendors_sentence() {
    let tenant = MockTenant::start();
    tenant.organization("travel0").create();
    let panic = panic_of(|| drop(tenant.organization("travel0").create()));
    assert!(panic.contains("409"), "{panic}");
    assert!(panic.contains("already exists"), "{panic}");
}

#[tokio::test]
async fn a_reset_restores_the_initial_state_and_empties_the_journal() {
    let tenant = MockTenant::start();
    let organization = tenant.organization("travel0").create();
    wire::get(&tenant.uri(), "/.well-known/jwks.json");
    assert!(!tenant.requests().is_empty());

    let answer = wire::client().post(tenant.uri() + "/__admin/reset").send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert!(tenant.requests().is_empty());
    let path = format!("/organizations/{}", organization.id);
    assert_eq!(tenant.perform(m2mock::http::Method::GET, &path, Value::Null).unwrap_err().status(), 404);
}

#[tokio::test]
async fn the_journal_is_read_and_emptied_over_http() {
    let tenant = MockTenant::start();
    let client = wire::client();
    let journal = tenant.uri() + "/__admin/requests";
    let length = async || {
        let entries: Value = client.get(&journal).send().await.unwrap().json().await.unwrap();
        entries.as_array().unwrap().len()
    };

    wire::get(&tenant.uri(), "/.well-known/jwks.json");
    assert_eq!(length().await, tenant.requests().len());
    assert_eq!(client.delete(&journal).send().await.unwrap().status(), 204);
    assert_eq!(length().await, 0);
    let unknown = client.get(tenant.uri() + "/__admin/nothing").send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    assert_eq!(unknown.json::<Value>().await.unwrap()["statusCode"], 404);
}

fn claims(token: &str) -> Value {
    use base64::Engine;
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn panic_of(action: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(action)).expect_err("it should have panicked");
    *panic.downcast::<String>().unwrap()
}

// proves R9
#[test]
fn a_plan_without_organizations_has_no_grants_that_mention_them() {
    let tenant = MockTenant::builder().without(Entitlement::MachineToMachineForOrganizations).start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    let grant = |members: Value| {
        let mut body = json!({ "client_id": bot.client_id, "audience": api.identifier, "scope": [] });
        body.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
        tenant.perform(m2mock::http::Method::POST, "/client-grants", body)
    };

    for members in [json!({ "organization_usage": "deny" }), json!({ "allow_any_organization": false })] {
        let refusal = grant(members).unwrap_err();
        assert_eq!(refusal.status(), 403);
        assert_eq!(
            refusal.message(),
            "Please upgrade your subscription to use Machine to Machine access to Organizations."
        );
    }
    assert!(grant(json!({})).is_ok());
}

#[test]
fn the_plan_is_checked_before_the_existence_of_a_grant() {
    let tenant = MockTenant::builder().without(Entitlement::MachineToMachineForOrganizations).start();
    let patch = |body| tenant.perform(m2mock::http::Method::PATCH, "/client-grants/cgr_0000000000000000", body);
    assert_eq!(patch(json!({ "organization_usage": "allow" })).unwrap_err().status(), 403);
    // Taking away mentions nothing.
    assert_eq!(patch(json!({ "organization_usage": null })).unwrap_err().status(), 404);
}

// proves R10
#[test]
fn a_plan_without_organizations_refuses_a_token_request_with_an_organization() {
    let tenant = MockTenant::builder().without(Entitlement::MachineToMachineForOrganizations).start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    let granite = tenant.organization("granite-tours").create();
    tenant.client_grant(&bot, &api).create();

    let refusal = tenant.token(&bot).audience(&api).organization(&granite).request().unwrap_err();
    assert_eq!((refusal.status, refusal.rules.as_slice()), (403, ["R10"].as_slice()));
    assert!(tenant.token(&bot).audience(&api).request().is_ok());
}

#[tokio::test]
async fn a_tenant_refuses_a_token_of_another_tenant() {
    let (one, other) = (MockTenant::start(), MockTenant::start());
    let token = one.management_token(&["read:clients"]);
    let status = |tenant: &MockTenant| {
        let request = wire::client().get(tenant.uri() + "/api/v2/clients").bearer_auth(&token);
        async { request.send().await.expect("the tenant answers").status().as_u16() }
    };
    assert_eq!((status(&one).await, status(&other).await), (200, 401));
}

#[tokio::test]
async fn the_published_keys_have_their_algorithm_by_default() {
    let tenant = MockTenant::start();
    assert_eq!(jwks(&tenant).await["keys"][0]["alg"], "RS256");
    tenant.update_settings(json!({ "flags": { "remove_alg_from_jwks": true } }));
    assert!(jwks(&tenant).await["keys"][0].get("alg").is_none());
}
