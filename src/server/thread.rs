//! A server with its own port and thread, until the test drops it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use super::app_state::AppState;

/// Sends the state of a server to its thread, which waits for it.
pub(super) type StateSender = Sender<AppState>;

/// A port and the thread that serves it, until it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    // `drop` takes both.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts the thread. It serves the state that it receives with this function.
    pub(super) fn start<Serve, Serving>(port: u16, serve: Serve) -> io::Result<(Server, StateSender)>
    where
        Serve: FnOnce(tokio::net::TcpListener, AppState) -> Serving + Send + 'static,
        Serving: Future<Output = ()>,
    {
        // The port is bound here and not on the thread: it is known from now on, and connections wait in its queue.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;

        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let (apps, sent) = mpsc::channel();
        let run = move || {
            if let Ok(app) = sent.recv() {
                run(&runtime, serve(listener, app), stopped);
            }
        };
        let thread = thread::Builder::new().name("m2mock".to_owned()).spawn(run)?;
        Ok((Server { address, stop: Some(stop), thread: Some(thread) }, apps))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The thread ends without waiting for its connections, so this waits for no client.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread of one port. The runtime is dropped after it, and every connection with it.
fn run(runtime: &Runtime, serving: impl Future<Output = ()>, stopped: oneshot::Receiver<()>) {
    runtime.block_on(async {
        tokio::select! {
            () = serving => {}
            _ = stopped => {}
        }
    });
}
