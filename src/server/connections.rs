//! The accept loop, with bounds on the number of connections and on their idle time.
//!
//! `router` answers the requests of a connection, `tls` does the handshake of one over TLS.

use std::convert::Infallible;
use std::future::ready;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

#[cfg(all(feature = "cli", feature = "conformance"))]
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming as IncomingBody;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::app_state::AppState;
#[cfg(all(feature = "cli", feature = "conformance"))]
use super::bodies::{MAX_BODIES, Room};
use super::fault_transport::{ConnectionReset, ReplyBody};
use super::incoming::Incoming;
use super::own_ports::{Bound, OwnPorts};
use super::router;
use super::stream::{Opened, Stream};
use super::tasks::Tasks;
#[cfg(feature = "tls")]
use super::tls::Tls;
#[cfg(feature = "tls")]
use crate::api::OverTls;
use crate::api::Peer;

/// The bounds of connections.
struct Bounds {
    /// The most open connections. Further ones wait in the queue of the listener.
    connections: usize,
    /// How many bytes the head of a request may have. The parser holds as many for a connection.
    head: usize,
    /// How long the head of a request may take, from the end of the answer before it.
    silence: Duration,
    /// How long a handshake may take.
    #[cfg(feature = "tls")]
    handshake: Duration,
}

/// Far more than a test suite needs.
const BOUNDS: Bounds = Bounds {
    connections: 4096,
    // The longest line that the parser takes, and a large token.
    head: 96 * 1024,
    // This ends idle connections as well. Clients keep them in a pool for 60, 75 or 90 seconds, and a server that closes
    // first makes one of their requests fail now and then.
    silence: Duration::from_secs(120),
    #[cfg(feature = "tls")]
    handshake: Duration::from_secs(10),
};

/// Serves the tenants of the app on this listener while the future is polled. Its connections are tasks of the app, in the same
/// runtime.
pub(crate) async fn serve(listener: TcpListener, app: AppState) {
    let tasks = app.tasks.clone();
    let answer = move |request| router::answer(app.clone(), serve_own_ports, request);
    serve_within(&BOUNDS, &tasks, listener, answer, plain).await;
}

/// The same over TLS.
#[cfg(feature = "tls")]
pub(crate) async fn serve_over_tls(listener: TcpListener, app: AppState, tls: Tls) {
    let tasks = app.tasks.clone();
    let answer = move |request| router::answer(app.clone(), serve_own_ports, request);
    serve_over_tls_within(&BOUNDS, &tasks, listener, answer, tls).await;
}

#[cfg(feature = "tls")]
async fn serve_over_tls_within<Answer, Answered>(
    bounds: &Bounds,
    tasks: &Tasks,
    listener: TcpListener,
    answer: Answer,
    tls: Tls,
) where
    Answer: Fn(Request<IncomingBody>) -> Answered + Clone + Send + 'static,
    Answered: Future<Output = Response<ReplyBody>> + Send,
{
    let handshake = bounds.handshake;
    let over_tls = OverTls { requests_certificates: tls.requests_certificates() };
    let answer = move |mut request: Request<IncomingBody>| {
        request.extensions_mut().insert(over_tls);
        answer(request)
    };
    serve_within(bounds, tasks, listener, answer, move |stream| tls.clone().open(stream, handshake)).await;
}

/// The same for requests that a function answers instead of a tenant.
#[cfg(all(feature = "cli", feature = "conformance"))]
pub(crate) async fn serve_with<Answer, Answered>(listener: TcpListener, answer: Answer)
where
    Answer: Fn(Request<Bytes>) -> Answered + Clone + Send + Sync + 'static,
    Answered: Future<Output = Response<Bytes>> + Send,
{
    let bodies = Room::of(MAX_BODIES);
    let answer = move |request| {
        let (answer, bodies) = (answer.clone(), bodies.clone());
        async move { router::answer_with(bodies, request, answer).await }
    };
    serve_within(&BOUNDS, &Tasks::of_runtime(), listener, answer, plain).await;
}

/// Serves the bound ports of an added tenant with this app, until they are dropped.
fn serve_own_ports(bound: Bound, app: AppState) -> OwnPorts {
    let mut serving = Vec::new();
    let tasks = app.tasks.clone();
    #[cfg(feature = "tls")]
    if let Some((listener, tls)) = bound.https {
        let app = app.clone();
        let serve = async move {
            if let Ok(listener) = TcpListener::from_std(listener) {
                serve_over_tls(listener, app, tls).await;
            }
        };
        serving.push(tasks.spawn_on(&bound.runtime, serve));
    }
    let http = bound.http;
    let serve = async move {
        if let Ok(listener) = TcpListener::from_std(http) {
            serve(listener, app).await;
        }
    };
    serving.push(tasks.spawn_on(&bound.runtime, serve));
    OwnPorts::served_by(bound.addresses, serving)
}

/// A connection without a handshake.
fn plain(stream: TcpStream) -> impl Future<Output = Option<Opened<TcpStream>>> + Send {
    ready(Some(Opened { stream, certificate: None }))
}

async fn serve_within<Answer, Answered, Open, Opening, S>(
    bounds: &Bounds,
    tasks: &Tasks,
    listener: TcpListener,
    answer: Answer,
    open: Open,
) where
    Answer: Fn(Request<IncomingBody>) -> Answered + Clone + Send + 'static,
    Answered: Future<Output = Response<ReplyBody>> + Send,
    Open: Fn(TcpStream) -> Opening,
    Opening: Future<Output = Option<Opened<S>>> + Send + 'static,
    S: Stream,
{
    let places = Arc::new(Semaphore::new(bounds.connections));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(bounds.silence).max_buf_size(bounds.head);
    // A client may close its own direction as soon as it has sent the request; it still reads the answer.
    http.half_close(true);

    // The semaphore is never closed: this ends only when the future is dropped.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                if let Some(pause) = pause_after(&error) {
                    sleep(pause).await;
                }
                continue;
            }
        };
        // Answers are small and written at once, so Nagle's algorithm would only delay them.
        let _ = stream.set_nodelay(true);
        let line = ConnectionReset::default();
        let (http, answer, opening) = (http.clone(), answer.clone(), open(stream));
        tasks.spawn(async move {
            // The place is kept until the connection ends, also if its handshake fails.
            let _place = place;
            let Some(Opened { stream, certificate }) = opening.await else { return };
            let extensions = (Peer(peer.ip()), line.clone(), certificate);
            let service = service_fn(move |mut request: Request<IncomingBody>| {
                let (peer, line, certificate) = extensions.clone();
                request.extensions_mut().insert(peer);
                request.extensions_mut().insert(line);
                if let Some(certificate) = certificate {
                    request.extensions_mut().insert(certificate);
                }
                let answered = answer(request);
                async move { Ok::<_, Infallible>(answered.await) }
            });
            let stream = Incoming::of(stream);
            let mut connection = http.serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                // A broken connection concerns its client only.
                _ = &mut connection => {}
                () = line.is_reset() => {
                    let stream = connection.into_parts().io.into_inner();
                    // With this option, closing resets the connection. If the option cannot be set, the other end sees a normal end.
                    let _ = stream.tcp().set_zero_linger();
                }
            }
        });
    }
}

/// The pause after a failed accept. A connection that was closed in the queue needs none. Any other error, such as too many open
/// files, would occur again at once, and the loop would spin.
fn pause_after(error: &io::Error) -> Option<Duration> {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset => None,
        _ => Some(Duration::from_millis(100)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, SocketAddr, TcpStream};

    use super::*;
    use crate::api::{Config, Tenant};
    use crate::server::addresses::Addresses;
    use crate::server::admin::Admin;
    use crate::server::tenants::Tenants;

    const HALF: &[u8] = b"GET /.well-known/jwks.json HTTP/1.1\r\nhost: trav";
    const WHOLE: &[u8] = b"GET /.well-known/jwks.json HTTP/1.1\r\nhost: travel0.localhost\r\n\r\n";

    fn app() -> AppState {
        let tenants = Tenants::new(
            Arc::new(Tenant::new(Config::default())),
            Addresses { ip: Ipv4Addr::LOCALHOST.into(), http: 1, https: None },
        );
        AppState::new(Arc::new(tenants), Admin::Off)
    }

    /// A tenant behind these bounds, on the runtime of the test. Connections that were opened before wait for it.
    fn serve_on(listener: TcpListener, bounds: Bounds) {
        serve_app_on(listener, bounds, app());
    }

    fn serve_app_on(listener: TcpListener, bounds: Bounds, app: AppState) {
        let answer = move |request| router::answer(app.clone(), serve_own_ports, request);
        tokio::spawn(async move { serve_within(&bounds, &Tasks::of_runtime(), listener, answer, plain).await });
    }

    async fn listen() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    fn connect(address: SocketAddr) -> TcpStream {
        let stream = TcpStream::connect(address).unwrap();
        // Longer than anything takes on the busiest machine. It only makes a hang a failing test.
        stream.set_read_timeout(Some(Duration::from_secs(300))).unwrap();
        stream
    }

    /// Sends a request whose answer is a head only, and reads that.
    fn ask_for_a_head(mut stream: &TcpStream) {
        stream.write_all(b"HEAD /first HTTP/1.1\r\nhost: travel0.localhost\r\n\r\n").unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
    }

    /// The status line is enough to know that it answers.
    fn status(mut stream: &TcpStream) -> [u8; 12] {
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        status
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_half_sent_head_does_not_hold_its_connection() {
        let (listener, address) = listen().await;
        let mut stream = connect(address);
        stream.write_all(HALF).unwrap();
        serve_on(listener, Bounds { silence: Duration::from_millis(20), ..BOUNDS });
        stream.read_to_end(&mut Vec::new()).unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn an_idle_connection_ends_after_a_while() {
        let (listener, address) = listen().await;
        let mut stream = connect(address);
        // The request is there before anyone measures how long it takes.
        stream.write_all(WHOLE).unwrap();
        serve_on(listener, Bounds { silence: Duration::from_millis(20), ..BOUNDS });
        assert_eq!(&status(&stream), b"HTTP/1.1 200");
        stream.read_to_end(&mut Vec::new()).unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_client_that_has_closed_its_own_direction_gets_its_answer() {
        let (listener, address) = listen().await;
        let stream = connect(address);
        // Request and end are there before the server reads either.
        (&stream).write_all(WHOLE).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        serve_on(listener, BOUNDS);
        assert_eq!(&status(&stream), b"HTTP/1.1 200");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_connection_too_many_is_answered_when_another_ends() {
        let (listener, address) = listen().await;
        let tenant = Arc::new(Tenant::new(Config::default()));
        let tenants =
            Tenants::new(Arc::clone(&tenant), Addresses { ip: Ipv4Addr::LOCALHOST.into(), http: 1, https: None });
        let (first, mut second) = (connect(address), connect(address));
        second.write_all(b"GET /second HTTP/1.1\r\nhost: travel0.localhost\r\n\r\n").unwrap();
        serve_app_on(listener, Bounds { connections: 1, ..BOUNDS }, AppState::new(Arc::new(tenants), Admin::Off));
        for _ in 0..10 {
            ask_for_a_head(&first);
        }
        assert_eq!(tenant.requests().len(), 10, "the second one waits");
        drop(first);
        assert_eq!(&status(&second), b"HTTP/1.1 404");
    }

    #[cfg(feature = "tls")]
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_half_open_handshake_does_not_hold_its_place() {
        let (listener, address) = listen().await;
        let app = app();
        let answer = move |request| router::answer(app.clone(), serve_own_ports, request);
        let tls = Tls::made_for("travel0.localhost", &[], None).unwrap();
        let bounds = Bounds { connections: 1, handshake: Duration::from_millis(20), ..BOUNDS };
        let tasks = Tasks::of_runtime();
        tokio::spawn(async move { serve_over_tls_within(&bounds, &tasks, listener, answer, tls).await });

        let (mut silent, mut halfway) = (connect(address), connect(address));
        // The beginning of a handshake, and no more.
        halfway.write_all(&[0x16, 3, 1, 1, 0]).unwrap();
        silent.read_to_end(&mut Vec::new()).unwrap();
        halfway.read_to_end(&mut Vec::new()).unwrap();
        // The one place is free again: the next connection is accepted, and closed because it is silent.
        connect(address).read_to_end(&mut Vec::new()).unwrap();
    }

    #[test]
    fn idle_connections_outlive_the_pools_of_usual_clients() {
        assert!(BOUNDS.silence > Duration::from_secs(90));
    }

    #[test]
    fn a_failed_accept_does_not_spin() {
        let too_many_open_files = io::Error::other("too many open files");
        assert!(pause_after(&too_many_open_files).is_some());
        assert!(pause_after(&ErrorKind::ConnectionAborted.into()).is_none());
    }
}
