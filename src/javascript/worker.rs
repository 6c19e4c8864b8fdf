//! Threads for executions. A built-in function of the engine can run for minutes, and nothing can stop it: the caller does
//! not wait for it.

use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::changes::Changes;
use super::engine::{Deadline, execute};
use super::{Failure, Limits, Script};

/// The maximum number of executions at the same time, in the whole process.
const MOST_EXECUTIONS: usize = 8;

/// The time after the deadline in which an engine ends by itself.
const GRACE: Duration = Duration::from_secs(1);

/// The stack of a thread, in bytes: that of the code, and room for the engine.
const STACK: usize = 8 << 20;

static RUNNING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// A place among the executions.
struct Place;

impl Place {
    /// Waits for a place.
    fn take(wait: Duration) -> Option<Place> {
        let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |running: &mut usize| *running >= MOST_EXECUTIONS;
        let waited = ENDED.wait_timeout_while(running, wait, is_full);
        let (mut running, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return None;
        }
        *running += 1;
        Some(Place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}

/// Runs a script within its limits. It returns at the latest one second after twice the time limit.
pub(crate) fn run(script: Script, limits: Limits) -> Changes {
    let Some(place) = Place::take(limits.time) else { return Changes::failed(Failure::Busy) };
    let (sender, receiver) = mpsc::channel();
    // A limit beyond the clock of the machine is none.
    let deadline = Deadline(Instant::now().checked_add(limits.time));
    let execution = move || {
        let _place = place;
        let changes = execute(&script, limits.memory, deadline);
        // The caller may have given up.
        let _ = sender.send(changes);
    };
    let thread = thread::Builder::new().name("m2mock-action".to_owned()).stack_size(STACK).spawn(execution);
    if thread.is_err() {
        return Changes::failed(Failure::Busy);
    }
    receiver.recv_timeout(limits.time.saturating_add(GRACE)).unwrap_or_else(|_| Changes::failed(Failure::TimeLimit))
}
