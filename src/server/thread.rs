//! The ports of the tenants of tests, and the threads of the process that serve them.
//!
//! A thread with a runtime serves many tenants, because starting one takes longer than starting a tenant. It runs until the
//! process ends. A new tenant gets the thread with the fewest ports. A further thread starts only if each has a port already,
//! up to one for each processor, so that tests that run in parallel do not wait for each other.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};

use tokio::net::TcpListener;
use tokio::runtime::{self, Handle};

use super::app_state::AppState;
use super::tasks::{Stop, Tasks};

/// A thread that serves ports.
struct ServingThread {
    id: ThreadId,
    runtime: Handle,
    /// Each port has a clone.
    ports: Arc<()>,
}

impl ServingThread {
    /// Starts a thread.
    fn start() -> io::Result<ServingThread> {
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let handle = runtime.handle().clone();
        let run = move || runtime.block_on(std::future::pending::<()>());
        let thread = thread::Builder::new().name("m2mock".to_owned()).spawn(run)?;
        Ok(ServingThread { id: thread.thread().id(), runtime: handle, ports: Arc::new(()) })
    }

    fn load(&self) -> usize {
        Arc::strong_count(&self.ports) - 1
    }
}

/// The thread of one port.
#[derive(Clone)]
struct Place {
    thread: ThreadId,
    runtime: Handle,
    _port: Arc<()>,
}

impl Place {
    /// On the thread with the fewest ports.
    fn find() -> io::Result<Place> {
        static THREADS: Mutex<Vec<ServingThread>> = Mutex::new(Vec::new());
        let mut threads = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
        let fewest = threads.iter().enumerate().min_by_key(|(_, thread)| thread.load());
        let at = match fewest.map(|(at, thread)| (at, thread.load())) {
            Some((at, load)) if load == 0 || threads.len() >= most_threads() => at,
            _ => {
                threads.push(ServingThread::start()?);
                threads.len() - 1
            }
        };
        let ServingThread { id, runtime, ports } = &threads[at];
        Ok(Place { thread: *id, runtime: runtime.clone(), _port: Arc::clone(ports) })
    }
}

fn most_threads() -> usize {
    static MOST: OnceLock<usize> = OnceLock::new();
    *MOST.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// A bound port. Connections wait in its queue until it is served.
pub(super) struct Port {
    pub(super) address: SocketAddr,
    listener: TcpListener,
    place: Place,
}

impl Port {
    /// Binds this port on 127.0.0.1, or any free one for 0.
    pub(super) fn bind(port: u16) -> io::Result<Port> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let place = Place::find()?;
        let listener = {
            let _inside = place.runtime.enter();
            TcpListener::from_std(listener)?
        };
        Ok(Port { address, listener, place })
    }

    /// Serves the tenants of the app with this function.
    pub(super) fn serve<Serving>(self, app: &AppState, serve: impl FnOnce(TcpListener, AppState) -> Serving) -> Server
    where
        Serving: Future<Output = ()> + Send + 'static,
    {
        let Port { address, listener, place } = self;
        let (tasks, stop) = Tasks::until_stop();
        tasks.spawn_on(&place.runtime, serve(listener, app.with_tasks(tasks.clone())));
        Server { address, stop: Some(stop), place }
    }
}

/// A served port. When it is dropped, the port is closed and nothing of the server runs any more.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    // `drop` takes it.
    stop: Option<Stop>,
    place: Place,
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(stop) = self.stop.take() else { return };
        // The tasks end on their thread, which cannot wait for itself.
        if thread::current().id() == self.place.thread {
            stop.without_waiting();
        }
    }
}
