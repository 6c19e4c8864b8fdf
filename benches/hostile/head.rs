//! Writes the head of a well-formed HTTP request.

use std::ops::RangeInclusive;

use fastrand::Rng;

use super::bodies::{odd_text, word};
use super::tenant::Tenant;

/// As long as the server lets the line of a request be.
pub const LONG_LINE: usize = 60_000;

/// The head of a request, to which a body is added last.
pub struct Head(String);

impl Head {
    pub fn new(tenant: &Tenant, method: &str, path: &str) -> Head {
        Head(format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", tenant.host))
    }

    /// Its length so far.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn header(self, name: &str, value: &str) -> Head {
        Head(self.0 + &format!("{name}: {value}\r\n"))
    }

    pub fn bearer(self, token: &str) -> Head {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn json(self) -> Head {
        self.header("content-type", "application/json")
    }

    /// The right token, or something else.
    pub fn authorized(self, rng: &mut Rng, of_another: &str, right: &str) -> Head {
        match rng.u8(..24) {
            0 => self,
            1 => self.bearer(of_another),
            2 => self.bearer(&header_text(&odd_text(rng))),
            3 => self.bearer(&right[..rng.usize(..right.len())]),
            4 => self.bearer(right).bearer(right),
            5 => self.header("authorization", &format!("{} {right}", word(rng))),
            _ => self.bearer(right),
        }
    }

    /// JSON, or a type that says something else of it.
    pub fn typed(self, rng: &mut Rng) -> Head {
        match rng.u8(..14) {
            0 => self,
            1 => self.header("content-type", "text/plain"),
            2 => self.header("content-type", "application/x-www-form-urlencoded"),
            3 => self.header("content-type", "application/json; charset=utf-16"),
            4 => self.header("content-type", "multipart/form-data; boundary=b"),
            5 => self.header("content-type", &header_text(&odd_text(rng))),
            6 => self.json().header("content-type", "text/xml"),
            7 => self.json().header("content-encoding", "gzip"),
            _ => self.json(),
        }
    }

    pub fn without_body(self) -> Vec<u8> {
        (self.0 + "\r\n").into_bytes()
    }

    pub fn with(self, body: &[u8]) -> Vec<u8> {
        let mut bytes = self.header("content-length", &body.len().to_string()).without_body();
        bytes.extend_from_slice(body);
        bytes
    }

    pub fn chunked(self, rng: &mut Rng, body: &[u8]) -> Vec<u8> {
        let mut bytes = self.header("transfer-encoding", "chunked").without_body();
        let size = rng.usize(sizes_of_chunks(body.len()));
        for chunk in body.chunks(size) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
        bytes
    }

    pub fn framed(self, rng: &mut Rng, body: &[u8]) -> Vec<u8> {
        if rng.u8(..8) == 0 { self.chunked(rng, body) } else { self.with(body) }
    }
}

/// Small chunks, but not a million of them.
fn sizes_of_chunks(length: usize) -> RangeInclusive<usize> {
    length / 500 + 1..=length / 2 + 2
}

/// What stands in a path or a query without a meaning of its own. `%` and a few others stay as they are.
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'!' | b'$'..=b';' | b'=' | b'?'..=b'[' | b']' | b'_' | b'a'..=b'z' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

/// The characters of a text that may stand in a header.
pub fn header_text(text: &str) -> String {
    text.chars().filter(|character| matches!(character, ' '..='~')).take(LONG_LINE / 2).collect()
}
