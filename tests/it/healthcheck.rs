//! `m2mock healthcheck`, the health check of a container.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};

use crate::serve::{Served, complaint, m2mock};
use crate::wire;

/// A check with time enough for the busiest machine.
fn healthcheck() -> Command {
    m2mock(&["healthcheck", "--timeout", "300"])
}

fn port(uri: &str) -> &str {
    uri.rsplit_once(':').unwrap().1
}

/// What `healthcheck` says of a server that answers every connection with this.
fn asked_of_one_that_says(answer: &'static str) -> (Option<i32>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(answer.as_bytes());
    });
    let output = healthcheck().args(["--port", &port]).output().unwrap();
    server.join().unwrap();
    complaint(output)
}

#[test]
fn a_server_that_answers_is_healthy_and_does_not_notice() {
    let served = Served::start("healthy", &[]);
    let output = healthcheck().args(["--port", port(served.uri())]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    let journal: Value = serde_json::from_str(&wire::get(served.uri(), "/__admin/requests").body).unwrap();
    assert_eq!(journal, json!([]));
}

#[test]
fn the_health_check_uses_the_variables_of_the_server() {
    let served = Served::start("healthy_by_variables", &[]);
    let mut command = healthcheck();
    // What a container sets, so that the server is reached from outside.
    let output = command.env("M2MOCK_HOST", "0.0.0.0").env("M2MOCK_PORT", port(served.uri())).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_port_without_a_listener_is_unhealthy() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let (code, sentence) = complaint(healthcheck().args(["--port", &free]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(sentence.starts_with(&format!("m2mock: no healthy server on 127.0.0.1, port {free}: ")), "{sentence}");
}

#[test]
fn a_server_that_answers_500_or_no_http_is_unhealthy() {
    let (code, sentence) = asked_of_one_that_says("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    assert!(code == Some(2) && sentence.ends_with(": status 503\n"), "{sentence}");
    let (code, sentence) = asked_of_one_that_says("SSH-2.0-OpenSSH_9.6\r\n");
    assert!(code == Some(2) && sentence.ends_with("speaks no HTTP\n"), "{sentence}");
    let (code, _) = asked_of_one_that_says("");
    assert_eq!(code, Some(2));
}
