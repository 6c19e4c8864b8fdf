//! `m2mock healthcheck`: checks that a server answers, for a container without shell and curl.
//!
//! It requests the clock below `/__admin`: no fault applies to such a request, and it is not in the journal. Every answer counts
//! as healthy except a server error, because `/__admin` may be closed to the caller.

use std::io::{self, Read};
use std::net::ToSocketAddrs;
use std::time::{Duration, Instant};

use clap::Args;

use super::control;
use super::mistake::Mistake;
use crate::server::authority;

#[derive(Args)]
pub(super) struct Options {
    /// Address of the server
    #[arg(long, value_name = "ADDRESS", env = "M2MOCK_HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port of the server
    #[arg(long, value_name = "PORT", env = "M2MOCK_PORT", default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Timeout of the check in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    timeout: u32,
}

/// Exit codes: 0 it answers, 2 it does not.
pub(super) fn run(options: &Options) -> Result<(), Mistake> {
    let Options { host, port, timeout } = options;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let wrong = |what: String| Mistake(format!("no healthy server on {host}, port {port}: {what}"));
    match ask(host, *port, Duration::from_secs(u64::from(*timeout))) {
        Ok(100..=499) => Ok(()),
        Ok(status) => Err(wrong(format!("status {status}"))),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// The status of the answer.
fn ask(host: &str, port: u16, timeout: Duration) -> io::Result<u16> {
    let end = Instant::now() + timeout;
    let address = (host, port).to_socket_addrs()?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let mut stream = control::connect(address, end)?;
    // A server that listens on every address is checked on loopback.
    control::request(&stream, &authority(address), "/__admin/clock")?;

    // "HTTP/1.1 200"
    let mut status_line = [0; 12];
    let mut received = 0;
    while received < status_line.len() {
        stream.set_read_timeout(Some(control::left(end)?))?;
        match stream.read(&mut status_line[received..])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => received += length,
        }
    }
    let status = std::str::from_utf8(&status_line).ok().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.parse().ok());
    status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "what answers there speaks no HTTP"))
}
