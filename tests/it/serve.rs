//! The `m2mock` command as a process: its output and its exit code.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

#[cfg(feature = "tls")]
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde_json::{Value, json};

use crate::wire;

pub fn m2mock(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_m2mock"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A file of this test alone; none of it is left from an earlier run.
pub fn scratch(name: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&file);
    file
}

/// A served tenant; it is stopped when the test ends, however it ends.
pub struct Served {
    process: Child,
    pub ready: Value,
    /// Everything printed up to the request to paste.
    printed: String,
}

impl Served {
    pub fn start(name: &str, arguments: &[&str]) -> Served {
        let file = scratch(&format!("{name}.ready.json"));
        let mut command = m2mock(&["serve", "--port", "0", "--ready-file", file.to_str().unwrap()]);
        Served::run(command.args(arguments), &file)
    }

    pub fn run(command: &mut Command, ready_file: &PathBuf) -> Served {
        let mut process = command.spawn().unwrap();
        let mut output = BufReader::new(process.stdout.as_mut().unwrap());
        let mut printed = String::new();
        while !printed.contains("    -d ") {
            if output.read_line(&mut printed).unwrap() == 0 {
                let mut complaint = String::new();
                process.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
                panic!("it ended early: {complaint}");
            }
        }
        let ready = serde_json::from_str(&fs::read_to_string(ready_file).unwrap()).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(ready_file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "the secret of the management application is in it");
        }
        Served { process, ready, printed }
    }

    pub fn uri(&self) -> &str {
        self.ready["base_url"].as_str().unwrap()
    }

    #[cfg(unix)]
    pub fn signal(&mut self, signal: &str) -> ExitStatus {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
        ended(&mut self.process)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How the process ends. One that hangs is killed in the end, and has no exit code then.
#[cfg(unix)]
fn ended(process: &mut Child) -> ExitStatus {
    let (id, (over, is_over)) = (process.id().to_string(), mpsc::channel::<()>());
    let watch = thread::spawn(move || {
        if is_over.recv_timeout(wire::PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-KILL", &id]).status();
        }
    });
    let status = process.wait().unwrap();
    drop(over);
    watch.join().unwrap();
    status
}

/// The exit code and the single line on standard error.
pub fn complaint(output: Output) -> (Option<i32>, String) {
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    (output.status.code(), text)
}

#[tokio::test]
async fn the_ready_file_is_enough_to_get_a_token() {
    let served = Served::start("first_token", &[]);
    let ready = &served.ready;
    let request = json!({
        "grant_type": "client_credentials",
        "client_id": ready["management"]["client_id"],
        "client_secret": ready["management"]["client_secret"],
        "audience": ready["management"]["audience"],
    });
    let client = wire::client();
    let answer = client.post(format!("{}/oauth/token", served.uri())).json(&request).send().await.unwrap();

    assert_eq!(answer.status(), 200);
    assert_eq!(ready["issuer"], format!("{}/", served.uri()));
    assert_eq!(ready["management"]["audience"], format!("https://{}/api/v2/", ready["domain"].as_str().unwrap()));
    assert!(served.printed.contains(&format!("curl {}/oauth/token", served.uri())), "{}", served.printed);
    assert!(served.printed.contains(request["client_secret"].as_str().unwrap()), "{}", served.printed);
}

#[test]
fn flags_decide_domain_and_management_client() {
    let served = Served::start(
        "flags",
        &["--domain", "granite.example", "--management-client-id", "an-id", "--management-client-secret", "it's"],
    );
    assert_eq!(served.ready["domain"], "granite.example");
    assert_eq!(
        served.ready["management"],
        json!({ "client_id": "an-id", "client_secret": "it's", "audience": "https://granite.example/api/v2/" })
    );
}

#[test]
fn variables_say_the_same_as_flags_and_serve_needs_no_name() {
    let file = scratch("variables.ready.json");
    let mut command = m2mock(&[]);
    command
        .env("M2MOCK_HOST", "127.0.0.1")
        .env("M2MOCK_PORT", "0")
        .env("M2MOCK_DOMAIN", "granite.example")
        .env("M2MOCK_MANAGEMENT_CLIENT_ID", "an-id")
        .env("M2MOCK_MANAGEMENT_CLIENT_SECRET", "a-secret")
        .env("M2MOCK_READY_FILE", &file);
    let served = Served::run(&mut command, &file);

    assert_eq!(served.ready["domain"], "granite.example");
    assert_eq!(served.ready["management"]["client_id"], "an-id");
    assert_eq!(served.ready["management"]["client_secret"], "a-secret");
}

#[test]
fn variables_do_not_get_in_the_way_of_a_named_command() {
    let file = scratch("both.ready.json");
    let mut command = m2mock(&["serve", "--port", "0"]);
    command.env("M2MOCK_PORT", "1").env("M2MOCK_READY_FILE", &file);
    assert_ne!(Served::run(&mut command, &file).uri(), "http://127.0.0.1:1");
}

#[cfg(unix)]
#[test]
fn the_server_ends_on_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let mut served = Served::start("signal", &[]);
        // A client that is still connected does not keep it.
        let _connected = wire::connect(served.uri());
        assert_eq!(served.signal(signal).code(), Some(0), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn each_request_is_a_line_on_standard_error() {
    let mut served = Served::start("log", &[]);
    wire::get(served.uri(), "/.well-known/jwks.json");
    assert_eq!(served.signal("-TERM").code(), Some(0));

    let mut log = String::new();
    served.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("/.well-known/jwks.json"), "{log}");
}

#[test]
fn a_port_in_use_is_an_error_of_one_sentence_with_exit_code_two() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, text) = complaint(m2mock(&["serve", "--port", &port]).output().unwrap());

    assert_eq!(code, Some(2));
    assert!(text.contains(&format!("port {port} on 127.0.0.1 is in use")), "{text}");
}

#[test]
fn a_missing_seed_is_an_error_of_one_sentence_with_exit_code_two() {
    let missing = scratch("missing.yaml");
    for arguments in [["serve", "--seed"].as_slice(), &["check"]] {
        let (code, text) = complaint(m2mock(arguments).arg(&missing).output().unwrap());
        assert_eq!(code, Some(2));
        assert!(text.contains("missing.yaml"), "{text}");
    }
}

#[test]
fn an_invalid_seed_is_an_error_with_file_and_section() {
    let wrong = scratch("wrong.yaml");
    fs::write(&wrong, "nonsense:\n  - name: a\n").unwrap();
    for arguments in [["serve", "--port", "0", "--seed"].as_slice(), &["check"]] {
        let (code, text) = complaint(m2mock(arguments).arg(&wrong).output().unwrap());
        assert_eq!(code, Some(2));
        assert!(text.contains("wrong.yaml") && text.contains("nonsense"), "{text}");
    }
}

#[test]
fn a_right_seed_passes_the_check() {
    let right = scratch("right.yaml");
    fs::write(&right, "organizations:\n  - name: granite-tours\n    display_name: Granite Tours\n").unwrap();
    let output = m2mock(&["check"]).arg(&right).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
}

#[test]
fn seeds_are_checked_in_turn_as_they_are_planted() {
    let (first, second) = (scratch("first.yaml"), scratch("second.json"));
    fs::write(&first, "clients: [{ name: Bot }]\nresourceServers: [{ identifier: trips }]\n").unwrap();
    fs::write(&second, r#"{ "clientGrants": [{ "client_id": "Bot", "audience": "trips" }] }"#).unwrap();

    assert!(m2mock(&["check"]).args([&first, &second]).output().unwrap().status.success());
    let (code, text) = complaint(m2mock(&["check"]).arg(&second).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(text.contains("second.json, clientGrants, entry 1"), "{text}");
}

#[tokio::test]
async fn the_sample_commands_are_printed_only_without_a_seed() {
    let other = scratch("other.json");
    fs::write(&other, "{}").unwrap();
    let client = wire::client();
    for (arguments, status) in [([].as_slice(), 200), (&["--seed", other.to_str().unwrap()], 401)] {
        let served = Served::start("sample", arguments);
        let request = json!({
            "grant_type": "client_credentials",
            "client_id": "travel0PartnerBot000000000000001",
            "client_secret": "partner-bot-secret",
            "audience": "https://travel0.example/api",
            "organization": "org_GraniteTours0001",
        });
        let answer = client.post(format!("{}/oauth/token", served.uri())).json(&request).send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
}

#[test]
fn an_invalid_domain_is_an_error_of_one_sentence_with_exit_code_two() {
    let seed = scratch("any.json");
    fs::write(&seed, "{}").unwrap();
    for domain in ["https://foo.example/", "", "foo .example", "foo/bar", "foo.example\n"] {
        for command in [&mut m2mock(&["serve", "--port", "0"]), m2mock(&["check"]).arg(&seed)] {
            let (code, text) = complaint(command.args(["--domain", domain]).output().unwrap());
            assert_eq!(code, Some(2));
            assert!(text.contains(&format!("the domain {domain:?} is not a host name")), "{text}");
        }
    }
}

#[test]
fn an_empty_credential_is_an_error_of_one_sentence_with_exit_code_two() {
    for flag in ["--management-client-id", "--management-client-secret"] {
        let (code, text) = complaint(m2mock(&["serve", "--port", "0", flag, ""]).output().unwrap());
        assert_eq!(code, Some(2));
        assert!(text.contains("of the management application is empty"), "{text}");
    }
}

#[test]
fn an_empty_variable_counts_as_unset() {
    for arguments in [[].as_slice(), &["serve"]] {
        let file = scratch("empty_variables.ready.json");
        let mut command = m2mock(arguments);
        command.args(["--port", "0"]).arg("--ready-file").arg(&file);
        for variable in
            ["HOST", "PORT", "SEED", "DOMAIN", "MANAGEMENT_CLIENT_ID", "MANAGEMENT_CLIENT_SECRET", "READY_FILE"]
        {
            command.env(format!("M2MOCK_{variable}"), "");
        }
        let served = Served::run(&mut command, &file);
        assert_eq!(served.ready["domain"], "travel0.localhost");
        assert_ne!(served.ready["management"]["client_id"], "");
    }
}

#[test]
fn a_seed_is_checked_for_the_tenant_that_serves_it() {
    let seed = scratch("identity.json");
    // Both the domain and the management application are the served tenant's.
    let text = r#"{
        "resourceServers": [{ "identifier": "trips" }],
        "clients": [{ "name": "Bot" }],
        "clientGrants": [
            { "client_id": "Bot", "audience": "https://granite.example/api/v2/" },
            { "client_id": "an-id", "audience": "trips" }
        ]
    }"#;
    fs::write(&seed, text).unwrap();

    let check = || {
        let mut command = m2mock(&["check"]);
        command.arg(&seed);
        command
    };
    let (_, text) = complaint(check().args(["--management-client-id", "an-id"]).output().unwrap());
    assert!(text.contains("entry 1") && text.contains("granite.example"), "{text}");
    let (_, text) = complaint(check().args(["--domain", "granite.example"]).output().unwrap());
    assert!(text.contains("entry 2") && text.contains("an-id"), "{text}");
    let variables = [("M2MOCK_DOMAIN", "granite.example"), ("M2MOCK_MANAGEMENT_CLIENT_ID", "an-id")];
    assert!(check().envs(variables).output().unwrap().status.success());
}

#[test]
fn a_failed_start_removes_an_old_ready_file() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let file = scratch("stale.ready.json");
    fs::write(&file, "{}").unwrap();
    let (code, _) = complaint(m2mock(&["--port", &port, "--ready-file"]).arg(&file).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(!file.exists());
}

#[cfg(unix)]
#[test]
fn the_server_removes_its_ready_file_at_the_end() {
    let file = scratch("end.ready.json");
    let mut served = Served::run(m2mock(&["--port", "0", "--ready-file"]).arg(&file), &file);
    assert!(file.exists());
    assert_eq!(served.signal("-TERM").code(), Some(0));
    assert!(!file.exists());
}

#[cfg(unix)]
#[test]
fn the_ready_file_of_the_next_server_stays() {
    let file = scratch("next.ready.json");
    let mut served = Served::run(m2mock(&["--port", "0", "--ready-file"]).arg(&file), &file);
    fs::write(&file, "another server's").unwrap();
    assert_eq!(served.signal("-TERM").code(), Some(0));
    assert_eq!(fs::read_to_string(&file).unwrap(), "another server's");
}

#[test]
fn an_unwritable_ready_file_is_an_error_of_one_sentence_with_exit_code_two() {
    let file = scratch("no_such_folder").join("ready.json");
    let (code, text) = complaint(m2mock(&["--port", "0", "--ready-file"]).arg(&file).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(text.contains("no_such_folder"), "{text}");
}

#[test]
fn an_option_switches_rate_limits_on() {
    let served = Served::start("rate_limits", &["--rate-limits"]);
    let answer = wire::get(served.uri(), "/.well-known/jwks.json");
    assert!(answer.head.contains("x-ratelimit-limit: 20"), "{}", answer.head);
}

#[cfg(feature = "tls")]
#[test]
fn the_server_offers_tls_beside_plain_http_and_writes_its_authority() {
    let ca_file = scratch("authority.pem");
    let served = Served::start("tls", &["--tls", "--tls-port", "0", "--ca-file", ca_file.to_str().unwrap()]);
    let uri = served.ready["https_base_url"].as_str().unwrap();
    let authority = CertificateDer::from_pem_file(&ca_file).unwrap().to_vec();
    assert!(crate::tls::connect(uri, &[authority], "travel0.localhost").is_ok());
    assert_eq!(wire::get(served.uri(), "/.well-known/jwks.json").status, 200);
    assert!(served.printed.contains(uri), "{}", served.printed);
}

#[cfg(feature = "tls")]
#[test]
fn each_option_of_tls_turns_it_on_and_the_ready_file_has_the_domain_for_an_sdk() {
    let ca_file = scratch("implied.pem");
    let ca_file = ca_file.to_str().unwrap();
    for (name, options) in [
        ("tls_port", &["--tls-port", "0"][..]),
        ("tls_name", &["--tls-name", "mock", "--tls-port", "0", "--ca-file", ca_file]),
    ] {
        let served = Served::start(name, options);
        let uri = served.ready["https_base_url"].as_str().expect("HTTPS is on");
        assert_eq!(Some(uri), served.ready["sdk_domain"].as_str().map(|domain| format!("https://{domain}")).as_deref());
        if name == "tls_name" {
            let authority = CertificateDer::from_pem_file(ca_file).unwrap().to_vec();
            assert!(crate::tls::connect(uri, &[authority], "mock").is_ok());
        }
    }
    let (code, text) = complaint(m2mock(&["--port", "0", "--tls-port", "0", "--tls-name", "a b"]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(text.contains("the name \"a b\" for the certificate is not a host name"), "{text}");
}

#[test]
fn without_tls_the_ready_file_names_no_domain_for_an_sdk() {
    let served = Served::start("no_tls", &[]);
    assert_eq!((served.ready.get("https_base_url"), served.ready.get("sdk_domain")), (None, None));
}

#[test]
fn a_fixed_issuer_is_an_option_and_an_invalid_one_an_error() {
    let served = Served::start("issuer", &["--issuer", "https://login.example"]);
    assert_eq!(served.ready["issuer"], "https://login.example/");
    let discovery: Value =
        serde_json::from_str(&wire::get(served.uri(), "/.well-known/openid-configuration").body).unwrap();
    assert_eq!(discovery["issuer"], "https://login.example/");

    let (code, text) = complaint(m2mock(&["--port", "0", "--issuer", "login.example"]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(text.contains("the issuer \"login.example\" is not a URL"), "{text}");
}

#[cfg(feature = "tls")]
#[test]
fn the_server_accepts_a_certificate_from_files() {
    let (cert, key) = (scratch("own.pem"), scratch("own.key.pem"));
    let made = rcgen::generate_simple_self_signed(["granite.example".to_owned()]).unwrap();
    fs::write(&cert, pem("CERTIFICATE", made.cert.der())).unwrap();
    fs::write(&key, pem("PRIVATE KEY", &made.signing_key.serialize_der())).unwrap();
    let (cert, key) = (cert.to_str().unwrap(), key.to_str().unwrap());
    let served = Served::start("own_certificate", &["--tls-port", "0", "--tls-cert", cert, "--tls-key", key]);
    let uri = served.ready["https_base_url"].as_str().unwrap();
    assert!(crate::tls::connect(uri, &[made.cert.der().to_vec()], "granite.example").is_ok());

    // A key that is not the certificate's, or none at all.
    let (code, text) = complaint(m2mock(&["--port", "0", "--tls-cert", cert, "--tls-key", cert]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(text.contains("own.pem") && text.contains("key"), "{text}");
}

#[cfg(feature = "tls")]
fn pem(what: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let encoded = base64::prelude::BASE64_STANDARD.encode(der);
    format!("-----BEGIN {what}-----\n{encoded}\n-----END {what}-----\n")
}
