//! A tenant with TLS beside plain HTTP.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use m2mock::MockTenant;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

use crate::wire;

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// What follows `https://`.
fn address(uri: &str) -> &str {
    uri.strip_prefix("https://").unwrap()
}

/// A connection to this address, as a client that trusts these authorities and no other, and that expects this name.
pub fn connect(uri: &str, authorities: &[Vec<u8>], name: &str) -> io::Result<Stream> {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(CertificateDer::from(authority.clone())).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tls = ClientConnection::new(Arc::new(config), name.to_owned().try_into().unwrap()).unwrap();
    let mut stream = wire::connect(&format!("http://{}", address(uri)));
    tls.complete_io(&mut stream)?;
    Ok(StreamOwned::new(tls, stream))
}

/// A request over TLS that trusts the tenant's authority.
fn send(tenant: &MockTenant, method: &str, path: &str, bearer: &str, body: &str) -> (u16, Value) {
    let uri = tenant.https_uri();
    let mut stream = connect(&uri, &[tenant.ca_der()], "127.0.0.1").unwrap();
    stream.write_all(&request(address(&uri), method, path, bearer, body)).unwrap();
    let answer = wire::answer(&mut stream);
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

fn request(host: &str, method: &str, path: &str, bearer: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {bearer}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

#[test]
fn with_tls_a_trusting_client_gets_answers_with_https_addresses() {
    let tenant = MockTenant::builder().tls().start();
    let uri = tenant.https_uri();
    let (_, discovery) = send(&tenant, "GET", "/.well-known/openid-configuration", "", "");
    assert_eq!(discovery["issuer"], format!("{uri}/"));
    assert_eq!(discovery["jwks_uri"], format!("{uri}/.well-known/jwks.json"));
}

#[test]
fn a_token_that_is_fetched_over_tls_is_good_at_both_ports_and_so_is_any_other() {
    let tenant = MockTenant::builder().tls().start();
    let (id, secret) = tenant.management_client();
    let body = json!({
        "grant_type": "client_credentials", "client_id": id, "client_secret": secret,
        "audience": tenant.management_audience()
    });
    let (status, token) = send(&tenant, "POST", "/oauth/token", "", &body.to_string());
    assert_eq!(status, 200);
    for token in [token["access_token"].as_str().unwrap(), &tenant.management_token(&["read:clients"])] {
        assert_eq!(send(&tenant, "GET", "/api/v2/clients", token, "").0, 200);
        let (uri, path) = (tenant.uri(), "/api/v2/clients");
        assert_eq!(wire::send(&uri, &request(wire::address(&uri), "GET", path, token, "")).status, 200);
    }
}

#[test]
fn the_certificate_is_for_the_names_of_this_machine_and_the_domain() {
    let tenant = MockTenant::builder().domain("travel0.eu.auth0.example:8443").tls().start();
    for name in ["localhost", "127.0.0.1", "::1", "travel0.eu.auth0.example"] {
        assert!(connect(&tenant.https_uri(), &[tenant.ca_der()], name).is_ok(), "{name}");
    }
    assert!(connect(&tenant.https_uri(), &[tenant.ca_der()], "other.example").is_err());
}

#[test]
fn the_certificate_is_for_further_names_as_well() {
    let tenant = MockTenant::builder().tls_name("mock").tls_name("*.mock.example").tls_name("192.0.2.7").start();
    for name in ["mock", "alias.mock.example", "192.0.2.7", "travel0.localhost", "localhost"] {
        assert!(connect(&tenant.https_uri(), &[tenant.ca_der()], name).is_ok(), "{name}");
    }
    assert!(connect(&tenant.https_uri(), &[tenant.ca_der()], "mock.example").is_err());
}

#[test]
fn a_name_that_no_certificate_can_have_fails_the_start() {
    let started = catch_unwind(AssertUnwindSafe(|| MockTenant::builder().tls_name("https://mock").start()));
    let message = started.err().and_then(|panic| panic.downcast::<String>().ok()).expect("a sentence");
    assert!(message.contains("the name \"https://mock\" for the certificate is not a host name"), "{message}");
}

#[test]
fn a_client_that_does_not_trust_the_authority_refuses() {
    let (tenant, other) = (MockTenant::builder().tls().start(), MockTenant::builder().tls().start());
    let trusting = |authorities: &[Vec<u8>]| connect(&tenant.https_uri(), authorities, "localhost");
    assert!(trusting(&[]).is_err());
    assert!(trusting(&[other.ca_der()]).is_err());
    assert!(trusting(&[other.ca_der(), tenant.ca_der()]).is_ok());
}

#[test]
fn plain_http_works_beside_tls() {
    let tenant = MockTenant::builder().tls().start();
    let discovery: Value =
        serde_json::from_str(&wire::get(&tenant.uri(), "/.well-known/openid-configuration").body).unwrap();
    assert_eq!(discovery["issuer"], tenant.issuer());
    assert!(tenant.issuer().starts_with("http://"));
}

#[test]
fn plain_http_on_the_tls_port_gets_an_error() {
    let tenant = MockTenant::builder().tls().start();
    let uri = format!("http://{}", address(&tenant.https_uri()));
    let refusal = wire::get(&uri, "/.well-known/jwks.json");
    let word = "This port speaks HTTPS; the request came over plain HTTP.";
    assert_eq!((refusal.status, refusal.body.trim()), (400, word));
}

#[test]
fn an_invalid_handshake_does_not_affect_others() {
    let tenant = MockTenant::builder().tls().start();
    let uri = format!("http://{}", address(&tenant.https_uri()));
    let _silent = wire::connect(&uri);
    let mut confused = wire::connect(&uri);
    confused.write_all(&[0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]).unwrap();
    let _ = confused.read_to_end(&mut Vec::new());
    assert_eq!(send(&tenant, "GET", "/.well-known/jwks.json", "", "").0, 200);
}

#[test]
fn faults_reach_over_tls() {
    let tenant = MockTenant::builder().tls().start();
    let uri = tenant.https_uri();
    let received = || {
        let mut stream = connect(&uri, &[tenant.ca_der()], "localhost").unwrap();
        stream.write_all(&request(address(&uri), "GET", "/.well-known/jwks.json", "", "")).unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).map_err(|_| received.len()).map(|_| received.len())
    };
    tenant.faults().on_any_request().times(1).reset();
    assert_eq!(received(), Err(0));
    tenant.faults().on_any_request().times(1).truncated();
    let cut = received().unwrap_or_else(|length| length);
    let whole = received().unwrap();
    assert!(0 < cut && cut < whole, "{cut} of {whole}");
}

#[test]
fn a_tenant_without_tls_has_no_authority() {
    let tenant = MockTenant::start();
    assert!(catch_unwind(AssertUnwindSafe(|| tenant.ca_pem())).is_err());
}

#[test]
fn an_added_tenant_has_a_certificate_for_its_name_while_it_is_there() {
    let first = MockTenant::builder().tls().start();
    let connects = || connect(&first.https_uri(), &[first.ca_der()], "acme.localhost");
    assert!(connects().is_err());
    let (status, added) = send(&first, "POST", "/__admin/tenants", "", r#"{"domain": "acme.localhost"}"#);
    let host = added["https_base_url"].as_str().unwrap().strip_prefix("https://").unwrap().to_owned();
    assert_eq!(
        (status, host.rsplit_once(':').unwrap().1),
        (201, address(&first.https_uri()).rsplit_once(':').unwrap().1)
    );

    let mut stream = connects().unwrap();
    stream.write_all(&request(&host, "GET", "/.well-known/openid-configuration", "", "")).unwrap();
    let discovery: Value = serde_json::from_str(&wire::answer(&mut stream).body).unwrap();
    assert_eq!(discovery["issuer"], format!("https://{host}/"));

    let deleted = request("localhost", "DELETE", "/__admin/tenants/acme.localhost", "", "");
    assert_eq!(wire::send(&first.uri(), &deleted).status, 204);
    assert!(connects().is_err());
}

#[test]
fn a_verified_custom_domain_has_a_certificate() {
    let tenant = MockTenant::builder().tls().start();
    let connects = || connect(&tenant.https_uri(), &[tenant.ca_der()], "login.travel0.example");
    let token = tenant.management_token(&["create:custom_domains"]);
    let domain = r#"{"domain": "login.travel0.example", "type": "auth0_managed_certs"}"#;
    let (status, domain) = send(&tenant, "POST", "/api/v2/custom-domains", &token, domain);
    assert_eq!(status, 201, "{domain}");
    assert!(connects().is_err(), "it is not verified");

    let path = format!("/api/v2/custom-domains/{}/verify", domain["custom_domain_id"].as_str().unwrap());
    assert_eq!(send(&tenant, "POST", &path, &token, "").0, 201);
    let mut stream = connects().unwrap();
    let read = request("login.travel0.example", "GET", "/.well-known/openid-configuration", "", "");
    stream.write_all(&read).unwrap();
    let discovery: Value = serde_json::from_str(&wire::answer(&mut stream).body).unwrap();
    assert_eq!(discovery["issuer"], "https://login.travel0.example/");
}
