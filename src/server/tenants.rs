//! Several tenants behind one address, told apart by the name that a request came by.
//!
//! One is there from the start. It answers at the names of the local machine, and under every name that is nobody's. The
//! others are added and removed while the process runs, and have their own domains only: all tenants sign with the same
//! published keys, so that the issuer is what tells their tokens apart.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value, json};

use super::founding;
use crate::api::{ApiError, Config, Entry, Tenant};
use crate::domain::{BoundedText, LocalNames, Names};
use crate::seed::Seed;

/// How many can be added.
const MOST: usize = 1000;

/// Of so many removed ones the names are remembered, so that nobody takes the first tenant's answers for theirs.
const MOST_REMOVED: usize = 1000;

/// Where the process answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addresses {
    /// The port for plain HTTP.
    pub(crate) http: u16,
    /// The one for HTTPS.
    pub(crate) https: Option<u16>,
}

/// Called with the domain of an added tenant and each entry of its journal.
type Observer = Arc<dyn Fn(&str, &Entry) + Send + Sync>;

/// The tenants of one process.
pub(crate) struct Tenants {
    first: Arc<Tenant>,
    addresses: Addresses,
    added: RwLock<Added>,
    observer: Option<Observer>,
}

#[derive(Default)]
struct Added {
    /// By name in lower case, those that were removed included.
    names: BTreeMap<String, Found>,
    /// The names of those that were removed, in that order.
    removed: VecDeque<String>,
}

/// Who answers at a name.
#[derive(Clone)]
pub(crate) enum Found {
    /// This tenant.
    Tenant(Arc<Tenant>),
    /// Nobody any more.
    Removed,
}

impl Added {
    fn has(&self, name: &str) -> bool {
        matches!(self.names.get(name), Some(Found::Tenant(_)))
    }
}

impl Tenants {
    /// This tenant, and those that will be added.
    pub(crate) fn new(first: Arc<Tenant>, addresses: Addresses) -> Self {
        Tenants { first, addresses, added: RwLock::default(), observer: None }
    }

    /// Tells of each request to an added tenant.
    #[cfg(feature = "cli")]
    pub(crate) fn observed_by(mut self, observer: impl Fn(&str, &Entry) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// The tenant that answers a request with this `Host`.
    pub(super) fn at(&self, host: Option<&str>) -> Found {
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
        // Most often nobody was ever added.
        let host = host.filter(|_| !added.names.is_empty());
        let found = host.and_then(|host| added.names.get(&Names::name_of(host).to_ascii_lowercase()));
        found.cloned().unwrap_or_else(|| Found::Tenant(Arc::clone(&self.first)))
    }

    /// Whether a name is that of a tenant.
    pub(super) fn has_name(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case(Names::name_of(self.first.domain())) || self.has_added(&name.to_ascii_lowercase())
    }

    /// Whether a name, in lower case, is that of an added tenant.
    pub(super) fn has_added(&self, name: &str) -> bool {
        self.added.read().unwrap_or_else(PoisonError::into_inner).has(name)
    }

    /// All of them as they are shown, the first one in front, then by name.
    pub(super) fn shown(&self) -> Vec<Value> {
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
        let others = added.names.values().filter_map(|found| match found {
            Found::Tenant(tenant) => Some(tenant),
            Found::Removed => None,
        });
        std::iter::once(&self.first).chain(others).map(|tenant| self.show(tenant)).collect()
    }

    /// Adds the tenant that this describes, and shows it with the credentials of its management application.
    pub(super) fn add(&self, body: Value) -> Result<Value, ApiError> {
        let Draft { config, seed } = Draft::read(body, self.addresses)?;
        let name = config.domain.to_ascii_lowercase();
        if self.has_name(&name) {
            return Err(ApiError::tenant_exists(&name));
        }
        // Made and planted while nobody waits; only then it is decided whether there is a place.
        let tenant = Tenant::new(config);
        if let Some(seed) = seed {
            seed.plant(&tenant).map_err(ApiError::invalid_body_of)?;
        }
        tenant.keep_as_initial();
        if let Some(observer) = &self.observer {
            let (observer, domain) = (Arc::clone(observer), name.clone());
            tenant.observe(Box::new(move |entry| observer(&domain, entry)));
        }
        let mut shown = self.show(&tenant);
        let (client_id, client_secret) = tenant.management_client();
        shown["management"] = json!({
            "client_id": client_id, "client_secret": client_secret, "audience": tenant.management_audience(),
        });
        let mut added = self.added.write().unwrap_or_else(PoisonError::into_inner);
        if added.has(&name) {
            return Err(ApiError::tenant_exists(&name));
        }
        if added.names.len() - added.removed.len() >= MOST {
            return Err(ApiError::too_many_tenants(MOST));
        }
        added.removed.retain(|removed| *removed != name);
        added.names.insert(name, Found::Tenant(Arc::new(tenant)));
        Ok(shown)
    }

    /// Removes an added tenant. Requests that it is answering are answered.
    pub(super) fn remove(&self, domain: &str) -> Result<(), ApiError> {
        let name = domain.to_ascii_lowercase();
        if name.eq_ignore_ascii_case(Names::name_of(self.first.domain())) {
            return Err(ApiError::first_tenant_stays());
        }
        let removed = {
            let mut added = self.added.write().unwrap_or_else(PoisonError::into_inner);
            if !added.has(&name) {
                return Err(ApiError::no_such_tenant(domain));
            }
            let removed = added.names.insert(name.clone(), Found::Removed);
            added.removed.push_back(name);
            if added.removed.len() > MOST_REMOVED
                && let Some(oldest) = added.removed.pop_front()
            {
                added.names.remove(&oldest);
            }
            removed
        };
        drop(removed); // with nobody waiting for it
        Ok(())
    }

    fn show(&self, tenant: &Tenant) -> Value {
        let Addresses { http, https } = self.addresses;
        let name = Names::name_of(tenant.domain());
        let mut shown = json!({
            "domain": tenant.domain(),
            "base_url": format!("http://{name}:{http}"),
            "issuer": tenant.issuer_for(&format!("{name}:{http}")),
            "first": std::ptr::eq(tenant, Arc::as_ptr(&self.first)),
        });
        if let Some(https) = https {
            shown["https_base_url"] = format!("https://{name}:{https}").into();
        }
        shown
    }
}

/// A tenant that is to be added.
struct Draft {
    config: Config,
    seed: Option<Seed>,
}

impl Draft {
    fn read(body: Value, addresses: Addresses) -> Result<Draft, ApiError> {
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
        let random_seed = match members.remove("deterministic") {
            None => None,
            Some(number) => {
                Some(number.as_u64().ok_or_else(|| ApiError::invalid_body("deterministic is a whole number."))?)
            }
        };
        let seed = members.remove("seed").map(|seed| Seed::parse(&seed.to_string(), "seed"));
        let seed = seed.transpose().map_err(ApiError::invalid_body_of)?;
        if let Some(unknown) = members.keys().next() {
            let unknown: String = unknown.chars().take(40).collect();
            return Err(ApiError::invalid_body(format!("A tenant has no member {unknown:?}.")));
        }
        let config = Config {
            domain,
            ports: std::iter::once(addresses.http).chain(addresses.https).collect(),
            local_names: LocalNames::None,
            management_client_id,
            management_client_secret,
            rate_limits,
            random_seed,
            ..Config::default()
        };
        match founding::mistake(&config) {
            Some(mistake) => Err(ApiError::invalid_body_of(mistake)),
            None => Ok(Draft { config, seed }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenants() -> Tenants {
        let first = Tenant::new(Config { domain: "travel0.localhost:8080".to_owned(), ..Config::default() });
        Tenants::new(Arc::new(first), Addresses { http: 4000, https: None })
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
        tenants.add(json!({ "domain": "Granite.localhost" })).unwrap();
        for host in ["granite.localhost", "GRANITE.localhost:4000", "granite.localhost:1"] {
            assert_eq!(domain_at(&tenants, host).as_deref(), Some("granite.localhost"), "{host}");
        }
        for host in ["localhost:4000", "travel0.localhost", "granite.example", "granite.localhost.example", ""] {
            assert_eq!(domain_at(&tenants, host).as_deref(), Some("travel0.localhost:8080"), "{host}");
        }
    }

    #[test]
    fn a_removed_name_leads_nowhere_until_it_comes_again() {
        let tenants = tenants();
        let granite = || json!({ "domain": "granite.localhost" });
        tenants.add(granite()).unwrap();
        tenants.remove("GRANITE.localhost").unwrap();
        assert_eq!(domain_at(&tenants, "granite.localhost:4000"), None);
        assert_eq!(tenants.remove("granite.localhost").unwrap_err().status, 404);
        tenants.add(granite()).unwrap();
        assert!(domain_at(&tenants, "granite.localhost").is_some());
    }

    #[test]
    fn a_further_tenant_is_refused_when_there_are_many_and_names_are_forgotten_in_time() {
        let tenants = tenants();
        let named = |number: usize| format!("t{number}.localhost");
        for number in 0..MOST {
            tenants.add(json!({ "domain": named(number) })).unwrap();
        }
        assert_eq!(tenants.add(json!({ "domain": "one-more.localhost" })).unwrap_err().status, 409);
        for number in 0..MOST {
            tenants.remove(&named(number)).unwrap();
        }
        tenants.add(json!({ "domain": "one-more.localhost" })).unwrap();
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
