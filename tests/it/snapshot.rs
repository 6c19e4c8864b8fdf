//! Snapshots: a tenant as a text that is equal in each run.

use m2mock::http::Method;
use m2mock::{Clock, MockTenant, OrganizationUsage};
use serde_json::{Value, json};

use crate::wire;

/// Sets the same things up in any tenant and asks the same of it.
fn tell_the_story(tenant: &MockTenant) {
    let api = tenant.api("https://travel0.example/api").scopes(["read:trips"]).create();
    let bot = tenant.application("Partner bot").create();
    let granite = tenant.organization("granite-tours").create();
    let grant =
        tenant.client_grant(&bot, &api).scopes(["read:trips"]).organization_usage(OrganizationUsage::Require).create();
    assert!(tenant.token(&bot).audience(&api).organization(&granite).request().is_err());
    tenant.associate(&granite, &grant);
    assert!(tenant.token(&bot).audience(&api).organization(&granite).request().is_ok());

    let short_lived = tenant.organization("summit-trips").create();
    let path = format!("/organizations/{}", short_lived.id);
    tenant.perform(Method::DELETE, &path, Value::Null).unwrap();
    let token = tenant.management_token(&["read:organizations"]);
    let request = format!(
        "GET /api/v2{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n",
        wire::address(&tenant.uri()),
    );
    assert_eq!(wire::send(&tenant.uri(), request.as_bytes()).status, 404);

    let user = json!({ "connection": "Username-Password-Authentication", "email": "ada@granite.example", "password": "Passengers 1st" });
    let user = tenant.perform(Method::POST, "/users", user).unwrap();
    let role = tenant.perform(Method::POST, "/roles", json!({ "name": "admin" })).unwrap();
    let members = format!("/organizations/{}/members", granite.id);
    tenant.perform(Method::POST, &members, json!({ "members": [user["user_id"]] })).unwrap();
    let id = user["user_id"].as_str().unwrap().replace('|', "%7C");
    tenant.perform(Method::POST, &format!("{members}/{id}/roles"), json!({ "roles": [role["id"]] })).unwrap();
    tenant.update_settings(json!({ "friendly_name": "Travel Zero" }));
}

#[test]
fn a_snapshot_is_equal_in_each_run() {
    let tenant = MockTenant::start();
    tell_the_story(&tenant);
    insta::assert_snapshot!(tenant.snapshot(), @r#"
    client_grants:
      <grant:Partner bot, https://travel0.example/api>:
        audience: "https://travel0.example/api"
        client_id: "<client:Partner bot>"
        id: "<grant:Partner bot, https://travel0.example/api>"
        organization_usage: "require"
        scope: ["read:trips"]
        subject_type: "client"
    clients:
      <client:Partner bot>:
        app_type: "non_interactive"
        callback_url_template: false
        client_id: "<client:Partner bot>"
        client_secret: "…"
        cross_origin_authentication: false
        custom_login_page_on: true
        global: false
        grant_types: ["client_credentials"]
        is_first_party: true
        is_token_endpoint_ip_header_trusted: false
        jwt_configuration: {"lifetime_in_seconds":36000,"secret_encoded":false}
        name: "Partner bot"
        oidc_conformant: false
        refresh_token: {"expiration_type":"non-expiring","idle_token_lifetime":1296000,"infinite_idle_token_lifetime":true,"infinite_token_lifetime":true,"leeway":0,"rotation_type":"non-rotating","token_lifetime":2592000}
        sso_disabled: false
        tenant: "travel0"
    organization_client_grants:
      <org:granite-tours> <grant:Partner bot, https://travel0.example/api>
    organization_member_roles:
      <org:granite-tours> <user:ada@granite.example> <role:admin>
    organization_members:
      <org:granite-tours> <user:ada@granite.example>
    organizations:
      <org:granite-tours>:
        id: "<org:granite-tours>"
        is_app_entitlement_active: false
        name: "granite-tours"
        third_party_client_access: "block"
    resource_servers:
      <api:https://travel0.example/api>:
        allow_offline_access: false
        id: "<api:https://travel0.example/api>"
        identifier: "https://travel0.example/api"
        scopes: [{"value":"read:trips"}]
        signing_alg: "RS256"
        skip_consent_for_verifiable_first_party_clients: false
        subject_type_authorization: {"client":{"policy":"require_client_grant"},"user":{"policy":"allow_all"}}
        token_lifetime: 86400
        token_lifetime_for_web: 7200
    roles:
      <role:admin>:
        description: ""
        id: "<role:admin>"
        name: "admin"
        type: "tenant"
    settings:
      friendly_name: "Travel Zero"
    users:
      <user:ada@granite.example>:
        created_at: "<time>"
        email: "ada@granite.example"
        email_verified: false
        identities: [{"connection":"Username-Password-Authentication","isSocial":false,"provider":"auth0","user_id":"<user:ada@granite.example>"}]
        name: "ada@granite.example"
        nickname: "ada"
        picture: "https://s.gravatar.com/avatar/<id:1>?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fad.png"
        updated_at: "<time>"
        user_id: "<user:ada@granite.example>"
    requests:
      1 POST /oauth/token 403 refused by R19: organization <org:granite-tours> is not associated with grant <grant:Partner bot, https://travel0.example/api> and allow_any_organization is not set
      2 POST /oauth/token 200 granted by R18, R74: client <client:Partner bot> holds grant <grant:Partner bot, https://travel0.example/api> with organization_usage require; organization <org:granite-tours> applies
      3 GET /api/v2/organizations/<id:2> 404 No organization found by that id or name
    "#);
}

#[test]
fn the_same_is_there_as_an_object() {
    let tenant = MockTenant::builder().clock(Clock::fixed(1_780_315_200)).start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    assert!(tenant.token(&bot).audience(&api).request().is_err());
    let snapshot = json!(tenant.snapshot());
    insta::assert_json_snapshot!(snapshot["requests"], @r#"
    [
      {
        "at": "2026-06-01T12:00:00.000Z",
        "method": "POST",
        "number": 1,
        "path": "/oauth/token",
        "status": 403,
        "token": {
          "audience": "https://travel0.example/api",
          "client_id": "<client:Partner bot>",
          "facts": {
            "api": {
              "by": "audience",
              "found": {
                "id": "https://travel0.example/api"
              },
              "value": "https://travel0.example/api"
            },
            "client": {
              "by": "client_id",
              "found": {
                "id": "<client:Partner bot>",
                "name": "Partner bot"
              },
              "value": "<client:Partner bot>"
            },
            "client_grant": {
              "by": "client_id",
              "value": "<client:Partner bot>"
            }
          },
          "granted": false,
          "rules": [
            "R70",
            "T4"
          ],
          "why": "client <client:Partner bot> has no client grant for API https://travel0.example/api"
        }
      }
    ]
    "#);
    assert_eq!(snapshot["state"]["clients"]["<client:Partner bot>"]["client_secret"], "…");
}

#[test]
fn the_snapshot_of_a_new_tenant_is_empty() {
    assert_eq!(MockTenant::start().snapshot().to_string(), "");
}

#[test]
fn an_imported_tenant_has_the_snapshot_of_the_exported_one() {
    let exported = MockTenant::start();
    exported.organization("granite-tours").create();
    let imported = MockTenant::builder().import(exported.export()).start();
    assert!(!exported.snapshot().to_string().contains("All Applications"));
    assert_eq!(imported.snapshot(), exported.snapshot());

    let path = format!("/clients/{}", imported.management_client().0);
    imported.perform(Method::PATCH, &path, json!({ "description": "changed" })).unwrap();
    let snapshot = imported.snapshot().to_string();
    assert!(snapshot.contains("API Explorer Application") && !snapshot.contains("All Applications"), "{snapshot}");
}

#[test]
fn two_tenants_with_the_same_story_look_the_same() {
    let [one, other] = [(); 2].map(|()| MockTenant::start());
    for tenant in [&one, &other] {
        tell_the_story(tenant);
    }
    assert_ne!(json!(one.requests()), json!(other.requests()));
    assert_eq!(one.snapshot(), other.snapshot());
}

#[test]
fn no_secret_is_in_a_snapshot() {
    let tenant = MockTenant::start();
    tell_the_story(&tenant);
    let (_, secret) = tenant.management_client();
    let bot = tenant.application("Another").client_secret("HUSH-HUSH-HUSH-HUSH").create();
    let connection = json!({ "name": "store", "strategy": "custom", "options": { "client_secret": "HUSH" } });
    // An accepted or refused strategy: the snapshot has neither the strategy nor its secret.
    let _ = tenant.perform(Method::POST, "/connections", connection);
    assert_eq!(bot.client_secret, "HUSH-HUSH-HUSH-HUSH");
    let text = format!("{}{}", tenant.snapshot(), json!(tenant.snapshot()));
    for secret in [secret.as_str(), "HUSH", "Passengers"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn two_tenants_with_the_same_number_are_the_same_to_the_last_digit() {
    let [one, other] = [(); 2].map(|()| MockTenant::builder().deterministic(7).start());
    for tenant in [&one, &other] {
        tell_the_story(tenant);
        // A request does not move the stopped clock.
        assert_eq!(tenant.requests()[0].at, "2026-01-01T00:00:00.000Z");
    }
    assert_eq!(json!(one.requests()), json!(other.requests()));
    assert_eq!(one.management_client(), other.management_client());
    for path in ["/clients", "/connections", "/resource-servers", "/organizations", "/users", "/tenants/settings"] {
        let [here, there] = [&one, &other].map(|tenant| tenant.perform(Method::GET, path, Value::Null).unwrap());
        assert_eq!(here, there, "{path}");
    }
    let different = MockTenant::builder().deterministic(8).start();
    assert_ne!(one.management_client(), different.management_client());
}

#[test]
fn a_deterministic_tenant_uses_its_clock() {
    let clock = Clock::fixed(1_780_315_200);
    for builder in [
        MockTenant::builder().clock(clock.clone()).deterministic(7),
        MockTenant::builder().deterministic(7).clock(clock),
    ] {
        assert_eq!(builder.start().clock().unix(), 1_780_315_200);
    }
}

/// As behind a load balancer, where both have one name.
#[test]
fn two_tenants_with_the_same_number_take_each_others_credentials_and_tokens() {
    let [one, other] = [(); 2].map(|()| MockTenant::builder().deterministic(7).domain("granite.example").start());
    let send = |tenant: &MockTenant, request: String| wire::send(&tenant.uri(), request.as_bytes());
    let (id, secret) = one.management_client();
    let audience = one.management_audience();
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&audience={audience}");
    for (issuing, asked) in [(&one, &other), (&other, &one)] {
        let answer = send(
            issuing,
            format!(
                "POST /oauth/token HTTP/1.1\r\nhost: granite.example\r\nconnection: close\r\ncontent-length: {}\r\n\
                 content-type: application/x-www-form-urlencoded\r\n\r\n{body}",
                body.len()
            ),
        );
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        let token = answer["access_token"].as_str().unwrap();
        let read = format!(
            "GET /api/v2/clients/{id} HTTP/1.1\r\nhost: granite.example\r\nauthorization: Bearer {token}\r\n\
             connection: close\r\n\r\n"
        );
        assert_eq!(send(asked, read).status, 200);
    }
}
