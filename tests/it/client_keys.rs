//! The keys of a client, and a change of its authentication method.

use std::time::Duration;

use m2mock::MockTenant;
use m2mock::http::Method;
use m2mock::internal::{Pins, Tenant};
use ring::signature::RSA_PSS_SHA256;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client_assertion::{
    API, BOT, HOST, KID, PEM, ask, assertion, cause, change, create, is_granted, right, rs256, tenant,
};
use crate::forge::Forger::Rsa;
use crate::forge::forge;

const NEXT_KEY: &[u8] = include_bytes!("../../fixtures/keys/key-5.der");

/// The certificate of the key with this number under `fixtures/keys`.
fn pem(number: usize) -> String {
    m2mock::internal::certificate_pem(number - 1)
}

/// Adds a credential to the bot without naming it, and gives its id.
fn add_credential(tenant: &Tenant, body: Value) -> String {
    let credential = create(tenant, &format!("/clients/{BOT}/credentials"), body, None);
    credential["id"].as_str().expect("an id").to_owned()
}

fn name_credentials(tenant: &Tenant, ids: &[&str]) {
    let named: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    let methods = json!({ "private_key_jwt": { "credentials": named } });
    change(tenant, &format!("/clients/{BOT}"), json!({ "client_authentication_methods": methods }));
}

fn first_credential(tenant: &Tenant) -> String {
    let path = format!("/clients/{BOT}/credentials");
    let listed = tenant.perform(Method::GET, &path, Value::Null, Pins::default()).expect("a list");
    listed[0]["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_key_of_the_client_that_it_does_not_name_is_no_use() {
    let tenant = tenant();
    name_credentials(&tenant, &[]);
    let with_kid = assertion(json!({ "kid": KID }), json!({}), &rs256());
    assert_eq!(
        cause(ask(&tenant, &with_kid)),
        format!("the client's private_key_jwt does not name the credential: {KID}")
    );
    assert_eq!(
        cause(ask(&tenant, &right("one"))),
        format!("the client's private_key_jwt does not name the credential: {KID}")
    );
}

#[test]
fn a_client_without_a_key_gets_no_token() {
    let tenant = tenant();
    let id = first_credential(&tenant);
    name_credentials(&tenant, &[]);
    tenant
        .perform(Method::DELETE, &format!("/clients/{BOT}/credentials/{id}"), Value::Null, Pins::default())
        .expect("it goes");
    assert_eq!(cause(ask(&tenant, &right("one"))), "the client's private_key_jwt names no credential");
}

#[test]
fn two_keys_are_valid_during_a_rotation() {
    let tenant = tenant();
    let old = first_credential(&tenant);
    let new = add_credential(
        &tenant,
        json!({ "credential_type": "public_key", "pem": pem(5), "kid": "next-of-the-bot", "alg": "PS256" }),
    );
    name_credentials(&tenant, &[&old, &new]);
    let by_new = |id: &str, kid: Value| {
        assertion(json!({ "alg": "PS256", "kid": kid }), json!({ "jti": id }), &Rsa(&RSA_PSS_SHA256, NEXT_KEY))
    };
    for assertion in [right("1"), by_new("2", Value::Null), by_new("3", json!("next-of-the-bot"))] {
        assert!(is_granted(&tenant, &assertion));
    }
    name_credentials(&tenant, &[&new]);
    assert!(is_granted(&tenant, &by_new("4", Value::Null)));
    assert_eq!(cause(ask(&tenant, &right("5"))), "'alg' header must be that of the credential, PS256: RS256");
}

#[test]
fn a_key_that_the_client_names_cannot_be_deleted() {
    let tenant = tenant();
    let id = first_credential(&tenant);
    let path = format!("/clients/{BOT}/credentials/{id}");
    let delete = || tenant.perform(Method::DELETE, &path, Value::Null, Pins::default());
    assert_eq!(delete().expect_err("a refusal").status(), 400);
    assert!(is_granted(&tenant, &right("one")));
    name_credentials(&tenant, &[]);
    delete().expect("it goes");
}

#[test]
fn a_client_has_four_keys_at_most_and_each_of_them_once() {
    let tenant = tenant();
    let path = format!("/clients/{BOT}/credentials");
    let add = |pem: &str| {
        let body = json!({ "credential_type": "public_key", "pem": pem });
        tenant
            .perform(Method::POST, &path, body, Pins::default())
            .map(drop)
            .map_err(|refusal| (refusal.status(), refusal.message().into()))
    };
    let exists = "credentials contains public keys that already exist in client";
    assert_eq!(add(PEM), Err((400, exists.to_owned())));
    for number in 5..8 {
        assert_eq!(add(&pem(number)), Ok(()));
    }
    assert_eq!(add(&pem(1)), Err((400, "A client can have a maximum of 4 credentials.".to_owned())));
}

#[test]
fn a_client_names_two_keys_at_most() {
    let tenant = tenant();
    let mut named = vec![json!({ "id": first_credential(&tenant) })];
    for number in 5..7 {
        named.push(
            json!({ "id": add_credential(&tenant, json!({ "credential_type": "public_key", "pem": pem(number) })) }),
        );
    }
    let change = |named: &[Value]| {
        let methods = json!({ "client_authentication_methods": { "private_key_jwt": { "credentials": named } } });
        tenant.perform(Method::PATCH, &format!("/clients/{BOT}"), methods, Pins::default())
    };
    let refusal = change(&named).expect_err("a refusal").message().to_owned();
    assert!(refusal.starts_with("Payload validation error: 'Array is too long (3), maximum 2'"), "{refusal}");
    change(&named[..2]).expect("two");
}

#[test]
fn a_client_that_turns_to_certificates_no_longer_proves_itself_with_keys() {
    let tenant = tenant();
    let methods = json!({ "client_authentication_methods": { "tls_client_auth": { "credentials": [] } } });
    let client = change(&tenant, &format!("/clients/{BOT}"), methods.clone());
    assert_eq!(client["client_authentication_methods"], methods["client_authentication_methods"]);
    assert_eq!(cause(ask(&tenant, &right("one"))), "the client does not authenticate with private_key_jwt");
}

#[test]
fn a_key_ends_by_the_tenants_clock() {
    let tenant = tenant();
    let path = format!("/clients/{BOT}/credentials/{}", first_credential(&tenant));
    change(&tenant, &path, json!({ "expires_at": "2026-06-01T12:00:10.900Z" }));
    assert!(is_granted(&tenant, &right("one")));
    tenant.clock().advance(Duration::from_secs(10));
    assert_eq!(cause(ask(&tenant, &right("two"))), format!("the credential has expired: {KID}"));
}

#[test]
fn a_key_of_another_client_is_no_use() {
    let tenant = tenant();
    let methods = json!({ "private_key_jwt": { "credentials": [] } });
    create(&tenant, "/clients", json!({ "name": "Other", "client_authentication_methods": methods }), Some("other"));
    let theirs = assertion(json!({}), json!({ "iss": "other", "sub": "other" }), &rs256());
    assert_eq!(cause(ask(&tenant, &theirs)), "the client's private_key_jwt names no credential");
}

#[test]
fn a_token_of_the_tenant_is_no_assertion() {
    let tenant = tenant();
    let token = tenant.management_token(HOST, &[]);
    assert_eq!(cause(ask(&tenant, &token)), "'iss' claim and 'sub' claim must both be the client_id");
}

// The methods of a client.

#[test]
fn a_client_can_switch_between_keys_and_secret() {
    let tenant = MockTenant::start();
    let api = tenant.api(API).create();
    let bot = tenant.application("Partner bot").client_secret("partner-bot-secret").create();
    tenant.client_grant(&bot, &api).create();
    let path = format!("/clients/{}", bot.client_id);
    let change = |body: Value| tenant.perform(Method::PATCH, &path, body).expect("a right body");
    let by_secret = || tenant.token(&bot).audience(&api).request().map(drop).map_err(|refusal| refusal.error);
    let now = tenant.clock().unix();
    let by_assertion = |id: &str| {
        let claims = json!({
            "iss": bot.client_id, "sub": bot.client_id, "aud": tenant.issuer(), "exp": now + 60, "iat": now, "jti": id
        });
        let assertion = forge(&json!({ "alg": "RS256" }), &claims, &rs256());
        let request = tenant.token(&bot).audience(&api).client_assertion(assertion);
        request.request().map(drop).map_err(|refusal| refusal.error)
    };
    let not_proven = || Err("invalid_client".to_owned());
    assert_eq!((by_secret(), by_assertion("1")), (Ok(()), not_proven()));

    let credentials = format!("{path}/credentials");
    let credential = tenant
        .perform(Method::POST, &credentials, json!({ "credential_type": "public_key", "pem": PEM }))
        .expect("a key");
    change(json!({
        "token_endpoint_auth_method": null,
        "client_authentication_methods": { "private_key_jwt": { "credentials": [{ "id": credential["id"] }] } }
    }));
    assert_eq!((by_secret(), by_assertion("2")), (Err("access_denied".to_owned()), Ok(())));

    change(json!({ "token_endpoint_auth_method": "client_secret_post", "client_authentication_methods": null }));
    assert_eq!((by_secret(), by_assertion("3")), (Ok(()), not_proven()));
}

#[test]
fn a_secret_that_was_replaced_is_no_longer_good() {
    let tenant = MockTenant::start();
    let api = tenant.api(API).create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();
    let path = format!("/clients/{}/rotate-secret", bot.client_id);
    let rotated = tenant.perform(Method::POST, &path, Value::Null).expect("a new secret");
    let with = |secret: &str| tenant.token(&bot).audience(&api).with("client_secret", secret).request().is_ok();
    assert!(!with(&bot.client_secret));
    assert!(with(rotated["client_secret"].as_str().expect("a secret")));
}

#[rstest]
#[case::by_subject("tls_client_auth", json!({ "credential_type": "cert_subject_dn", "subject_dn": "CN=Flight Search" }))]
#[case::by_certificate(
    "self_signed_tls_client_auth",
    json!({ "credential_type": "x509_cert", "pem": include_str!("../../fixtures/credentials/certificate.pem") })
)]
fn the_refusal_of_a_client_with_certificates_has_a_reason(#[case] method: &str, #[case] credential: Value) {
    let tenant = MockTenant::start();
    let api = tenant.api(API).create();
    let methods = json!({ method: { "credentials": [credential] } });
    let bot = tenant.application("Partner bot").with("client_authentication_methods", methods).create();
    let refusal = tenant.token(&bot).audience(&api).request().unwrap_err();
    assert_eq!((refusal.status, refusal.error.as_str()), (401, "invalid_client"));
    assert_eq!(refusal.rules, ["MTLS1", "T19"], "{refusal}");
    assert!(refusal.why.ends_with("is refused: the request has none"), "{refusal}");
}

#[test]
fn a_client_with_a_secret_cannot_prove_itself_with_an_assertion() {
    let tenant = tenant();
    create(&tenant, "/clients", json!({ "name": "Other" }), Some("other"));
    let theirs = assertion(json!({}), json!({ "iss": "other", "sub": "other" }), &rs256());
    assert_eq!(cause(ask(&tenant, &theirs)), "the client does not authenticate with private_key_jwt");
}

// Recorded in 2024: a certificate is accepted with any dates, key and signature.
#[test]
fn a_certificate_without_an_end_has_the_last_timestamp_as_expiry() {
    let tenant = tenant();
    let pem = include_str!("../../fixtures/credentials/any-time-certificate.pem");
    let path = format!("/clients/{BOT}/credentials");
    for body in [
        json!({ "credential_type": "x509_cert", "pem": pem }),
        json!({ "credential_type": "public_key", "pem": pem, "parse_expiry_from_cert": true }),
    ] {
        assert_eq!(create(&tenant, &path, body, None)["expires_at"], "9999-12-31T23:59:59.000Z");
    }
}
