//! [`MockTenantBuilder`]: configures and starts a [`MockTenant`].

use std::fmt;
use std::sync::Arc;
#[cfg(feature = "javascript")]
use std::time::Duration;

use super::addresses::Addresses;
use super::admin::{Admin, Reach};
use super::app_state::AppState;
#[cfg(feature = "tls")]
use super::client_certificates::ClientCertificates;
use super::connections;
use super::delivery::{Courier, Delivery, OnFailure};
#[cfg(feature = "tls")]
use super::https::HttpsPort;
use super::mock::MockTenant;
use super::tenants::Tenants;
use super::thread::Port;
use super::verification::Verification;
use crate::api::action::{Action, Api, Event};
use crate::api::{self, CalibratedAnswers, Config, Tenant};
use crate::domain::{Clock, Entitlement};
use crate::seed::{Report, Seed};

impl MockTenant {
    /// Starts a tenant with the entities of a new tenant, such as the Management API, and one management application.
    ///
    /// # Panics
    ///
    /// If the machine has no free port or thread.
    #[track_caller]
    pub fn start() -> MockTenant {
        MockTenant::builder().start()
    }

    /// Configures a tenant before it starts.
    pub fn builder() -> MockTenantBuilder {
        MockTenantBuilder::new()
    }

    /// Starts a further tenant until it is dropped. It has its own port, and also answers at the address of this tenant under its
    /// own domain. Over HTTP, `POST /__admin/v1/tenants` does the same.
    ///
    /// ```
    /// use m2mock::MockTenant;
    ///
    /// let first = MockTenant::start();
    /// let acme = first.add_tenant(MockTenant::builder().domain("acme.localhost"));
    /// assert_ne!(acme.uri(), first.uri());
    /// // State, clock, faults and journal are apart, and neither takes a token of the other.
    /// acme.organization("granite-tours").create();
    /// assert!(!first.export().contains("granite-tours"));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`start`](MockTenantBuilder::start), and if a tenant at this address has the domain already.
    #[track_caller]
    pub fn add_tenant(&self, tenant: MockTenantBuilder) -> MockTenant {
        let mut added = tenant.start();
        if let Err(refusal) = self.tenants.enter(Arc::clone(&added.tenant), added.addresses()) {
            panic!("{refusal}");
        }
        added.beside = Some(Arc::clone(&self.tenants));
        added
    }
}

/// Configures a tenant; made by [`MockTenant::builder`].
#[must_use = "nothing answers until start() is called"]
pub struct MockTenantBuilder {
    config: Config,
    clock: Option<Clock>,
    port: u16,
    seeds: Vec<Seed>,
    state: Option<Vec<u8>>,
    admin: Admin,
    delivery: Option<Delivery>,
    #[cfg(feature = "tls")]
    pub(super) over_tls: bool,
    #[cfg(feature = "tls")]
    pub(super) tls_names: Vec<String>,
    /// Whether the port requests client certificates.
    #[cfg(feature = "tls")]
    pub(super) over_mtls: bool,
    /// The authorities that sign them, in PEM.
    #[cfg(feature = "tls")]
    pub(super) client_authorities: Option<Vec<u8>>,
    allows_unmodelled_operations: bool,
}

/// The start time of a deterministic tenant: 2026-01-01T00:00:00Z.
const BEGINNING: u64 = 1_767_225_600;

/// Omits credentials and seeds, which contain secrets.
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
            #[cfg(feature = "tls")]
            over_mtls: false,
            #[cfg(feature = "tls")]
            client_authorities: None,
            clock: None,
            state: None,
            admin: Admin::Beside(Reach::Loopback),
            delivery: None,
            allows_unmodelled_operations: false,
        }
    }

    /// The tenant's domain: a host name, optionally with a port; by default `travel0.localhost`.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.config.domain = domain.into();
        self
    }

    /// One issuer for every host name of the tenant: a URL of scheme and host, such as `https://login.example/`. Tokens and the
    /// discovery document with its addresses have this issuer, and the Management API accepts only its tokens. By default the
    /// issuer depends on the host name of the request. The identifiers of the service's own APIs depend on it in either case.
    ///
    /// ```
    /// let tenant = m2mock::MockTenant::builder().issuer("https://login.example").start();
    /// assert_eq!(tenant.issuer(), "https://login.example/");
    /// ```
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.config.issuer = Some(issuer.into());
        self
    }

    /// The clock of tokens, documents and the journal; by default one that follows the machine's.
    ///
    /// Clones share the time: two tenants with clones of one clock have the same time.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Derives ids, secrets and all other random values from this number, and stops the clock at the beginning of 2026, unless
    /// [`clock`](Self::clock) sets one.
    ///
    /// Two tenants with the same number, the same seeds and the same calls in the same order have the same ids and secrets.
    /// If both have the same host name, as behind a load balancer, each accepts the tokens of the other; on two ports of the
    /// local machine they have two issuers.
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
    /// A verifier that uses the machine's clock treats tokens of that day as expired; in a test with such a verifier, set
    /// [`Clock::system()`].
    pub fn deterministic(mut self, seed: u64) -> Self {
        self.config.random_seed = Some(seed);
        self
    }

    /// Allows requests to operations that are not modelled; they get 404. By default, such a request fails the test when the
    /// tenant is dropped, because the live service might have answered differently.
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

    /// The port on 127.0.0.1; by default any free one, so that tests can run in parallel.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Id and secret of the management application; by default random.
    pub fn management_client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.config.management_client_id = Some(id.into());
        self.config.management_client_secret = Some(secret.into());
        self
    }

    /// Applies the rate limits of the vendor's free plan: two requests a second to the Management API, 30 a second to
    /// `/oauth/token`, 20 a second to `/.well-known/jwks.json`, and 300 a minute to everything outside the Management API. They
    /// use the tenant's clock, and every answer has their headers.
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

    /// A tenant whose plan lacks a feature. Operations that need it are refused with the vendor's sentence.
    ///
    /// ```
    /// use m2mock::http::Method;
    /// use m2mock::serde_json::Value;
    /// use m2mock::{Entitlement, MockTenant};
    ///
    /// let tenant = MockTenant::builder().without(Entitlement::BotDetection).start();
    /// let refused = tenant.perform(Method::GET, "/attack-protection/bot-detection", Value::Null).unwrap_err();
    /// assert_eq!(refused.message(), "Please upgrade your subscription to use bot detection");
    /// ```
    pub fn without(mut self, entitlement: Entitlement) -> Self {
        self.config.without.push(entitlement);
        self
    }

    /// An Action of the trigger `credentials-exchange`: it sees each client credentials token before the tenant issues it, and can
    /// deny it, add claims or change its scopes. Several run in the order of these calls, after those that a seed declares, until
    /// one denies.
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
    /// It runs on the thread of the request and holds no lock, so it may call the tenant. If it panics, its request is refused
    /// with `server_error`, and the journal has the reason.
    pub fn on_credentials_exchange(mut self, action: impl Fn(&Event, &mut Api) + Send + Sync + 'static) -> Self {
        self.config.actions.push(Action::new(action));
        self
    }

    /// The time that the JavaScript of deployed Actions may take for one token request, on the machine's
    /// clock; by default 20 seconds, as in the live service. A request that takes longer is refused with `server_error`.
    #[cfg(feature = "javascript")]
    #[cfg_attr(docsrs, doc(cfg(feature = "javascript")))]
    pub fn action_time_limit(mut self, limit: Duration) -> Self {
        self.config.action_time = limit;
        self
    }

    /// The memory that the JavaScript of one Action may take, in bytes; by default 64 MiB. An Action that needs more fails, and its
    /// request is refused with `server_error`.
    #[cfg(feature = "javascript")]
    #[cfg_attr(docsrs, doc(cfg(feature = "javascript")))]
    pub fn action_memory_limit(mut self, bytes: usize) -> Self {
        self.config.action_memory = bytes;
        self
    }

    /// The error texts of a real tenant, which replace the built-in ones: a file of `m2mock conformance --calibrate`, or one
    /// written by hand. They do not change decisions, rules or the reasons in the journal.
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

    /// Delivers: log streams of the type `http` and event streams with a webhook send requests, and changes of users and
    /// organizations raise events. By default no stream sends anything. Tenants that the control API adds deliver, too.
    ///
    /// Retries follow the tenant's clock. [`MockTenant::delivery_failures`] has the reason of a request that does not arrive.
    pub fn deliver(mut self, delivery: Delivery) -> Self {
        self.delivery = Some(delivery);
        self
    }

    /// The seed of the tenant, which [`MockTenant::reset`] restores.
    /// Several seeds are planted one after the other.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seeds.push(seed);
        self
    }

    /// The [export](MockTenant::export) of another tenant: this one starts with its state, including domain, clock and management
    /// application, and [`MockTenant::reset`] restores it. Seeds are planted after it.
    ///
    /// # Limitations
    ///
    /// A [snapshot](MockTenant::snapshot) of such a tenant also shows the entities of every new tenant.
    pub fn import(mut self, state: impl Into<Vec<u8>>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Turns the control API `/__admin` for tests in other languages off: its paths answer as any path that the live service does
    /// not have.
    pub fn without_admin(mut self) -> Self {
        self.admin = Admin::Off;
        self
    }

    /// Starts the tenant. It answers as soon as this returns.
    ///
    /// # Panics
    ///
    /// If the domain or a name for the certificate is not a host name, if an authority of client certificates is not a
    /// certificate, if the issuer is not a URL, if an id or secret of the management application is empty, if the port is in use,
    /// if the machine has no free port or thread, if the receiver of deliveries is not a URL, or if a seed or a state is refused.
    /// The message has a sentence for each problem of the seeds.
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
        if let Some(Err(error)) = self.delivery.as_ref().map(Delivery::check) {
            panic!("{error}");
        }
        let port = match Port::bind(self.port) {
            Ok(port) => port,
            Err(error) => panic!("a tenant could not start on 127.0.0.1:{}: {error}", self.port),
        };
        #[cfg(feature = "tls")]
        let https = self.over_tls.then(|| {
            let clients = self.over_mtls.then(|| ClientCertificates::signed_by(self.client_authorities.as_deref()));
            let clients = match clients.transpose() {
                Ok(clients) => clients,
                Err(error) => panic!("a tenant could not start over TLS: {error}"),
            };
            match HttpsPort::bind(&self.config.domain, &self.tls_names, clients) {
                Ok(port) => port,
                Err(error) => panic!("a tenant could not start over TLS: {error}"),
            }
        });
        self.config.ports.push(port.address.port());
        #[cfg(feature = "tls")]
        self.config.ports.extend(https.iter().map(|https| https.port.address.port()));
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
        // `Tenant::new` has kept the state of a new tenant already.
        if self.state.is_some() || !self.seeds.is_empty() {
            tenant.keep_as_initial();
        }
        let tenant = Arc::new(tenant);
        let verification = Arc::new(Verification::new(self.allows_unmodelled_operations));
        let noting = Arc::clone(&verification);
        tenant.observe(Box::new(move |entry| noting.note(entry)));
        let addresses = Addresses {
            ip: port.address.ip(),
            http: port.address.port(),
            #[cfg(feature = "tls")]
            https: https.as_ref().map(|https| https.port.address.port()),
            #[cfg(not(feature = "tls"))]
            https: None,
        };
        let mut tenants = Tenants::new(Arc::clone(&tenant), addresses);
        let mut courier = None;
        if let Some(delivery) = &self.delivery {
            // A test reads failures from the tenant.
            let on_failure: OnFailure = Arc::new(|_, _| {});
            tenants = tenants.delivering(delivery, &on_failure);
            courier = Some(Courier::of(&tenant, delivery, &on_failure));
        }
        let tenants = Arc::new(tenants);
        let app = AppState::new(Arc::clone(&tenants), self.admin);
        #[cfg(feature = "tls")]
        if let Some(https) = &https {
            app.speaks(&https.tls);
        }
        let server = port.serve(&app, |listener, app| async move {
            if let Some(courier) = courier {
                app.tasks.spawn(courier.run());
            }
            connections::serve(listener, app).await;
        });
        #[cfg(feature = "tls")]
        let https = https.map(|https| https.serve(&app));
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
