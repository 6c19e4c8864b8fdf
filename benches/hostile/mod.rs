//! `m2mock serve` under invalid requests, for a long time.
//!
//! Time is not asserted here either, except that every request ends. Asserted is: no answer is a server error, but a 503 with
//! `Retry-After` where bodies find no room; nothing panics; an honest request is answered between all of this; and resident
//! memory is flat. `M2MOCK_HOSTILE` is the number of requests, `M2MOCK_HOSTILE_SEED` the seed that all of them follow from.
//!
//! Two tenants of the process are asked. Nothing changes the *lasting* one, which is never reset, so that whatever a request
//! leaves behind stays there. The *changing* one takes requests that may be right, and is reset now and then.

mod bodies;
mod ends;
mod head;
mod malformed;
mod outcomes;
mod requests;
mod tenant;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bodies::Ids;
use ends::Ends;
use fastrand::Rng;
use outcomes::{Tally, beginning, closes, is_in_order, judged};
use requests::{MEGABYTE, Sent, Target};
use serde_json::{Value, json};
use tenant::Tenant;

use crate::measure::http::{Answer, Connection, first_answer, request};
use crate::measure::served::{Process, management_request};
use crate::measure::{head, in_milliseconds, row, short, story, title};

/// Connections that send the requests.
const CLIENTS: usize = 2;

/// Far beyond what any answer takes on a busy machine: a request that has not ended by then never does.
const PATIENCE: Duration = Duration::from_secs(120);

/// The changing tenant is reset after so many requests.
const RESET_AFTER: usize = 200;

/// An honest request is sent after so many.
const HONEST_AFTER: usize = 50;

/// Refusals of a megabyte, and what they may leave behind, in kB: less than a tenth of what was sent, as room that the
/// allocator keeps.
const MEGABYTES: usize = 300;
const AFTER_MEGABYTES: u64 = 30 * 1024;

/// More refusals than journal and log keep, each as large there as one can be.
const LARGEST_ENTRIES: usize = 3_500;

/// Connections that announce a body and stop.
const PARKED: usize = 300;

/// What resident memory may be more in the second half of a run than in the second quarter, in kB. A kilobyte that each refusal left
/// behind would be as much after eight thousand of them.
const GROWTH: u64 = 8 * 1024;

/// Runs the mode against the command at this path.
pub fn run(command: &str) {
    let count = number("M2MOCK_HOSTILE").unwrap_or(if short() { 20_000 } else { 1_000_000 });
    let seed = number("M2MOCK_HOSTILE_SEED").unwrap_or(1) as u64;
    title(&format!("`m2mock serve` under {count} hostile requests of seed {seed}"));

    let mut process = Process::watched_m2mock(command);
    let target = target(&mut process);
    let descriptors = process.descriptors();
    let run = Run { target: &target, seed, process: &process, slowest: AtomicU64::default() };
    let tallies = run.all(count);

    outcomes::print(&tallies);
    println!("\nThe slowest request took {:.0} ms.", run.slowest.load(Ordering::Relaxed) as f64 / 1e3);
    run.gives_back(descriptors);
    println!("Descriptors: {} before and after.", descriptors.unwrap_or_default());

    run.honest(&mut run.connection());
    assert!(process.is_alive(), "the process has ended");
    let panics = process.end();
    assert!(panics.is_empty(), "the process panicked:\n{}", panics.join("\n"));
}

fn number(variable: &str) -> Option<usize> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable}: {value:?} is no number")))
}

/// The tenants of the process and what is there to aim at.
fn target(process: &mut Process) -> Target {
    let mut connection = process.connect();
    let bearer = story::token(&mut connection, &management_request());
    let granted = story::tell(&mut connection, &bearer);
    let lasting = Tenant { host: connection.host.clone(), bearer, ids: Ids::new() };

    let added = json!({ "domain": "changing.localhost", "seed": {
        "resourceServers": [{
            "name": "Travel0", "identifier": "https://travel0.example/api", "scopes": [{ "value": "read:trips" }],
        }],
        "clients": [{ "name": "Partner bot", "app_type": "non_interactive" }, { "name": "Shop", "app_type": "spa" }],
        "databases": [{ "name": "staff", "strategy": "auth0" }],
        "roles": [{ "name": "guide" }],
        "organizations": [{ "name": "granite-tours" }, { "name": "harbour-travel" }],
        "clientGrants": [{
            "client_id": "Partner bot", "audience": "https://travel0.example/api", "scope": ["read:trips"],
            "organization_usage": "allow",
        }],
    }});
    let added = connection.ask("POST", "/__admin/v1/tenants", None, Some(&added));
    assert_eq!(added.status, 201, "{}", String::from_utf8_lossy(&added.body));
    let added = added.json();
    let mut token = added["management"].clone();
    token["grant_type"] = "client_credentials".into();
    connection.host =
        added["base_url"].as_str().and_then(|url| url.strip_prefix("http://")).expect("an address").to_owned();
    let bearer = story::token(&mut connection, &token);
    let ids = ids(&mut connection, &bearer);
    let changing = Tenant { host: connection.host, bearer, ids };

    Target { address: process.address, operations: m2mock::internal::operations(), lasting, changing, granted }
}

/// The ids of everything that the lists of a tenant show.
fn ids(connection: &mut Connection, bearer: &str) -> Ids {
    let lists = m2mock::internal::operations().into_iter().filter(|row| row.method == "GET" && !row.path.contains('{'));
    lists
        .filter_map(|row| {
            let answer = connection.ask("GET", &format!("/api/v2{}", row.path), Some(bearer), None);
            // The stream of events is no JSON.
            let listed: Value = serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 200)?;
            let listed = listed.as_array()?.iter();
            let id = |entity: &Value| {
                ["client_id", "user_id", "id"].iter().find_map(|name| entity[*name].as_str().map(str::to_owned))
            };
            // Of a grant it is the second.
            let ids = listed.filter_map(|entity| entity["id"].as_str().map(str::to_owned).or_else(|| id(entity)));
            Some((row.path.trim_start_matches('/').to_owned(), ids.collect()))
        })
        .collect()
}

struct Run<'a> {
    target: &'a Target,
    seed: u64,
    process: &'a Process,
    /// Microseconds of the slowest request, parked ones and those that wait for room left out.
    slowest: AtomicU64,
}

impl Run<'_> {
    fn all(&self, count: usize) -> Vec<Tally> {
        head(&["resident memory", "MB"]);
        let at_start = self.resident("at the start");
        let mut rng = Rng::with_seed(self.seed);
        self.refusals(MEGABYTES, || self.target.megabyte(&mut rng));
        let resident = self.resident(&format!("after {MEGABYTES} refusals of 1 MB"));
        assert!(
            resident <= at_start.map(|kilobytes| kilobytes + AFTER_MEGABYTES),
            "{AFTER_MEGABYTES} kB more than that"
        );
        self.refusals(LARGEST_ENTRIES, || self.target.largest_entry(&mut rng));
        self.resident("journal and log are full of the largest entries");
        self.parked();

        let (next, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (tallies, highest) = thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| self.client(&next, count))).collect();
            let highest = scope.spawn(|| self.highest(&next, count, &ended));
            let tallies: Vec<_> = clients.into_iter().map(thread::ScopedJoinHandle::join).collect();
            ended.store(true, Ordering::Relaxed);
            let tallies =
                tallies.into_iter().map(|tally| tally.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            (tallies.collect::<Vec<Tally>>(), highest.join().unwrap_or_default())
        });
        println!("| at most in the second quarter of {count} requests | {:.1} |", mb(highest[0]));
        println!("| at most in the second half | {:.1} |", mb(highest[1]));
        self.resident("at the end");
        println!();
        assert!(
            highest[1] <= highest[0] + GROWTH,
            "memory grew by more than {GROWTH} kB in the second half; repeat it with M2MOCK_HOSTILE_SEED={} M2MOCK_HOSTILE={count}",
            self.seed
        );
        tallies
    }

    /// Prints how much the process has, and gives it in kB.
    fn resident(&self, when: &str) -> Option<u64> {
        let resident = self.process.resident();
        row(&[when, &resident.map_or("unknown".to_owned(), |resident| format!("{:.1}", mb(resident)))]);
        resident
    }

    fn connection(&self) -> Connection {
        let connection = Connection::open(self.target.address).expect("a connection");
        connection.give_up_after(PATIENCE).expect("a socket with a timeout");
        connection
    }

    fn refusals(&self, count: usize, mut request: impl FnMut() -> Vec<u8>) {
        let mut connection = self.connection();
        for _ in 0..count {
            let bytes = request();
            let answer = connection.send(&bytes).unwrap_or_else(|error| panic!("{error}: {}", beginning(&bytes)));
            assert!((400..500).contains(&answer.status), "{}: {}", answer.status, beginning(&bytes));
            if closes(&answer) {
                connection = self.connection();
            }
        }
    }

    /// Connections that announce a body and stop, at its beginning or just short of its end, keep nobody out.
    fn parked(&self) {
        let body = vec![b' '; MEGABYTE];
        let announced = format!(
            "POST /oauth/token HTTP/1.1\r\nhost: {}\r\ncontent-length: {MEGABYTE}\r\n\r\n",
            self.target.lasting.host
        );
        let parked: Vec<TcpStream> = (0..PARKED)
            .map(|number| {
                let mut stream = TcpStream::connect(self.target.address).expect("a connection");
                stream.set_write_timeout(Some(PATIENCE)).expect("a socket with a timeout");
                // One that is refused for want of room may be closed while it is sent.
                let _ = stream.write_all(announced.as_bytes());
                let _ = stream.write_all(&body[..if number % 2 == 0 { MEGABYTE - 1 } else { 1 + number }]);
                stream
            })
            .collect();
        self.honest(&mut self.connection());
        let large = [announced.as_bytes(), &body].concat();
        let is_read = (0..100).any(|_| {
            let answer = self.connection().send(&large).expect("an answer to an honest body");
            assert!(is_in_order(&answer), "{}", answer.head);
            answer.status != 503
        });
        assert!(is_read, "an honest body of 1 MB found no room in a hundred tries");
        self.resident(&format!("while {PARKED} bodies are parked"));
        drop(parked);
    }

    /// A usual request is granted, whatever else goes on.
    fn honest(&self, connection: &mut Connection) {
        let bytes = request(&self.target.lasting.host, "POST", "/oauth/token", None, Some(&self.target.granted));
        let start = Instant::now();
        let answer = connection.send(&bytes).expect("an answer to an honest request");
        self.note_time(start);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }

    fn note_time(&self, start: Instant) {
        self.slowest.fetch_max((in_milliseconds(start.elapsed()) * 1e3) as u64, Ordering::Relaxed);
    }

    /// The highest figures of resident memory while the second quarter of the requests is sent, and the second half. What the
    /// parked bodies took is given back in the first quarter.
    fn highest(&self, next: &AtomicUsize, count: usize, ended: &AtomicBool) -> [u64; 2] {
        let mut highest = [0; 2];
        while !ended.load(Ordering::Relaxed) {
            let quarter = 4 * next.load(Ordering::Relaxed) / count.max(1);
            if let Some(part) = quarter.checked_sub(1) {
                let part = &mut highest[part.min(1)];
                *part = self.process.resident().unwrap_or_default().max(*part);
            }
            thread::sleep(Duration::from_millis(20));
        }
        highest
    }

    fn client(&self, next: &AtomicUsize, count: usize) -> Tally {
        let mut tally = Tally::default();
        let _guard = StopsOthers { next, count };
        let (mut connection, mut honest) = (self.connection(), self.connection());
        let reset = request(&self.target.changing.host, "POST", "/__admin/v1/reset", None, None);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return tally;
            }
            if number.is_multiple_of(RESET_AFTER) {
                assert_eq!(honest.send(&reset).expect("an answer to a reset").status, 204);
            }
            if number.is_multiple_of(HONEST_AFTER) {
                self.honest(&mut honest);
            }
            let sent = self.target.request(self.seed, number);
            let start = Instant::now();
            let outcome = self.exchange(&mut connection, &sent).and_then(|answers| judged(&sent, answers));
            match outcome {
                Ok(answers) => tally[sent.kind as usize].note(&answers),
                Err(fault) => panic!(
                    "{fault}\nrequest {number} of M2MOCK_HOSTILE_SEED={} ({:?}, {} bytes): {}",
                    self.seed,
                    sent.kind,
                    sent.bytes.len(),
                    beginning(&sent.bytes)
                ),
            }
            self.note_time(start);
        }
    }

    /// Sends a request and reads what comes back.
    fn exchange(&self, connection: &mut Connection, sent: &Sent) -> Result<Vec<Answer>, String> {
        if matches!(sent.ends, Ends::Answered) {
            let answer = connection.send(&sent.bytes).map_err(|error| format!("no answer: {error}"))?;
            if closes(&answer) {
                *connection = self.connection();
            }
            return Ok(vec![answer]);
        }
        let read = self.read_to_end(&sent.bytes, matches!(sent.ends, Ends::AnsweredOrClosed));
        let mut bytes = read.map_err(|error| format!("it does not end: {error}"))?;
        let mut answers = Vec::new();
        while let Some((answer, length)) =
            first_answer(&bytes, true).map_err(|_| "the answer is not HTTP".to_owned())?
        {
            bytes.drain(..length);
            answers.push(answer);
        }
        Ok(answers)
    }

    /// Everything that comes back on a connection of its own.
    ///
    /// # Errors
    /// The server neither ends the connection nor sends anything.
    fn read_to_end(&self, sent: &[u8], says_when_it_ends: bool) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.target.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        // A server may refuse a request before it has read all of it, and close.
        let is_hang = |error: &io::Error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        stream.write_all(sent).or_else(|error| if is_hang(&error) { Err(error) } else { Ok(()) })?;
        if says_when_it_ends {
            let _ = stream.shutdown(Shutdown::Write);
        }
        let mut received = Vec::new();
        match stream.read_to_end(&mut received) {
            Err(error) if is_hang(&error) => Err(error),
            _ => Ok(received),
        }
    }

    /// As many descriptors are open as before: every connection ends.
    fn gives_back(&self, descriptors: Option<usize>) {
        let start = Instant::now();
        while self.process.descriptors() > descriptors {
            assert!(
                start.elapsed() < PATIENCE,
                "{descriptors:?} descriptors were open, now {:?}",
                self.process.descriptors()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Ends the run when a client fails: the others find no further number.
struct StopsOthers<'a> {
    next: &'a AtomicUsize,
    count: usize,
}

impl Drop for StopsOthers<'_> {
    fn drop(&mut self) {
        self.next.fetch_max(self.count, Ordering::Relaxed);
    }
}

fn mb(kilobytes: u64) -> f64 {
    kilobytes as f64 / 1024.0
}
