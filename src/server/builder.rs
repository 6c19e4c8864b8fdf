//! [`MockTenantBuilder`]: configures and starts a [`MockTenant`].

use std::fmt;
use std::sync::Arc;

use super::admin::{Admin, Reach};
#[cfg(feature = "tls")]
use super::https::Https;
use super::router::AppState;
use super::tenants::{Addresses, Tenants};
use super::thread::Server;
use super::verification::Verification;
use super::{MockTenant, connections};
use crate::api::action::{Action, Api, Event};
use crate::api::{self, CalibratedAnswers, Config, Tenant};
use crate::domain::Clock;
use crate::seed::{Report, Seed};

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
    #[cfg(feature = "tls")]
    pub(super) tls_names: Vec<String>,
    allows_unmodelled_operations: bool,
}

/// When a deterministic tenant begins: 2026-01-01T00:00:00Z.
const BEGINNING: u64 = 1_767_225_600;

/// Without credentials and seeds, which hold secrets.
impl fmt::Debug for MockTenantBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockTenantBuilder").field("domain", &self.config.domain).finish_non_exhaustive()
    }
}

impl MockTenantBuilder {
    /// The usual tenant.
    pub(super) fn new() -> Self {
        MockTenantBuilder {
            config: Config::default(),
            port: 0,
            seeds: Vec::new(),
            #[cfg(feature = "tls")]
            over_tls: false,
            #[cfg(feature = "tls")]
            tls_names: Vec::new(),
            clock: None,
            state: None,
            admin: Admin::Beside(Reach::Loopback),
            allows_unmodelled_operations: false,
        }
    }

    /// The tenant's domain: a host name, optionally with a port; `travel0.localhost` when not given.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.config.domain = domain.into();
        self
    }

    /// One issuer for every name by which the tenant is reached: a URL of scheme and host, `https://login.example/`. It is
    /// in tokens and in the discovery document, with the addresses there, and the Management API takes its tokens and no
    /// others. When not given, the issuer follows the name of a request. Identifiers of the service's own APIs follow the
    /// name of a request in either case.
    ///
    /// ```
    /// let tenant = m2mock::MockTenant::builder().issuer("https://login.example").start();
    /// assert_eq!(tenant.issuer(), "https://login.example/");
    /// ```
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.config.issuer = Some(issuer.into());
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
    /// use m2mock::{CalibratedAnswers, MockTenant};
    ///
    /// let answers = r#"{ "token": { "T4": { "status": 403, "error": "access_denied", "error_description": "Not {audience}." } } }"#;
    /// let tenant = MockTenant::builder().answers(CalibratedAnswers::parse(answers, "answers.json")?).start();
    /// let api = tenant.api("https://travel0.example/api").create();
    /// let stranger = tenant.application("Stranger").create();
    ///
    /// let refused = tenant.token(&stranger).audience(&api).request().unwrap_err();
    /// assert_eq!(refused.description, "Not https://travel0.example/api.");
    /// assert!(tenant.requests()[0].calibrated, "the journal tells whose words these are");
    /// # Ok::<(), m2mock::CalibratedAnswersError>(())
    /// ```
    pub fn answers(mut self, answers: CalibratedAnswers) -> Self {
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
    /// When the domain or a name for the certificate is not a host name, when the issuer is not a URL, when an id or secret of
    /// the management application is empty, when the port is in use, when the machine gives no port or no thread, and when a
    /// seed or a state is refused. The message has a sentence for each problem of the seeds.
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
        if let Err(error) = self.config.validate() {
            panic!("{error}");
        }
        let (server, apps) = match Server::start(self.port, connections::serve) {
            Ok(started) => started,
            Err(error) => panic!("a tenant could not start on 127.0.0.1:{}: {error}", self.port),
        };
        #[cfg(feature = "tls")]
        let https = self.over_tls.then(|| match Https::start(&self.config.domain, &self.tls_names) {
            Ok(started) => started,
            Err(error) => panic!("a tenant could not start over TLS: {error}"),
        });
        self.config.ports.push(server.address.port());
        #[cfg(feature = "tls")]
        self.config.ports.extend(https.iter().map(|(https, _)| https.server.address.port()));
        // While the thread comes up, the tenant is made. Without one to serve, the thread ends.
        let tenant = Tenant::new(self.config);
        if let Some(state) = &self.state
            && let Err(refusal) = tenant.import(state)
        {
            panic!("{refusal}");
        }
        let mut report = Report::default();
        for seed in &self.seeds {
            report.append(seed.plant_and_report(&tenant));
        }
        if let Err(error) = report.verdict() {
            panic!("the seed is refused: {error}");
        }
        // What it is founded with is kept already.
        if self.state.is_some() || !self.seeds.is_empty() {
            tenant.keep_as_initial();
        }
        let tenant = Arc::new(tenant);
        let verification = Arc::new(Verification::new(self.allows_unmodelled_operations));
        let noting = Arc::clone(&verification);
        tenant.observe(Box::new(move |entry| noting.note(entry)));
        let addresses = Addresses {
            ip: server.address.ip(),
            http: server.address.port(),
            #[cfg(feature = "tls")]
            https: https.as_ref().map(|(https, _)| https.server.address.port()),
            #[cfg(not(feature = "tls"))]
            https: None,
        };
        let tenants = Arc::new(Tenants::new(Arc::clone(&tenant), addresses));
        let app = AppState::new(Arc::clone(&tenants), self.admin);
        #[cfg(feature = "tls")]
        if let Some((https, _)) = &https {
            app.speaks(&https.tls);
        }
        // The thread waits for this and nothing else.
        let _ = apps.send(app.clone());
        #[cfg(feature = "tls")]
        let https = https.map(|(https, apps)| {
            let _ = apps.send(app);
            https
        });
        MockTenant {
            tenant,
            tenants,
            beside: None,
            verification,
            server,
            #[cfg(feature = "tls")]
            https,
        }
    }
}
