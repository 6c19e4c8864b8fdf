//! [`MockTenant`]: a tenant with a port and a thread of its own, for one test.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use super::admin::{Admin, Reach};
#[cfg(feature = "tls")]
use super::https::Https;
use super::router::Door;
use super::tenants::{Addresses, Tenants};
use super::verification::Verification;
use super::{Requests, connections, founding};
use crate::api::action::{Action, Api, Event};
use crate::api::{self, Answers, Config, LogEntry, Snapshot, Tenant};
use crate::domain::Clock;
use crate::seed::Seed;

/// A tenant that answers on a port of its own until it is dropped.
///
/// It runs on its own thread, so it works the same from a plain `#[test]` and from any
/// tokio runtime, one that blocks included.
///
/// ```
/// use m2mock::{MockTenant, OrganizationUsage};
///
/// let tenant = MockTenant::start();
/// let api = tenant.api("https://travel0.example/api").scopes(["read:trips"]).create();
/// let application = tenant.application("Partner bot").create();
/// let organization = tenant.organization("granite-tours").create();
/// let grant = tenant
///     .client_grant(&application, &api)
///     .scopes(["read:trips"])
///     .organization_usage(OrganizationUsage::Require)
///     .create();
/// tenant.associate(&organization, &grant);
///
/// // What the service under test would get from `tenant.uri() + "/oauth/token"`:
/// let token = tenant.token(&application).audience(&api).organization(&organization).request()?;
/// assert_eq!(token.claims["org_id"], organization.id.as_str());
///
/// let refused = tenant.token(&application).audience(&api).request().unwrap_err();
/// assert_eq!(refused.rules[0], "R16", "{}", refused.why);
/// # Ok::<(), m2mock::TokenRefused>(())
/// ```
///
/// # Limitations
///
/// It speaks plain HTTP on 127.0.0.1, and TLS beside it with the feature `tls`. Every tenant signs with the same published test keys.
#[must_use = "the tenant stops answering when this value is dropped"]
pub struct MockTenant {
    pub(super) tenant: Arc<Tenant>,
    pub(super) verification: Arc<Verification>,
    server: Server,
    #[cfg(feature = "tls")]
    pub(super) https: Option<Https>,
}

impl MockTenant {
    /// Starts a tenant with nothing in it but the Management API and one management application.
    ///
    /// # Panics
    ///
    /// When the machine gives no port or no thread.
    #[track_caller]
    pub fn start() -> MockTenant {
        MockTenant::builder().start()
    }

    /// Starts a tenant that differs from the usual one.
    pub fn builder() -> MockTenantBuilder {
        MockTenantBuilder {
            config: Config::default(),
            port: 0,
            seeds: Vec::new(),
            #[cfg(feature = "tls")]
            over_tls: false,
            clock: None,
            state: None,
            admin: Admin::Beside(Reach::Loopback),
            allows_unmodelled_operations: false,
        }
    }

    /// Where it answers: `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn uri(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The tenant's domain, part of the Management API's audience.
    pub fn domain(&self) -> &str {
        self.tenant.domain()
    }

    /// What tokens fetched through [`uri`](Self::uri) carry as `iss`.
    pub fn issuer(&self) -> String {
        format!("{}/", self.uri())
    }

    /// The audience to ask a Management API token for.
    pub fn management_audience(&self) -> String {
        self.tenant.management_audience()
    }

    /// Id and secret of the application that may do everything in the Management API.
    pub fn management_client(&self) -> (String, String) {
        self.tenant.management_client()
    }

    /// A Management API token with these scopes, without a request.
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// let bearer = format!("Bearer {}", tenant.management_token(&["read:organizations"]));
    /// ```
    pub fn management_token(&self, scopes: &[&str]) -> String {
        self.tenant.management_token(&self.host(), scopes)
    }

    /// The journal: what was asked, what was answered and why, oldest first. [`Requests`] says how to ask it something.
    ///
    /// It is bounded: after a thousand requests the oldest ones are gone.
    pub fn requests(&self) -> Requests {
        Requests::from(self.tenant.requests())
    }

    /// What the tenant holds and what it was asked, the same in each run: for a snapshot test.
    ///
    /// Ids stand as references (`<org:granite-tours>`), secrets are left out, and so is what every tenant has from the
    /// beginning and nobody changed. Times stand only where the tenant started with a clock that stood still. It prints as
    /// lines and serializes as an object, so that `insta::assert_snapshot!` and `insta::assert_json_snapshot!` take it.
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// let granite = tenant.organization("granite-tours").create();
    /// let text = tenant.snapshot().to_string();
    /// assert!(text.starts_with("organizations:\n  <org:granite-tours>:\n"), "{text}");
    /// assert!(!text.contains(&granite.id));
    /// ```
    ///
    /// An id of less than 16 characters, which a test has chosen, stands for itself. One of something that is
    /// deleted is `<id:1>`. Jobs, used quotas and the log are not part of it.
    pub fn snapshot(&self) -> Snapshot {
        self.tenant.snapshot(&self.host())
    }

    /// The tenant's log as `GET /api/v2/logs` shows it, oldest first: token requests, warnings about quotas, and changes
    /// over the Management API. What a test sets up with the functions of this type is no request and is not in it.
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// # let api = tenant.api("https://travel0.example/api").create();
    /// # let application = tenant.application("Partner bot").create();
    /// # tenant.client_grant(&application, &api).create();
    /// tenant.token(&application).audience(&api).request()?;
    /// let log = tenant.logs();
    /// assert_eq!(log[0].kind, "seccft");
    /// assert_eq!(log[0].client_id.as_deref(), Some(application.client_id.as_str()));
    /// # Ok::<(), m2mock::TokenRefused>(())
    /// ```
    ///
    /// It is bounded: after ten thousand entries the oldest ones are gone.
    pub fn logs(&self) -> Vec<LogEntry> {
        self.tenant.logs()
    }

    /// The tenant's clock: everything that the tenant issues or checks goes by it, and a test moves it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), reqwest::Error> {
    /// let tenant = m2mock::MockTenant::start();
    /// let clients = tenant.uri() + "/api/v2/clients";
    /// let token = tenant.management_token(&["read:clients"]);
    /// let read = async || reqwest::Client::new().get(&clients).bearer_auth(&token).send().await;
    /// assert_eq!(read().await?.status(), 200);
    ///
    /// // A Management API token lives for a day.
    /// tenant.clock().advance(Duration::from_secs(24 * 60 * 60));
    /// let refused = read().await?;
    /// assert_eq!(refused.status(), 401);
    /// let body: serde_json::Value = refused.json().await?;
    /// assert_eq!(body["message"], "Expired token received for JSON Web Token validation");
    ///
    /// tenant.clock().release(); // back to the machine's time, where the token is good
    /// assert_eq!(read().await?.status(), 200);
    /// # Ok(())
    /// # }
    /// ```
    pub fn clock(&self) -> &Clock {
        self.tenant.clock()
    }

    /// Back to what the tenant started with, its clock included; the log and the journal are emptied. What the test expects
    /// is no part of the tenant: it stays, with what has been counted.
    pub fn reset(&self) {
        self.tenant.reset();
    }

    /// Everything that later answers depend on, as a text that [`import`](MockTenantBuilder::import) takes in, here or in
    /// another process, and `m2mock serve --import` as well: what there is, used quotas and assertions, signing keys, the
    /// clock, faults and rate limits. Secrets are in it; the log, the journal and the Actions of the test are not.
    ///
    /// ```
    /// use m2mock::MockTenant;
    ///
    /// let tenant = MockTenant::start();
    /// let api = tenant.api("https://travel0.example/api").create();
    /// let bot = tenant.application("Partner bot").create();
    /// tenant.client_grant(&bot, &api).create();
    ///
    /// let again = MockTenant::builder().import(tenant.export()).start();
    /// assert!(again.token(&bot).audience(&api).request().is_ok());
    /// ```
    pub fn export(&self) -> String {
        self.tenant.export()
    }

    /// The `Host` header of requests to [`uri`](Self::uri).
    pub(super) fn host(&self) -> String {
        self.server.address.to_string()
    }
}

impl std::fmt::Debug for MockTenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MockTenant").field("uri", &self.uri()).field("domain", &self.domain()).finish_non_exhaustive()
    }
}

/// What to start; made by [`MockTenant::builder`].
#[must_use = "nothing answers until start() is called"]
pub struct MockTenantBuilder {
    config: Config,
    clock: Option<Clock>,
    port: u16,
    seeds: Vec<Seed>,
    state: Option<Vec<u8>>,
    admin: Admin,
    #[cfg(feature = "tls")]
    pub(super) over_tls: bool,
    allows_unmodelled_operations: bool,
}

/// When a deterministic tenant begins: 2026-01-01T00:00:00Z.
const BEGINNING: u64 = 1_767_225_600;

impl MockTenantBuilder {
    /// The tenant's domain: a host name, optionally with a port; `travel0.localhost` when not given.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.config.domain = domain.into();
        self
    }

    /// The clock of tokens, documents and the journal; one that follows the machine's when not given.
    ///
    /// The tenant shares it with whoever keeps a clone: two tenants that are given the same clock keep the same time.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Makes everything that a tenant otherwise draws at random follow from this number, its ids and secrets, and stops its
    /// clock at the beginning of 2026 unless it is given another [`clock`](Self::clock).
    ///
    /// Two tenants with the same number, the same seeds and the same calls in the same order have the same ids and secrets.
    /// Where both are reached by one name, as behind a load balancer, each takes the tokens of the other; on two ports of
    /// the local machine they are two issuers.
    ///
    /// ```
    /// use m2mock::MockTenant;
    ///
    /// let [one, other] = [(); 2].map(|()| MockTenant::builder().deterministic(7).start());
    /// let [here, there] = [&one, &other].map(|tenant| tenant.application("Partner bot").create());
    /// assert_eq!(here.client_id, there.client_id);
    /// assert_eq!(one.clock().unix(), 1_767_225_600);
    /// ```
    ///
    /// A verifier that goes by the machine's clock takes tokens of that day for expired; give the tenant
    /// [`Clock::system()`] where one is part of the test.
    pub fn deterministic(mut self, seed: u64) -> Self {
        self.config.random_seed = Some(seed);
        self
    }

    /// Lets requests pass to which nothing is modelled. They are answered with 404, as anything that is not there; without
    /// this, the tenant makes the test fail when it is dropped, since the live service might have answered otherwise.
    ///
    /// ```
    /// # let get = |tenant: &m2mock::MockTenant, path: &str| {
    /// #     use std::io::{Read, Write};
    /// #     let mut stream = std::net::TcpStream::connect(tenant.uri().trim_start_matches("http://")).unwrap();
    /// #     write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    /// #     stream.read_to_end(&mut Vec::new()).unwrap();
    /// # };
    /// let tenant = m2mock::MockTenant::builder().allow_unmodelled_operations().start();
    /// get(&tenant, "/authorize");
    /// assert_eq!(tenant.requests().unmodelled().count(), 1);
    /// ```
    pub fn allow_unmodelled_operations(mut self) -> Self {
        self.allows_unmodelled_operations = true;
        self
    }

    /// The port on 127.0.0.1; any free one when not given, so that tests run beside each other.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Id and secret of the management application; made up when not given.
    pub fn management_client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.config.management_client_id = Some(id.into());
        self.config.management_client_secret = Some(secret.into());
        self
    }

    /// Lets the vendor's rate limits apply, those of the free plan: two requests a second to the Management API, 30 a second
    /// to `/oauth/token`, 20 a second to `/.well-known/jwks.json`, and 300 a minute to all that is not the Management API.
    /// They go by the tenant's clock, and every answer tells of them in its headers.
    ///
    /// ```
    /// use m2mock::{Clock, MockTenant};
    ///
    /// let tenant = MockTenant::builder().rate_limits().clock(Clock::fixed(1_780_315_200)).start();
    /// # let api = tenant.api("https://travel0.example/api").create();
    /// # let bot = tenant.application("Partner bot").create();
    /// # tenant.client_grant(&bot, &api).create();
    /// let ask = || tenant.token(&bot).audience(&api).request();
    /// assert!((0..30).all(|_| ask().is_ok()));
    /// let refused = ask().unwrap_err();
    /// assert_eq!((refused.status, refused.rules[0]), (429, "T11"));
    ///
    /// tenant.clock().advance(std::time::Duration::from_secs(1));
    /// assert!(ask().is_ok());
    /// ```
    pub fn rate_limits(mut self) -> Self {
        self.config.rate_limits = true;
        self
    }

    /// A tenant whose plan lacks machine-to-machine access for organizations: grants cannot mention organizations, and
    /// token requests cannot name one.
    pub fn without_machine_to_machine_for_organizations(mut self) -> Self {
        self.config.machine_to_machine_for_organizations = false;
        self
    }

    /// An Action of the trigger `credentials-exchange`: it sees each client credentials token before it is given, and may
    /// deny it, add claims or change its scopes. Several run in the order in which they are given here, after those that
    /// a seed declares, until one denies.
    ///
    /// ```
    /// use m2mock::{DenyCode, MockTenant};
    ///
    /// let tenant = MockTenant::builder()
    ///     .on_credentials_exchange(|event, api| match event.client.metadata.get("plan") {
    ///         Some(plan) => api.access_token().set_custom_claim("https://travel0.example/plan", plan.clone()),
    ///         None => api.access().deny(DenyCode::InvalidRequest, "This application has no plan."),
    ///     })
    ///     .start();
    /// let api = tenant.api("https://travel0.example/api").create();
    /// let bot = tenant.application("Partner bot").create();
    /// tenant.client_grant(&bot, &api).create();
    ///
    /// let refused = tenant.token(&bot).audience(&api).request().unwrap_err();
    /// assert_eq!((refused.error.as_str(), refused.rules[0]), ("invalid_request", "T12"));
    /// assert_eq!(refused.description, "This application has no plan.");
    /// ```
    ///
    /// It runs on the thread of the request and holds nothing, so it may ask the tenant. When it panics, its request is
    /// refused with `server_error`, and the journal says why.
    pub fn on_credentials_exchange(mut self, action: impl Fn(&Event, &mut Api) + Send + Sync + 'static) -> Self {
        self.config.actions.push(Action::new(action));
        self
    }

    /// What a tenant answered where nobody publishes it, in the place of m2mock's own words: a file that
    /// `m2mock conformance --calibrate` wrote, or one by hand. Decisions stay, and so do their rules and the journal's reasons.
    ///
    /// ```
    /// use m2mock::{Answers, MockTenant};
    ///
    /// let answers = r#"{ "token": { "T4": { "status": 403, "error": "access_denied", "error_description": "Not {audience}." } } }"#;
    /// let tenant = MockTenant::builder().answers(Answers::parse(answers, "answers.json")?).start();
    /// let api = tenant.api("https://travel0.example/api").create();
    /// let stranger = tenant.application("Stranger").create();
    ///
    /// let refused = tenant.token(&stranger).audience(&api).request().unwrap_err();
    /// assert_eq!(refused.description, "Not https://travel0.example/api.");
    /// assert!(tenant.requests()[0].calibrated, "the journal tells whose words these are");
    /// # Ok::<(), m2mock::AnswersError>(())
    /// ```
    pub fn answers(mut self, answers: Answers) -> Self {
        self.config.answers = Some(answers);
        self
    }

    /// What the tenant holds from the start, and again after [`MockTenant::reset`].
    /// Several seeds are planted one after the other.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seeds.push(seed);
        self
    }

    /// What another tenant has [exported](MockTenant::export): this one begins where that one stood, with its domain, its
    /// clock and its management application, and goes back to it with [`MockTenant::reset`]. Seeds are planted after it.
    ///
    /// # Limitations
    ///
    /// A [snapshot](MockTenant::snapshot) of it shows what every tenant has from the beginning as well.
    pub fn import(mut self, state: impl Into<Vec<u8>>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Leaves out what is below `/__admin`, with which tests in other languages do what this type does: it is as any path
    /// that the live service does not have.
    pub fn without_admin(mut self) -> Self {
        self.admin = Admin::Off;
        self
    }

    /// Starts the tenant. It answers as soon as this returns.
    ///
    /// # Panics
    ///
    /// When the domain is not a host name, when an id or secret of the management application is empty, when the port is
    /// in use, when the machine gives no port or no thread, and when a seed or a state is refused, with a sentence that
    /// says why.
    #[track_caller]
    pub fn start(mut self) -> MockTenant {
        match (self.clock.take(), self.config.random_seed) {
            (Some(clock), _) => self.config.clock = clock,
            (None, Some(_)) => self.config.clock = Clock::fixed(BEGINNING),
            (None, None) => {}
        }
        if let Some(state) = &self.state {
            match api::exported_domain(state) {
                Ok(domain) => self.config.domain = domain,
                Err(refusal) => panic!("{refusal}"),
            }
        }
        if let Some(mistake) = founding::mistake(&self.config) {
            panic!("{mistake}");
        }
        let (server, doors) = match Server::start(self.port, connections::serve) {
            Ok(started) => started,
            Err(error) => panic!("a tenant could not start on 127.0.0.1:{}: {error}", self.port),
        };
        #[cfg(feature = "tls")]
        let https = self.over_tls.then(|| match Https::start(&self.config.domain) {
            Ok(started) => started,
            Err(error) => panic!("a tenant could not start over TLS: {error}"),
        });
        #[cfg(feature = "tls")]
        if let Some((https, _)) = &https {
            self.config.ports = vec![server.address.port(), https.server.address.port()];
        }
        // While the thread comes up, the tenant is made. Without one to serve, the thread ends.
        let tenant = Tenant::new(self.config);
        if let Some(state) = &self.state
            && let Err(refusal) = tenant.import(state)
        {
            panic!("{refusal}");
        }
        for seed in &self.seeds {
            if let Err(error) = seed.plant(&tenant) {
                panic!("the seed is refused: {error}");
            }
        }
        tenant.keep_as_initial();
        let tenant = Arc::new(tenant);
        let verification = Arc::new(Verification::new(self.allows_unmodelled_operations));
        let noting = Arc::clone(&verification);
        tenant.observe(Box::new(move |entry| noting.note(entry)));
        let addresses = Addresses {
            http: server.address.port(),
            #[cfg(feature = "tls")]
            https: https.as_ref().map(|(https, _)| https.server.address.port()),
            #[cfg(not(feature = "tls"))]
            https: None,
        };
        let door = Door::new(Arc::new(Tenants::new(Arc::clone(&tenant), addresses)), self.admin);
        // The thread waits for this and nothing else.
        let _ = doors.send(door.clone());
        #[cfg(feature = "tls")]
        let https = https.map(|(https, doors)| {
            let _ = doors.send(door);
            https
        });
        MockTenant {
            tenant,
            verification,
            server,
            #[cfg(feature = "tls")]
            https,
        }
    }
}

/// Verifies what the test expects; see [`MockTenant::verify`].
impl Drop for MockTenant {
    fn drop(&mut self) {
        self.verify_at_the_end();
    }
}

/// Where a server waits for what it leads to.
pub(super) type Sent = Sender<Door>;

/// A port and the thread that serves it, until it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    // Both are there until `drop` takes them.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts the thread, which serves what is sent to it in this way.
    pub(super) fn start<Serve, Serving>(port: u16, serve: Serve) -> io::Result<(Server, Sent)>
    where
        Serve: FnOnce(tokio::net::TcpListener, Door) -> Serving + Send + 'static,
        Serving: Future<Output = ()>,
    {
        // Bound here rather than on the thread: the port is known, and connections wait in line from now on.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;

        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let (doors, sent) = mpsc::channel();
        let run = move || {
            if let Ok(door) = sent.recv() {
                run(&runtime, serve(listener, door), stopped);
            }
        };
        let thread = thread::Builder::new().name("m2mock".to_owned()).spawn(run)?;
        Ok((Server { address, stop: Some(stop), thread: Some(thread) }, doors))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The thread ends whatever its connections are doing, so this waits for no client.
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
