//! `/clients/{client_id}/credentials`.

use serde_json::{Value, json};

use crate::caller::{Caller, message};

const CERTIFICATE: &str = include_str!("../../fixtures/credentials/certificate.pem");
const PUBLIC_KEY: &str = include_str!("../../fixtures/credentials/public-key.pem");
const ELLIPTIC_CERTIFICATE: &str = include_str!("../../fixtures/credentials/elliptic-certificate.pem");

fn client(caller: &Caller) -> String {
    caller.create("/clients", json!({ "name": "Flight Search" }), "client_id")
}

#[test]
fn a_public_key_has_its_thumbprint_as_kid_and_no_answer_shows_its_pem() {
    let caller = Caller::start();
    let path = format!("/clients/{}/credentials", client(&caller));
    let (status, mut created) =
        caller.post(&path, json!({ "credential_type": "public_key", "name": "one", "pem": PUBLIC_KEY }));
    assert_eq!(status, 201);
    let id = created["id"].as_str().unwrap().to_owned();
    assert_eq!((&id[..5], id.len()), ("cred_", 27));
    assert_eq!(caller.get(&format!("{path}/{id}")), (200, created.clone()));

    created["id"] = "cred_…".into();
    insta::assert_json_snapshot!(created, @r#"
    {
      "alg": "RS256",
      "created_at": "2026-06-01T12:00:00.000Z",
      "credential_type": "public_key",
      "id": "cred_…",
      "kid": "LY5nOII1n92WfxgvZFa7KL5Q6uYatrH7BaPNU6r2-6s",
      "name": "one",
      "updated_at": "2026-06-01T12:00:00.000Z"
    }
    "#);
}

#[test]
fn the_same_key_in_a_certificate_has_the_same_kid() {
    let caller = Caller::start();
    let path = || format!("/clients/{}/credentials", client(&caller));
    let kid = |pem: &str| caller.create(&path(), json!({ "credential_type": "public_key", "pem": pem }), "kid");
    assert_eq!(kid(CERTIFICATE), kid(PUBLIC_KEY));
}

#[test]
fn the_expiry_of_a_certificate_is_read_on_request_only() {
    let caller = Caller::start();
    let path = || format!("/clients/{}/credentials", client(&caller));
    let expiry = |parse: bool| {
        let body = json!({ "credential_type": "public_key", "pem": CERTIFICATE, "parse_expiry_from_cert": parse });
        caller.post(&path(), body).1.get("expires_at").cloned()
    };
    assert_eq!(expiry(false), None);
    assert_eq!(expiry(true), Some(json!("2036-01-01T00:00:00.000Z")));
}

#[test]
fn a_certificate_for_mutual_tls_has_its_thumbprint_and_its_expiry() {
    let caller = Caller::start();
    let path = format!("/clients/{}/credentials", client(&caller));
    let (_, mut created) = caller.post(&path, json!({ "credential_type": "x509_cert", "pem": CERTIFICATE }));
    created["id"] = "cred_…".into();
    insta::assert_json_snapshot!(created, @r#"
    {
      "created_at": "2026-06-01T12:00:00.000Z",
      "credential_type": "x509_cert",
      "expires_at": "2036-01-01T00:00:00.000Z",
      "id": "cred_…",
      "thumbprint_sha256": "woNizEulnLmlPRQ6y8q_kTeACADpqVCO2SbRuTbBgYs",
      "updated_at": "2026-06-01T12:00:00.000Z"
    }
    "#);
    assert_eq!(caller.post(&path, json!({ "credential_type": "x509_cert", "pem": PUBLIC_KEY })).0, 400);
}

#[test]
fn a_subject_comes_from_a_certificate_or_a_text_but_not_from_both() {
    let caller = Caller::start();
    let path = format!("/clients/{}/credentials", client(&caller));
    let subject = |body: Value| caller.post(&path, body);
    let of_certificate = subject(json!({ "credential_type": "cert_subject_dn", "pem": CERTIFICATE }));
    let expected = "C=NL\nST=Utrecht\nL=Utrecht\nO=Travel0\nOU=Flights\nCN=Flight Search";
    assert_eq!(of_certificate.1["subject_dn"], expected);
    let in_words = subject(json!({ "credential_type": "cert_subject_dn", "subject_dn": "CN=Flight Search" }));
    assert_eq!(in_words.1["subject_dn"], "CN=Flight Search");
    let both = json!({ "credential_type": "cert_subject_dn", "pem": CERTIFICATE, "subject_dn": "CN=Flight Search" });
    assert_eq!(subject(both).0, 400);
    assert_eq!(subject(json!({ "credential_type": "cert_subject_dn" })).0, 400);
}

#[test]
fn a_key_that_is_not_rsa_is_refused() {
    let caller = Caller::start();
    let path = format!("/clients/{}/credentials", client(&caller));
    let refusal = caller.post(&path, json!({ "credential_type": "public_key", "pem": ELLIPTIC_CERTIFICATE }));
    assert_eq!((refusal.0, message(&refusal)), (400, "The provided PEM is not a valid public key or certificate."));
}

#[test]
fn credentials_are_listed_newest_first_in_a_bare_array() {
    let caller = Caller::start();
    let path = format!("/clients/{}/credentials", client(&caller));
    for (name, key) in [("one", 0), ("two", 1)] {
        let pem = m2mock::internal::certificate_pem(key);
        caller.create(&path, json!({ "credential_type": "public_key", "name": name, "pem": pem }), "id");
    }
    let (_, listed) = caller.get(&format!("{path}?include_totals=true&per_page=50"));
    let names: Vec<&Value> = listed.as_array().unwrap().iter().map(|credential| &credential["name"]).collect();
    assert_eq!(names, ["two", "one"]);
}

#[test]
fn only_the_expiry_of_a_credential_can_change() {
    let caller = Caller::start();
    let path = format!("/clients/{}/credentials", client(&caller));
    let id = caller.create(&path, json!({ "credential_type": "public_key", "pem": PUBLIC_KEY }), "id");
    let path = format!("{path}/{id}");
    let (status, changed) = caller.patch(&path, json!({ "expires_at": "2050-05-13T09:33:13Z" }));
    assert_eq!((status, &changed["expires_at"]), (200, &json!("2050-05-13T09:33:13.000Z")));
    let (_, changed) = caller.patch(&path, json!({ "expires_at": null }));
    assert_eq!(changed.get("expires_at"), None);
    assert_eq!(caller.patch(&path, json!({ "name": "other" })).0, 400);
}

#[test]
fn a_second_delete_of_a_credential_is_no_error() {
    let caller = Caller::start();
    let path = format!("/clients/{}/credentials", client(&caller));
    let id = caller.create(&path, json!({ "credential_type": "public_key", "pem": PUBLIC_KEY }), "id");
    let path = format!("{path}/{id}");
    assert_eq!(caller.delete(&path).0, 204);
    assert_eq!(caller.delete(&path).0, 204);
    let gone = caller.get(&path);
    assert_eq!((gone.0, message(&gone)), (404, "Credential does not exist"));
}

#[test]
fn a_credential_is_reached_through_its_own_client_only() {
    let caller = Caller::start();
    let (one, other) = (client(&caller), client(&caller));
    let body = json!({ "credential_type": "public_key", "pem": PUBLIC_KEY });
    let id = caller.create(&format!("/clients/{one}/credentials"), body, "id");
    let through_the_other = format!("/clients/{other}/credentials/{id}");
    assert_eq!(caller.get(&through_the_other).0, 404);
    assert_eq!(caller.delete(&through_the_other).0, 204);
    assert_eq!(caller.get(&format!("/clients/{one}/credentials/{id}")).0, 200);
}

#[test]
fn a_deletion_of_a_client_deletes_its_credentials() {
    let caller = Caller::start();
    let client = client(&caller);
    let path = format!("/clients/{client}/credentials");
    caller.create(&path, json!({ "credential_type": "public_key", "pem": PUBLIC_KEY }), "id");
    assert_eq!(caller.delete(&format!("/clients/{client}")).0, 204);
    assert_eq!(caller.get(&path).0, 404);
}

#[test]
fn a_client_may_bring_its_credentials_along() {
    let caller = Caller::start();
    let credential = json!({ "credential_type": "public_key", "name": "one", "pem": PUBLIC_KEY });
    let body = json!({
        "name": "Flight Search",
        "client_authentication_methods": { "private_key_jwt": { "credentials": [credential] } },
        "jwt_configuration": { "alg": "RS256" },
    });
    let (status, created) = caller.post("/clients", body);
    assert_eq!((status, created.get("client_secret")), (201, None));
    let written_out = &created["client_authentication_methods"]["private_key_jwt"]["credentials"][0];
    assert_eq!((&written_out["name"], written_out.get("pem")), (&json!("one"), None));

    // From then on the client names it by its id.
    let id = created["client_id"].as_str().unwrap();
    let (_, client) = caller.get(&format!("/clients/{id}"));
    let named = &client["client_authentication_methods"]["private_key_jwt"]["credentials"];
    assert_eq!(named, &json!([{ "id": written_out["id"] }]));
    assert_eq!(caller.get(&format!("/clients/{id}/credentials")).1[0], *written_out);
}

#[test]
fn bringing_credentials_along_needs_the_scope_to_create_them() {
    let mut caller = Caller::start();
    caller.limit_to(&["create:clients"]);
    let credential = json!({ "credential_type": "public_key", "pem": PUBLIC_KEY });
    let methods = json!({ "private_key_jwt": { "credentials": [credential] } });
    let refusal = caller.post("/clients", json!({ "name": "bot", "client_authentication_methods": methods }));
    assert_eq!((refusal.0, message(&refusal)), (403, "Insufficient scope, expected any of: create:client_credentials"));
    assert_eq!(caller.post("/clients", json!({ "name": "bot" })).0, 201);
}

#[test]
fn a_client_cannot_use_the_credential_of_another() {
    let caller = Caller::start();
    let (one, other) = (client(&caller), client(&caller));
    let body = json!({ "credential_type": "public_key", "pem": PUBLIC_KEY });
    let id = caller.create(&format!("/clients/{one}/credentials"), body, "id");
    let methods = json!({ "private_key_jwt": { "credentials": [{ "id": id }] } });
    let change = json!({ "client_authentication_methods": methods, "token_endpoint_auth_method": null });
    assert_eq!(caller.patch(&format!("/clients/{one}"), change.clone()).0, 200);
    assert_eq!(caller.patch(&format!("/clients/{other}"), change).0, 400);
}
