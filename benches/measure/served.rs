//! `m2mock serve` as a separate process.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http::Connection;

const CLIENT_ID: &str = "benchManagementClient00000000000";
const CLIENT_SECRET: &str = "a-secret-of-the-bench-that-nobody-else-uses";

/// Long beyond any measurement: a process that does not answer is a broken bench.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process that is ended with this value.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    panics: Option<JoinHandle<Vec<String>>>,
}

impl Process {
    /// Starts the `m2mock` command on a free port and does not wait for it.
    pub fn m2mock(command: &str) -> Process {
        Process::start(|port| serve(command, &port))
    }

    /// The same with ids and secrets that are the same in every run, and with an eye on panics: [`end`](Self::end) tells them.
    pub fn watched_m2mock(command: &str) -> Process {
        let deterministic = |port: String| {
            let mut process = serve(command, &port);
            process.args(["--deterministic", "1"]);
            process
        };
        let mut process = Process::start_with(deterministic, Stdio::piped());
        let stderr = process.child.stderr.take().expect("a pipe");
        process.panics = Some(thread::spawn(|| panics(stderr)));
        process
    }

    /// Starts a server that is told its port, and does not wait for it.
    pub fn start(command: impl FnOnce(String) -> Command) -> Process {
        Process::start_with(command, Stdio::null())
    }

    fn start_with(command: impl FnOnce(String) -> Command, stderr: Stdio) -> Process {
        // Whoever else looks for a port in the meantime gets another one: the system hands them out in turn.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let mut command = command(address.port().to_string());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn();
        Process { child: child.expect("the process starts"), address, panics: None }
    }

    /// Whether the process is still there.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends the process, and gives what it said of its panics.
    pub fn end(mut self) -> Vec<String> {
        let _ = self.child.kill();
        self.panics.take().map(|panics| panics.join().expect("the reader does not panic")).unwrap_or_default()
    }

    /// A connection, as soon as the process takes one.
    pub fn connect(&mut self) -> Connection {
        let start = Instant::now();
        loop {
            if let Ok(connection) = Connection::open(self.address) {
                return connection;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the process ended before it answered: {status}");
            }
            assert!(start.elapsed() < PATIENCE, "the process does not answer");
            thread::sleep(Duration::from_micros(50));
        }
    }

    /// Resident memory in kB, where the system tells it.
    pub fn resident(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    }
}

impl Process {
    /// How many descriptors it has open, where the system tells it.
    pub fn descriptors(&self) -> Option<usize> {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).ok().map(Iterator::count)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(command: &str, port: &str) -> Command {
    let mut process = Command::new(command);
    process.args(["serve", "--port", port]);
    process.args(["--management-client-id", CLIENT_ID, "--management-client-secret", CLIENT_SECRET]);
    process
}

/// The lines that tell of a panic, each with the next one, which has its reason. Everything else, a line for each request,
/// is read and forgotten, so that the pipe is never full.
fn panics(stderr: impl Read) -> Vec<String> {
    let mut lines = BufReader::new(stderr).split(b'\n').map_while(Result::ok);
    let mut panics = Vec::new();
    while let Some(line) = lines.next() {
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.contains("panicked at ") {
            let reason = lines.next().unwrap_or_default();
            panics.push(format!("{line} {}", String::from_utf8_lossy(&reason)));
        }
    }
    panics
}

/// What the management application of [`Process::m2mock`] asks its token with.
pub fn management_request() -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "audience": "https://travel0.localhost/api/v2/",
    })
}
