//! Tokens per second over persistent connections, beside a bare axum server that signs the same claims with the same key and
//! library and does nothing else: no parameters, no client, no rules, no journal.
//!
//! [`MockTenant`] runs beside a bare server with one thread, and `m2mock serve` beside one with a thread for each core. Each gets
//! two loads from a separate process: one client, whose claims are equal within a second, and a thousand clients in turn, whose
//! claims differ. The bare server signs each answer, so its claims have a number. Both servers run all the time, and the load
//! goes to them in turn.

mod measure;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::routing::post;
use axum::serve::ListenerExt;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use m2mock::MockTenant;
use m2mock::internal::sign;
use measure::http::{Connection, request};
use measure::served::{Process, management_request};
use measure::{Pair, called_as, child, head, number_from_child, rounds, row, short, story, title};
use serde_json::{Map, Value};
use tokio::runtime::Builder;

const CONNECTIONS: usize = 16;
/// The number of clients of the second load.
const CLIENTS: usize = 1000;
/// The share of the bare server's rate, for one client and for many.
const GOALS: [f64; 2] = [5.0, 0.95];

fn main() {
    if let Some(arguments) = called_as("--bare") {
        return bare(&arguments);
    }
    if let Some(arguments) = called_as("--load") {
        return println!("{}", load(&arguments));
    }

    title(&format!("Tokens per second, {CONNECTIONS} connections"));
    head(&["", "m2mock", "only signing", "share", "goal"]);

    let tenant = MockTenant::start();
    let address = tenant.uri().trim_start_matches("http://").parse().expect("an address");
    compare("`MockTenant`, one thread", address, &tenant.management_token(story::SCOPES), "one");

    let mut served = Process::m2mock(env!("CARGO_BIN_EXE_m2mock"));
    let bearer = story::token(&mut served.connect(), &management_request());
    compare("`m2mock serve`, a thread for each core", served.address, &bearer, "many");
}

fn compare(what: &str, address: SocketAddr, bearer: &str, threads: &str) {
    let mut connection = Connection::open(address).expect("a connection");
    let first = story::tell(&mut connection, bearer);
    let clients = if short() { 10 } else { CLIENTS };
    let others = (1..clients).map(|_| story::further_client(&mut connection, bearer, &first));
    let bodies: Vec<Value> = std::iter::once(first.clone()).chain(others.collect::<Vec<_>>()).collect();
    let token = story::token(&mut connection, &first);
    let claims = token.split('.').nth(1).expect("claims").to_owned();

    let mut rival = Process::start(|port| child(&["--bare", threads, &port, &claims]));
    let of_rival = story::token(&mut rival.connect(), &first);
    assert_eq!(of_rival.split('.').next(), token.split('.').next(), "the headers are equal");

    let seconds = if short() { "0.05" } else { "2" };
    let loads = [("one client".to_owned(), &bodies[..1]), (format!("{clients} clients in turn"), &bodies[..])];
    for ((load, bodies), goal) in loads.into_iter().zip(GOALS) {
        let file = std::env::temp_dir().join(format!("m2mock-bench-{}-{}.json", std::process::id(), bodies.len()));
        std::fs::write(&file, Value::from(bodies).to_string()).expect("a file for the bodies");
        let path = file.to_str().expect("a path of UTF-8").to_owned();
        let per_second = |address: SocketAddr| {
            let (address, path) = (address.to_string(), path.clone());
            move || number_from_child(&["--load", &address, seconds, &path])
        };
        let pair = Pair::measure(rounds(9, 1), per_second(address), per_second(rival.address));
        std::fs::remove_file(&file).expect("the file is there");
        row(&[
            &format!("{what}, {load}"),
            &format!("{:.0}", pair.ours()),
            &format!("{:.0}", pair.rival()),
            &format!("{:.2}", pair.ratio()),
            &format!(">= {goal:.2}"),
        ]);
    }
}

/// The server that only signs: number of threads, port, claims as they stand in a token.
fn bare(arguments: &[String]) {
    let [threads, port, claims] = arguments else { panic!("threads, port and claims: {arguments:?}") };
    let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
    let claims: Map<String, Value> = serde_json::from_slice(&claims).expect("claims");
    let port: u16 = port.parse().expect("a port");
    let mut runtime = if threads == "one" { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    let served: io::Result<()> = runtime.enable_all().build().expect("a runtime").block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let answers = Arc::new(AtomicU64::new(0));
        let answer = move || {
            let number = answers.fetch_add(1, Ordering::Relaxed);
            std::future::ready(signed(claims.clone(), number))
        };
        axum::serve(listener, Router::new().route("/oauth/token", post(answer))).await
    });
    served.expect("the bare server serves");
}

fn signed(mut claims: Map<String, Value>, number: u64) -> ([(&'static str, &'static str); 1], String) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), (now + 86_400).into());
    claims.insert("number".to_owned(), number.into());
    let token = sign(&claims);
    let scope = claims["scope"].as_str().unwrap_or_default();
    let body = format!(r#"{{"access_token":"{token}","scope":"{scope}","expires_in":86400,"token_type":"Bearer"}}"#);
    ([("content-type", "application/json")], body)
}

/// Requests tokens on several connections at once, and returns the number of tokens in a second.
fn load(arguments: &[String]) -> f64 {
    let [address, seconds, file] = arguments else { panic!("address, seconds and a file of bodies: {arguments:?}") };
    let address: SocketAddr = address.parse().expect("an address");
    let seconds = Duration::from_secs_f64(seconds.parse().expect("seconds"));
    let bodies = std::fs::read_to_string(file).expect("the file of bodies");
    let bodies: Vec<Value> = serde_json::from_str(&bodies).expect("a list of bodies");
    let requests: Vec<_> =
        bodies.iter().map(|body| request(address, "POST", "/oauth/token", None, Some(body))).collect();

    let (next, count, stop) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut connection = Connection::open(address).expect("a connection");
                while !stop.load(Ordering::Relaxed) {
                    let request = &requests[next.fetch_add(1, Ordering::Relaxed) % requests.len()];
                    let answer = connection.send(request).expect("an answer");
                    assert_eq!(answer.status, 200);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(seconds);
        stop.store(true, Ordering::Relaxed);
    });
    count.into_inner() as f64 / start.elapsed().as_secs_f64()
}
