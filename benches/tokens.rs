//! Tokens per second over connections that are kept, beside a bare axum server that signs the same claims with the
//! same key and library and does nothing else: no parameters, no client, no rules, no journal.
//!
//! Twice: [`MockTenant`] beside a bare server that has one thread like it, and `m2mock serve` beside one on the same
//! kind of runtime, with a thread for each core. The load comes from a process of its own. Both servers run all the
//! time and are asked in turn.

mod measure;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
const GOAL: f64 = 0.8;

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
    let body = story::tell(&mut connection, bearer);
    let token = story::token(&mut connection, &body);
    let claims = token.split('.').nth(1).expect("claims").to_owned();

    let mut rival = Process::start(|port| child(&["--bare", threads, &port, &claims]));
    assert_eq!(header_and_length(&story::token(&mut rival.connect(), &body)), header_and_length(&token));

    let seconds = if short() { "0.05" } else { "2" };
    let per_second = |address: SocketAddr| {
        let (address, body) = (address.to_string(), body.to_string());
        move || number_from_child(&["--load", &address, seconds, &body])
    };
    let pair = Pair::measure(rounds(9, 1), per_second(address), per_second(rival.address));
    row(&[
        what,
        &format!("{:.0}", pair.ours()),
        &format!("{:.0}", pair.rival()),
        &format!("{:.0} %", pair.ratio() * 100.0),
        &format!(">= {:.0} %", GOAL * 100.0),
    ]);
}

/// What two tokens for the same claims share, whenever they were made.
fn header_and_length(token: &str) -> (&str, usize) {
    (token.split('.').next().unwrap_or_default(), token.len())
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
        let answer = move || std::future::ready(signed(claims.clone()));
        axum::serve(listener, Router::new().route("/oauth/token", post(answer))).await
    });
    served.expect("the bare server serves");
}

fn signed(mut claims: Map<String, Value>) -> ([(&'static str, &'static str); 1], String) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), (now + 86_400).into());
    let token = sign(&claims);
    let scope = claims["scope"].as_str().unwrap_or_default();
    let body = format!(r#"{{"access_token":"{token}","scope":"{scope}","expires_in":86400,"token_type":"Bearer"}}"#);
    ([("content-type", "application/json")], body)
}

/// Asks for tokens on many connections at once; gives back how many came in a second.
fn load(arguments: &[String]) -> f64 {
    let [address, seconds, body] = arguments else { panic!("address, seconds and body: {arguments:?}") };
    let address: SocketAddr = address.parse().expect("an address");
    let seconds = Duration::from_secs_f64(seconds.parse().expect("seconds"));
    let body: Value = serde_json::from_str(body).expect("a body");
    let request = request(address, "POST", "/oauth/token", None, Some(&body));

    let (count, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut connection = Connection::open(address).expect("a connection");
                while !stop.load(Ordering::Relaxed) {
                    let answer = connection.send(&request).expect("an answer");
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
