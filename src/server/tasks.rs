//! [`Tasks`]: starts the tasks of a server, which end with it.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError, mpsc};

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Starts the tasks of a server.
#[derive(Clone)]
pub(super) struct Tasks(Option<Server>);

/// Both channels carry no message: the end of one side is the signal for the other.
#[derive(Clone)]
struct Server {
    stop: watch::Receiver<()>,
    running: mpsc::Sender<Infallible>,
}

/// Keeps a closure in the count of running tasks while it is alive.
pub(super) struct Running {
    _running: Option<mpsc::Sender<Infallible>>,
}

/// Stops the tasks of one server when it is dropped, and waits until all of them have ended.
pub(super) struct Stop {
    stop: Option<watch::Sender<()>>,
    // A receiver alone is not `Sync`.
    ended: Mutex<mpsc::Receiver<Infallible>>,
}

impl Tasks {
    /// Tasks that end with their runtime.
    pub(super) fn of_runtime() -> Tasks {
        Tasks(None)
    }

    /// Tasks that end when the second value is dropped.
    pub(super) fn until_stop() -> (Tasks, Stop) {
        let (stop, stopped) = watch::channel(());
        let (running, ended) = mpsc::channel();
        (Tasks(Some(Server { stop: stopped, running })), Stop { stop: Some(stop), ended: Mutex::new(ended) })
    }

    /// Starts a task in the runtime of the caller.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(self.clone().run(task));
    }

    /// Starts a task in a runtime.
    pub(super) fn spawn_on(&self, runtime: &Handle, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        runtime.spawn(self.clone().run(task)).abort_handle()
    }

    /// For a closure on a thread of its own, which no task can interrupt.
    pub(super) fn running(&self) -> Running {
        Running { _running: self.0.as_ref().map(|server| server.running.clone()) }
    }

    async fn run(self, task: impl Future<Output = ()>) {
        let Some(Server { mut stop, running }) = self.0 else { return task.await };
        tokio::select! {
            biased;
            // The sender sends nothing, so this ends when the sender is dropped.
            _ = stop.changed() => {}
            () = task => {}
        }
        // The task is dropped by now, with its connection.
        drop(running);
    }
}

impl Stop {
    /// Stops the tasks without waiting for their end.
    pub(super) fn without_waiting(mut self) {
        self.stop = None;
        self.ended = Mutex::new(mpsc::channel().1);
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        drop(self.stop.take());
        // No message exists: this returns an error as soon as the last sender is dropped.
        let _ = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner).recv();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn no_task_is_left_when_the_stop_is_dropped() {
        let runtime = Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
        let (tasks, stop) = Tasks::until_stop();
        let alive = Arc::new(());
        for _ in 0..10 {
            let held = Arc::clone(&alive);
            tasks.spawn_on(runtime.handle(), async move {
                let _held = held;
                pending::<()>().await;
            });
        }
        drop(tasks);
        drop(stop);
        assert_eq!(Arc::strong_count(&alive), 1);
    }

    #[test]
    fn a_stop_waits_for_a_closure_that_runs() {
        let (tasks, stop) = Tasks::until_stop();
        let (running, has_ended) = (tasks.running(), Arc::new(AtomicBool::new(false)));
        let noting = Arc::clone(&has_ended);
        let (begun, begins) = mpsc::channel();
        let closure = std::thread::spawn(move || {
            begins.recv().expect("the test goes on");
            noting.store(true, Ordering::SeqCst);
            drop(running);
        });
        drop(tasks);
        begun.send(()).expect("the thread runs");
        drop(stop);
        assert!(has_ended.load(Ordering::SeqCst));
        closure.join().expect("no panic");
    }

    #[test]
    fn a_stop_without_waiting_returns_while_a_closure_runs() {
        let (tasks, stop) = Tasks::until_stop();
        let _running = tasks.running();
        stop.without_waiting();
    }
}
