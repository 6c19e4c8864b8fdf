//! Sends the requests of streams to services outside.
//!
//! One task for each tenant asks it for the requests that are due, sends at most one for each stream at a time, and reports
//! the results. Otherwise it waits for the tenant, its clock, or the end of a pause. It ends when the tenant is dropped,
//! which drops the function that wakes it.
//!
//! A request goes to an address of this machine or to the one receiver of the configuration, never to another address that
//! a stream names, and over plain HTTP: the endpoint of a stream begins with `https://`, but the receiver of a test rarely
//! has a certificate. Redirects are not followed.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Uri};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::fault_transport::ReplyBody;
use crate::api::{Attempt, DueRequest, Failure, Tenant};

/// The time limit of a receiver's answer, on the machine's clock.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the requests of log streams and event streams go: [`MockTenantBuilder::deliver`](super::MockTenantBuilder::deliver).
#[derive(Clone, Debug)]
pub struct Delivery(Receiver);

#[derive(Clone, Debug)]
enum Receiver {
    Loopback,
    /// A host name or an address, and a port.
    One(Arc<str>, u16),
    /// A text that is no URL.
    Unreadable(Arc<str>),
}

impl Delivery {
    /// To the endpoint of each stream, if it is an address of this machine. The request is plain HTTP, although the endpoint
    /// begins with `https://`.
    pub fn to_loopback() -> Delivery {
        Delivery(Receiver::Loopback)
    }

    /// To one receiver: `http://`, a host and a port, on any machine. Path, query and `Host` are those of the stream's endpoint,
    /// so a test of several services can distinguish their streams.
    ///
    /// ```
    /// # use m2mock::{Delivery, MockTenant};
    /// let tenant = MockTenant::builder().deliver(Delivery::to("http://receiver:9000")).start();
    /// ```
    pub fn to(receiver: impl Into<String>) -> Delivery {
        let text = receiver.into();
        let uri = text.parse::<Uri>().ok();
        let found = uri.filter(|uri| uri.scheme_str() == Some("http") && uri.path() == "/" && uri.query().is_none());
        Delivery(match found.as_ref().and_then(|uri| Some((uri.host()?, uri.port_u16().unwrap_or(80)))) {
            Some((host, port)) => Receiver::One(host.into(), port),
            None => Receiver::Unreadable(text.into()),
        })
    }

    /// Checks the receiver.
    pub(crate) fn check(&self) -> Result<(), String> {
        match &self.0 {
            Receiver::Unreadable(text) => Err(format!(
                "the receiver {text:?} is not a URL of scheme, host and port; write one like http://receiver:9000"
            )),
            Receiver::Loopback | Receiver::One(..) => Ok(()),
        }
    }

    /// The addresses for an endpoint.
    async fn addresses(&self, endpoint: &Uri) -> Result<Vec<SocketAddr>, Failure> {
        if let Receiver::One(host, port) = &self.0 {
            return resolve(host, *port).await;
        }
        let found = resolve(endpoint.host().unwrap_or_default(), endpoint.port_u16().unwrap_or(443)).await?;
        let local: Vec<SocketAddr> = found.into_iter().filter(|one| one.ip().to_canonical().is_loopback()).collect();
        if local.is_empty() {
            return Err(Failure::lasting("the endpoint is not on this machine, and m2mock sends nothing elsewhere"));
        }
        Ok(local)
    }

    async fn send(&self, request: Request<Bytes>) -> Result<(), Failure> {
        let addresses = self.addresses(request.uri()).await?;
        let stream = TcpStream::connect(addresses.as_slice()).await;
        let stream = stream.map_err(|error| Failure::passing(format!("no connection: {error}")))?;
        let broken = |error: hyper::Error| Failure::passing(format!("the connection broke: {error}"));
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let exchange = async {
            let status = sender.send_request(in_origin_form(request)?).await.map_err(broken)?.status();
            match status {
                status if status.is_success() => Ok(()),
                // The receiver would refuse it again (documented for events).
                status if status.is_client_error() => Err(Failure::refused(format!("the receiver answered {status}"))),
                status => Err(Failure::passing(format!("the receiver answered {status}"))),
            }
        };
        tokio::pin!(exchange);
        tokio::select! {
            result = &mut exchange => return result,
            // The connection may end with the answer.
            _ = connection => {}
        }
        exchange.await
    }
}

/// The addresses of a host. A name is looked up on a thread of its own: a runtime that is dropped waits for the threads of its
/// own look-ups, and a tenant that is dropped should not.
async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let host = host.trim_matches(['[', ']']).to_owned();
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let (sender, found) = oneshot::channel();
    let look_up = move || drop(sender.send((host.as_str(), port).to_socket_addrs().map(Iterator::collect)));
    let started = thread::Builder::new().name("m2mock-look-up".to_owned()).spawn(look_up);
    let found: io::Result<Vec<SocketAddr>> = match started {
        Ok(_) => found.await.unwrap_or_else(|_| Err(io::Error::other("the look-up ended"))),
        Err(error) => Err(error),
    };
    found.map_err(|error| Failure::passing(format!("the host name has no address: {error}")))
}

/// The request on the wire: with the path only, and the host of the endpoint as a header.
fn in_origin_form(mut request: Request<Bytes>) -> Result<Request<ReplyBody>, Failure> {
    // Without the user name that an endpoint may have before its host.
    let authority = request.uri().authority().and_then(|authority| authority.as_str().rsplit('@').next());
    let Some(Ok(host)) = authority.map(HeaderValue::from_str) else {
        return Err(Failure::lasting("the endpoint of the stream has no host"));
    };
    let path = request.uri().path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    let headers = request.headers_mut();
    headers.insert(HOST, host);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(concat!("m2mock/", env!("CARGO_PKG_VERSION"))));
    Ok(request.map(ReplyBody::from))
}

/// The task of one tenant, before it runs.
pub(crate) struct Courier {
    tenant: Weak<Tenant>,
    delivery: Delivery,
    woken: watch::Receiver<()>,
    on_failure: OnFailure,
}

/// Called with the domain of a tenant and a sentence about a failure to deliver.
pub(crate) type OnFailure = Arc<dyn Fn(&str, &str) + Send + Sync>;

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Courier").field("delivery", &self.delivery).finish_non_exhaustive()
    }
}

impl Courier {
    /// From now on, the tenant has something to deliver. `on_failure` is called with each failure.
    pub(crate) fn of(tenant: &Arc<Tenant>, delivery: &Delivery, on_failure: &OnFailure) -> Courier {
        let (wake, woken) = watch::channel(());
        tenant.deliver(Arc::new(move || {
            wake.send_replace(());
        }));
        Courier {
            tenant: Arc::downgrade(tenant),
            delivery: delivery.clone(),
            woken,
            on_failure: Arc::clone(on_failure),
        }
    }

    /// Delivers until the tenant is dropped.
    pub(crate) async fn run(mut self) {
        loop {
            self.woken.mark_unchanged();
            let Some(due) = self.tenant.upgrade().map(|tenant| tenant.due_deliveries()) else { return };
            if due.requests.is_empty() {
                let pause = async {
                    match due.wait {
                        Some(wait) => sleep(wait).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    woken = self.woken.changed() => if woken.is_err() { return },
                    () = pause => {}
                }
                continue;
            }
            let mut attempts = JoinSet::new();
            for DueRequest { attempt, request } in due.requests {
                let delivery = self.delivery.clone();
                attempts.spawn(async move {
                    let result = match request {
                        Ok(request) => timeout(PATIENCE, delivery.send(request)).await.unwrap_or_else(|_| {
                            Err(Failure::passing(format!("no answer within {} seconds", PATIENCE.as_secs())))
                        }),
                        Err(failure) => Err(failure),
                    };
                    (attempt, result)
                });
            }
            while let Some(attempted) = attempts.join_next().await {
                let Some(tenant) = self.tenant.upgrade() else { return };
                if let Ok((attempt, result)) = attempted {
                    self.note(&tenant, &attempt, result);
                }
            }
        }
    }

    fn note(&self, tenant: &Tenant, attempt: &Attempt, result: Result<(), Failure>) {
        if let Some(failure) = tenant.attempted(attempt, result) {
            (self.on_failure)(tenant.domain(), &failure);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_a_url_of_scheme_host_and_port() {
        for receiver in ["http://receiver:9000", "http://receiver:9000/", "http://[::1]:9000", "http://127.0.0.1"] {
            assert!(Delivery::to(receiver).check().is_ok(), "{receiver}");
        }
        for other in
            ["", "receiver:9000", "https://receiver:9000", "http://receiver/in", "http://receiver/?a", "loopback"]
        {
            assert!(Delivery::to(other).check().is_err(), "{other}");
        }
    }

    #[test]
    fn a_request_names_its_host_and_its_path() {
        let request = Request::post("https://bot:sesame@hook.example:9000/in?team=blue").body(Bytes::new()).unwrap();
        let request = in_origin_form(request).unwrap();
        assert_eq!(
            (request.uri().to_string().as_str(), &request.headers()[HOST]),
            ("/in?team=blue", &HeaderValue::from_static("hook.example:9000"))
        );
        let request = in_origin_form(Request::post("https://hook.example").body(Bytes::new()).unwrap()).unwrap();
        assert_eq!(request.uri(), "/");
    }

    async fn is_reached(endpoint: &str) -> bool {
        Delivery::to_loopback().addresses(&endpoint.parse().unwrap()).await.is_ok()
    }

    #[tokio::test]
    async fn only_addresses_of_this_machine_are_reached() {
        for local in [
            "https://127.0.0.1:1",
            "https://127.9.9.9",
            "https://[::1]:1/in",
            "https://[::ffff:127.0.0.1]:1",
            "https://localhost",
        ] {
            assert!(is_reached(local).await, "{local}");
        }
        for other in [
            "https://192.0.2.7",
            "https://10.0.0.1:80",
            "https://0.0.0.0",
            "https://[::]",
            "https://169.254.169.254",
            "https://[2001:db8::1]",
            "https://[::ffff:192.0.2.7]",
        ] {
            assert!(!is_reached(other).await, "{other}");
        }
    }
}
