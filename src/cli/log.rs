//! The log of `serve`: one line for each request, on standard error.
//!
//! Lines go through a bounded queue to a thread. If the reader stops reading (a test runner with a full pipe), lines are
//! lost, but no answer is delayed.
//!
//! Lines contain values of requests, so control characters are replaced: no request can forge a second line or control the
//! terminal.

use std::fmt;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::domain::BoundedText;

const QUEUE: usize = 4096;

/// The longest time that the program waits at its end for queued lines. It waits that long only if the reader has stopped
/// reading; on a busy machine the thread of the log may start late.
const FLUSH: Duration = Duration::from_secs(5);

/// The sending end of the queue; clone it for each writer.
#[derive(Clone)]
pub(super) struct Log(SyncSender<Line>);

/// A line in the queue, of bounded size.
type Line = BoundedText<4096>;

/// Waits at the end of the program for queued lines.
pub(super) struct Flush(Receiver<()>);

pub(super) fn start() -> io::Result<(Log, Flush)> {
    let (sender, lines) = sync_channel(QUEUE);
    let (finished, flushed) = sync_channel(0);
    thread::Builder::new().name("log".to_owned()).spawn(move || {
        write(&lines, &mut io::stderr());
        // Dropping the sender is the message.
        drop(finished);
    })?;
    Ok((Log(sender), Flush(flushed)))
}

impl Log {
    pub(super) fn line(&self, line: impl fmt::Display) {
        // A full queue: see the module's words. A missing writer: standard error is closed.
        let _ = self.0.try_send(Line::of(line));
    }
}

impl Flush {
    /// Call this after every [`Log`] was dropped.
    pub(super) fn wait(self) {
        let _ = self.0.recv_timeout(FLUSH);
    }
}

fn write(lines: &Receiver<Line>, to: &mut impl Write) {
    while let Ok(line) = lines.recv() {
        if to.write_all((printable(&line) + "\n").as_bytes()).is_err() {
            return;
        }
    }
}

/// The text as one line, without control characters.
pub(super) fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_whatever_is_in_it() {
        let (sender, lines) = sync_channel(2);
        let log = Log(sender);
        log.line("GET /a\r\n200 \u{1b}[2J\u{9b}31m\u{7f}");
        log.line("GET /é 200");
        drop(log);

        let mut written = Vec::new();
        write(&lines, &mut written);
        let expected = "GET /a??200 ?[2J?31m?\nGET /é 200\n".replace('?', "\u{fffd}");
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }
}
