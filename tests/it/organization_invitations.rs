//! `/organizations/{id}/invitations` and the tenant's clock.

use std::time::Duration;

use http::Method;
use m2mock::ApiError;
use m2mock::Clock;
use m2mock::http;
use m2mock::internal::{Config, Pins, Tenant};
use serde_json::{Value, json};

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;

struct Inviting {
    tenant: Tenant,
    clock: Clock,
    client: Value,
    path: String,
}

impl Inviting {
    fn start() -> Inviting {
        let clock = Clock::fixed(NOON);
        let tenant = Tenant::new(Config { clock: clock.clone(), ..Config::default() });
        let post = |path: &str, body| tenant.perform(Method::POST, path, body, Pins::default()).expect("a right body");
        let body = json!({
            "name": "shop", "organization_usage": "require",
            "initiate_login_uri": "https://{organization_name}.shop.example/login",
        });
        let client = post("/clients", body)["client_id"].clone();
        let organization = post("/organizations", json!({ "name": "granite-tours" }))["id"].clone();
        let path = format!("/organizations/{}/invitations", organization.as_str().expect("an id"));
        Inviting { tenant, clock, client, path }
    }

    fn perform(&self, method: Method, path: &str, body: Value) -> Result<Value, ApiError> {
        self.tenant.perform(method, path, body, Pins::default())
    }

    fn invite(&self, more: Value) -> Value {
        let mut body = json!({
            "client_id": self.client, "inviter": { "name": "Ada" }, "invitee": { "email": "bob@example.com" },
        });
        for (member, value) in more.as_object().expect("an object") {
            body[member] = value.clone();
        }
        self.perform(Method::POST, &self.path, body).expect("an invitation")
    }

    fn listed(&self) -> usize {
        let listed = self.perform(Method::GET, &self.path, Value::Null).expect("a list");
        listed.as_array().expect("a bare list").len()
    }
}

#[test]
fn an_invitation_is_valid_for_seven_days_by_default() {
    let inviting = Inviting::start();
    for (lifetime, expires_at) in [
        (json!({}), "2026-06-08T12:00:00.000Z"),
        (json!({ "ttl_sec": 0 }), "2026-06-08T12:00:00.000Z"),
        (json!({ "ttl_sec": 60 }), "2026-06-01T12:01:00.000Z"),
        (json!({ "ttl_sec": 2_592_000 }), "2026-07-01T12:00:00.000Z"),
    ] {
        let invitation = inviting.invite(lifetime);
        assert_eq!(invitation["created_at"], "2026-06-01T12:00:00.000Z");
        assert_eq!(invitation["expires_at"], expires_at);
        assert_eq!(invitation.get("ttl_sec"), None);
    }
}

#[test]
fn an_expired_invitation_is_deleted() {
    let inviting = Inviting::start();
    inviting.invite(json!({ "ttl_sec": 3600 }));
    let short = inviting.invite(json!({ "ttl_sec": 60 }));
    let path = format!("{}/{}", inviting.path, short["id"].as_str().expect("an id"));
    inviting.clock.advance(Duration::from_secs(59));
    assert_eq!(inviting.listed(), 2);
    assert_eq!(inviting.perform(Method::GET, &path, Value::Null), Ok(short));

    inviting.clock.advance(Duration::from_secs(1));
    assert_eq!(inviting.listed(), 1);
    let refusal = inviting.perform(Method::GET, &path, Value::Null).expect_err("it is over");
    assert_eq!((refusal.status(), refusal.code()), (404, Some("inexistent_invitation")));
    inviting.clock.advance(Duration::from_secs(3600));
    assert_eq!(inviting.listed(), 0);
}

#[test]
fn an_invitation_may_outlast_the_last_moment_that_can_be_written() {
    let inviting = Inviting::start();
    inviting.clock.advance(Duration::from_secs(u64::MAX));
    assert_eq!(inviting.invite(json!({}))["expires_at"], "9999-12-31T23:59:59.000Z");
}

#[test]
fn the_login_page_may_tell_organizations_apart() {
    let url = Inviting::start().invite(json!({}))["invitation_url"].clone();
    let url = url.as_str().expect("a text");
    assert!(url.starts_with("https://granite-tours.shop.example/login?invitation="), "{url}");
}

#[test]
fn the_login_page_of_the_tenant_is_the_fallback() {
    let inviting = Inviting::start();
    let client = format!("/clients/{}", inviting.client.as_str().expect("an id"));
    for (path, body) in [
        (client.as_str(), json!({ "initiate_login_uri": "" })),
        ("/tenants/settings", json!({ "default_redirection_uri": "https://travel0.example/start?from=mail" })),
    ] {
        inviting.perform(Method::PATCH, path, body).expect("a right body");
    }
    let url = inviting.invite(json!({}))["invitation_url"].clone();
    let url = url.as_str().expect("a text");
    assert!(url.starts_with("https://travel0.example/start?from=mail&invitation="), "{url}");
}
