//! `/keys/signing`, and the effects of a rotation and a revocation.

use std::io::{Read, Write};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
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
fn a_rotation_moves_every_key_to_its_next_state() {
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
fn a_revoked_key_is_listed_and_no_longer_published() {
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
fn every_client_has_the_certificate_of_the_current_key() {
    let tenant = tenant();
    let old = tenant.application("Old").create();
    tenant.rotate_signing_key();
    let new = tenant.application("New").create();
    let current = keys(&tenant)[0].clone();
    for client in [old.client_id, new.client_id, tenant.management_client().0] {
        let view = tenant.perform(Method::GET, &format!("/clients/{client}"), Value::Null).expect("a client");
        let expected = json!([{ "cert": current["cert"], "pkcs7": current["pkcs7"], "subject": "deprecated" }]);
        assert_eq!(view["signing_keys"], expected);
    }
}

#[test]
fn only_a_previous_key_can_be_revoked() {
    let caller = Caller::start();
    let revoke = |kid: &str| caller.put(&format!("/keys/signing/{kid}/revoke"), json!({}));
    for kid in [FIRST, SECOND, "t_8nYHTAAi0a4yK7dQqHh", "nobody"] {
        let refusal = revoke(kid);
        let sentence = format!("No previously used signing key has the key id {kid}.");
        assert_eq!((refusal.0, message(&refusal)), (404, sentence.as_str()));
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
    let refusal = caller.get("/keys/signing/t_8nYHTAAi0a4yK7dQqHh");
    assert_eq!((refusal.0, message(&refusal)), (404, "No signing key has the key id t_8nYHTAAi0a4yK7dQqHh."));
    assert_eq!(caller.get("/keys/signing?page=1").0, 400);
}

#[test]
fn a_sixth_rotation_is_refused() {
    let tenant = tenant();
    let kids: Vec<String> = (0..5).map(|_| tenant.rotate_signing_key().current).collect();
    assert_eq!(published(&tenant).len(), 7);
    let before = keys(&tenant);
    let refusal = tenant.perform(Method::POST, "/keys/signing/rotate", Value::Null).unwrap_err();
    assert_eq!((refusal.status(), refusal.code()), (429, Some("too_many_requests")));
    assert!(refusal.message().starts_with("m2mock has 7 signing keys"), "{refusal}");
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

/// Status, media type and body of an answer that may be no text.
fn certificate(tenant: &MockTenant, path: &str) -> (u16, String, Vec<u8>) {
    let uri = tenant.uri();
    let mut stream = wire::connect(&uri);
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", wire::address(&uri)).unwrap();
    let mut received = Vec::new();
    stream.read_to_end(&mut received).unwrap();
    let end = received.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
    let head = String::from_utf8(received[..end].to_vec()).unwrap().to_ascii_lowercase();
    let media_type = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
    (head[9..12].parse().unwrap(), media_type.to_owned(), received[end + 4..].to_vec())
}

/// The decoded content of a PEM text.
fn decoded(label: &str, pem: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(pem.to_vec()).unwrap();
    let text = text.strip_prefix(&format!("-----BEGIN {label}-----\r\n")).expect("a first line");
    let text = text.strip_suffix(&format!("-----END {label}-----\r\n")).expect("a last line");
    BASE64_STANDARD.decode(text.replace("\r\n", "")).expect("Base64")
}

#[test]
fn the_certificate_of_the_current_key_is_published_in_four_forms() {
    let tenant = MockTenant::builder().allow_unmodelled_operations().start();
    let bot = tenant.application("Partner bot").create();
    for _ in 0..2 {
        let jwks: Value = serde_json::from_str(&wire::get(&tenant.uri(), "/.well-known/jwks.json").body).unwrap();
        let base64 = jwks["keys"][0]["x5c"][0].as_str().unwrap().to_owned();
        let der = BASE64_STANDARD.decode(&base64).unwrap();
        for client in [String::new(), format!("/{}", bot.client_id)] {
            let (status, media_type, pem) = certificate(&tenant, &format!("/pem{client}"));
            assert_eq!(
                (status, &*media_type, decoded("CERTIFICATE", &pem)),
                (200, "application/x-pem-file", der.clone())
            );
            let cer = certificate(&tenant, &format!("/cer{client}"));
            assert_eq!(cer, (200, "application/pkix-cert".to_owned(), der.clone()));
            let raw = certificate(&tenant, &format!("/rawpem{client}"));
            assert_eq!(raw, (200, "text/plain; charset=utf-8".to_owned(), base64.clone().into_bytes()));
            let (status, media_type, message) = certificate(&tenant, &format!("/pb7{client}"));
            let message = decoded("PKCS7", &message);
            assert_eq!((status, &*media_type), (200, "application/x-pkcs7-certificates"));
            assert!(message.windows(der.len()).any(|window| window == der), "the message carries the certificate");
        }
        tenant.rotate_signing_key();
    }
    // Another query is ignored; the key of connections is another one, which is not modelled.
    assert_eq!(certificate(&tenant, "/pem?connection=staff").0, 200);
    for path in ["/pem?cert=connection", "/pem/nobody", "/pem/", "/pemx", "/pem/a/b"] {
        assert_eq!(certificate(&tenant, path).0, 404, "{path}");
    }
    assert_eq!(tenant.requests().unmodelled().count(), 5);
}
