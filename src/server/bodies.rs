//! Reads request bodies within a shared memory limit.
//!
//! Memory follows the bytes that have arrived, not the length that a client announces. A small body is always read. A larger
//! body takes memory from a [`Room`] that all connections share. If no memory is left, bodies that stall lose theirs. A body
//! that gets none within [`ROUNDS`] times [`STALLED`] is refused.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use hyper::body::Body;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::api::ApiError;

/// The longest body, in bytes: the default of the framework whose error sentences the live service has (inferred).
pub(super) const MAX_BODY: usize = 1_048_576;

/// The memory of all bodies of one server, without those below 16 KiB.
pub(super) const MAX_BODIES: usize = 32 * MAX_BODY;

/// The largest state that can be imported.
pub(crate) const MAX_STATE: usize = 256 * 1024 * 1024;

/// A body of this size needs no shared memory. Nearly every request of a usual client has one.
const SMALL: usize = 16 * 1024;

/// The memory that a body gets before its first byte, whatever length the client announces.
const AT_FIRST: usize = 4 * 1024;

/// While others wait, a body that does not grow by [`SMALL`] in this time loses its memory.
const STALLED: Duration = Duration::from_millis(500);

/// How often a body requests memory when none is left. A body that stalls at the first request has lost its memory at the next.
const ROUNDS: usize = 3;

/// The memory that bodies share.
#[derive(Clone)]
pub(super) struct Room {
    bytes: Arc<Semaphore>,
    /// Wakes the bodies that are being read when another one finds no memory.
    wanted: Arc<Notify>,
}

/// A complete body. Dropping it frees its memory.
pub(super) struct BufferedBody {
    pub(super) bytes: Bytes,
    room: Option<OwnedSemaphorePermit>,
}

impl BufferedBody {
    /// The bytes, and a guard that holds their memory.
    pub(super) fn split(self) -> (Bytes, impl Send + 'static) {
        (self.bytes, self.room)
    }
}

impl Room {
    pub(super) fn of(bytes: usize) -> Room {
        Room { bytes: Arc::new(Semaphore::new(bytes)), wanted: Arc::default() }
    }

    /// Reads a body of at most this many bytes within this time.
    pub(super) async fn read(
        &self,
        head: &Parts,
        body: &mut (impl Body<Data = Bytes> + Unpin),
        most: usize,
        patience: Duration,
    ) -> Result<BufferedBody, Unread> {
        timeout(patience, self.collect(announced(head), body, most)).await.unwrap_or(Err(Unread::Late))
    }

    async fn collect(
        &self,
        announced: Option<usize>,
        body: &mut (impl Body<Data = Bytes> + Unpin),
        most: usize,
    ) -> Result<BufferedBody, Unread> {
        if announced.is_some_and(|announced| announced > most) {
            return Err(Unread::TooLarge);
        }
        let largest = announced.unwrap_or(most);
        let mut collected = BytesMut::with_capacity(largest.min(AT_FIRST));
        let mut room = None;
        let mut progress = Progress::new();
        while let Some(data) = self.next(body, &room, &progress).await? {
            let length = collected.len() + data.len();
            if length > most {
                return Err(Unread::TooLarge);
            }
            if length > collected.capacity() {
                // The capacity doubles, so a body is copied a few times and not once for each piece.
                let limit = if length > SMALL { largest } else { SMALL };
                let capacity = (2 * collected.capacity()).min(limit).max(length);
                if capacity > SMALL {
                    self.take(capacity - room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits), &mut room).await?;
                    progress = Progress { since: Instant::now(), ..progress };
                }
                collected.reserve(capacity - collected.len());
            }
            collected.extend_from_slice(&data);
            progress.note(collected.len());
        }
        Ok(BufferedBody { bytes: collected.freeze(), room })
    }

    /// The next piece of a body, unless the body stalls while others wait for its memory.
    async fn next(
        &self,
        body: &mut (impl Body<Data = Bytes> + Unpin),
        room: &Option<OwnedSemaphorePermit>,
        progress: &Progress,
    ) -> Result<Option<Bytes>, Unread> {
        let given_up = async {
            loop {
                self.wanted.notified().await;
                if room.is_some() && progress.since.elapsed() >= STALLED {
                    return;
                }
            }
        };
        tokio::select! {
            biased;
            data = next_data(body) => data,
            () = given_up => Err(Unread::NoRoom),
        }
    }

    /// Takes this many bytes of the shared memory.
    async fn take(&self, bytes: usize, taken: &mut Option<OwnedSemaphorePermit>) -> Result<(), Unread> {
        let bytes = u32::try_from(bytes).map_err(|_| Unread::NoRoom)?;
        let mut more = Arc::clone(&self.bytes).try_acquire_many_owned(bytes).ok();
        for _ in 0..ROUNDS {
            if more.is_none() {
                self.wanted.notify_waiters();
                let waiting = timeout(STALLED, Arc::clone(&self.bytes).acquire_many_owned(bytes));
                more = waiting.await.ok().and_then(Result::ok);
            }
        }
        let more = more.ok_or(Unread::NoRoom)?;
        match taken {
            Some(taken) => taken.merge(more),
            None => *taken = Some(more),
        }
        Ok(())
    }
}

/// When a body last grew by [`SMALL`].
struct Progress {
    since: Instant,
    length: usize,
}

impl Progress {
    fn new() -> Self {
        Progress { since: Instant::now(), length: 0 }
    }

    fn note(&mut self, length: usize) {
        if length >= self.length + SMALL {
            *self = Progress { since: Instant::now(), length };
        }
    }
}

fn announced(head: &Parts) -> Option<usize> {
    head.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads the rest of a refused body and drops it, up to a number of bytes. A connection that closes with unread bytes is reset,
/// and a client that still sends sees the reset instead of the answer.
pub(super) async fn discard(mut body: impl Body<Data = Bytes> + Unpin, most: usize) {
    let mut discarded = 0;
    while let Ok(Some(data)) = next_data(&mut body).await {
        discarded += data.len();
        if discarded > most {
            return;
        }
    }
}

/// The next piece of a body; empty for frames that are no data, such as trailers.
async fn next_data(body: &mut (impl Body<Data = Bytes> + Unpin)) -> Result<Option<Bytes>, Unread> {
    match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
        Some(Ok(frame)) => Ok(Some(frame.into_data().unwrap_or_default())),
        Some(Err(_)) => Err(Unread::Broken),
        None => Ok(None),
    }
}

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    TooLarge,
    Late,
    Broken,
    NoRoom,
}

impl Unread {
    pub(super) fn error(self, most: usize) -> ApiError {
        match self {
            Unread::TooLarge => ApiError::payload_too_large(most),
            Unread::Late => ApiError::body_too_late(),
            Unread::Broken => ApiError::unreadable_body(),
            Unread::NoRoom => ApiError::no_room_for_body(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::task::Poll;

    use tokio::sync::mpsc;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);
    const MOST: usize = 1 << 20;

    /// A body that a test sends piece by piece.
    struct Pieces(mpsc::UnboundedReceiver<Bytes>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut std::task::Context<'_>,
        ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Infallible>>> {
            self.0.poll_recv(context).map(|data| data.map(|data| Ok(hyper::body::Frame::data(data))))
        }
    }

    type Reading = tokio::task::JoinHandle<Result<BufferedBody, Unread>>;

    /// A body on its way into a room.
    fn reading(room: &Room, announced: Option<usize>) -> (mpsc::UnboundedSender<Bytes>, Reading) {
        let (sender, pieces) = mpsc::unbounded_channel();
        let room = room.clone();
        let reading = tokio::spawn(async move {
            let mut body = Pieces(pieces);
            timeout(PATIENCE, room.collect(announced, &mut body, MOST)).await.unwrap_or(Err(Unread::Late))
        });
        (sender, reading)
    }

    fn bytes(count: usize) -> Bytes {
        Bytes::from(vec![b'x'; count])
    }

    /// Lets every task run until it waits for something. Time goes on only when all of them wait.
    async fn settled() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    fn outcome(read: Result<Result<BufferedBody, Unread>, tokio::task::JoinError>) -> Result<usize, Unread> {
        read.expect("no panic").map(|held| held.bytes.len())
    }

    #[tokio::test(start_paused = true)]
    async fn an_announced_body_takes_room_only_as_it_arrives() {
        let room = Room::of(MOST);
        let (_sender, _reading) = reading(&room, Some(MOST));
        settled().await;
        assert_eq!(room.bytes.available_permits(), MOST);
        let (sender, _reading) = reading(&room, Some(MOST));
        sender.send(bytes(SMALL + 1)).expect("a reader");
        settled().await;
        assert!(room.bytes.available_permits() >= MOST - 2 * SMALL - 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_gives_its_room_back_when_it_is_dropped() {
        let room = Room::of(MOST);
        let (sender, reading) = reading(&room, None);
        sender.send(bytes(100_000)).expect("a reader");
        drop(sender);
        let Ok(held) = reading.await.expect("no panic") else { panic!("the body is read") };
        assert!(room.bytes.available_permits() <= MOST - held.bytes.len());
        drop(held);
        assert_eq!(room.bytes.available_permits(), MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_body_is_read_where_no_room_is_left() {
        for piece in [1, 1_000, 9_000, SMALL] {
            let room = Room::of(0);
            let (sender, reading) = reading(&room, None);
            for start in (0..SMALL).step_by(piece) {
                sender.send(bytes(piece.min(SMALL - start))).expect("a reader");
            }
            drop(sender);
            assert_eq!(outcome(reading.await), Ok(SMALL), "in pieces of {piece}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_parked_body_gives_way_to_one_that_arrives() {
        let room = Room::of(MOST);
        let (parked, parked_reading) = reading(&room, Some(MOST));
        parked.send(bytes(MOST - 1)).expect("a reader");
        tokio::time::sleep(2 * STALLED).await;
        let (honest, honest_reading) = reading(&room, Some(MOST));
        honest.send(bytes(MOST)).expect("a reader");
        drop(honest);
        assert_eq!(outcome(honest_reading.await), Ok(MOST));
        assert_eq!(outcome(parked_reading.await), Err(Unread::NoRoom));
        drop(parked);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_grows_is_not_given_up_and_the_other_one_is_refused_after_a_while() {
        let room = Room::of(MOST);
        let (growing, growing_reading) = reading(&room, Some(MOST));
        let pieces = tokio::spawn(async move {
            growing.send(bytes(MOST / 2 + 1)).expect("a reader");
            for _ in 0..16 {
                tokio::time::sleep(STALLED / 2).await;
                growing.send(bytes(SMALL)).expect("a reader");
            }
        });
        settled().await;
        let (sender, reading) = reading(&room, Some(MOST));
        sender.send(bytes(MOST)).expect("a reader");
        drop(sender);
        assert_eq!(outcome(reading.await), Err(Unread::NoRoom));
        pieces.await.expect("no panic");
        assert_eq!(outcome(growing_reading.await), Ok(MOST / 2 + 1 + 16 * SMALL));
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_that_wait_for_one_another_do_not_wait_for_ever() {
        let room = Room::of(MOST);
        let readings: Vec<_> = (0..4).map(|_| reading(&room, Some(MOST))).collect();
        for (sender, _) in &readings {
            sender.send(bytes(MOST / 4)).expect("a reader");
        }
        settled().await;
        for (sender, _) in &readings {
            sender.send(bytes(MOST - MOST / 4)).expect("a reader");
        }
        let mut read = Vec::new();
        for (sender, reading) in readings {
            drop(sender);
            read.push(outcome(reading.await));
        }
        assert!(read.iter().all(|read| matches!(read, Ok(MOST) | Err(Unread::NoRoom))), "{read:?}");
        assert_eq!(room.bytes.available_permits(), MOST);
    }
}
