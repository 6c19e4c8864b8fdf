//! Fault injection at the transport: an answer is late, slow, truncated, or the connection is reset.
//!
//! The delays use the machine's clock, as the client does. While one passes, only the connection is held.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::{Sleep, sleep};

use crate::api::faults::{Cutoff, TransportFault};

/// The number of chunks of a slow body.
const CHUNKS: usize = 16;

/// A handle that resets the connection of a request. It is an extension of the request.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectionReset(Arc<Notify>);

impl ConnectionReset {
    /// Resets the connection. Bytes on their way are lost.
    async fn reset(&self) -> Infallible {
        self.0.notify_one();
        // The connection ends, and so does this future.
        pending().await
    }

    /// Ready when the connection is to be reset.
    pub(super) async fn is_reset(&self) {
        self.0.notified().await;
    }
}

/// Sends an answer with its transport fault, if it has one.
pub(super) async fn send(mut answer: Response<Bytes>, reset: Option<ConnectionReset>) -> Response<ReplyBody> {
    let Some(TransportFault { latency, cutoff }) = answer.extensions_mut().remove::<TransportFault>() else {
        return answer.map(ReplyBody::from);
    };
    if !latency.is_zero() {
        sleep(latency).await;
    }
    match (cutoff, reset) {
        (Some(Cutoff::Reset), Some(connection)) => match connection.reset().await {},
        (Some(Cutoff::Truncated), _) => answer.map(|body| ReplyBody::cut_short(&body)),
        (Some(Cutoff::Slow(time)), _) => answer.map(|body| ReplyBody::over(time, &body)),
        (Some(Cutoff::Reset), None) | (None, _) => answer.map(ReplyBody::from),
    }
}

/// The body of an answer: whole, or in chunks with a pause before each one but the first.
pub(super) struct ReplyBody {
    chunks: VecDeque<Bytes>,
    pause: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    /// The length that is announced.
    length: u64,
    is_truncated: bool,
}

impl ReplyBody {
    fn over(time: Duration, body: &Bytes) -> Self {
        let size = body.len().div_ceil(CHUNKS).max(1);
        let chunks: VecDeque<_> = body.chunks(size).map(|chunk| body.slice_ref(chunk)).collect();
        let pauses = u32::try_from(chunks.len()).unwrap_or(u32::MAX).saturating_sub(1).max(1);
        ReplyBody { chunks, pause: time / pauses, ..ReplyBody::announcing(body.len()) }
    }

    fn cut_short(body: &Bytes) -> Self {
        let half = body.slice(..body.len() / 2);
        // The pause lets the half be written before the connection breaks.
        ReplyBody {
            chunks: VecDeque::from([half]),
            pause: Duration::from_millis(1),
            is_truncated: !body.is_empty(),
            ..ReplyBody::announcing(body.len())
        }
    }

    fn announcing(length: usize) -> Self {
        ReplyBody {
            chunks: VecDeque::new(),
            pause: Duration::ZERO,
            waiting: None,
            length: length as u64,
            is_truncated: false,
        }
    }
}

impl From<Bytes> for ReplyBody {
    fn from(body: Bytes) -> Self {
        let length = body.len();
        let chunks = if body.is_empty() { VecDeque::new() } else { VecDeque::from([body]) };
        ReplyBody { chunks, ..ReplyBody::announcing(length) }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Truncated;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Truncated>>> {
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(context));
        }
        let pause = self.pause;
        self.waiting = (!pause.is_zero()).then(|| Box::pin(sleep(pause)));
        match self.chunks.pop_front() {
            Some(chunk) => Poll::Ready(Some(Ok(Frame::data(chunk)))),
            None if self.is_truncated => Poll::Ready(Some(Err(Truncated))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_empty() && !self.is_truncated
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

/// The body ends here because a fault says so.
#[derive(Debug)]
pub(super) struct Truncated;

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault cuts the answer short")
    }
}

impl std::error::Error for Truncated {}
