//! A tenant over HTTPS with a layer in front of it that is as troublesome as a real one at its worst.
//!
//! The layer forwards to the tenant's own HTTPS port. What it does besides has a name and follows from a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, RETRY_AFTER, TRANSFER_ENCODING};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use m2mock::MockTenant;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// What the layer does to requests and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Each answer comes late, by some milliseconds.
    Latency,
    /// One request in eleven is one too many: 429 with `Retry-After`, and nothing is done.
    TooManyRequests,
    /// The Management API takes so many requests and says so. Then it takes none until the second that it named is over: 429
    /// without `Retry-After`. How long the requests themselves take is no matter.
    RateLimit(u64),
    /// A searched list is empty the first two times that it is asked for.
    LaggingSearches,
    /// One request in 97 is done, and its connection closes without an answer.
    DroppedConnections,
    /// Where an organization is refused, the token endpoint has its own words.
    OtherWording,
}

pub const ALL: [Trouble; 6] = [
    Trouble::Latency,
    Trouble::TooManyRequests,
    Trouble::RateLimit(2000),
    Trouble::LaggingSearches,
    Trouble::DroppedConnections,
    Trouble::OtherWording,
];

/// The words of [`Trouble::OtherWording`].
pub const OTHER_WORDS: &str = "That agency is none of your business.";

const MOST_MILLISECONDS: u64 = 15;
const ONE_TOO_MANY: u64 = 11;
const ONE_DROPPED: u64 = 97;
const STALE: u32 = 2;

/// The layer. Dropped, it stops.
pub struct TroubledTenant {
    address: SocketAddr,
    authority: String,
    layer: Arc<Layer>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TroubledTenant {
    pub fn before(tenant: &MockTenant, troubles: &[Trouble], seed: u64) -> TroubledTenant {
        let made = rcgen::generate_simple_self_signed([Ipv4Addr::LOCALHOST.to_string()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let layer = Arc::new(Layer::new(tenant, troubles, seed));
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, acceptor(made.cert.der().clone(), key), Arc::clone(&layer));
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = serving => {}
                    _ = stopped => {}
                }
            });
        });
        TroubledTenant { address, authority: pem(made.cert.der()), layer, stop: Some(stop), thread: Some(thread) }
    }

    pub fn uri(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The certificate of the authority that clients have to trust, in PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The methods of the requests that met this trouble.
    pub fn met(&self, trouble: Trouble) -> BTreeSet<Method> {
        let met = self.layer.met.lock().unwrap();
        met.iter().filter(|(of, _)| *of == trouble).map(|(_, method)| method.parse().unwrap()).collect()
    }

    /// Waits until so many further requests are answered, or until `is_over` says that no more will come.
    pub fn wait_for(&self, requests: u64, mut is_over: impl FnMut() -> bool) {
        /// How often `is_over` is asked while no answer wakes this up.
        const LOOK: Duration = Duration::from_millis(50);
        let mut traffic = self.layer.traffic.lock().unwrap();
        let enough = traffic.answered + requests;
        while traffic.answered < enough && !is_over() {
            (traffic, _) = self.layer.changed.wait_timeout(traffic, LOOK).unwrap();
        }
    }

    /// Waits until no connection is open and everything that came over one is done.
    pub fn settle(&self) {
        let traffic = self.layer.traffic.lock().unwrap();
        drop(self.layer.changed.wait_while(traffic, |traffic| traffic.open > 0).unwrap());
    }

    /// The number of answers that told the client to pause.
    pub fn exhausted(&self) -> u32 {
        self.layer.counted.lock().unwrap().exhausted
    }
}

impl Drop for TroubledTenant {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn pem(certificate: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64_STANDARD.encode(certificate))
}

fn acceptor(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key);
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

async fn serve(listener: std::net::TcpListener, acceptor: TlsAcceptor, layer: Arc<Layer>) {
    let listener = TcpListener::from_std(listener).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).unwrap();
        let (acceptor, layer) = (acceptor.clone(), Arc::clone(&layer));
        let open = Open::begin(&layer);
        tokio::spawn(async move {
            let _open = open;
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let answer = service_fn(move |request| {
                let layer = Arc::clone(&layer);
                async move {
                    let answer = layer.answer(request).await;
                    layer.traffic.lock().unwrap().answered += 1;
                    layer.changed.notify_all();
                    answer
                }
            });
            // A killed client ends the connection with an error, and so its request.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

struct Layer {
    troubles: BTreeSet<Trouble>,
    tenant: Uri,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    random: Mutex<fastrand::Rng>,
    counted: Mutex<Counted>,
    met: Mutex<BTreeSet<(Trouble, String)>>,
    traffic: Mutex<Traffic>,
    /// Told of each change of the traffic.
    changed: Condvar,
}

#[derive(Default)]
struct Traffic {
    answered: u64,
    /// Connections and forwarded requests.
    open: usize,
}

/// Counts as open traffic until it is dropped.
struct Open(Arc<Layer>);

impl Open {
    fn begin(layer: &Arc<Layer>) -> Open {
        layer.traffic.lock().unwrap().open += 1;
        Open(Arc::clone(layer))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.traffic.lock().unwrap().open -= 1;
        self.0.changed.notify_all();
    }
}

#[derive(Default)]
struct Counted {
    requests: u64,
    refused: u64,
    /// The number of answers without remaining requests in the rate limit.
    exhausted: u32,
    window: Window,
    /// How often each search was asked for.
    searches: BTreeMap<String, u32>,
}

/// A number of requests, and a rest after the last one.
#[derive(Default)]
struct Window {
    requests: u64,
    /// The second in which the next window begins, once this one is full.
    reset: u64,
}

impl Window {
    /// Takes a request: how many may follow it, or nothing during the rest.
    fn take(&mut self, limit: u64) -> Option<u64> {
        if self.requests == limit {
            if now() < self.reset {
                return None;
            }
            self.requests = 0;
        }
        self.requests += 1;
        self.reset = now() + 1;
        Some(limit - self.requests)
    }
}

impl Layer {
    fn new(tenant: &MockTenant, troubles: &[Trouble], seed: u64) -> Layer {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(tenant.ca_der())).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .enable_http1()
            .wrap_connector(tcp);
        let mut random = fastrand::Rng::with_seed(seed);
        // Which request is the first to be in trouble follows from the seed as well.
        let counted = Counted { requests: random.u64(..ONE_DROPPED), ..Counted::default() };
        Layer {
            troubles: troubles.iter().copied().collect(),
            tenant: tenant.https_uri().parse().unwrap(),
            client: Client::builder(TokioExecutor::new()).build(connector),
            random: Mutex::new(random),
            counted: Mutex::new(counted),
            met: Mutex::default(),
            traffic: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Whether a failure is injected into this request.
    fn meets(&self, trouble: Trouble, asked: &Asked, could: bool) -> bool {
        let meets = could && self.troubles.contains(&trouble);
        if meets {
            self.met.lock().unwrap().insert((trouble, asked.method.to_string()));
        }
        meets
    }

    async fn answer(self: &Arc<Self>, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let asked = Asked::of(&request);
        let number = {
            let mut counted = self.counted.lock().unwrap();
            counted.requests += 1;
            counted.requests
        };
        if self.meets(Trouble::Latency, &asked, true) {
            let late = self.random.lock().unwrap().u64(..=MOST_MILLISECONDS);
            tokio::time::sleep(Duration::from_millis(late)).await;
        }
        if self.meets(Trouble::TooManyRequests, &asked, number.is_multiple_of(ONE_TOO_MANY)) {
            return Ok(self.too_many());
        }
        let limit = self.limit().filter(|_| asked.path.starts_with("/api/v2"));
        let window = limit.map(|limit| {
            let mut counted = self.counted.lock().unwrap();
            (limit, counted.window.take(limit), counted.window.reset)
        });
        if let Some((limit, None, reset)) = window
            && self.meets(Trouble::RateLimit(limit), &asked, true)
        {
            return Ok(limited(refusal(), limit, 0, reset).map(Full::new));
        }
        // A request of a killed client still takes effect.
        let (open, layer) = (Open::begin(self), Arc::clone(self));
        let forwarded = tokio::spawn(async move {
            let _open = open;
            layer.forward(request).await
        });
        let mut answer = forwarded.await.map_err(io::Error::other)??;
        if self.meets(Trouble::DroppedConnections, &asked, number.is_multiple_of(ONE_DROPPED)) {
            return Err(io::Error::other("the connection is dropped"));
        }
        let is_stale = answer.status() == StatusCode::OK && asked.searches() && self.is_new_search(&asked);
        if self.meets(Trouble::LaggingSearches, &asked, is_stale) {
            answer = changed(answer, empty);
        }
        let refuses_organization = asked.path == "/oauth/token"
            && answer.status().is_client_error()
            && String::from_utf8_lossy(answer.body()).contains("organization");
        if self.meets(Trouble::OtherWording, &asked, refuses_organization) {
            answer = changed(answer, |body| body["error_description"] = OTHER_WORDS.into());
        }
        if let Some((limit, Some(left), reset)) = window {
            self.counted.lock().unwrap().exhausted += u32::from(left == 0);
            answer = limited(answer, limit, left, reset);
        }
        Ok(answer.map(Full::new))
    }

    /// The first one is to wait for a second, the others may come again at once: a test has no time.
    fn too_many(&self) -> Response<Full<Bytes>> {
        let mut counted = self.counted.lock().unwrap();
        counted.refused += 1;
        let mut answer = refusal();
        let wait = if counted.refused == 1 { "1" } else { "0" };
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(wait));
        answer.map(Full::new)
    }

    fn limit(&self) -> Option<u64> {
        self.troubles
            .iter()
            .find_map(|trouble| if let Trouble::RateLimit(limit) = trouble { Some(*limit) } else { None })
    }

    fn is_new_search(&self, asked: &Asked) -> bool {
        let mut counted = self.counted.lock().unwrap();
        let times = counted.searches.entry(format!("{}?{}", asked.path, asked.query)).or_default();
        *times += 1;
        *times <= STALE
    }

    async fn forward(&self, request: Request<Incoming>) -> io::Result<Response<Bytes>> {
        let (mut head, body) = request.into_parts();
        let mut parts = self.tenant.clone().into_parts();
        parts.path_and_query = head.uri.path_and_query().cloned();
        head.uri = Uri::from_parts(parts).unwrap();
        // The name by which the client knows the tenant stays: it is in the tokens.
        assert!(head.headers.contains_key(HOST));
        head.headers.remove(CONNECTION);
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let answer = self.client.request(Request::from_parts(head, Full::new(body))).await.map_err(io::Error::other)?;
        let (mut head, body) = answer.into_parts();
        for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
            head.headers.remove(name);
        }
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Response::from_parts(head, body))
    }
}

/// What the troubles go by.
struct Asked {
    method: Method,
    path: String,
    query: String,
}

impl Asked {
    fn of<Body>(request: &Request<Body>) -> Asked {
        let uri = request.uri();
        let query = uri.query().unwrap_or_default().to_owned();
        Asked { method: request.method().clone(), path: uri.path().to_owned(), query }
    }

    /// Whether this is a list out of a search index.
    fn searches(&self) -> bool {
        let lists = ["/api/v2/users", "/api/v2/logs"];
        self.method == Method::GET
            && (self.query.split('&').any(|parameter| parameter.starts_with("q="))
                || lists.contains(&self.path.as_str())
                || self.path.starts_with("/api/v2/organizations/") && self.path.ends_with("/members"))
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn refusal() -> Response<Bytes> {
    let body = json!({ "statusCode": 429, "error": "Too Many Requests", "message": "Global limit has been reached" });
    let mut answer = Response::new(Bytes::from(body.to_string()));
    *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    answer
}

/// With the headers that tell of a limit.
fn limited<Body>(mut answer: Response<Body>, limit: u64, left: u64, reset: u64) -> Response<Body> {
    for (name, value) in [("limit", limit), ("remaining", left), ("reset", reset)] {
        let name: HeaderName = format!("x-ratelimit-{name}").parse().unwrap();
        answer.headers_mut().insert(name, value.into());
    }
    answer
}

fn changed(answer: Response<Bytes>, change: impl Fn(&mut Value)) -> Response<Bytes> {
    let (head, body) = answer.into_parts();
    let mut body: Value = serde_json::from_slice(&body).unwrap();
    change(&mut body);
    Response::from_parts(head, body.to_string().into())
}

/// A list without its items, bare or in its envelope.
fn empty(list: &mut Value) {
    match list {
        Value::Array(items) => items.clear(),
        Value::Object(members) => {
            members.remove("next");
            for (name, value) in members {
                match value {
                    Value::Array(items) => items.clear(),
                    Value::Number(_) if name == "total" || name == "length" => *value = 0.into(),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}
