//! Checks the bytes of a connection before the HTTP parser reads them.
//!
//! It reads the bytes in small pieces, because the parser's buffer grows with the size of a read and stays as large for the
//! whole connection. It also changes each line of a head that ends in a bare LF into an invalid one, which the parser answers
//! with 400: RFC 9112 lets a server refuse such a line, strict servers do, and the parser does not.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::stream::Stream;

/// Less than the first read of the parser, so that it never reads more at once.
const LARGEST_READ: usize = 8 * 1024 - 1;

/// A stream whose incoming bytes are checked.
pub(super) struct Incoming<S> {
    stream: S,
    lines: HeadScanner,
}

impl<S: Stream> Incoming<S> {
    pub(super) fn of(stream: S) -> Self {
        Incoming { stream, lines: HeadScanner::default() }
    }
}

impl<S: Stream> Stream for Incoming<S> {
    fn tcp(&self) -> &TcpStream {
        self.stream.tcp()
    }
}

impl<S: Stream> AsyncRead for Incoming<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Incoming { stream, lines } = &mut *self;
        let room = buffer.initialize_unfilled_to(buffer.remaining().min(LARGEST_READ));
        let mut piece = ReadBuf::new(room);
        ready!(Pin::new(stream).poll_read(context, &mut piece))?;
        lines.look_at(piece.filled_mut());
        let read = piece.filled().len();
        buffer.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for Incoming<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The byte that replaces a bare LF. No part of a head may contain it.
const REFUSED: u8 = 0;

/// The length of the kept beginning of a line: enough for the headers that define the end of a body.
const REMEMBERED: usize = 96;

/// Finds the heads in the bytes of a connection. It follows the length of each body, and stops where the end of a body is
/// unclear.
#[derive(Default)]
struct HeadScanner {
    state: HeadState,
    /// The beginning of the present line.
    line: Vec<u8>,
    previous: u8,
    /// Whether a line of the head was read.
    has_begun: bool,
    length: Option<u64>,
    is_chunked: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum HeadState {
    #[default]
    Head,
    /// Inside a body with this many bytes left.
    Body(u64),
    /// In the line with the size of a chunk.
    ChunkSize,
    /// In a chunk with this many bytes left, including its line end.
    Chunk(u64),
    /// In the lines after the last chunk.
    Trailers,
    Unknown,
}

impl HeadScanner {
    fn look_at(&mut self, bytes: &mut [u8]) {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                HeadState::Unknown => return,
                HeadState::Body(left) | HeadState::Chunk(left) => {
                    let passed = left.min((bytes.len() - at) as u64);
                    // At most the length of a slice.
                    at += passed as usize;
                    self.pass(left - passed);
                }
                HeadState::Head | HeadState::ChunkSize | HeadState::Trailers => {
                    self.next(&mut bytes[at]);
                    at += 1;
                }
            }
        }
    }

    fn pass(&mut self, left: u64) {
        self.state = match (self.state, left) {
            (HeadState::Chunk(_), 0) => HeadState::ChunkSize,
            (HeadState::Chunk(_), left) => HeadState::Chunk(left),
            (_, 0) => HeadState::Head,
            (_, left) => HeadState::Body(left),
        };
    }

    fn next(&mut self, byte: &mut u8) {
        if *byte != b'\n' {
            if self.line.len() < REMEMBERED {
                self.line.push(*byte);
            }
            self.previous = *byte;
            return;
        }
        if self.state == HeadState::Head && self.previous != b'\r' {
            *byte = REFUSED;
            self.state = HeadState::Unknown;
            return;
        }
        let line = std::mem::take(&mut self.line);
        self.previous = 0;
        self.state = self.after(line.strip_suffix(b"\r").unwrap_or(&line));
        // The room for the next one.
        self.line = line;
        self.line.clear();
    }

    /// Where the line after this one stands.
    fn after(&mut self, line: &[u8]) -> HeadState {
        match self.state {
            // An empty line may stand in front of a request.
            HeadState::Head if line.is_empty() && !self.has_begun => HeadState::Head,
            HeadState::Head if line.is_empty() => {
                let HeadScanner { length, is_chunked, .. } = std::mem::take(self);
                match length {
                    _ if is_chunked => HeadState::ChunkSize,
                    Some(length) if length > 0 => HeadState::Body(length),
                    _ => HeadState::Head,
                }
            }
            HeadState::Head => {
                self.has_begun = true;
                self.read_header(line)
            }
            HeadState::ChunkSize => match chunk_size(line) {
                Some(0) => HeadState::Trailers,
                Some(size) => HeadState::Chunk(size + 2),
                None => HeadState::Unknown,
            },
            HeadState::Trailers if line.is_empty() => HeadState::Head,
            place => place,
        }
    }

    fn read_header(&mut self, line: &[u8]) -> HeadState {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.is_chunked = true;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let length = str::from_utf8(value.trim_ascii()).ok().and_then(|digits| digits.parse().ok());
            match length.filter(|_| line.len() < REMEMBERED - 1) {
                Some(length) => self.length = Some(length),
                None => return HeadState::Unknown,
            }
        }
        HeadState::Head
    }
}

/// The size in the line before a chunk, without the extensions that may follow it.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let size = u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    (size < u64::MAX - 2).then_some(size)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// The bytes after a look at them in pieces of these sizes.
    fn looked_at(sent: &[u8], pieces: usize) -> Vec<u8> {
        let mut lines = HeadScanner::default();
        let mut bytes = sent.to_vec();
        bytes.chunks_mut(pieces.max(1)).for_each(|piece| lines.look_at(piece));
        bytes
    }

    #[rstest]
    #[case::a_request_line("GET / HTTP/1.1\n", 14)]
    #[case::a_header("GET / HTTP/1.1\r\nhost: x\n\r\n", 23)]
    #[case::the_end_of_a_head("GET / HTTP/1.1\r\nhost: x\r\n\n", 25)]
    #[case::a_second_request("GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\n", 41)]
    #[case::after_a_body("POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\na\nbGET / HTTP/1.1\n", 55)]
    #[case::after_chunks(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n\n\n\r\n0\r\nt: 1\r\n\r\nGET /\n",
        74
    )]
    fn a_bare_lf_in_a_head_is_refused(#[case] sent: &str, #[case] at: usize) {
        for pieces in 1..=sent.len() {
            let mut expected = sent.as_bytes().to_vec();
            assert_eq!(expected[at], b'\n');
            expected[at] = REFUSED;
            assert_eq!(looked_at(sent.as_bytes(), pieces), expected, "in pieces of {pieces}");
        }
    }

    proptest! {
        /// Requests whose heads are right pass unchanged, whatever their bodies hold and however the bytes are cut.
        #[test]
        fn right_requests_pass_unchanged(
            bodies in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), 0..3_usize), 1..6),
            pieces in 1..60_usize,
        ) {
            let mut sent = Vec::new();
            for (body, kind) in &bodies {
                sent.extend_from_slice(b"POST /x HTTP/1.1\r\nHost: a\r\n");
                match kind {
                    0 => sent.extend_from_slice(b"\r\n"),
                    1 => {
                        sent.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
                        sent.extend_from_slice(body);
                    }
                    _ => {
                        sent.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
                        for chunk in body.chunks(7) {
                            sent.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
                            sent.extend_from_slice(chunk);
                            sent.extend_from_slice(b"\r\n");
                        }
                        sent.extend_from_slice(b"0\r\n\r\n");
                    }
                }
            }
            prop_assert_eq!(looked_at(&sent, pieces), sent);
        }
    }
}
