//! Requests to the control API of a server on this machine, written by hand: the command has no HTTP client without the feature
//! `conformance`.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::server::authority;

/// Requests a path, and returns the connection with the answer. The server closes it at the end.
pub(super) fn get(address: &str, path: &str, patience: Duration) -> io::Result<TcpStream> {
    let end = Instant::now() + patience;
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (host, port.parse().unwrap_or(80)),
        _ => (address, 80),
    };
    let socket = resolve(host.trim_start_matches('[').trim_end_matches(']'), port)?;
    let stream = connect(socket, end)?;
    request(&stream, address, path)?;
    stream.set_read_timeout(Some(left(end)?))?;
    Ok(stream)
}

/// The time until an end, or the error that it is over.
pub(super) fn left(end: Instant) -> io::Result<Duration> {
    match end.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}

/// Names below `localhost` are this machine, which not every resolver knows.
fn resolve(host: &str, port: u16) -> io::Result<SocketAddr> {
    match (host, port).to_socket_addrs() {
        Ok(mut addresses) => addresses.next().ok_or_else(|| io::ErrorKind::AddrNotAvailable.into()),
        Err(_) if host.to_ascii_lowercase().ends_with(".localhost") => Ok((Ipv4Addr::LOCALHOST, port).into()),
        Err(error) => Err(error),
    }
}

/// Connects to an address. A server on every address is reached on loopback.
pub(super) fn connect(address: SocketAddr, end: Instant) -> io::Result<TcpStream> {
    let address = authority(address).to_socket_addrs()?.next().unwrap_or(address);
    let stream = TcpStream::connect_timeout(&address, left(end)?)?;
    stream.set_write_timeout(Some(left(end)?))?;
    Ok(stream)
}

/// Sends a request whose answer ends with the connection.
pub(super) fn request(mut stream: &TcpStream, host: &str, path: &str) -> io::Result<()> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())
}

/// The body of an answer with the status 200.
pub(super) fn body(answer: &[u8]) -> io::Result<&[u8]> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = match end.map(|end| answer.split_at(end + 4)) {
        Some((head, body)) => {
            (std::str::from_utf8(head).map_err(|_| invalid("what answers there speaks no HTTP"))?, body)
        }
        None => return Err(invalid("what answers there speaks no HTTP")),
    };
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3));
    match status {
        Some("200") => {}
        Some(status) => return Err(invalid(&format!("status {status}"))),
        None => return Err(invalid("what answers there speaks no HTTP")),
    }
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    match length {
        Some(length) if length == body.len() => Ok(body),
        _ => Err(invalid("the answer is not complete")),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::body;

    #[rstest]
    #[case::an_answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", Ok("{}"))]
    #[case::a_refusal("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\n{}", Err("status 403"))]
    #[case::a_part("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", Err("the answer is not complete"))]
    #[case::no_length("HTTP/1.1 200 OK\r\n\r\n{}", Err("the answer is not complete"))]
    #[case::no_head("{}", Err("what answers there speaks no HTTP"))]
    #[case::another_protocol("220 mail.example\r\n\r\n", Err("what answers there speaks no HTTP"))]
    fn the_body_of_an_answer(#[case] answer: &str, #[case] expected: Result<&str, &str>) {
        let body = body(answer.as_bytes()).map_err(|error| error.to_string());
        assert_eq!(body, expected.map(str::as_bytes).map_err(str::to_owned));
    }
}
