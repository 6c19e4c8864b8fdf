//! Malformed requests: the tenant refuses them, stays up, and keeps its state.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use m2mock::MockTenant;
use rstest::rstest;
use serde_json::{Value, json};

use crate::wire;

const LIMIT: usize = 1_048_576;

fn post(tenant: &MockTenant, head: &str, body: &[u8]) -> Vec<u8> {
    let host = wire::address(&tenant.uri()).to_owned();
    let mut request =
        format!("POST /oauth/token HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{head}\r\n\r\n").into_bytes();
    request.extend_from_slice(body);
    request
}

fn padded(length: usize) -> String {
    let shell = r#"{"grant_type":""}"#.len();
    format!(r#"{{"grant_type":"{}"}}"#, "x".repeat(length - shell))
}

#[test]
fn a_body_over_one_mebibyte_is_too_large() {
    let tenant = MockTenant::start();
    let body = padded(LIMIT + 1);
    let head = format!("content-type: application/json\r\ncontent-length: {}", body.len());
    let answer = wire::send(&tenant.uri(), &post(&tenant, &head, body.as_bytes()));

    assert_eq!(answer.status, 413);
    assert_eq!(
        serde_json::from_str::<Value>(&answer.body).unwrap(),
        json!({
            "error": "invalid_request",
            "error_description": "Payload content length greater than maximum allowed: 1048576",
        })
    );
    assert!(answer.head.contains("connection: close"));
}

#[test]
fn the_refusal_of_a_large_body_has_the_envelope_of_the_management_api() {
    let tenant = MockTenant::start();
    let body = padded(LIMIT + 1);
    let head = format!("POST /api/v2/clients HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {}\r\n\r\n", body.len());
    let answer = wire::send(&tenant.uri(), (head + &body).as_bytes());
    assert_eq!(
        serde_json::from_str::<Value>(&answer.body).unwrap(),
        json!({
            "statusCode": 413,
            "error": "Payload Too Large",
            "message": "Payload content length greater than maximum allowed: 1048576",
        })
    );
}

#[test]
fn the_journal_has_requests_whose_body_was_not_read() {
    let tenant = MockTenant::start();
    let too_large = (format!("content-length: {}", LIMIT + 1), padded(LIMIT + 1), 413);
    let broken = ("transfer-encoding: chunked".to_owned(), "no chunk\r\n".to_owned(), 400);
    for (path, (header, body, status)) in [
        ("/oauth/token", &too_large),
        ("/api/v2/clients?a=b", &too_large),
        ("/api/v2/clients", &broken),
        ("/__admin/reset", &too_large),
    ] {
        let request = format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{header}\r\n\r\n{body}");
        let answer = wire::send(&tenant.uri(), request.as_bytes());
        assert_eq!((path, answer.status), (path, *status));
        assert!(answer.head.contains("connection: close"), "{}", answer.head);
    }
    let journal: Vec<_> = tenant
        .requests()
        .into_iter()
        .map(|entry| format!("{} {} {}", entry.method, entry.path, entry.status))
        .collect();
    // Without the connection of the test itself.
    assert_eq!(journal, ["POST /oauth/token 413", "POST /api/v2/clients 413", "POST /api/v2/clients 400"]);
}

#[test]
fn a_body_that_announces_no_length_is_measured() {
    let tenant = MockTenant::start();
    let mut body = Vec::new();
    for _ in 0..17 {
        body.extend_from_slice(b"10000\r\n");
        body.resize(body.len() + 0x10000, b' ');
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"0\r\n\r\n");
    let head = "content-type: application/json\r\ntransfer-encoding: chunked";
    assert_eq!(wire::send(&tenant.uri(), &post(&tenant, head, &body)).status, 413);
}

#[test]
fn a_body_with_a_large_content_length_is_refused_unread() {
    let tenant = MockTenant::start();
    let mut stream = wire::connect(&tenant.uri());
    stream.write_all(&post(&tenant, "expect: 100-continue\r\ncontent-length: 99999999999", b"")).unwrap();
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 413"), "{line}");
}

#[test]
fn a_body_of_one_mebibyte_is_read() {
    let tenant = MockTenant::start();
    let body = padded(LIMIT);
    let head = format!("content-type: application/json\r\ncontent-length: {}", body.len());
    let answer = wire::send(&tenant.uri(), &post(&tenant, &head, body.as_bytes()));
    assert!((400..500).contains(&answer.status) && answer.status != 413, "{}", answer.status);
}

#[tokio::test]
async fn a_usual_client_sees_that_its_body_is_too_large() {
    let tenant = MockTenant::start();
    let client = wire::client();
    let request = client.post(tenant.uri() + "/oauth/token").body(padded(3 * LIMIT));
    assert_eq!(request.send().await.unwrap().status(), 413);
}

#[test]
fn an_incomplete_request_delays_neither_others_nor_the_shutdown() {
    let tenant = MockTenant::start();
    let mut half_head = wire::connect(&tenant.uri());
    half_head.write_all(b"POST /oauth/token HTTP/1.1\r\nhost: trav").unwrap();
    let mut half_body = wire::connect(&tenant.uri());
    half_body.write_all(&post(&tenant, "content-type: application/json\r\ncontent-length: 100", b"{\"gr")).unwrap();

    assert_eq!(wire::get(&tenant.uri(), "/.well-known/jwks.json").status, 200);
    // Nothing to assert after this: a server that waits for the two would hang here.
    drop(tenant);
}

#[test]
fn incomplete_bodies_do_not_block_a_complete_one() {
    let tenant = MockTenant::start();
    let whole = padded(LIMIT);
    let head = format!("content-type: application/json\r\ncontent-length: {}", whole.len());
    // More than all bodies may take together. Some of them are refused while they are sent.
    let parked: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = wire::connect(&tenant.uri());
            let _ = stream.write_all(&post(&tenant, &head, &whole.as_bytes()[..LIMIT - 1]));
            stream
        })
        .collect();

    let refusal = std::iter::repeat_with(|| wire::send(&tenant.uri(), &post(&tenant, &head, whole.as_bytes())));
    let answer = refusal.take(100).find(|answer| answer.status != 503).expect("room for a body");
    assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap()["error"], "unsupported_grant_type");
    drop(parked);
}

#[test]
fn a_slow_import_does_not_delay_another_one() {
    let tenant = MockTenant::start();
    let import = |length: usize, body: &str| {
        let host = wire::address(&tenant.uri()).to_owned();
        format!(
            "PUT /__admin/state HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
    };
    let mut slow = wire::connect(&tenant.uri());
    slow.write_all(import(1000, "{").as_bytes()).unwrap();
    let state = tenant.export();
    assert_eq!(wire::send(&tenant.uri(), import(state.len(), &state).as_bytes()).status, 204);
    slow.set_nonblocking(true).unwrap();
    assert_eq!(slow.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock, "the slow one is still read");
}

#[rstest]
#[case::no_host("GET /.well-known/jwks.json HTTP/1.1\r\n\r\n")]
#[case::two_hosts("GET /.well-known/jwks.json HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n")]
#[case::a_bare_lf("GET /.well-known/jwks.json HTTP/1.1\nhost: localhost\n\n")]
#[case::a_bare_lf_in_a_later_head(
    "POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n\n\nGET / HTTP/1.1\r\nhost: localhost\n\r\n"
)]
#[case::the_control_without_a_host("GET /__admin/clock HTTP/1.1\r\n\r\n")]
fn requests_that_strict_servers_refuse_are_refused(#[case] sent: &str) {
    let tenant = MockTenant::builder().allow_unmodelled_operations().start();
    let mut stream = wire::connect(&tenant.uri());
    stream.write_all(sent.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    let statuses: Vec<&str> = answers.match_indices("HTTP/1.1 ").map(|(at, _)| &answers[at + 9..at + 12]).collect();
    assert_eq!(statuses.last(), Some(&"400"), "{answers}");
}

#[test]
fn a_request_of_http_1_0_needs_no_host() {
    let tenant = MockTenant::start();
    assert_eq!(wire::send(&tenant.uri(), b"GET /.well-known/jwks.json HTTP/1.0\r\n\r\n").status, 200);
}

#[test]
fn strange_requests_are_refused_without_a_server_error() {
    let tenant = MockTenant::builder().allow_unmodelled_operations().start();
    let host = wire::address(&tenant.uri()).to_owned();
    let plain = |line: &str| format!("{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").into_bytes();
    let json = |body: &[u8]| {
        let head = format!("content-type: application/json\r\ncontent-length: {}", body.len());
        post(&tenant, &head, body)
    };
    let form = |body: &[u8]| {
        let head = format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}", body.len());
        post(&tenant, &head, body)
    };

    let requests: Vec<(&str, Vec<u8>)> = vec![
        ("not HTTP", b"hello\r\n\r\n".to_vec()),
        ("no host", b"GET /oauth/token HTTP/1.1\r\nconnection: close\r\n\r\n".to_vec()),
        ("a host that is none", b"GET / HTTP/1.1\r\nhost: \xff\xfe:::\r\nconnection: close\r\n\r\n".to_vec()),
        ("a chunk that is none", post(&tenant, "transfer-encoding: chunked", b"zz\r\n\r\n")),
        ("an unknown method", plain("BREW /oauth/token")),
        ("an unknown path", plain("GET /api/v2/nothing/here")),
        ("a path out of the tree", plain("GET /api/v2/../../etc/passwd")),
        ("a path that is not UTF-8", plain("GET /api/v2/clients/%ff%fe")),
        ("a query of separators", plain("GET /api/v2/clients?&&&==&=%")),
        ("a query that is not UTF-8", plain("GET /api/v2/clients?q=%ff&page=%00")),
        ("a very long query", plain(&format!("GET /api/v2/clients?q={}", "a".repeat(30_000)))),
        ("an absolute address", plain("GET http://elsewhere.example/api/v2/clients")),
        ("an asterisk", plain("OPTIONS *")),
        ("JSON that ends early", json(b"{\"grant_type\":")),
        ("JSON that is not UTF-8", json(b"{\"grant_type\":\"\xff\"}")),
        ("JSON that is deep", json("[".repeat(100_000).as_bytes())),
        ("JSON that is no object", json(b"[1, 2]")),
        ("JSON with a null byte", json(b"{\"client_id\":\"\\u0000\"}")),
        ("a form that is not UTF-8", form(b"grant_type=%ff&client_id=\xff")),
        ("a form of separators", form(b"&&==&%zz=%")),
        ("no content type", post(&tenant, "content-length: 2", b"{}")),
        ("another content type", post(&tenant, "content-type: text/xml\r\ncontent-length: 4", b"<a/>")),
    ];
    for (what, request) in requests {
        let status = wire::send(&tenant.uri(), &request).status;
        assert!((200..500).contains(&status), "{what}: {status}");
    }
    assert_eq!(wire::get(&tenant.uri(), "/.well-known/jwks.json").status, 200);
}

#[tokio::test]
async fn exactly_one_of_concurrent_creates_with_the_same_name_succeeds() {
    let tenant = MockTenant::start();
    let client = wire::client();
    let token = tenant.management_token(&["create:organizations"]);
    let attempts: Vec<_> = (0..32)
        .map(|_| {
            let request = client
                .post(tenant.uri() + "/api/v2/organizations")
                .bearer_auth(&token)
                .json(&json!({ "name": "contested" }));
            tokio::spawn(async move { request.send().await.unwrap().status().as_u16() })
        })
        .collect();

    let mut statuses = Vec::new();
    for attempt in attempts {
        statuses.push(attempt.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 31);
}
