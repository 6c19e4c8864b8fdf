//! Client certificates: which authenticate a client, which bind its token, and what the tenant writes down.
//!
//! The certificate is in the headers of a proxy, or the connection has it; here a request is not sent over a socket.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Method, Request, header};
use m2mock::TokenDecision;
use m2mock::internal::{Config, ConnectionCertificate, Pins, Tenant, certificate_pem};
use m2mock::{Clock, http};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::digest::{SHA256, digest};
use rstest::rstest;
use serde_json::{Value, json};

use crate::client_assertion::{API, BOT, HOST, NOON, change, create};

/// Valid from 2026 to 2036, `CN=Flight Search`.
const CERTIFICATE: &str = include_str!("../../fixtures/credentials/certificate.pem");
const SUBJECT: &str = "C=NL\nST=Utrecht\nL=Utrecht\nO=Travel0\nOU=Flights\nCN=Flight Search";
const SECRET: &str = "the-secret-of-the-partner-bot-0000000000";

/// A tenant with the domain of a proxy, and the proxy's key.
struct Edge {
    tenant: Tenant,
    key: String,
}

/// A bot with this credential for this method, and an API with this `proof_of_possession`.
fn edge_with(method: Option<(&str, Value)>, proof_of_possession: Value) -> Edge {
    let tenant = Tenant::new(Config { clock: Clock::fixed(NOON.unsigned_abs()), ..Config::default() });
    let api = json!({ "identifier": API, "signing_alg": "HS256", "proof_of_possession": proof_of_possession });
    create(&tenant, "/resource-servers", api, None);
    let mut bot = json!({ "name": "Partner bot" });
    if let Some((method, credential)) = method {
        bot["client_authentication_methods"] = json!({ method: { "credentials": [credential] } });
    }
    let pins = Pins { id: Some(BOT.to_owned()), secret: Some(SECRET.to_owned()) };
    tenant.perform(Method::POST, "/clients", bot, pins).expect("a right body");
    create(&tenant, "/client-grants", json!({ "client_id": BOT, "audience": API, "scope": [] }), None);
    let key = proxy_key(&tenant, "login.travel0.example");
    Edge { tenant, key }
}

fn self_signed() -> Edge {
    let credential = json!({ "credential_type": "x509_cert", "pem": CERTIFICATE });
    edge_with(Some(("self_signed_tls_client_auth", credential)), Value::Null)
}

fn by_subject() -> Edge {
    let credential = json!({ "credential_type": "cert_subject_dn", "subject_dn": SUBJECT });
    edge_with(Some(("tls_client_auth", credential)), Value::Null)
}

/// The bot has a secret, and the API requires a certificate.
fn binding() -> Edge {
    edge_with(None, json!({ "mechanism": "mtls", "required": true }))
}

fn proxy_key(tenant: &Tenant, domain: &str) -> String {
    let domain = create(tenant, "/custom-domains", json!({ "domain": domain, "type": "self_managed_certs" }), None);
    let id = domain["custom_domain_id"].as_str().expect("an id");
    let verified = create(tenant, &format!("/custom-domains/{id}/verify"), Value::Null, None);
    verified["cname_api_key"].as_str().expect("a key").to_owned()
}

pub fn encoded(pem: &str) -> String {
    utf8_percent_encode(pem, NON_ALPHANUMERIC).to_string()
}

fn der(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(base64).expect("base64")
}

pub fn thumbprint(pem: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, &der(pem)))
}

fn connection(pem: &str, is_verified: bool) -> ConnectionCertificate {
    ConnectionCertificate { der: der(pem).into(), is_verified }
}

/// A token request with these headers, a certificate of its connection, and a secret.
#[derive(Default)]
struct Sent {
    headers: Vec<(&'static str, String)>,
    connection: Option<ConnectionCertificate>,
    secret: bool,
}

impl Sent {
    fn forwarded(key: &str, pem: &str, verification: &str) -> Sent {
        let headers = vec![
            ("client-certificate", encoded(pem)),
            ("client-certificate-ca-verified", verification.to_owned()),
            ("cname-api-key", key.to_owned()),
        ];
        Sent { headers, ..Sent::default() }
    }

    fn connected(pem: &str, is_verified: bool) -> Sent {
        Sent { connection: Some(connection(pem, is_verified)), ..Sent::default() }
    }

    fn with_secret(self) -> Sent {
        Sent { secret: true, ..self }
    }
}

fn ask(tenant: &Tenant, sent: &Sent) -> (u16, Value, TokenDecision) {
    let mut body = json!({ "grant_type": "client_credentials", "audience": API, "client_id": BOT });
    if sent.secret {
        body["client_secret"] = json!(SECRET);
    }
    let mut request = Request::post("/oauth/token").header(header::HOST, HOST);
    for (name, value) in &sent.headers {
        request = request.header(*name, value);
    }
    if let Some(connection) = &sent.connection {
        request = request.extension(connection.clone());
    }
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Bytes::from(body.to_string()));
    let (response, entry) = tenant.answer_and_tell(&request.expect("a request"));
    let decision = entry.token.expect("a decision");
    (response.status().as_u16(), serde_json::from_slice(response.body()).expect("JSON"), decision)
}

pub fn claims(answer: &Value) -> Value {
    let token = answer["access_token"].as_str().expect("a token");
    let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("claims")).expect("base64url");
    serde_json::from_slice(&part).expect("JSON")
}

fn refused(answered: (u16, Value, TokenDecision), rules: &[&str], why: &str) {
    let (status, answer, decision) = answered;
    let expected = json!({ "error": "invalid_client", "error_description": "Client authentication failed" });
    assert_eq!((status, answer), (401, expected), "{decision}");
    assert_eq!(decision.rules, rules, "{decision}");
    assert!(decision.why.contains(" is refused: ") && decision.why.contains(why), "{decision}");
}

// proves MTLS1, MTLS2, MTLS3
#[rstest]
#[case::self_signed_in_headers(self_signed(), |edge: &Edge| Sent::forwarded(&edge.key, CERTIFICATE, "FAILED"))]
#[case::self_signed_of_the_connection(self_signed(), |_: &Edge| Sent::connected(CERTIFICATE, false))]
#[case::by_subject_in_headers(by_subject(), |edge: &Edge| Sent::forwarded(&edge.key, CERTIFICATE, "SUCCESS"))]
#[case::by_subject_of_the_connection(by_subject(), |_: &Edge| Sent::connected(CERTIFICATE, true))]
fn a_certificate_authenticates_its_client(#[case] edge: Edge, #[case] sent: fn(&Edge) -> Sent) {
    let (status, answer, decision) = ask(&edge.tenant, &sent(&edge));
    assert_eq!((status, &answer["token_type"]), (200, &json!("Bearer")), "{decision}");
    assert_eq!(claims(&answer)["cnf"], Value::Null, "authentication and binding are independent");
    let own = thumbprint(CERTIFICATE);
    assert!(decision.why.contains(&format!("; the certificate {own} authenticates the client")), "{decision}");
    let logs = edge.tenant.perform(Method::GET, "/logs?q=type:seccft", Value::Null, Pins::default()).expect("logs");
    assert_eq!(logs[0]["mtls_thumbprint_sha256"], json!(own));
}

/// No attack on a client whose certificate is registered passes, and each has its cause in the journal.
// proves T19, MTLS1, MTLS2, MTLS3, MTLS5, MTLS6
#[rstest]
#[case::no_certificate(|_: &Edge| Sent::default(), "MTLS1", "the request has none")]
#[case::a_secret_only(|_: &Edge| Sent::default().with_secret(), "MTLS1", "a secret is sent, too")]
#[case::a_secret_too(|_: &Edge| Sent::connected(CERTIFICATE, false).with_secret(), "MTLS1", "a secret is sent, too")]
#[case::a_foreign_certificate(|_: &Edge| Sent::connected(&certificate_pem(0), false), "MTLS3", "of no credential")]
#[case::a_foreign_certificate_in_headers(
    |edge: &Edge| Sent::forwarded(&edge.key, &certificate_pem(0), "FAILED"), "MTLS3", "of no credential"
)]
#[case::the_same_certificate_of_an_authority(
    |edge: &Edge| Sent::forwarded(&edge.key, CERTIFICATE, "SUCCESS"), "MTLS3", "a trusted authority signed it"
)]
#[case::headers_on_a_direct_connection(
    |_: &Edge| Sent { headers: Sent::forwarded("", CERTIFICATE, "FAILED").headers[..2].to_vec(), ..Sent::default() },
    "MTLS5", "has no effect without the cname-api-key"
)]
#[case::an_empty_key(|_: &Edge| Sent::forwarded("", CERTIFICATE, "FAILED"), "MTLS5", "has no effect without")]
#[case::another_key(|_: &Edge| Sent::forwarded(&"0".repeat(128), CERTIFICATE, "FAILED"), "MTLS5", "has no effect without")]
#[case::two_keys(
    |edge: &Edge| {
        let mut sent = Sent::forwarded(&edge.key, CERTIFICATE, "FAILED");
        sent.headers.push(("cname-api-key", edge.key.clone()));
        sent
    },
    "MTLS5", "has no effect without"
)]
#[case::headers_over_a_connection_with_a_foreign_certificate(
    |_: &Edge| Sent { connection: Some(connection(&certificate_pem(0), false)), ..Sent::forwarded("", CERTIFICATE, "FAILED") },
    "MTLS3", "of no credential"
)]
#[case::a_proxy_that_forwards_none(
    |edge: &Edge| Sent { headers: vec![("cname-api-key", edge.key.clone())], connection: Some(connection(CERTIFICATE, false)), ..Sent::default() },
    "MTLS1", "the request has none"
)]
#[case::two_certificates(
    |edge: &Edge| {
        let mut sent = Sent::forwarded(&edge.key, &certificate_pem(0), "FAILED");
        sent.headers.push(("client-certificate", encoded(CERTIFICATE)));
        sent
    },
    "MTLS6", "more than one header client-certificate"
)]
#[case::two_results(
    |edge: &Edge| {
        let mut sent = Sent::forwarded(&edge.key, CERTIFICATE, "FAILED");
        sent.headers.push(("client-certificate-ca-verified", "SUCCESS".to_owned()));
        sent
    },
    "MTLS6", "more than one header client-certificate-ca-verified"
)]
#[case::no_result(|edge: &Edge| Sent::forwarded(&edge.key, CERTIFICATE, ""), "MTLS6", "neither SUCCESS nor FAILED")]
#[case::another_result(|edge: &Edge| Sent::forwarded(&edge.key, CERTIFICATE, "NONE"), "MTLS6", "neither SUCCESS nor FAILED")]
#[case::no_pem(|edge: &Edge| Sent::forwarded(&edge.key, "certificate", "FAILED"), "MTLS6", "no X.509 certificate")]
#[case::a_public_key(
    |edge: &Edge| Sent::forwarded(&edge.key, include_str!("../../fixtures/credentials/public-key.pem"), "FAILED"),
    "MTLS6", "no X.509 certificate"
)]
#[case::too_long(
    |edge: &Edge| Sent::forwarded(&edge.key, &format!("{CERTIFICATE}{}", "x".repeat(4096)), "FAILED"),
    "MTLS6", "which is more than 4096"
)]
fn a_wrong_certificate_gives_no_token(#[case] sent: fn(&Edge) -> Sent, #[case] rule: &str, #[case] why: &str) {
    let edge = self_signed();
    refused(ask(&edge.tenant, &sent(&edge)), &[rule, "T19"], why);
    assert_eq!(ask(&edge.tenant, &Sent::connected(CERTIFICATE, false)).0, 200);
}

// proves T19, MTLS2
#[rstest]
#[case::of_no_authority(CERTIFICATE.to_owned(), "FAILED:unable to verify", "no trusted authority signed it")]
#[case::another_subject(certificate_pem(0), "SUCCESS", "its subject \"CN=m2mock test key 1\" is that of no credential")]
fn a_subject_needs_an_authority(#[case] pem: String, #[case] verification: &str, #[case] why: &str) {
    let edge = by_subject();
    refused(ask(&edge.tenant, &Sent::forwarded(&edge.key, &pem, verification)), &["MTLS2", "T19"], why);
}

/// The clock is the tenant's, and the periods are those of the certificates.
// proves MTLS4
#[rstest]
#[case::the_first_second(1_767_225_600, None)]
#[case::before(1_767_225_599, Some("it is valid from 2026-01-01T00:00:00Z"))]
#[case::the_last_second(2_082_758_400, None)]
#[case::after(2_082_758_401, Some("it was valid until 2036-01-01T00:00:00Z"))]
fn a_certificate_counts_in_its_own_period(#[case] now: u64, #[case] why: Option<&str>) {
    for (edge, is_verified) in [(self_signed(), false), (by_subject(), true), (binding(), false)] {
        edge.tenant.clock().set(now);
        let sent = Sent { secret: edge_has_secret(&edge), ..Sent::connected(CERTIFICATE, is_verified) };
        match why {
            None => assert_eq!(ask(&edge.tenant, &sent).0, 200),
            Some(why) => refused(ask(&edge.tenant, &sent), &["MTLS4", "T19"], why),
        }
    }
}

fn edge_has_secret(edge: &Edge) -> bool {
    let path = format!("/clients/{BOT}");
    let bot = edge.tenant.perform(Method::GET, &path, Value::Null, Pins::default()).expect("the bot");
    bot.get("client_authentication_methods").is_none()
}

/// The methods of clients whose tokens a certificate binds, and the places of the certificate.
// proves POP3, MTLS7
#[rstest]
#[case::in_headers(|edge: &Edge| Sent::forwarded(&edge.key, CERTIFICATE, "FAILED"))]
#[case::in_headers_of_an_authority(|edge: &Edge| Sent::forwarded(&edge.key, CERTIFICATE, "SUCCESS"))]
#[case::of_the_connection(|_: &Edge| Sent::connected(CERTIFICATE, false))]
fn a_token_is_bound_to_the_certificate(#[case] sent: fn(&Edge) -> Sent) {
    let edge = binding();
    let (status, answer, decision) = ask(&edge.tenant, &sent(&edge).with_secret());
    assert_eq!((status, &answer["token_type"]), (200, &json!("DPoP")), "{decision}");
    let own = thumbprint(CERTIFICATE);
    assert_eq!(claims(&answer)["cnf"], json!({ "x5t#S256": own }));
    assert!(decision.rules.contains(&"POP3"), "{decision}");
    assert!(decision.why.ends_with(&format!("; the token is bound to the certificate {own}")), "{decision}");
}

#[test]
fn the_certificate_of_the_authentication_binds_the_token_too() {
    let edge = self_signed();
    let path = "/resource-servers/https%3A%2F%2Ftravel0.example%2Fapi";
    change(&edge.tenant, path, json!({ "proof_of_possession": { "mechanism": "mtls", "required": true } }));
    let (_, answer, decision) = ask(&edge.tenant, &Sent::connected(CERTIFICATE, false));
    assert_eq!(claims(&answer)["cnf"], json!({ "x5t#S256": thumbprint(CERTIFICATE) }), "{decision}");
    assert!(decision.why.contains("authenticates the client; the token is bound to"), "{decision}");
}

/// What binds no token where a certificate is required: no other proof, and no header that anyone could write.
// proves POP4, T17, MTLS5
#[rstest]
#[case::nothing(|_: &Edge| Sent::default())]
#[case::a_dpop_header(|_: &Edge| Sent { headers: vec![("dpop", "proof".to_owned())], ..Sent::default() })]
#[case::spoofed_headers(|_: &Edge| Sent::forwarded("guess", CERTIFICATE, "SUCCESS"))]
#[case::a_proxy_that_forwards_none(
    |edge: &Edge| Sent { headers: vec![("cname-api-key", edge.key.clone())], ..Sent::connected(CERTIFICATE, true) }
)]
fn an_api_that_requires_a_certificate_refuses_other_requests(#[case] sent: fn(&Edge) -> Sent) {
    let edge = binding();
    let (status, answer, decision) = ask(&edge.tenant, &sent(&edge).with_secret());
    let refused = json!({ "error": "invalid_request", "error_description": "Proof of possession is required" });
    assert_eq!((status, answer), (400, refused), "{decision}");
    assert_eq!(decision.rules, ["POP4", "T17"]);
    assert!(decision.why.ends_with("and the request has no client certificate"), "{decision}");
}

#[test]
fn an_api_that_requires_a_dpop_proof_takes_no_certificate() {
    let edge = edge_with(None, json!({ "mechanism": "dpop", "required": true }));
    let (status, _, decision) = ask(&edge.tenant, &Sent::connected(CERTIFICATE, true).with_secret());
    assert_eq!((status, &decision.rules[..]), (400, &["POP4", "T17"][..]), "{decision}");
}

/// A certificate that has no effect is not read.
#[test]
fn a_client_with_a_secret_may_send_any_certificate() {
    let edge = edge_with(None, Value::Null);
    let (status, answer, decision) = ask(&edge.tenant, &Sent::forwarded(&edge.key, "none", "").with_secret());
    assert_eq!((status, &answer["token_type"]), (200, &json!("Bearer")), "{decision}");
}

// proves MTLS5
#[test]
fn the_key_of_a_proxy_is_that_of_a_verified_self_managed_domain() {
    let edge = self_signed();
    let sent = Sent::forwarded(&edge.key, CERTIFICATE, "FAILED");
    assert_eq!(ask(&edge.tenant, &sent).0, 200);
    let other = proxy_key(&edge.tenant, "login.granite.example");
    assert_eq!(ask(&edge.tenant, &Sent::forwarded(&other, CERTIFICATE, "FAILED")).0, 200, "each domain has one");
    let export = edge.tenant.export();
    edge.tenant.import(export.as_bytes()).expect("an export");
    assert_eq!(ask(&edge.tenant, &sent).0, 200, "an export has it");
    let domains = edge.tenant.perform(Method::GET, "/custom-domains", Value::Null, Pins::default()).expect("domains");
    let id = domains[0]["custom_domain_id"].as_str().expect("an id");
    assert_eq!(domains[0].get("cname_api_key"), None, "no later answer shows it");
    edge.tenant
        .perform(Method::DELETE, &format!("/custom-domains/{id}"), Value::Null, Pins::default())
        .expect("it goes");
    refused(ask(&edge.tenant, &sent), &["MTLS5", "T19"], "has no effect without");
    assert_eq!(ask(&edge.tenant, &Sent::forwarded(&other, CERTIFICATE, "FAILED")).0, 200);
}

#[test]
fn the_key_of_a_proxy_is_not_written_down() {
    let edge = self_signed();
    ask(&edge.tenant, &Sent::forwarded(&edge.key, CERTIFICATE, "FAILED"));
    ask(&edge.tenant, &Sent::forwarded(&edge.key, CERTIFICATE, "SUCCESS"));
    let journal = serde_json::to_string(&edge.tenant.requests()).expect("JSON");
    let logs = edge.tenant.perform(Method::GET, "/logs", Value::Null, Pins::default()).expect("the log");
    assert!(!(journal + &logs.to_string()).contains(&edge.key));
}

#[test]
fn a_credential_that_the_client_does_not_name_authenticates_nobody() {
    let edge = self_signed();
    let foreign = json!({ "credential_type": "x509_cert", "pem": certificate_pem(0) });
    create(&edge.tenant, &format!("/clients/{BOT}/credentials"), foreign, None);
    refused(ask(&edge.tenant, &Sent::connected(&certificate_pem(0), false)), &["MTLS3", "T19"], "of no credential");
}
