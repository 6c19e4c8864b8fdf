//! A client that costs next to nothing: blocking, one connection, requests written beforehand.

use std::fmt::Display;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

/// A connection that is kept for many requests.
pub struct Connection {
    stream: TcpStream,
    /// The name that requests are sent to.
    pub host: String,
    buffer: Vec<u8>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, host: address.to_string(), buffer: Vec::with_capacity(16 * 1024) })
    }

    /// The port at this end, which no other connection has.
    pub fn own_port(&self) -> u16 {
        self.stream.local_addr().map(|address| address.port()).unwrap_or_default()
    }

    /// Sends a JSON request and reads its answer.
    pub fn ask(&mut self, method: &str, path: &str, bearer: Option<&str>, body: Option<&Value>) -> Answer {
        self.try_to_ask(method, path, bearer, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The same where the connection may break.
    pub fn try_to_ask(
        &mut self,
        method: &str,
        path: &str,
        bearer: Option<&str>,
        body: Option<&Value>,
    ) -> io::Result<Answer> {
        let request = request(&self.host, method, path, bearer, body);
        self.send(&request)
    }

    /// Sends what [`request`] has written and reads its answer.
    pub fn send(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let head_ends = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            self.read_more()?;
        };
        let (status, length) = read_head(&self.buffer[..head_ends]).ok_or(ErrorKind::InvalidData)?;
        while self.buffer.len() < head_ends + length {
            self.read_more()?;
        }
        Ok(Answer { status, body: self.buffer[head_ends..].to_vec() })
    }

    fn read_more(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            count => {
                self.buffer.extend_from_slice(&chunk[..count]);
                Ok(())
            }
        }
    }
}

/// The bytes of a request with a JSON body.
pub fn request(host: impl Display, method: &str, path: &str, bearer: Option<&str>, body: Option<&Value>) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n");
    if let Some(bearer) = bearer {
        request += &format!("authorization: Bearer {bearer}\r\n");
    }
    let body = body.map(Value::to_string);
    if let Some(body) = &body {
        request += &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
    }
    request += "\r\n";
    request += body.as_deref().unwrap_or_default();
    request.into_bytes()
}

/// Status and length of the body.
fn read_head(head: &[u8]) -> Option<(u16, usize)> {
    let head = std::str::from_utf8(head).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Some((status, length.unwrap_or(0)))
}
