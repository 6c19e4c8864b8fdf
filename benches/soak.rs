//! `m2mock serve` under long load: requests, faults, resets, and adding and removing tenants in parallel.
//!
//! Unlike the other benches this one asserts what is no matter of time: each request is answered as it should be and stands
//! in the journal, memory does not grow after the warm-up, and every descriptor is given back. `M2MOCK_SOAK` says for how
//! many seconds; the short form takes some two.
//!
//! `cargo bench --all-features --bench soak -- hostile` sends what no good client sends instead (`hostile/`).

mod hostile;
mod measure;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use measure::http::{Connection, request};
use measure::served::{Process, management_request};
use measure::{head, in_milliseconds, row, short, story, title};
use serde_json::{Value, json};

const M2MOCK: &str = env!("CARGO_BIN_EXE_m2mock");

/// Threads that ask the first tenant for tokens, lists and organizations.
const LOADS: usize = 2;

/// So many rounds of load fill the log of ten thousand entries, of which each makes four, and the journal.
const WARM_UP: usize = 2_600 / LOADS;

/// What resident memory may grow by after the warm-up. An allocator takes some for each thread that it meets late; a leak
/// of a kilobyte a second would take as much in nine hours, one of a byte a request in three.
const GROWTH: u64 = 32 * 1024;

/// How long descriptors may take to be given back: connections end when the server notices.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    if std::env::args().any(|argument| argument == "hostile") {
        return hostile::run(M2MOCK);
    }
    let seconds = std::env::var("M2MOCK_SOAK").ok().and_then(|seconds| seconds.parse().ok());
    let time = Duration::from_secs(if short() { 2 } else { seconds.unwrap_or(600) });
    title(&format!("`m2mock serve` under load, faults and resets for {} s", time.as_secs()));

    let mut process = Process::m2mock(M2MOCK);
    let load = Load::on(&mut process);
    let descriptors = process.descriptors();
    load.run(&mut Figures::default(), |rounds| rounds >= WARM_UP);
    faults(process.address, |rounds| rounds >= 20);
    tenants(process.address, |rounds| rounds >= 60);
    let warm = process.resident();
    load.agrees_with_the_journal(LOADS * WARM_UP);

    let stop = AtomicBool::new(false);
    let ends = |_| stop.load(Ordering::Relaxed);
    let mut samples = Vec::new();
    let (figures, faulty, passing) = thread::scope(|scope| {
        let loads: Vec<_> = (0..LOADS)
            .map(|_| {
                scope.spawn(|| {
                    let mut figures = Figures::default();
                    load.rounds(&mut figures, ends);
                    figures
                })
            })
            .collect();
        let faulty = scope.spawn(|| faults(process.address, ends));
        let passing = scope.spawn(|| tenants(process.address, ends));
        let start = Instant::now();
        while start.elapsed() < time {
            thread::sleep(Duration::from_millis(250));
            samples.extend(process.resident());
        }
        stop.store(true, Ordering::Relaxed);
        let figures: Vec<Figures> = loads.into_iter().map(joined).collect();
        (figures, joined(faulty), joined(passing))
    });
    let rounds: usize = figures.iter().map(|figures| figures.rounds).sum();
    load.agrees_with_the_journal(LOADS * WARM_UP + rounds);

    head(&["", "count", "p50, ms", "p99, ms"]);
    let of = |kind: fn(&Figures) -> &Vec<f32>| figures.iter().flat_map(kind).copied().collect::<Vec<f32>>();
    for (what, times) in [("tokens", of(|f| &f.tokens)), ("refused", of(|f| &f.refused)), ("lists", of(|f| &f.lists))] {
        let (half, most) = (percentile(&times, 50), percentile(&times, 99));
        row(&[what, &times.len().to_string(), &format!("{half:.2}"), &format!("{most:.2}")]);
    }
    row(&["organizations made and deleted", &rounds.to_string(), "", ""]);
    row(&["faults met, each followed by a reset of five", &(faulty * 4).to_string(), "", ""]);
    row(&["tenants added, exported, imported and removed", &passing.to_string(), "", ""]);

    let (Some(warm), Some(most)) = (warm, samples.iter().max().copied()) else {
        return println!("\nThis system does not tell how much memory a process has.");
    };
    let after = process.resident().unwrap_or(most);
    println!(
        "\nResident memory, MB: {:.1} after the warm-up, {:.1} at most, {:.1} at the end.",
        mb(warm),
        mb(most),
        mb(after)
    );
    assert!(most <= warm + GROWTH, "memory grew by more than {} MB", GROWTH / 1024);
    let start = Instant::now();
    while process.descriptors() > descriptors {
        assert!(
            start.elapsed() < PATIENCE,
            "{descriptors:?} descriptors were open, and now {:?}",
            process.descriptors()
        );
        thread::sleep(Duration::from_millis(20));
    }
    println!("Descriptors: {} before and after.", descriptors.unwrap_or_default());
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn mb(kilobytes: u64) -> f64 {
    kilobytes as f64 / 1024.0
}

fn percentile(times: &[f32], percent: usize) -> f32 {
    let mut times = times.to_vec();
    times.sort_by(f32::total_cmp);
    times.get(times.len() * percent / 100).copied().unwrap_or(f32::NAN)
}

/// What one thread has measured, in milliseconds.
#[derive(Default)]
struct Figures {
    rounds: usize,
    tokens: Vec<f32>,
    refused: Vec<f32>,
    lists: Vec<f32>,
}

/// What is asked of the first tenant over and over.
struct Load {
    address: SocketAddr,
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
        let load = Load {
            address,
            granted: token(&granted),
            refused: token(&refused),
            list: request(address, "GET", "/api/v2/clients?include_totals=true", Some(&bearer), None),
            bearer,
        };
        // From here on, every request of the journal is one of the load.
        assert_eq!(connection.ask("DELETE", "/__admin/v1/requests", None, None).status, 204);
        load
    }

    /// On several connections.
    fn run(&self, figures: &mut Figures, ends: impl Fn(usize) -> bool + Copy + Send + Sync) {
        thread::scope(|scope| {
            (1..LOADS).for_each(|_| drop(scope.spawn(move || self.rounds(&mut Figures::default(), ends))));
            self.rounds(figures, ends);
        });
    }

    /// Rounds of five requests, after each of which the tenant is as before.
    fn rounds(&self, figures: &mut Figures, ends: impl Fn(usize) -> bool) {
        let mut connection = Connection::open(self.address).expect("a connection");
        let timed = |connection: &mut Connection, request: &[u8], status: u16, times: &mut Vec<f32>| {
            let start = Instant::now();
            let answer = connection.send(request).expect("an answer");
            times.push(in_milliseconds(start.elapsed()) as f32);
            assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(&answer.body));
        };
        while !ends(figures.rounds) {
            timed(&mut connection, &self.granted, 200, &mut figures.tokens);
            timed(&mut connection, &self.refused, 400, &mut figures.refused);
            timed(&mut connection, &self.list, 200, &mut figures.lists);
            let name = json!({ "name": format!("passing-{}", connection.own_port()) });
            let created = connection.ask("POST", "/api/v2/organizations", Some(&self.bearer), Some(&name));
            assert_eq!(created.status, 201);
            let path = format!("/api/v2/organizations/{}", created.json()["id"].as_str().expect("an id"));
            assert_eq!(connection.ask("DELETE", &path, Some(&self.bearer), None).status, 204);
            figures.rounds += 1;
        }
    }

    /// Nothing is lost: the journal has counted what was sent.
    fn agrees_with_the_journal(&self, rounds: usize) {
        let mut connection = Connection::open(self.address).expect("a connection");
        let journal = connection.ask("GET", "/__admin/v1/requests", None, None).json();
        let last = journal.as_array().and_then(|entries| entries.last()).expect("an entry");
        assert_eq!(last["number"], 5 * rounds, "requests that were sent and requests in the journal");
    }
}

/// A tenant in which every round meets four faults, is asked what it met, and is reset. Gives the number of rounds.
fn faults(address: SocketAddr, ends: impl Fn(usize) -> bool) -> usize {
    let mut connection = Connection::open(address).expect("a connection");
    let (host, token) = add(&mut connection, "faulty.localhost");
    connection.host.clone_from(&host);
    let mut rounds = 0;
    while !ends(rounds) {
        let ask = |connection: &mut Connection| connection.try_to_ask("POST", "/oauth/token", None, Some(&token));
        let put_in = |connection: &mut Connection, effect: Value| {
            let mut fault = json!({ "operation": "token", "times": 1 });
            fault.as_object_mut().expect("an object").extend(effect.as_object().cloned().unwrap_or_default());
            assert_eq!(connection.ask("POST", "/__admin/v1/faults", None, Some(&fault)).status, 201);
        };
        put_in(&mut connection, json!({ "status": 503 }));
        assert_eq!(ask(&mut connection).expect("an answer").status, 503);
        assert_eq!(ask(&mut connection).expect("an answer").status, 200);
        put_in(&mut connection, json!({ "latency": "1ms" }));
        assert_eq!(ask(&mut connection).expect("an answer").status, 200);
        put_in(&mut connection, json!({ "malformed_json": true }));
        let broken = ask(&mut connection).expect("an answer");
        assert!(serde_json::from_slice::<Value>(&broken.body).is_err());
        put_in(&mut connection, json!({ "reset": true }));
        assert!(ask(&mut connection).is_err());
        connection = Connection::open(address).expect("a connection");
        connection.host.clone_from(&host);

        let journal = connection.ask("GET", "/__admin/v1/requests", None, None).json();
        let met: Vec<bool> =
            journal.as_array().into_iter().flatten().map(|entry| entry.get("fault").is_some()).collect();
        assert_eq!(met, [true, false, true, true, true]);
        assert_eq!(connection.ask("POST", "/__admin/v1/reset", None, None).status, 204);
        rounds += 1;
    }
    assert_eq!(connection.ask("DELETE", "/__admin/v1/tenants/faulty.localhost", None, None).status, 204);
    rounds
}

/// Tenants that come with a seed, are kept and brought back, and go. Gives their number.
fn tenants(address: SocketAddr, ends: impl Fn(usize) -> bool) -> usize {
    let mut connection = Connection::open(address).expect("a connection");
    let own = connection.host.clone();
    let mut rounds = 0;
    while !ends(rounds) {
        connection.host.clone_from(&own);
        let domain = format!("passing-{}.localhost", rounds % 50);
        let (host, token) = add(&mut connection, &domain);
        connection.host = host;
        story::token(&mut connection, &token);
        let state = connection.ask("GET", "/__admin/v1/state", None, None).json();
        assert_eq!(connection.ask("PUT", "/__admin/v1/state", None, Some(&state)).status, 204);
        assert_eq!(connection.ask("GET", "/__admin/v1/state", None, None).json(), state);
        story::token(&mut connection, &token);
        assert_eq!(connection.ask("DELETE", &format!("/__admin/v1/tenants/{domain}"), None, None).status, 204);
        assert_eq!(connection.ask("POST", "/oauth/token", None, None).status, 404);
        rounds += 1;
    }
    rounds
}

/// Adds a tenant, and gives its name with the port, and the body of a request for its management token.
fn add(connection: &mut Connection, domain: &str) -> (String, Value) {
    let seed = json!({ "organizations": [{ "name": "north-coast" }], "clients": [{ "name": "Forecast reader" }] });
    let body = json!({ "domain": domain, "seed": seed });
    let added = connection.ask("POST", "/__admin/v1/tenants", None, Some(&body));
    assert_eq!(added.status, 201, "{}", String::from_utf8_lossy(&added.body));
    let added = added.json();
    let mut token = added["management"].clone();
    token["grant_type"] = "client_credentials".into();
    let host = added["base_url"].as_str().and_then(|url| url.strip_prefix("http://")).expect("an address");
    (host.to_owned(), token)
}
