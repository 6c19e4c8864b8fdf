//! A client with little overhead: blocking, one connection, requests built in advance.

use std::fmt::Display;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

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
    /// Status line and headers.
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

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

    /// Ends a read or a write with an error when nothing comes or goes for so long.
    pub fn give_up_after(&self, patience: Duration) -> io::Result<()> {
        self.stream.set_read_timeout(Some(patience))?;
        self.stream.set_write_timeout(Some(patience))
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
        let has_body = !request.starts_with(b"HEAD ");
        loop {
            match first_answer(&self.buffer, has_body)? {
                Some((answer, _)) => return Ok(answer),
                None => self.read_more()?,
            }
        }
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

/// The answer at the beginning of these bytes and its length, if it is complete.
///
/// # Errors
/// They are no answer.
pub fn first_answer(bytes: &[u8], has_body: bool) -> io::Result<Option<(Answer, usize)>> {
    let Some(head_ends) = bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4) else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..head_ends]).map_err(|_| ErrorKind::InvalidData)?.to_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(ErrorKind::InvalidData)?;
    let length = header(&head, "content-length").filter(|_| has_body).and_then(|length| length.parse().ok());
    let ends = head_ends + length.unwrap_or(0_usize);
    Ok(bytes.get(head_ends..ends).map(|body| (Answer { status, head, body: body.to_vec() }, ends)))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
