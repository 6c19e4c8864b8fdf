//! [`Deliveries`]: how far the streams of a tenant have come, beside its state.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use crate::api::lock::lock;
use crate::domain::clock::Observer;
use crate::domain::delivery::{disables_event_stream, pause_of_logs, stops_log_stream};

/// The most failures that are kept.
const MOST_FAILURES: usize = 10;

/// The progress of the streams of a tenant that delivers.
pub(in crate::api) struct Deliveries {
    /// Called whenever something may be due.
    wake: Arc<Observer>,
    progress: Mutex<Progress>,
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries").finish_non_exhaustive()
    }
}

#[derive(Default)]
pub(super) struct Progress {
    /// The number of the first entry for a log stream that was there from the start.
    begin: u64,
    /// By the id of the stream.
    log_streams: HashMap<String, LogStreamProgress>,
    event_streams: HashMap<String, EventStreamProgress>,
    /// The last failures, oldest first.
    failures: VecDeque<String>,
}

/// The progress of a log stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogStreamProgress {
    /// The number of the next entry.
    pub(super) next: u64,
    failing: Option<Failing>,
}

/// The failures of a log stream since its last success.
#[derive(Clone, Copy, Debug)]
struct Failing {
    since: SystemTime,
    last: SystemTime,
    attempts: u32,
}

impl LogStreamProgress {
    /// When the next attempt may begin; `None` for at once.
    pub(super) fn pauses_until(&self) -> Option<SystemTime> {
        self.failing.map(|failing| failing.last + pause_of_logs(failing.attempts))
    }
}

/// The failures of an event stream.
#[derive(Clone, Copy, Debug, Default)]
struct EventStreamProgress {
    attempts_in_a_row: u32,
    events: u32,
}

impl Deliveries {
    /// From the entry with this number on.
    pub(in crate::api) fn new(wake: Arc<Observer>, begin: u64) -> Self {
        Deliveries { wake, progress: Mutex::new(Progress { begin, ..Progress::default() }) }
    }

    /// Wakes the server, because a request may be due.
    pub(in crate::api) fn wake(&self) {
        (self.wake)();
    }

    /// Forgets everything, after the state was replaced. Streams begin with the entry with this number.
    pub(in crate::api) fn restart(&self, begin: u64) {
        *self.progress() = Progress { begin, ..Progress::default() };
        self.wake();
    }

    /// A new log stream begins with the entry with this number.
    pub(in crate::api) fn begin_log_stream(&self, stream: &str, next: u64) {
        self.progress().log_streams.insert(stream.to_owned(), LogStreamProgress { next, failing: None });
    }

    /// The last failures, oldest first.
    pub(in crate::api) fn failures(&self) -> Vec<String> {
        self.progress().failures.iter().cloned().collect()
    }

    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        lock(&self.progress)
    }
}

impl Progress {
    /// The progress of a log stream. A stream that becomes active again begins its attempts again.
    pub(super) fn log_stream(&mut self, stream: &str, is_active: bool) -> &mut LogStreamProgress {
        let progress =
            self.log_streams.entry(stream.to_owned()).or_insert(LogStreamProgress { next: self.begin, failing: None });
        if !is_active {
            progress.failing = None;
        }
        progress
    }

    /// Forgets streams that no longer exist.
    pub(super) fn retain(&mut self, log_stream: impl Fn(&str) -> bool, event_stream: impl Fn(&str) -> bool) {
        self.log_streams.retain(|id, _| log_stream(id));
        self.event_streams.retain(|id, _| event_stream(id));
    }

    /// The entries before this number were delivered.
    pub(super) fn delivered_logs(&mut self, stream: &str, end: u64) {
        if let Some(progress) = self.log_streams.get_mut(stream) {
            *progress = LogStreamProgress { next: progress.next.max(end), failing: None };
        }
    }

    /// An attempt of a log stream failed. Returns whether the stream stops.
    pub(super) fn failed_logs(&mut self, stream: &str, now: SystemTime) -> bool {
        let Some(progress) = self.log_streams.get_mut(stream) else { return false };
        let failing = progress.failing.get_or_insert(Failing { since: now, last: now, attempts: 0 });
        failing.last = now;
        failing.attempts = failing.attempts.saturating_add(1);
        // A clock that was set back measures no failures.
        now.duration_since(failing.since).is_ok_and(stops_log_stream)
    }

    /// An attempt to deliver an event succeeded.
    pub(super) fn delivered_event(&mut self, stream: &str) {
        self.event_streams.entry(stream.to_owned()).or_default().attempts_in_a_row = 0;
    }

    /// An attempt to deliver an event failed, the last one if the event `is_lost`. Returns whether the stream is disabled;
    /// a stream that is enabled again has new attempts.
    pub(super) fn failed_event(&mut self, stream: &str, is_lost: bool) -> bool {
        let progress = self.event_streams.entry(stream.to_owned()).or_default();
        progress.attempts_in_a_row += 1;
        progress.events += u32::from(is_lost);
        let is_disabled = disables_event_stream(progress.attempts_in_a_row, progress.events);
        if is_disabled {
            *progress = EventStreamProgress::default();
        }
        is_disabled
    }

    /// Remembers a failure.
    pub(super) fn remember(&mut self, failure: String) {
        if self.failures.len() == MOST_FAILURES {
            self.failures.pop_front();
        }
        self.failures.push_back(failure);
    }
}
