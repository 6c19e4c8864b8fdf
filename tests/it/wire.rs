//! Sends requests as raw bytes, for malformed requests and for tests without a runtime.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than anything takes on the busiest machine. It decides nothing: it only makes a hang a failing test.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// An HTTP client for plain HTTP.
pub fn client() -> reqwest::Client {
    reqwest::Client::new()
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// The address behind a `http://` address without a path.
pub fn address(uri: &str) -> &str {
    uri.strip_prefix("http://").unwrap()
}

pub fn connect(uri: &str) -> TcpStream {
    let stream = TcpStream::connect(address(uri)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub fn get(uri: &str, path: &str) -> Answer {
    send(uri, format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", address(uri)).as_bytes())
}

/// Sends a JSON body with POST.
#[cfg(feature = "javascript")]
pub fn post_json(uri: &str, path: &str, body: &serde_json::Value) -> Answer {
    let (host, body) = (address(uri), body.to_string());
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}",
        body.len()
    );
    send(uri, format!("{head}\r\n\r\n{body}").as_bytes())
}

/// Sends these bytes and reads until the server closes.
pub fn send(uri: &str, bytes: &[u8]) -> Answer {
    let mut stream = connect(uri);
    // The server may refuse before it has read everything; its answer counts.
    let _ = stream.write_all(bytes);
    answer(&mut stream)
}

pub fn answer(stream: &mut impl Read) -> Answer {
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => received.extend_from_slice(&chunk[..length]),
            // A server that closes with bytes unread resets the connection after its answer.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset && !received.is_empty() => break,
            Err(error) => panic!("no answer: {error}"),
        }
    }
    let text = String::from_utf8(received).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no complete answer in {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}
