//! The log of `serve`: one line for each request, on standard error.
//!
//! Lines go through a bounded queue to a thread of their own. A reader that has stopped
//! reading (a test runner that captures standard error in a full pipe) loses lines; it
//! never holds up an answer.
//!
//! What a client sends stands in these lines, so control characters are replaced: no request forges a second line or talks to
//! the terminal.

use std::fmt;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::domain::BoundedText;

const QUEUE: usize = 4096;

/// The longest that the end of the program waits for lines still in the queue. Only a reader that has stopped reading makes it
/// wait that long; on a busy machine the thread of the log may need a moment before it runs.
const FLUSH: Duration = Duration::from_secs(5);

/// The sending end; to be cloned by whoever has something to say.
#[derive(Clone)]
pub(super) struct Log(SyncSender<Line>);

/// A line in the queue, whose size is bounded with it.
type Line = BoundedText<4096>;

/// Keeps the end of the program waiting for the lines already queued.
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
    /// To be called when every [`Log`] is gone.
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

/// The text on one line, without control characters.
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
