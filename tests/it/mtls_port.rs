//! Client certificates over the tenant's own TLS port, from the handshake to the token.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use m2mock::http::Method;
use m2mock::{Application, Clock, MockTenant};
use rstest::rstest;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

use crate::mtls::{claims, encoded, thumbprint};
use crate::wire;

const AUTHORITY: &str = include_str!("../../fixtures/keys/client-authority.pem");
/// `C=NL, O=Travel0, CN=Partner bot`, signed by the authority.
const CERTIFICATE: &str = include_str!("../../fixtures/keys/client-certificate.pem");
const KEY: &str = include_str!("../../fixtures/keys/client-key.pem");
/// Like the first one, until the end of 2025.
const EXPIRED: &str = include_str!("../../fixtures/keys/expired-client-certificate.pem");
/// The same subject, signed by itself.
const FOREIGN: &str = include_str!("../../fixtures/keys/foreign-client-certificate.pem");
const FOREIGN_KEY: &str = include_str!("../../fixtures/keys/foreign-client-key.pem");
const API: &str = "https://travel0.example/api";

/// 2026-06-01.
const NOON: u64 = 1_780_315_200;

/// A tenant whose port trusts the authority, and a bot with these members.
struct Port {
    tenant: MockTenant,
    bot: Application,
}

fn port_of(tenant: MockTenant, methods: Option<Value>, binding: Value) -> Port {
    let api = tenant.api(API).with("proof_of_possession", binding).create();
    let bot = tenant.application("Partner bot");
    let bot = match methods {
        Some(methods) => bot.with("client_authentication_methods", methods),
        None => bot,
    };
    let bot = bot.create();
    tenant.client_grant(&bot, &api).create();
    Port { tenant, bot }
}

fn trusting() -> MockTenant {
    MockTenant::builder().client_ca(AUTHORITY).clock(Clock::fixed(NOON)).start()
}

fn by_subject() -> Value {
    json!({ "tls_client_auth": { "credentials": [{ "credential_type": "cert_subject_dn", "pem": CERTIFICATE }] } })
}

fn by_certificate(pem: &str) -> Value {
    json!({ "self_signed_tls_client_auth": { "credentials": [{ "credential_type": "x509_cert", "pem": pem }] } })
}

/// A request with this certificate and key, to the port or to another name of the tenant.
fn send(tenant: &MockTenant, certificate: Option<(&str, &str)>, head: &str, body: &str) -> io::Result<(u16, Value)> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(tenant.ca_der())).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let config = match certificate {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).expect("a certificate")];
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
            // The client does not check that the key is that of the certificate, so that the port has to.
            let key = provider.key_provider.load_private_key(key).expect("a key");
            config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key))))
        }
    };
    let address = tenant.https_uri().replace("https://", "http://");
    let mut tls = ClientConnection::new(Arc::new(config), "127.0.0.1".try_into().expect("a name")).expect("a client");
    let mut stream = wire::connect(&address);
    tls.complete_io(&mut stream)?;
    let mut stream = StreamOwned::new(tls, stream);
    let length = body.len();
    let request = format!("{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes())?;
    let mut received = String::new();
    stream.read_to_string(&mut received)?;
    let (head, body) = received.split_once("\r\n\r\n").expect("an answer");
    let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
    Ok((status, serde_json::from_str(body).expect("JSON")))
}

impl Port {
    /// A token request with this certificate and further headers and parameters.
    fn ask(&self, certificate: Option<(&str, &str)>, headers: &str, parameters: Value) -> io::Result<(u16, Value)> {
        let mut body = json!({
            "grant_type": "client_credentials", "client_id": self.bot.client_id, "audience": API,
        });
        body.as_object_mut().expect("an object").extend(parameters.as_object().expect("an object").clone());
        let host = self.tenant.https_uri().replace("https://", "");
        let head = format!("POST /oauth/token HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n{headers}");
        send(&self.tenant, certificate, &head, &body.to_string())
    }

    fn why(&self) -> String {
        let requests = self.tenant.requests();
        let entry = requests.iter().rfind(|entry| entry.token.is_some()).expect("a token request");
        let decision = entry.token.as_ref().expect("a decision");
        format!("{}: {}", decision.rules.join(" "), decision.why)
    }
}

#[test]
fn a_certificate_of_the_authority_authenticates_by_its_subject() {
    let port = port_of(trusting(), Some(by_subject()), Value::Null);
    let (status, answer) = port.ask(Some((CERTIFICATE, KEY)), "", json!({})).expect("an answer");
    assert_eq!((status, &answer["token_type"]), (200, &json!("Bearer")), "{}", port.why());
    assert!(port.why().contains(&thumbprint(CERTIFICATE)), "{}", port.why());
}

#[test]
fn a_registered_certificate_authenticates_at_a_port_without_authorities() {
    let tenant = MockTenant::builder().mtls().clock(Clock::fixed(NOON)).start();
    let port = port_of(tenant, Some(by_certificate(FOREIGN)), Value::Null);
    let (status, _) = port.ask(Some((FOREIGN, FOREIGN_KEY)), "", json!({})).expect("an answer");
    assert_eq!(status, 200, "{}", port.why());
}

#[test]
fn a_certificate_binds_the_token_of_a_client_with_a_secret() {
    let port = port_of(trusting(), None, json!({ "mechanism": "mtls", "required": true }));
    let secret = json!({ "client_secret": port.bot.client_secret });
    for (certificate, key) in [(CERTIFICATE, KEY), (FOREIGN, FOREIGN_KEY)] {
        let (status, answer) = port.ask(Some((certificate, key)), "", secret.clone()).expect("an answer");
        assert_eq!((status, &answer["token_type"]), (200, &json!("DPoP")), "{}", port.why());
        assert_eq!(claims(&answer)["cnf"], json!({ "x5t#S256": thumbprint(certificate) }));
    }
    let (status, answer) = port.ask(None, "", secret).expect("an answer");
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_request")), "{}", port.why());
}

/// No attack over the port passes, and each has its cause in the journal.
// proves T19, MTLS1, MTLS2, MTLS3, MTLS4, MTLS5
#[rstest]
#[case::no_certificate(by_subject(), None, "", "MTLS1 T19: ")]
#[case::a_foreign_certificate_with_the_same_subject(
    by_subject(), Some((FOREIGN, FOREIGN_KEY)), "", "MTLS2 T19: "
)]
#[case::an_expired_certificate(by_subject(), Some((EXPIRED, KEY)), "", "MTLS4 T19: ")]
#[case::a_certificate_of_the_authority_for_another_method(
    by_certificate(CERTIFICATE), Some((CERTIFICATE, KEY)), "", "MTLS3 T19: "
)]
#[case::another_certificate(by_certificate(CERTIFICATE), Some((FOREIGN, FOREIGN_KEY)), "", "MTLS3 T19: ")]
#[case::another_subject(
    json!({ "tls_client_auth": { "credentials": [{ "credential_type": "cert_subject_dn", "subject_dn": "CN=Partner bot" }] } }),
    Some((CERTIFICATE, KEY)), "", "MTLS2 T19: "
)]
#[case::spoofed_headers(by_subject(), None, "client-certificate-ca-verified: SUCCESS\r\n", "MTLS5 T19: ")]
#[case::spoofed_headers_beside_a_foreign_certificate(
    by_subject(), Some((FOREIGN, FOREIGN_KEY)), "client-certificate-ca-verified: SUCCESS\r\n", "MTLS2 T19: "
)]
#[case::spoofed_headers_with_a_key(
    by_subject(),
    None,
    "client-certificate-ca-verified: SUCCESS\r\ncname-api-key: 0123456789abcdef\r\n",
    "MTLS5 T19: "
)]
fn no_attack_over_the_port_gives_a_token(
    #[case] methods: Value,
    #[case] certificate: Option<(&str, &str)>,
    #[case] headers: &str,
    #[case] rules: &str,
) {
    let port = port_of(trusting(), Some(methods), Value::Null);
    let spoofed = format!("client-certificate: {}\r\n", encoded(CERTIFICATE));
    let headers = if headers.is_empty() { String::new() } else { spoofed + headers };
    let (status, answer) = port.ask(certificate, &headers, json!({})).expect("an answer");
    assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")), "{}", port.why());
    assert!(port.why().starts_with(rules), "{}", port.why());
}

#[test]
fn a_certificate_without_its_key_ends_the_handshake() {
    let port = port_of(trusting(), Some(by_subject()), Value::Null);
    let stolen = port.ask(Some((CERTIFICATE, FOREIGN_KEY)), "", json!({}));
    assert!(stolen.is_err(), "{stolen:?}");
    assert_eq!(port.tenant.requests().tokens().count(), 0);
    assert_eq!(port.ask(Some((CERTIFICATE, KEY)), "", json!({})).expect("an answer").0, 200);
}

#[test]
fn a_port_that_requests_no_certificate_has_none() {
    let tenant = MockTenant::builder().tls().clock(Clock::fixed(NOON)).start();
    let port = port_of(tenant, Some(by_subject()), Value::Null);
    assert_eq!(port.ask(Some((CERTIFICATE, KEY)), "", json!({})).expect("an answer").0, 401);
    assert!(port.why().ends_with("the request has none"), "{}", port.why());
}

#[test]
fn what_is_no_authority_fails_the_start() {
    let started = catch_unwind(AssertUnwindSafe(|| MockTenant::builder().client_ca("authority").start()));
    let message = started.err().and_then(|panic| panic.downcast::<String>().ok()).expect("a sentence");
    assert!(message.ends_with("there is no certificate of an authority in PEM"), "{message}");
}

fn discovery(tenant: &MockTenant, host: &str) -> Value {
    let head = format!("GET /.well-known/openid-configuration HTTP/1.1\r\nhost: {host}\r\n");
    send(tenant, None, &head, "").expect("an answer").1
}

#[test]
fn discovery_lists_the_methods_and_the_aliases() {
    let tenant = trusting();
    let host = tenant.https_uri().replace("https://", "");
    let methods = |document: &Value| document["token_endpoint_auth_methods_supported"].clone();
    let with_mtls = json!([
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "tls_client_auth",
        "self_signed_tls_client_auth",
        "none"
    ]);
    let document = discovery(&tenant, &host);
    assert_eq!(methods(&document), with_mtls);
    assert_eq!(document["tls_client_certificate_bound_access_tokens"], json!(true));
    assert_eq!(document.get("mtls_endpoint_aliases"), None);
    // The plain port has no certificates.
    let plain: Value =
        serde_json::from_str(&wire::get(&tenant.uri(), "/.well-known/openid-configuration").body).expect("JSON");
    assert_eq!(methods(&plain), json!(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]));
    assert_eq!(plain.get("tls_client_certificate_bound_access_tokens"), None);

    let settings = json!({ "mtls": { "enable_endpoint_aliases": true } });
    tenant.perform(Method::PATCH, "/tenants/settings", settings).expect("settings");
    let aliases = discovery(&tenant, &host)["mtls_endpoint_aliases"].clone();
    assert_eq!(aliases["token_endpoint"], format!("https://{host}/oauth/token"), "a local name has no alias");
    let port = host.rsplit_once(':').expect("a port").1;
    let at_domain = discovery(&tenant, &format!("travel0.localhost:{port}"));
    let alias = format!("mtls.travel0.localhost:{port}");
    assert_eq!(at_domain["mtls_endpoint_aliases"]["token_endpoint"], format!("https://{alias}/oauth/token"));
    // The alias is the same tenant with the same issuer.
    let at_alias = discovery(&tenant, &alias);
    assert_eq!(at_alias["issuer"], at_domain["issuer"]);
}

#[test]
fn an_alias_leads_to_its_tenant_and_has_a_certificate() {
    let first = trusting();
    let body = json!({ "domain": "granite.localhost" }).to_string();
    let (host, length) = (wire::address(&first.uri()).to_owned(), body.len());
    let added = wire::send(
        &first.uri(),
        format!(
            "POST /__admin/v1/tenants HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .as_bytes(),
    );
    assert_eq!(added.status, 201, "{}", added.body);
    let port = first.https_uri().rsplit_once(':').expect("a port").1.to_owned();
    let host = format!("mtls.granite.localhost:{port}");
    assert_eq!(discovery(&first, &host)["issuer"], format!("https://granite.localhost:{port}/"));
    for name in ["mtls.granite.localhost", "mtls.travel0.localhost"] {
        assert!(crate::tls::connect(&first.https_uri(), &[first.ca_der()], name).is_ok(), "{name}");
    }
}
