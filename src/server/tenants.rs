//! Several tenants at one address, selected by the host name of a request.
//!
//! The first tenant exists from the start. It answers at the names of the local machine, and at every name that belongs to no
//! other tenant. Further tenants are added and removed while the process runs. A further tenant has its domain, its verified
//! custom domains, and the names of the local machine if it has ports of its own. All tenants sign with the same published keys;
//! their tokens differ by the issuer.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::sync::OnceLock;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value, json};

use super::addresses::{Addresses, authority};
use super::delivery::{Courier, Delivery, OnFailure};
use super::own_ports::{Bound, OwnPorts};
#[cfg(feature = "tls")]
use super::tls::Tls;
use crate::api::faults::whole;
use crate::api::{ApiError, Config, JournalEntry, Tenant};
use crate::domain::{BoundedText, Entitlement, LocalNames, Names};
use crate::seed::Seed;

/// The most added tenants.
const MOST: usize = 1000;

/// The number of removed tenants whose names are kept: a request for one of them gets 404 instead of an answer of the first tenant.
const MOST_REMOVED: usize = 1000;

/// The most tenants with ports of their own, because each port is an open file.
const MOST_WITH_PORTS: usize = 100;

/// Called with the domain of an added tenant and each entry of its journal.
type Observer = Arc<dyn Fn(&str, &JournalEntry) + Send + Sync>;

/// The tenants of one process.
pub(crate) struct Tenants {
    first: Arc<Tenant>,
    addresses: Addresses,
    added: RwLock<Added>,
    observer: Option<Observer>,
    /// The delivery of added tenants, and the function that is called with each failure.
    delivery: Option<(Delivery, OnFailure)>,
    /// The TLS configuration of the process, if it has one.
    #[cfg(feature = "tls")]
    tls: OnceLock<Tls>,
}

#[derive(Default)]
struct Added {
    /// By name in lower case, including removed tenants.
    names: BTreeMap<String, Slot>,
    /// The names of removed tenants, in the order of removal.
    removed: VecDeque<String>,
}

/// The entry of a name.
enum Slot {
    Tenant(AddedTenant),
    Removed,
}

/// An added tenant, with its own ports if it has any.
struct AddedTenant {
    tenant: Arc<Tenant>,
    own: Option<OwnPorts>,
}

impl AddedTenant {
    fn addresses(&self) -> Option<Addresses> {
        self.own.as_ref().map(|own| own.addresses)
    }
}

/// The result of a look-up by name.
#[derive(Clone)]
pub(crate) enum Found {
    /// This tenant.
    Tenant(Arc<Tenant>),
    /// The tenant of this name was removed.
    Removed,
}

impl Added {
    fn has(&self, name: &str) -> bool {
        self.tenant(name).is_some()
    }

    fn tenant(&self, name: &str) -> Option<&AddedTenant> {
        match self.names.get(name) {
            Some(Slot::Tenant(tenant)) => Some(tenant),
            Some(Slot::Removed) | None => None,
        }
    }

    fn all(&self) -> impl Iterator<Item = &AddedTenant> {
        self.names.keys().filter_map(|name| self.tenant(name))
    }

    /// Adds a tenant under a name, unless the name is taken or there are too many tenants.
    fn enter(&mut self, name: String, tenant: Arc<Tenant>, own: Option<OwnPorts>) -> Result<(), ApiError> {
        if self.has(&name) {
            return Err(ApiError::tenant_exists(&name));
        }
        if self.names.len() - self.removed.len() >= MOST {
            return Err(ApiError::too_many_tenants(MOST));
        }
        self.removed.retain(|removed| *removed != name);
        self.names.insert(name, Slot::Tenant(AddedTenant { tenant, own }));
        Ok(())
    }

    /// Removes the tenant of a name. The name is remembered for a while, to answer 404.
    fn remove(&mut self, name: &str) -> Option<Slot> {
        if !self.has(name) {
            return None;
        }
        let removed = self.names.insert(name.to_owned(), Slot::Removed);
        self.removed.push_back(name.to_owned());
        if self.removed.len() > MOST_REMOVED
            && let Some(oldest) = self.removed.pop_front()
        {
            self.names.remove(&oldest);
        }
        removed
    }
}

impl Tenants {
    /// This tenant, and those that will be added.
    pub(crate) fn new(first: Arc<Tenant>, addresses: Addresses) -> Self {
        Tenants {
            first,
            addresses,
            added: RwLock::default(),
            observer: None,
            delivery: None,
            #[cfg(feature = "tls")]
            tls: OnceLock::new(),
        }
    }

    /// Sets the TLS configuration of the process, which further ports use.
    #[cfg(feature = "tls")]
    pub(super) fn speak_over(&self, tls: &Tls) {
        // A process has one server with TLS, which calls this once.
        let _ = self.tls.set(tls.clone());
    }

    /// Calls a function with each request to an added tenant.
    #[cfg(feature = "cli")]
    pub(crate) fn observed_by(mut self, observer: impl Fn(&str, &JournalEntry) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// The streams of tenants that are added deliver, too.
    pub(crate) fn delivering(self, delivery: &Delivery, on_failure: &OnFailure) -> Self {
        Tenants { delivery: Some((delivery.clone(), Arc::clone(on_failure))), ..self }
    }

    /// The tenant that answers a request with this `Host`.
    pub(super) fn at(&self, host: Option<&str>) -> Found {
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
        // Most processes add no tenant.
        let name = host.filter(|_| !added.names.is_empty()).map(|host| Names::name_of(host).to_ascii_lowercase());
        let first = || Found::Tenant(Arc::clone(&self.first));
        let Some(name) = name else { return first() };
        let of_alias = || self.named(&added, Names::without_mtls(&name)?);
        self.named(&added, &name).or_else(of_alias).unwrap_or_else(first)
    }

    /// The tenant with this name or verified custom domain, in lower case.
    fn named(&self, added: &Added, name: &str) -> Option<Found> {
        match added.names.get(name) {
            Some(Slot::Tenant(tenant)) => Some(Found::Tenant(Arc::clone(&tenant.tenant))),
            Some(Slot::Removed) => Some(Found::Removed),
            None => self.with_custom_domain(added, name).map(Found::Tenant),
        }
    }

    /// The tenant with this verified custom domain: the first tenant before the others, which are in the order of their names. An
    /// own name of the first tenant is no custom domain.
    fn with_custom_domain(&self, added: &Added, name: &str) -> Option<Arc<Tenant>> {
        if Names::is_local(name) || name.eq_ignore_ascii_case(Names::name_of(self.first.domain())) {
            return None;
        }
        let tenants = std::iter::once(&self.first).chain(added.all().map(|added| &added.tenant));
        tenants.into_iter().find(|tenant| tenant.has_custom_domain(name)).cloned()
    }

    /// Whether a name is that of a tenant.
    pub(super) fn has_name(&self, name: &str) -> bool {
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
        name.eq_ignore_ascii_case(Names::name_of(self.first.domain())) || added.has(&name.to_ascii_lowercase())
    }

    /// Whether the process makes a certificate for a name, in lower case: that of an added tenant, a verified custom domain of
    /// any tenant, or an endpoint alias of one of these.
    #[cfg(feature = "tls")]
    pub(super) fn needs_certificate(&self, name: &str) -> bool {
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
        let has = |name: &str| added.has(name) || self.with_custom_domain(&added, name).is_some();
        has(name) || Names::without_mtls(name).is_some_and(has)
    }

    /// The views of all tenants: the first tenant, then the others by name.
    pub(super) fn shown(&self) -> Vec<Value> {
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
        let others = added.all().map(|held| self.show(&held.tenant, held.addresses()));
        std::iter::once(self.show(&self.first, None)).chain(others).collect()
    }

    /// Adds a tenant by its description, and returns its view with the credentials of its management application. `serve` serves
    /// its own ports, if the description has some.
    pub(super) fn add(
        &self,
        body: Value,
        serve: impl FnOnce(Bound, &Arc<Tenant>) -> OwnPorts,
    ) -> Result<Value, ApiError> {
        let NewTenant { mut config, seed, port } = NewTenant::read(body)?;
        let name = config.domain.to_ascii_lowercase();
        if self.has_name(&name) {
            return Err(ApiError::tenant_exists(&name));
        }
        // The ports are bound first, because the names of the tenant contain them.
        let bound = port.map(|port| self.bind(port)).transpose()?;
        if let Some(Bound { addresses, .. }) = &bound {
            config.ports = std::iter::once(addresses.http).chain(addresses.https).collect();
            config.local_names = LocalNames::AtOwnPorts;
        }
        self.first.copy_action_limits(&mut config);
        // The tenant is made and gets its seed without the lock. Whether there is a place for it is decided afterwards.
        let tenant = Tenant::new(config);
        if let Some(seed) = seed {
            seed.plant(&tenant).map_err(ApiError::invalid_body_of)?;
        }
        tenant.keep_as_initial();
        if let Some(observer) = &self.observer {
            let (observer, domain) = (Arc::clone(observer), name.clone());
            tenant.observe(Box::new(move |entry| observer(&domain, entry)));
        }
        let mut shown = self.show(&tenant, bound.as_ref().map(|bound| bound.addresses));
        let (client_id, client_secret) = tenant.management_client();
        shown["management"] = json!({
            "client_id": client_id, "client_secret": client_secret, "audience": tenant.management_audience(),
        });
        let tenant = Arc::new(tenant);
        let mut added = self.added.write().unwrap_or_else(PoisonError::into_inner);
        let own = bound.map(|bound| serve(bound, &tenant));
        let courier = self.delivery.as_ref().map(|(delivery, on_failure)| Courier::of(&tenant, delivery, on_failure));
        added.enter(name, tenant, own)?;
        // The runtime is that of the request that adds the tenant.
        courier.map(|courier| tokio::spawn(courier.run()));
        Ok(shown)
    }

    /// Adds a tenant that something else made and serves at these addresses.
    pub(super) fn enter(&self, tenant: Arc<Tenant>, addresses: Addresses) -> Result<(), ApiError> {
        let name = Names::name_of(tenant.domain()).to_owned();
        if Names::is_local(&name) || self.has_name(&name) {
            return Err(ApiError::tenant_exists(&name));
        }
        let own = OwnPorts::served_elsewhere(addresses);
        self.added.write().unwrap_or_else(PoisonError::into_inner).enter(name, tenant, Some(own))
    }

    /// Removes a tenant that was entered, if it is still there.
    pub(super) fn leave(&self, tenant: &Arc<Tenant>) {
        let name = Names::name_of(tenant.domain());
        let mut added = self.added.write().unwrap_or_else(PoisonError::into_inner);
        if added.tenant(name).is_some_and(|held| Arc::ptr_eq(&held.tenant, tenant)) {
            let removed = added.remove(name);
            drop(added);
            drop(removed);
        }
    }

    /// Removes an added tenant and closes its own ports. Requests that it is answering are answered.
    pub(super) fn remove(&self, domain: &str) -> Result<(), ApiError> {
        let name = domain.to_ascii_lowercase();
        if name.eq_ignore_ascii_case(Names::name_of(self.first.domain())) {
            return Err(ApiError::first_tenant_stays());
        }
        let removed = self.added.write().unwrap_or_else(PoisonError::into_inner).remove(&name);
        // The tenant is dropped without the lock.
        removed.map(drop).ok_or_else(|| ApiError::no_such_tenant(domain))
    }

    fn bind(&self, port: u16) -> Result<Bound, ApiError> {
        let with_ports = {
            let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
            added.all().filter(|held| held.own.as_ref().is_some_and(OwnPorts::are_served)).count()
        };
        if with_ports >= MOST_WITH_PORTS {
            return Err(ApiError::too_many_tenants_with_ports(MOST_WITH_PORTS));
        }
        let bound = Bound::bind(
            self.addresses.ip,
            port,
            #[cfg(feature = "tls")]
            self.tls.get().cloned(),
        );
        bound.map_err(|error| ApiError::port_stays_closed(port, error.kind()))
    }

    /// A tenant as it is shown: at its own ports, or else by its name at those of the process.
    fn show(&self, tenant: &Tenant, own: Option<Addresses>) -> Value {
        let Addresses { ip, http, https } = own.unwrap_or(self.addresses);
        let name = Names::name_of(tenant.domain());
        let reached = |port: u16| match own {
            Some(_) => authority(SocketAddr::new(ip, port)),
            None => format!("{name}:{port}"),
        };
        let mut shown = json!({
            "domain": tenant.domain(),
            "base_url": format!("http://{}", reached(http)),
            "issuer": tenant.issuer_for(&reached(http)),
            "first": std::ptr::eq(tenant, Arc::as_ptr(&self.first)),
        });
        if own.is_some() {
            shown["port"] = http.into();
        }
        if let Some(https) = https {
            shown["https_base_url"] = format!("https://{}", reached(https)).into();
            shown["sdk_domain"] = reached(https).into();
        }
        shown
    }
}

/// A tenant to add.
struct NewTenant {
    config: Config,
    seed: Option<Seed>,
    /// The tenant's own port; 0 for any free one.
    port: Option<u16>,
}

impl NewTenant {
    fn read(body: Value) -> Result<NewTenant, ApiError> {
        let Value::Object(mut members) = body else { return Err(ApiError::invalid_body("A tenant is an object.")) };
        let mut text = |name: &str| match members.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::invalid_body(format!("{name} is a text."))),
        };
        let domain = text("domain")?.ok_or_else(|| ApiError::invalid_body("A tenant has a domain."))?;
        let (management_client_id, management_client_secret) =
            (text("management_client_id")?, text("management_client_secret")?);
        if domain.contains(':') || Names::is_local(&domain) {
            return Err(ApiError::invalid_body(format!(
                "The domain {:?} is to be a name of its own, without a port, as \"acme.localhost\".",
                BoundedText::<1024>::from(domain)
            )));
        }
        let rate_limits = match members.remove("rate_limits") {
            None => false,
            Some(Value::Bool(are_on)) => are_on,
            Some(_) => return Err(ApiError::invalid_body("rate_limits is true or false.")),
        };
        let without = match members.remove("without") {
            None => Vec::new(),
            Some(names) => entitlements(names)?,
        };
        let random_seed = match members.remove("deterministic") {
            None => None,
            Some(number) => {
                Some(whole(&number).ok_or_else(|| ApiError::invalid_body("deterministic is a whole number."))?)
            }
        };
        let port = members.remove("port").map(|port| {
            let port = whole(&port).and_then(|port| u16::try_from(port).ok());
            port.ok_or_else(|| ApiError::invalid_body("port is a whole number up to 65535; 0 is any free port."))
        });
        let port = port.transpose()?;
        let seed = members.remove("seed").map(|seed| Seed::parse(&seed.to_string(), "seed"));
        let seed = seed.transpose().map_err(ApiError::invalid_body_of)?;
        if let Some(unknown) = members.keys().next() {
            let unknown: String = unknown.chars().take(40).collect();
            return Err(ApiError::invalid_body(format!("A tenant has no member {unknown:?}.")));
        }
        let config = Config {
            domain,
            local_names: LocalNames::None,
            management_client_id,
            management_client_secret,
            rate_limits,
            random_seed,
            without,
            ..Config::default()
        };
        config.validate().map_err(|error| ApiError::invalid_body_of(error.to_string()))?;
        Ok(NewTenant { config, seed, port })
    }
}

/// Reads the names of features.
fn entitlements(names: Value) -> Result<Vec<Entitlement>, ApiError> {
    let Value::Array(names) = names else { return Err(ApiError::invalid_body("without is a list of features.")) };
    let of = |name: &Value| name.as_str().and_then(Entitlement::parse);
    names.iter().map(of).collect::<Option<_>>().ok_or_else(|| {
        let known = Entitlement::ALL.map(Entitlement::as_str).join(", ");
        ApiError::invalid_body(format!("without is a list of features: {known}."))
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use http::Method;

    use super::*;
    use crate::api::Pins;

    fn add(tenants: &Arc<Tenants>, body: Value) -> Result<Value, ApiError> {
        tenants.add(body, |bound, _| OwnPorts::served_elsewhere(bound.addresses))
    }

    fn tenants() -> Arc<Tenants> {
        let first = Tenant::new(Config { domain: "travel0.localhost:8080".to_owned(), ..Config::default() });
        Arc::new(Tenants::new(Arc::new(first), Addresses { ip: Ipv4Addr::LOCALHOST.into(), http: 4000, https: None }))
    }

    fn domain_at(tenants: &Tenants, host: &str) -> Option<String> {
        match tenants.at(Some(host)) {
            Found::Tenant(tenant) => Some(tenant.domain().to_owned()),
            Found::Removed => None,
        }
    }

    #[test]
    fn a_name_leads_to_its_tenant_and_any_other_to_the_first() {
        let tenants = tenants();
        add(&tenants, json!({ "domain": "Granite.localhost" })).unwrap();
        for host in ["granite.localhost", "GRANITE.localhost:4000", "granite.localhost:1"] {
            assert_eq!(domain_at(&tenants, host).as_deref(), Some("granite.localhost"), "{host}");
        }
        for host in ["localhost:4000", "travel0.localhost", "granite.example", "granite.localhost.example", ""] {
            assert_eq!(domain_at(&tenants, host).as_deref(), Some("travel0.localhost:8080"), "{host}");
        }
    }

    #[test]
    fn a_tenant_lacks_the_features_that_its_description_and_its_seed_name() {
        let tenants = tenants();
        let body = json!({
            "domain": "granite.localhost", "without": ["bot_detection"], "seed": { "x-m2mock": { "without": ["network_acls"] } },
        });
        add(&tenants, body).unwrap();
        let Found::Tenant(granite) = tenants.at(Some("granite.localhost")) else { panic!("it was added") };
        let status = |tenant: &Tenant, path: &str| {
            tenant.perform(Method::GET, path, Value::Null, Pins::default()).map_err(|error| error.status)
        };
        for path in ["/attack-protection/bot-detection", "/network-acls"] {
            assert_eq!(status(&granite, path), Err(403), "{path}");
            assert!(status(&tenants.first, path).is_ok(), "{path}");
        }
        let schemas: Value = serde_json::from_str(include_str!("admin/schemas.json")).unwrap();
        let documented = &schemas["NewTenant"]["properties"]["without"]["items"]["enum"];
        assert_eq!(*documented, json!(Entitlement::ALL.map(Entitlement::as_str)));
        for wrong in [json!("bot_detection"), json!(["bot"]), json!([1])] {
            let refused = add(&tenants, json!({ "domain": "acme.localhost", "without": wrong })).unwrap_err();
            assert!(refused.message.starts_with("without is a list of features"), "{}", refused.message);
        }
    }

    #[test]
    fn a_verified_custom_domain_leads_to_its_tenant() {
        let tenants = tenants();
        add(&tenants, json!({ "domain": "granite.localhost" })).unwrap();
        let Found::Tenant(granite) = tenants.at(Some("granite.localhost")) else { panic!("it was added") };
        let send = |method, path: &str, body| granite.perform(method, path, body, Pins::default()).unwrap();
        let body = json!({ "domain": "Login.granite.example", "type": "auth0_managed_certs" });
        let domain = send(Method::POST, "/custom-domains", body);
        let path = format!("/custom-domains/{}", domain["custom_domain_id"].as_str().unwrap());
        let at_domain = || domain_at(&tenants, "login.GRANITE.example:4000").unwrap();
        assert_eq!(at_domain(), "travel0.localhost:8080", "it is not verified");

        send(Method::POST, &format!("{path}/verify"), Value::Null);
        assert_eq!(at_domain(), "granite.localhost");
        for other in ["granite.example", "x.login.granite.example"] {
            assert_eq!(domain_at(&tenants, other).as_deref(), Some("travel0.localhost:8080"), "{other}");
        }
        // The names of tenants come first.
        add(&tenants, json!({ "domain": "login.granite.example" })).unwrap();
        assert_eq!(at_domain(), "login.granite.example");
        tenants.remove("login.granite.example").unwrap();
        assert_eq!(domain_at(&tenants, "login.granite.example"), None);

        send(Method::DELETE, &path, Value::Null);
        tenants.remove("granite.localhost").unwrap();
        assert_eq!(domain_at(&tenants, "other.granite.example").as_deref(), Some("travel0.localhost:8080"));
    }

    #[test]
    fn a_removed_name_leads_nowhere_until_it_comes_again() {
        let tenants = tenants();
        let granite = || json!({ "domain": "granite.localhost" });
        add(&tenants, granite()).unwrap();
        tenants.remove("GRANITE.localhost").unwrap();
        assert_eq!(domain_at(&tenants, "granite.localhost:4000"), None);
        assert_eq!(tenants.remove("granite.localhost").unwrap_err().status, 404);
        add(&tenants, granite()).unwrap();
        assert!(domain_at(&tenants, "granite.localhost").is_some());
    }

    #[test]
    fn a_further_tenant_is_refused_when_there_are_many_and_names_are_forgotten_in_time() {
        let tenants = tenants();
        let named = |number: usize| format!("t{number}.localhost");
        for number in 0..MOST {
            add(&tenants, json!({ "domain": named(number) })).unwrap();
        }
        assert_eq!(add(&tenants, json!({ "domain": "one-more.localhost" })).unwrap_err().status, 409);
        for number in 0..MOST {
            tenants.remove(&named(number)).unwrap();
        }
        add(&tenants, json!({ "domain": "one-more.localhost" })).unwrap();
        tenants.remove("one-more.localhost").unwrap();
        assert_eq!(domain_at(&tenants, &named(1)), None);
        assert_eq!(
            domain_at(&tenants, &named(0)).as_deref(),
            Some("travel0.localhost:8080"),
            "the oldest is forgotten"
        );
        let added = tenants.added.read().unwrap();
        assert_eq!((added.names.len(), added.removed.len()), (MOST_REMOVED, MOST_REMOVED));
    }
}
