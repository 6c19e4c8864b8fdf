//! No output holds a secret: a marker is planted wherever one can be sent, and looked for in everything that is written down.
//! Here these are the journal, the log and `/logs`; `secret_outputs` has the outputs of the command and of the control.
//!
//! The names here are taken from the published schemas, not from the list that the outputs are held to.

use std::sync::LazyLock;

use bytes::Bytes;
use http::{Request, header};
use m2mock::http;
use m2mock::internal::{Config, Tenant};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

/// The marker of a secret. Its characters are valid in base64url, so it can be a part of a token.
pub const MARKER: &str = "PLANTEDs3cretMarker";
/// The same as a number.
pub const NUMBER: u64 = 867_530_986_753_098;
const HOST: &str = "travel0.localhost";

/// Members of the published schemas and parameters of the token endpoint whose texts are secrets wherever they stand.
pub const NAMES: &[&str] = &[
    "access_token",
    "access_token_secret",
    "accessKeyId",
    "actor_token",
    "api_key",
    "apikey",
    "assertion",
    "auth_token",
    "authorization",
    "aws_access_key_id",
    "aws_secret_access_key",
    "barcode_uri",
    "bind_pass",
    "binding_code",
    "client_assertion",
    "clientSecret",
    "client_secret",
    "cname_api_key",
    "code_verifier",
    "connectionString",
    "consumer_secret",
    "credentials",
    "custom_password_hash",
    "datadogApiKey",
    "decryptionKey",
    "device_code",
    "encryption_key",
    "gateway_authentication",
    "httpAuthorization",
    "id_token",
    "id_token_hint",
    "ikey",
    "invitation_url",
    "link_with",
    "login_ticket",
    "masterkey",
    "mfa_token",
    "mixpanelServiceAccountPassword",
    "newPassword",
    "oob_code",
    "otp",
    "p12",
    "password",
    "password_hash",
    "privateKey",
    "private_key",
    "recovery_code",
    "recovery_codes",
    "refresh_token",
    "sasKey",
    "secret",
    "secretAccessKey",
    "secret_key",
    "secrets",
    "segmentWriteKey",
    "server_credentials",
    "server_key",
    "servicePassword",
    "session_transfer_token",
    "setup",
    "sig",
    "signingKey",
    "signing_key",
    "signing_secret",
    "skey",
    "smtp_pass",
    "splunkToken",
    "storageAccessKey",
    "storageKey",
    "subject_token",
    "ticket",
    "ticket_id",
    "ticket_url",
    "token",
    "totp_secret",
    "user_code",
    "verification_code",
    "webhook_authorization",
    "wrapped_key",
    "x-api-key",
];

/// Names that hold a secret at one place only: the path, and a body around the marker.
pub fn placed() -> Vec<(&'static str, Value)> {
    vec![
        ("/api/v2/device-credentials", json!({ "device_name": "phone", "type": "public_key", "value": MARKER })),
        ("/api/v2/device%2Dcredentials", json!({ "value": MARKER })),
        (
            "/api/v2/connections",
            json!({ "name": "db", "strategy": "auth0", "options": { "configuration": { "A": MARKER } } }),
        ),
        ("/api/v2/connections", json!({ "options": { "configuration": MARKER } })),
        (
            "/api/v2/connections",
            json!({ "options": { "gateway_authentication": { "method": "bearer", "secret": MARKER } } }),
        ),
        ("/api/v2/actions/actions", json!({ "secrets": [{ "name": "A", "value": MARKER }] })),
        ("/api/v2/rules-configs/A", json!({ "value": MARKER })),
        ("/api/v2/hooks/a/secrets", json!({ "A": MARKER })),
        ("/api/v2/log-streams", json!({ "sink": { "httpCustomHeaders": [{ "header": "x", "value": MARKER }] } })),
        ("/api/v2/emails/provider", json!({ "credentials": { "smtp_user": "a", "smtp_pass": MARKER } })),
        ("/api/v2/keys/custom-signing", json!({ "keys": [{ "kty": "RSA", "d": MARKER, "p": MARKER, "qi": MARKER }] })),
        (
            "/api/v2/users",
            json!({ "connection": "db", "custom_password_hash": { "algorithm": "md5", "hash": { "value": MARKER } } }),
        ),
        ("/oauth/token", json!({ "grant_type": "authorization_code", "code": MARKER })),
        ("/passwordless/verify", json!({ "code": MARKER })),
        ("/api/v2/clients", json!({ "name": { "client_secret": MARKER } })),
        ("/api/v2/clients", json!({ "app_type": { "client_secret": { "a": MARKER } } })),
        ("/api/v2/clients", json!({ "name": format!("{{\"client_secret\":\"{MARKER}\"}}") })),
        ("/api/v2/clients", json!({ "name": format!("https://a.example/?code={MARKER}") })),
        ("/api/v2/clients", json!({ "callbacks": [format!("https://bot:{MARKER}@a.example/")] })),
        ("/api/v2/clients", json!({ "description": format!("-----BEGIN PRIVATE KEY-----\n{MARKER}") })),
        ("/api/v2/clients", json!({ "name": token() })),
        ("/oauth/token", json!({ "client_id": token(), "audience": token(), "grant_type": "client_credentials" })),
        ("/oauth/token", json!({ "client_id": token(), "organization": token(), "scope": token() })),
        ("/oauth/token", json!({ "grant_type": token() })),
    ]
}

/// A token without a signature.
fn token() -> String {
    format!("eyJhbGciOiJub25lIn0.{MARKER}.c2lnbmF0dXJl")
}

/// The marker in each type that a value may have.
pub fn values() -> [Value; 7] {
    let long = format!("{MARKER}{}", "x".repeat(5000));
    [
        json!(MARKER),
        json!(long),
        json!(NUMBER),
        json!([MARKER, NUMBER]),
        json!([[{ "a": MARKER }]]),
        json!({ "a": MARKER, "b": [NUMBER] }),
        json!({ "a": { "b": { "c": MARKER } } }),
    ]
}

/// A tenant that keeps one request and one entry, and a token that opens everything.
struct Outputs {
    tenant: Tenant,
    bearer: String,
}

impl Outputs {
    fn new() -> Outputs {
        let tenant = Tenant::new(Config { journal_capacity: 1, log_capacity: 1, ..Config::default() });
        let scopes: Vec<&str> =
            m2mock::internal::operations().into_iter().flat_map(|operation| operation.scopes.iter().copied()).collect();
        let bearer = format!("Bearer {}", tenant.management_token(HOST, &scopes));
        Outputs { tenant, bearer }
    }

    /// Sends a request, and gives everything that is written down of it.
    fn of(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut request = Request::builder().method(method).uri(target).header(header::HOST, HOST);
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header(header::AUTHORIZATION, &self.bearer);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.tenant.answer(request.body(Bytes::from(body.to_owned())).expect("a request"));
        let entries = self.tenant.requests();
        let lines: Vec<String> = entries.iter().map(ToString::to_string).collect();
        let logs: Vec<Value> = self.tenant.logs().into_iter().map(|entry| entry.document.into()).collect();
        format!("{} {} {}", json!(entries), lines.join("\n"), json!(logs))
    }

    fn hold_no_secret(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) {
        let outputs = self.of(method, target, headers, body);
        assert_eq!(secret_in(&outputs), None, "{method} {target} {headers:?}\n{body}\n{outputs}");
    }
}

/// The marker in one of its forms, if a text holds it.
pub fn secret_in(text: &str) -> Option<String> {
    let forms = [MARKER.to_owned(), NUMBER.to_string(), "UExBTlRFRHMzY3JldE1hcmtlcg".to_owned()];
    forms.into_iter().find(|form| text.contains(form))
}

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const FILES: (&str, &str) = ("content-type", "multipart/form-data; boundary=b");

/// An object with every name, each with this value.
pub fn all_names(value: &Value) -> Value {
    NAMES.iter().map(|name| ((*name).to_owned(), value.clone())).collect()
}

#[test]
fn no_secret_member_of_any_type_is_written_down() {
    let outputs = Outputs::new();
    for value in values() {
        let all = all_names(&value);
        let bodies = [
            all.clone(),
            json!({ "options": all }),
            json!({ "name": "a", "addons": { "x": { "y": [all] } } }),
            json!([all]),
            json!([[[{ "client_metadata": all }]]]),
        ];
        for body in bodies {
            for path in ["/api/v2/connections", "/oauth/token"] {
                outputs.hold_no_secret("POST", path, &[JSON], &body.to_string());
            }
        }
    }
}

/// Alone, a name leads to other refusals than among others.
#[test]
fn no_secret_member_is_written_down_alone() {
    let outputs = Outputs::new();
    for name in NAMES {
        for value in [json!(MARKER), json!({ "a": MARKER })] {
            outputs.hold_no_secret("POST", "/api/v2/clients", &[JSON], &json!({ *name: value }).to_string());
        }
    }
}

#[test]
fn no_operation_records_a_secret_of_its_request() {
    let outputs = Outputs::new();
    for operation in m2mock::internal::operations().into_iter().filter(|operation| operation.method != "GET") {
        let path = format!("/api/v2{}", operation.path.replace(['{', '}'], ""));
        for value in values() {
            outputs.hold_no_secret(operation.method, &path, &[JSON], &all_names(&value).to_string());
        }
    }
}

#[test]
fn values_that_are_secret_only_at_their_path_are_not_recorded() {
    let outputs = Outputs::new();
    for (path, body) in placed() {
        for method in ["POST", "PATCH", "PUT"] {
            outputs.hold_no_secret(method, path, &[JSON], &body.to_string());
        }
    }
}

#[test]
fn a_body_that_contradicts_its_media_type_is_not_recorded() {
    let outputs = Outputs::new();
    let part = format!("--b\r\ncontent-disposition: form-data; name=client_secret\r\n\r\n{MARKER}\r\n--b--");
    let file = format!(
        "--b\r\ncontent-disposition: form-data; name=users; filename=u.json\r\n\r\n[{{\"password_hash\":\"{MARKER}\"}}]\r\n--b--"
    );
    let bodies = [
        format!("{{\"client_secret\": \"{MARKER}\""),
        format!("{{\"client\\u005fsecret\": \"{MARKER}\"}}"),
        format!("client_secret={MARKER}"),
        format!("a=1;client_secret={MARKER}"),
        format!("%63lient_secret={MARKER}"),
        MARKER.to_owned(),
        format!("\"{MARKER}\""),
        format!("[\"{}\"]", token()),
        part,
        file,
    ];
    for body in &bodies {
        for headers in [&[JSON][..], &[FORM], &[FILES], &[("content-type", "text/plain")], &[]] {
            for path in ["/api/v2/clients", "/api/v2/jobs/users-imports", "/oauth/token", "/authorize", "/nothing"] {
                outputs.hold_no_secret("POST", path, headers, body);
            }
        }
    }
}

#[rstest]
#[case::a_bearer("authorization", format!("Bearer {}", token()))]
#[case::a_bearer_that_is_no_token("authorization", format!("Bearer {MARKER}"))]
#[case::basic("authorization", "Basic UExBTlRFRHMzY3JldE1hcmtlcg==".to_owned())]
#[case::unknown("authorization", format!("Digest response={MARKER}"))]
#[case::a_cookie("cookie", format!("auth0={MARKER}"))]
#[case::a_proof("dpop", token())]
#[case::a_certificate("x-client-certificate", MARKER.to_owned())]
#[case::a_key("x-api-key", MARKER.to_owned())]
#[case::an_agent("user-agent", format!("curl client_secret={MARKER} {}", token()))]
fn no_header_is_written_down_with_its_secret(#[case] name: &str, #[case] value: String) {
    let outputs = Outputs::new();
    for (method, path) in [("POST", "/api/v2/clients"), ("GET", "/api/v2/clients"), ("POST", "/oauth/token")] {
        outputs.hold_no_secret(method, path, &[JSON, (name, &value)], "{}");
    }
}

/// A character as it may be written in a query: itself, in the other case, or encoded once or twice.
fn written(character: char) -> impl Strategy<Value = String> {
    let encoded = format!("%{:02x}", u32::from(character));
    let twice = format!("%25{:02X}", u32::from(character));
    prop_oneof![
        4 => Just(character.to_string()),
        1 => Just(character.to_ascii_uppercase().to_string()),
        1 => Just(encoded),
        1 => Just(twice),
    ]
}

fn written_name() -> impl Strategy<Value = String> {
    let names =
        [NAMES, &["code", "key", "invitation", "Authorization", "options[client_secret]", "a.otp", "sig[]"]].concat();
    proptest::sample::select(names).prop_flat_map(|name| {
        name.chars().map(|character| written(character).boxed()).collect::<Vec<_>>().prop_map(|parts| parts.concat())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Names are compared in their decoded form, with any separator.
    #[test]
    fn no_query_is_written_down_with_its_secret(
        name in written_name(),
        before in proptest::sample::select(vec!["?", "?a=1&", "?a=1;", "?page=0&&", "?x=%zz&", "?=&", ";b=1;"]),
        value in proptest::sample::select(vec!["PLANTEDs3cretMarker", "%50LANTEDs3cretMarker+PLANTEDs3cretMarker", "https%3A%2F%2Fa%2F%3Fx%3DPLANTEDs3cretMarker"]),
    ) {
        static OUTPUTS: LazyLock<Outputs> = LazyLock::new(Outputs::new);
        let outputs = &*OUTPUTS;
        for path in ["/api/v2/clients", "/oauth/token", "/authorize", "/.well-known/jwks.json"] {
            for method in ["GET", "POST"] {
                outputs.hold_no_secret(method, &format!("{path}{before}{name}={value}"), &[JSON], "{}");
            }
        }
    }
}

#[test]
fn values_that_are_not_secret_stay_readable() {
    let outputs = Outputs::new();
    let body = json!({
        "name": "Partner bot", "token_endpoint_auth_method": "client_secret_post", "app_type": "non_interactive",
        "client_metadata": { "team": "rail" }, "refresh_token": { "rotation_type": "rotating", "expiration_type": "expiring" },
        "jwt_configuration": { "alg": "RS256", "lifetime_in_seconds": 36000 },
    });
    let view = outputs.of("POST", "/api/v2/clients?page=0&organization=granite", &[JSON], &body.to_string());
    let words =
        ["Partner bot", "client_secret_post", "non_interactive", "rail", "rotating", "page=0&organization=granite"];
    for word in words {
        assert!(view.contains(word), "{word}: {view}");
    }
    let asked =
        json!({ "grant_type": "client_credentials", "client_id": "bot", "client_secret": MARKER, "audience": "trips" });
    let view = outputs.of("POST", "/oauth/token", &[JSON], &asked.to_string());
    for word in ["\"client_id\":\"bot\"", "trips"] {
        assert!(view.contains(word), "{word}: {view}");
    }
}
