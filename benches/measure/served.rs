//! `m2mock serve` as a process of its own.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread;
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
}

impl Process {
    /// Starts the `m2mock` command on a free port and does not wait for it.
    pub fn m2mock(command: &str) -> Process {
        Process::start(|port| {
            let mut process = Command::new(command);
            process.args(["serve", "--port", &port]);
            process.args(["--management-client-id", CLIENT_ID, "--management-client-secret", CLIENT_SECRET]);
            process
        })
    }

    /// Starts a server that is told its port, and does not wait for it.
    pub fn start(command: impl FnOnce(String) -> Command) -> Process {
        // Whoever else looks for a port in the meantime gets another one: the system hands them out in turn.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let mut command = command(address.port().to_string());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Process { child: child.expect("the process starts"), address }
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

/// What the management application of [`Process::m2mock`] asks its token with.
pub fn management_request() -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "audience": "https://travel0.localhost/api/v2/",
    })
}
