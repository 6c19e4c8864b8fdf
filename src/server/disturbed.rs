//! What a fault does to an answer on its way to the client: it waits, comes slowly, breaks off, or does not come at all.
//!
//! Time is the machine's here, as the client measures it, and nothing is held while it passes but the connection.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::{Sleep, sleep};

use crate::api::faults::{Damage, Disturbance};

/// In so many pieces a slow body comes.
const PIECES: usize = 16;

/// The connection that a request came by, as an extension of the request: a handle to have it reset.
#[derive(Clone, Debug, Default)]
pub(super) struct Line(Arc<Notify>);

impl Line {
    /// Resets the connection. What is on its way over it is lost.
    async fn reset(&self) -> Infallible {
        self.0.notify_one();
        // The connection ends, and this with it.
        pending().await
    }

    /// Ready when the connection is to be reset.
    pub(super) async fn is_reset(&self) {
        self.0.notified().await;
    }
}

/// Sends an answer as the fault on it wants, if there is one.
pub(super) async fn send(mut answer: http::Response<Bytes>, line: Option<Line>) -> Response {
    let Some(Disturbance { latency, damage }) = answer.extensions_mut().remove::<Disturbance>() else {
        return answer.map(Body::from);
    };
    if !latency.is_zero() {
        sleep(latency).await;
    }
    match (damage, line) {
        (Some(Damage::Reset), Some(line)) => match line.reset().await {},
        (Some(Damage::Truncated), _) => answer.map(|body| Body::new(InPieces::cut_short(&body))),
        (Some(Damage::Slow(time)), _) => answer.map(|body| Body::new(InPieces::over(time, &body))),
        (Some(Damage::Reset), None) | (None, _) => answer.map(Body::from),
    }
}

/// A body that comes in pieces, with a pause before each one but the first.
struct InPieces {
    pieces: VecDeque<Bytes>,
    pause: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    /// The length that is announced.
    length: u64,
    breaks_off: bool,
}

impl InPieces {
    fn over(time: Duration, body: &Bytes) -> Self {
        let size = body.len().div_ceil(PIECES).max(1);
        let pieces: VecDeque<_> = body.chunks(size).map(|piece| body.slice_ref(piece)).collect();
        let pauses = u32::try_from(pieces.len()).unwrap_or(u32::MAX).saturating_sub(1).max(1);
        InPieces { pieces, pause: time / pauses, ..InPieces::whole(body) }
    }

    fn cut_short(body: &Bytes) -> Self {
        let half = body.slice(..body.len() / 2);
        // The pause lets the half be written before the connection breaks.
        InPieces {
            pieces: VecDeque::from([half]),
            pause: Duration::from_millis(1),
            breaks_off: !body.is_empty(),
            ..InPieces::whole(body)
        }
    }

    fn whole(body: &Bytes) -> Self {
        InPieces {
            pieces: VecDeque::new(),
            pause: Duration::ZERO,
            waiting: None,
            length: body.len() as u64,
            breaks_off: false,
        }
    }
}

impl HttpBody for InPieces {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(context));
        }
        let pause = self.pause;
        self.waiting = Some(Box::pin(sleep(pause)));
        match self.pieces.pop_front() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None if self.breaks_off => Poll::Ready(Some(Err(BrokenOff))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && !self.breaks_off
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

/// The body ends here because a fault says so.
#[derive(Debug)]
struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault cuts the answer short")
    }
}

impl std::error::Error for BrokenOff {}
