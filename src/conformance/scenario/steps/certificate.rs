//! Steps in which an application has a client certificate, which a proxy in front of a custom domain forwards in headers.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use http::{HeaderName, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use crate::conformance::scenario::steps::answer::rows;
use crate::conformance::scenario::steps::assertion::set;
use crate::conformance::scenario::steps::token::{ask, token_endpoint, token_part};
use crate::conformance::scenario::world::World;

/// The certificate of every application in these steps.
const CERTIFICATE: &str = include_str!("../../../../fixtures/credentials/certificate.pem");
/// A certificate of no application.
const OTHER_CERTIFICATE: &str = include_str!("../../../../fixtures/credentials/elliptic-certificate.pem");

#[given(regex = r#"^a proxy in front of the custom domain "([^"]*)"$"#)]
async fn a_proxy(world: &mut World, name: String) {
    let domain = format!("{name}.{}.example", world.unique(&name));
    let body = json!({ "domain": domain, "type": "self_managed_certs" });
    world.create(&name, "/custom-domains", body).await;
    let path = format!("/custom-domains/{}/verify", world.get(&format!("{name}.custom_domain_id")));
    world.call(Method::POST, &path, None).await;
    assert!(world.get("answer.status") == "ready", "the verification answered {}", world.last());
    let key = json!(world.get("answer.cname_api_key"));
    world.remember("proxy key", key);
}

#[given(regex = r#"^an application "([^"]*)" with (a certificate|the subject of a certificate)$"#)]
async fn an_application_with_a_certificate(world: &mut World, name: String, credential: String) {
    let (method, kind) = match credential.as_str() {
        "a certificate" => ("self_signed_tls_client_auth", "x509_cert"),
        _ => ("tls_client_auth", "cert_subject_dn"),
    };
    let credential = json!({ "credential_type": kind, "name": "certificate", "pem": CERTIFICATE });
    let body = json!({
        "name": world.unique(&name),
        "app_type": "non_interactive",
        "client_authentication_methods": { method: { "credentials": [credential] } },
    });
    world.create(&name, "/clients", body).await;
}

/// A request as documented, with the headers of the proxy. A table below the step changes headers and, with a dot in front, the
/// parameters of the request; "(left out)" removes one.
#[when(
    regex = r#"^"([^"]*)" asks for a token for "([^"]*)" with (its|another) certificate(, verified by the proxy)?(?:,? and)?$"#
)]
async fn asks_with_a_certificate(
    world: &mut World,
    client: String,
    api: String,
    whose: String,
    verified: String,
    step: &Step,
) {
    let certificate = if whose == "its" { CERTIFICATE } else { OTHER_CERTIFICATE };
    let verified = if verified.is_empty() { "FAILED:self signed certificate" } else { "SUCCESS" };
    let mut headers: Map<String, Value> = Map::from_iter([
        ("client-certificate".to_owned(), json!(utf8_percent_encode(certificate, NON_ALPHANUMERIC).to_string())),
        ("client-certificate-ca-verified".to_owned(), json!(verified)),
        ("cname-api-key".to_owned(), json!(world.get("proxy key"))),
    ]);
    let mut parameters: Map<String, Value> = Map::from_iter([
        ("grant_type".to_owned(), json!("client_credentials")),
        ("client_id".to_owned(), json!(world.get(&format!("{client}.client_id")))),
        ("audience".to_owned(), json!(world.get(&format!("{api}.identifier")))),
    ]);
    for [name, value] in rows(step) {
        let value = json!(world.fill(value));
        match name.strip_prefix('.') {
            Some(parameter) => set(&mut parameters, parameter, value),
            None => set(&mut headers, name, value),
        }
    }
    let form = parameters.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    let mut request = token_endpoint(world).form(form);
    for (name, value) in &headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let name = name.unwrap_or_else(|error| panic!("not the name of a header: {error}"));
        request = request.header(name, value.as_str().unwrap_or_default());
    }
    ask(world, request).await;
}

#[then(regex = r"^a token that is bound to the certificate is granted$")]
async fn a_bound_token_is_granted(world: &mut World) {
    let answer = world.last();
    assert!(answer.status == 200, "no token but {answer}");
    assert!(answer.body["token_type"] == "DPoP", "token_type is not DPoP in {answer}");
    let claims = token_part(&world.token(), 1);
    let base64: String = CERTIFICATE.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = BASE64_STANDARD.decode(base64).unwrap_or_else(|error| panic!("no certificate: {error}"));
    let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, &der));
    assert!(claims["cnf"]["x5t#S256"] == *thumbprint, "cnf.x5t#S256 is not {thumbprint} in {claims}");
}
