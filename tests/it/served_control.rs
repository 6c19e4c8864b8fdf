//! What `m2mock serve` lets a test in another language do: keep a tenant beyond the process, reach its controls or not, and
//! run several processes as one.

use std::fs;
use std::net::{IpAddr, UdpSocket};
use std::path::Path;

use serde_json::{Value, json};

use crate::serve::{Served, complaint, m2mock, scratch};
use crate::wire;

fn ask(uri: &str, host: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = wire::send(uri, request.as_bytes());
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
}

fn status(uri: &str, path: &str) -> u16 {
    wire::get(uri, path).status
}

/// A management token from a tenant that is reached by this name.
fn token(served: &Served, host: &str) -> String {
    let management = &served.ready["management"];
    let body = json!({
        "grant_type": "client_credentials", "client_id": management["client_id"],
        "client_secret": management["client_secret"], "audience": management["audience"],
    });
    let (status, answer) = ask(served.uri(), host, "POST", "/oauth/token", &body.to_string());
    assert_eq!(status, 200, "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}

fn read_clients(served: &Served, host: &str, token: &str) -> (u16, String) {
    let request = format!(
        "GET /api/v2/clients HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    let answer = wire::send(served.uri(), request.as_bytes());
    (answer.status, answer.body)
}

#[cfg(unix)]
#[test]
fn a_tenant_continues_from_the_state_of_another_process() {
    use std::os::unix::fs::PermissionsExt;

    let file = scratch("kept.json");
    let kept = file.to_str().unwrap();
    fs::write(&file, "what an earlier process left").unwrap();
    let mut first = Served::start("kept_first", &["--domain", "granite.example", "--export-on-exit", kept]);
    let token = token(&first, "granite.example");
    let before = wire::get(first.uri(), "/__admin/state").body;
    assert_eq!(fs::read_to_string(&file).unwrap(), "what an earlier process left");
    assert_eq!(first.signal("-TERM").code(), Some(0));
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let again = scratch("kept_again.json");
    let mut second = Served::start("kept_second", &["--import", kept, "--export-on-exit", again.to_str().unwrap()]);
    assert_eq!(
        (&second.ready["domain"], &second.ready["management"]),
        (&first.ready["domain"], &first.ready["management"])
    );
    assert_eq!(read_clients(&second, "granite.example", &token).0, 200);
    // The export at the end equals the import at the start.
    assert_eq!(ask(second.uri(), "localhost", "PUT", "/__admin/clock", r#"{"freeze": true}"#).0, 200);
    assert_eq!(ask(second.uri(), "localhost", "POST", "/__admin/reset", "").0, 204);
    assert_eq!(second.signal("-INT").code(), Some(0));
    assert_eq!(fs::read_to_string(&again).unwrap(), before);
    // Nothing half written is left.
    let folder = file.parent().unwrap();
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("kept") && name.contains("unfinished")).count(), 0);
}

#[test]
fn an_invalid_state_is_an_error_of_one_sentence_with_exit_code_two() {
    let file = scratch("no_state.json");
    fs::write(&file, r#"{"format": "m2mock-state-9", "domain": "a"}"#).unwrap();
    let file = file.to_str().unwrap();
    let (code, sentence) = complaint(m2mock(&["serve", "--port", "0", "--import", file]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(sentence.contains("no_state.json") && sentence.contains("m2mock-state-1"), "{sentence}");

    let (code, sentence) = complaint(m2mock(&["serve", "--port", "0", "--import", "nowhere.json"]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(sentence.contains("the state nowhere.json cannot be read"), "{sentence}");
}

#[test]
fn an_unwritable_state_file_is_reported_at_the_start() {
    let nowhere = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no folder/state.json");
    for file in [nowhere.to_str().unwrap(), env!("CARGO_TARGET_TMPDIR")] {
        let (code, sentence) = complaint(m2mock(&["serve", "--port", "0", "--export-on-exit", file]).output().unwrap());
        assert_eq!(code, Some(2));
        assert!(sentence.contains("the state cannot be written to"), "{sentence}");
    }
}

#[test]
fn the_controls_may_have_a_port_of_their_own() {
    let served = Served::start("admin_port", &["--admin-port", "0"]);
    let address = served.ready["admin_url"].as_str().unwrap().strip_suffix("/__admin/v1/").unwrap();
    assert_ne!(address, served.uri());
    assert_eq!((status(address, "/__admin/clock"), status(address, "/__admin/")), (200, 200));
    assert_eq!(status(address, "/.well-known/jwks.json"), 404);
    assert_eq!((status(served.uri(), "/__admin/clock"), status(served.uri(), "/.well-known/jwks.json")), (404, 200));
    // The host name selects a tenant here too, and the answer has its address.
    let (_, added) = ask(address, "localhost", "POST", "/__admin/tenants", r#"{"domain": "acme.localhost"}"#);
    let port = served.uri().rsplit_once(':').unwrap().1;
    assert_eq!(added["base_url"], format!("http://acme.localhost:{port}"));
    assert_eq!(ask(address, "acme.localhost", "PUT", "/__admin/clock", r#"{"set": 0}"#).0, 200);
    let now = |host: &str| ask(address, host, "GET", "/__admin/clock", "").1["unix"].as_u64();
    assert_eq!(now("acme.localhost"), Some(0));
    assert_ne!(now("localhost"), Some(0));
}

#[test]
fn the_control_api_can_be_switched_off() {
    let served = Served::start("no_admin", &["--no-admin"]);
    assert_eq!(served.ready.get("admin_url"), None);
    for path in ["/__admin/", "/__admin/state", "/__admin/v1/openapi.json"] {
        assert_eq!(status(served.uri(), path), 404, "{path}");
    }
    let both = ["serve", "--port", "0", "--no-admin", "--admin-port", "0"];
    assert_eq!(complaint(m2mock(&both).output().unwrap()).0, Some(2));
}

/// An address of this machine that is not loopback, where it has one. Nothing is sent.
fn outer_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // An address that is reserved for documentation, so no host has it.
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

#[test]
fn the_control_api_answers_only_this_machine_by_default() {
    let closed = Served::start("closed", &["--host", "0.0.0.0"]);
    let open = Served::start("open", &["--host", "0.0.0.0", "--admin-from-anywhere"]);
    let at = |served: &Served, ip: &str| format!("http://{ip}:{}", served.uri().rsplit_once(':').unwrap().1);
    for ip in ["127.0.0.1", "127.0.0.2"] {
        assert_eq!((status(&at(&closed, ip), "/__admin/clock"), status(&at(&open, ip), "/__admin/clock")), (200, 200));
    }
    // Where the machine has no other address, the rule itself is held by the tests of `server/admin/access.rs`.
    let Some(outer) = outer_address().map(|ip| ip.to_string()) else { return };
    for path in ["/__admin/clock", "/__admin/", "/__admin/v1/state"] {
        assert_eq!((status(&at(&closed, &outer), path), status(&at(&open, &outer), path)), (403, 200), "{path}");
    }
    assert_eq!(status(&at(&closed, &outer), "/.well-known/jwks.json"), 200);
    // A header does not make a stranger one of us.
    let request =
        "GET /__admin/clock HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 127.0.0.1\r\nconnection: close\r\n\r\n";
    assert_eq!(wire::send(&at(&closed, &outer), request.as_bytes()).status, 403);
}

#[test]
fn two_processes_with_the_same_seed_and_random_seed_act_as_one_tenant() {
    let [one, other] = ["replica_one", "replica_other"].map(|name| Served::start(name, &["--deterministic", "7"]));
    let stranger = Served::start("replica_stranger", &["--deterministic", "8"]);
    assert_eq!(one.ready["management"], other.ready["management"]);
    assert_ne!(one.ready["management"], stranger.ready["management"]);

    // What a load balancer keeps in front of both: one name.
    let name = "travel0.localhost";
    for (from, to) in [(&one, &other), (&other, &one)] {
        let token = token(from, name);
        let (here, there) = (read_clients(from, name, &token), read_clients(to, name, &token));
        assert_eq!((here.0, &here.1), (200, &there.1), "the same ids and secrets");
    }
    let keys = |served: &Served| wire::get(served.uri(), "/.well-known/jwks.json").body;
    assert_eq!(keys(&one), keys(&other));
    // Whatever is made afterwards is each one's own; in the same order, it is the same.
    let make = |served: &Served| {
        let token = token(served, name);
        let body = r#"{"name": "granite-tours-2"}"#;
        let request = format!(
            "POST /api/v2/organizations HTTP/1.1\r\nhost: {name}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let answer = wire::send(served.uri(), request.as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.body);
        serde_json::from_str::<Value>(&answer.body).unwrap()["id"].clone()
    };
    assert_eq!(make(&one), make(&other));
}

#[cfg(unix)]
#[test]
fn the_log_names_an_added_tenant() {
    use std::io::Read;

    let file = scratch("log_of_added.ready.json");
    let mut command = m2mock(&["serve", "--port", "0", "--ready-file", file.to_str().unwrap()]);
    let log = scratch("log_of_added.txt");
    command.stderr(fs::File::create(&log).unwrap());
    let mut served = Served::run(&mut command, &file);
    assert_eq!(ask(served.uri(), "localhost", "POST", "/__admin/tenants", r#"{"domain": "acme.localhost"}"#).0, 201);
    ask(served.uri(), "acme.localhost", "GET", "/.well-known/jwks.json", "");
    ask(served.uri(), "localhost", "GET", "/.well-known/jwks.json", "");
    served.signal("-TERM");
    let mut lines = String::new();
    fs::File::open(&log).unwrap().read_to_string(&mut lines).unwrap();
    let starts: Vec<bool> = lines.lines().map(|line| line.starts_with("acme.localhost ")).collect();
    assert_eq!(starts, [true, false], "{lines}");
}
