//! `/keys/signing`, and what a rotation and a revocation change elsewhere.

use std::time::Duration;

use m2mock::http::Method;
use m2mock::{Clock, MockTenant};
use serde_json::{Value, json};

use crate::caller::{Caller, message};
use crate::wire;

const NOON: u64 = 1_780_315_200;
const FIRST: &str = "0vL0PdFw8riOLQfCfgrxN";
const SECOND: &str = "XbtYf_A0XrMwL4GOxMTMs";

fn tenant() -> MockTenant {
    MockTenant::builder().clock(Clock::fixed(NOON)).start()
}

fn keys(tenant: &MockTenant) -> Vec<Value> {
    let listed = tenant.perform(Method::GET, "/keys/signing", Value::Null).expect("a list");
    listed.as_array().expect("a bare array").clone()
}

fn published(tenant: &MockTenant) -> Vec<String> {
    let jwks: Value = serde_json::from_str(&wire::get(&tenant.uri(), "/.well-known/jwks.json").body).expect("JSON");
    let keys = jwks["keys"].as_array().expect("keys");
    keys.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}

#[test]
fn the_members_of_a_key() {
    let mut key = keys(&tenant())[0].clone();
    for pem in ["cert", "pkcs7"] {
        let text = key[pem].as_str().expect("a text").to_owned();
        let label = if pem == "cert" { "CERTIFICATE" } else { "PKCS7" };
        assert!(text.starts_with(&format!("-----BEGIN {label}-----\r\nMII")), "{text}");
        assert!(text.ends_with(&format!("\r\n-----END {label}-----\r\n")), "{text}");
        key[pem] = "…".into();
    }
    insta::assert_json_snapshot!(key, @r#"
    {
      "cert": "…",
      "current": true,
      "current_since": "2026-06-01T12:00:00.000Z",
      "fingerprint": "11:CC:2C:D7:65:C3:10:2B:8C:6F:52:FB:76:F9:04:38:BE:36:41:E5",
      "kid": "0vL0PdFw8riOLQfCfgrxN",
      "next": false,
      "pkcs7": "…",
      "previous": false,
      "revoked": false,
      "thumbprint": "11CC2CD765C3102B8C6F52FB76F90438BE3641E5"
    }
    "#);
}

#[test]
fn a_rotation_moves_every_key_one_place_on() {
    let tenant = tenant();
    tenant.clock().advance(Duration::from_secs(3600));
    let rotation = tenant.rotate_signing_key();
    assert_eq!((rotation.previous.as_str(), rotation.current.as_str()), (FIRST, SECOND));

    let keys = keys(&tenant);
    let standing = |key: &Value| {
        ["current", "next", "previous", "revoked"].map(|name| key[name].as_bool().expect("a truth value"))
    };
    assert_eq!(
        keys.iter().map(standing).collect::<Vec<_>>(),
        [[true, false, false, false], [false, true, false, false], [false, false, true, false],]
    );
    assert_eq!(keys[2]["current_since"], "2026-06-01T12:00:00.000Z");
    assert_eq!(
        (&keys[2]["current_until"], &keys[0]["current_since"]),
        (&json!("2026-06-01T13:00:00.000Z"), &json!("2026-06-01T13:00:00.000Z"))
    );
    assert_eq!(keys[1].get("current_since"), None);
    assert_eq!(published(&tenant), [rotation.current, rotation.next, rotation.previous]);
}

#[test]
fn a_revoked_key_is_shown_and_no_longer_published() {
    let tenant = tenant();
    let rotation = tenant.rotate_signing_key();
    tenant.clock().advance(Duration::from_secs(60));
    tenant.revoke_signing_key(&rotation.previous);
    let key = tenant.perform(Method::GET, &format!("/keys/signing/{FIRST}"), Value::Null).expect("a key");
    assert_eq!((&key["revoked"], &key["revoked_at"]), (&json!(true), &json!("2026-06-01T12:01:00.000Z")));
    assert_eq!((&key["previous"], keys(&tenant).len()), (&json!(false), 3));
    assert_eq!(published(&tenant), [rotation.current, rotation.next]);
}

#[test]
fn tokens_are_signed_with_the_current_key_and_in_every_way_that_it_can() {
    let tenant = tenant();
    let rotation = tenant.rotate_signing_key();
    for algorithm in ["RS256", "PS256", "RS512"] {
        let identifier = format!("https://travel0.example/{algorithm}");
        let api = tenant.api(identifier).with("signing_alg", json!(algorithm)).create();
        let bot = tenant.application("Partner bot").create();
        tenant.client_grant(&bot, &api).create();
        let token = tenant.token(&bot).audience(&api).request().expect("a token");
        assert_eq!(token.header["kid"], rotation.current.as_str(), "{algorithm}");
    }
}

#[test]
fn every_client_shows_the_certificate_that_signs() {
    let tenant = tenant();
    let old = tenant.application("Old").create();
    tenant.rotate_signing_key();
    let new = tenant.application("New").create();
    let current = keys(&tenant)[0].clone();
    for client in [old.client_id, new.client_id, tenant.management_client().0] {
        let shown = tenant.perform(Method::GET, &format!("/clients/{client}"), Value::Null).expect("a client");
        let expected = json!([{ "cert": current["cert"], "pkcs7": current["pkcs7"], "subject": "deprecated" }]);
        assert_eq!(shown["signing_keys"], expected);
    }
}

#[test]
fn only_a_previous_key_can_be_revoked() {
    let caller = Caller::start();
    let revoke = |kid: &str| caller.put(&format!("/keys/signing/{kid}/revoke"), json!({}));
    for kid in [FIRST, SECOND, "t_8nYHTAAi0a4yK7dQqHh", "nobody"] {
        let refused = revoke(kid);
        let sentence = format!("No previously used signing key has the key id {kid}.");
        assert_eq!((refused.0, message(&refused)), (404, sentence.as_str()));
    }
    let (status, next) = caller.post("/keys/signing/rotate", json!({}));
    assert_eq!((status, &next["kid"]), (201, &json!("t_8nYHTAAi0a4yK7dQqHh")));
    let (status, revoked) = revoke(FIRST);
    // The caller's own token is signed with the revoked key.
    assert_eq!((status, &revoked["kid"], revoke(FIRST).0), (200, &json!(FIRST), 401));
}

#[test]
fn a_key_that_is_not_the_tenants_yet_is_not_found() {
    let caller = Caller::start();
    let refused = caller.get("/keys/signing/t_8nYHTAAi0a4yK7dQqHh");
    assert_eq!((refused.0, message(&refused)), (404, "No signing key has the key id t_8nYHTAAi0a4yK7dQqHh."));
    assert_eq!(caller.get("/keys/signing?page=1").0, 400);
}

#[test]
fn a_tenant_rotates_five_times_and_says_when_it_cannot() {
    let tenant = tenant();
    let kids: Vec<String> = (0..5).map(|_| tenant.rotate_signing_key().current).collect();
    assert_eq!(published(&tenant).len(), 7);
    let before = keys(&tenant);
    let refused = tenant.perform(Method::POST, "/keys/signing/rotate", Value::Null).unwrap_err();
    assert_eq!((refused.status, refused.code), (429, Some("too_many_requests")));
    assert!(refused.message.starts_with("m2mock has 7 signing keys"), "{refused}");
    assert_eq!(keys(&tenant), before);

    // After a reset they come again, in the same order.
    tenant.reset();
    assert_eq!(published(&tenant), [FIRST, SECOND]);
    assert_eq!((0..5).map(|_| tenant.rotate_signing_key().current).collect::<Vec<_>>(), kids);
}

#[test]
fn tenants_rotate_on_their_own() {
    let (one, other) = (tenant(), tenant());
    one.rotate_signing_key();
    assert_eq!(published(&other), [FIRST, SECOND]);
}
