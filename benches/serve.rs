//! `m2mock serve` as a process: from exec to the first token, and its memory at rest and under load.
//!
//! The load is of every kind that could pile up: granted and refused token requests, lists, and organizations that come
//! and go.

mod measure;

use std::process::{Command, Stdio};
use std::thread;

use measure::http::{Connection, request};
use measure::served::{Process, management_request};
use measure::{Pair, head, median, milliseconds, rounds, row, short, story, title};
use serde_json::{Value, json};

const M2MOCK: &str = env!("CARGO_BIN_EXE_m2mock");
const FIRST_TOKEN_GOAL: f64 = 15.0;
const IDLE_GOAL: f64 = 12.0;
const CONNECTIONS: usize = 4;

fn main() {
    title("`m2mock serve`: exec to first token");
    let pair = Pair::measure(rounds(101, 2), first_token, || milliseconds(say_version));
    head(&["", "ms", "goal, ms"]);
    row(&["exec to first token", &format!("{:.2}", pair.ours()), &format!("< {FIRST_TOKEN_GOAL}")]);
    row(&["of that, a process that only says its version", &format!("{:.2}", pair.rival()), ""]);

    title("`m2mock serve`: resident memory");
    let idle: Vec<f64> = (0..rounds(9, 1)).filter_map(|_| idle_megabytes()).collect();
    if idle.is_empty() {
        return println!("This system does not tell how much memory a process has.");
    }
    let requests = if short() { 200 } else { 200_000 };
    head(&["", "MB", "goal"]);
    row(&["idle, after the first token", &format!("{:.1}", median(&idle)), &format!("< {IDLE_GOAL} MB")]);
    let mut process = Process::m2mock(M2MOCK);
    let load = Load::on(&mut process);
    let mut done = 0;
    for tenths in [1, 2, 5, 10] {
        load.send(requests * tenths / 10 - done);
        done = requests * tenths / 10;
        let megabytes = megabytes(&process).unwrap_or(f64::NAN);
        let what = format!("after {done} requests on {CONNECTIONS} connections");
        row(&[&what, &format!("{megabytes:.1}"), "flat"]);
    }
}

fn first_token() -> f64 {
    let body = management_request();
    milliseconds(|| {
        let mut process = Process::m2mock(M2MOCK);
        let token = story::token(&mut process.connect(), &body);
        (process, token)
    })
}

fn say_version() {
    let status = Command::new(M2MOCK).arg("--version").stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()));
}

fn idle_megabytes() -> Option<f64> {
    let mut process = Process::m2mock(M2MOCK);
    story::token(&mut process.connect(), &management_request());
    megabytes(&process)
}

fn megabytes(process: &Process) -> Option<f64> {
    process.resident().map(|kilobytes| kilobytes as f64 / 1024.0)
}

/// The requests that are sent over and over.
struct Load {
    process: std::net::SocketAddr,
    bearer: String,
    granted: Vec<u8>,
    refused: Vec<u8>,
    list: Vec<u8>,
}

impl Load {
    fn on(process: &mut Process) -> Load {
        let mut connection = process.connect();
        let bearer = story::token(&mut connection, &management_request());
        let granted = story::tell(&mut connection, &bearer);
        let mut refused = granted.clone();
        refused["organization"] = json!("org_0000000000000000");
        let address = process.address;
        let token = |body: &Value| request(address, "POST", "/oauth/token", None, Some(body));
        Load {
            process: address,
            granted: token(&granted),
            refused: token(&refused),
            list: request(address, "GET", "/api/v2/clients?include_totals=true", Some(&bearer), None),
            bearer,
        }
    }

    /// Sends so many requests and waits for the answers.
    fn send(&self, requests: usize) {
        thread::scope(|scope| {
            for worker in 0..CONNECTIONS {
                scope.spawn(move || {
                    let mut connection = Connection::open(self.process).expect("a connection");
                    for _ in 0..requests.div_ceil(CONNECTIONS * 5) {
                        self.round(&mut connection, worker);
                    }
                });
            }
        });
    }

    /// Five requests, after which the tenant is as before.
    fn round(&self, connection: &mut Connection, worker: usize) {
        let mut status = |request: &[u8]| connection.send(request).expect("an answer").status;
        assert_eq!(status(&self.granted), 200);
        assert!(status(&self.refused) >= 400);
        assert_eq!(status(&self.list), 200);
        let name = json!({ "name": format!("passing-{worker}") });
        let created = connection.ask("POST", "/api/v2/organizations", Some(&self.bearer), Some(&name));
        assert_eq!(created.status, 201);
        let path = format!("/api/v2/organizations/{}", created.json()["id"].as_str().expect("an id"));
        assert_eq!(connection.ask("DELETE", &path, Some(&self.bearer), None).status, 204);
    }
}
