//! The model: a slow and obvious implementation of the reference.
//!
//! Plain structs in vectors, searched from the front; one function for each rule or row of a table, with the rule's id. It
//! is written from the reference and ASSUMPTIONS.md alone and shares no code with the crate: where both agree, two
//! readings of the rules agree.
//!
//! Left out: assertions of clients (T2), the forms of a wrong DPoP proof, Actions (T12), the log (R105 to R109, RLP4), the limits of the
//! tenant (T11, RLP5) and the query of R110.

mod answer;
mod grants;
mod management;
mod quota;
mod rate_limit_policy;
mod token;

pub use answer::{Headers, Managed, Reason, Refusal, TokenAnswer};
pub use quota::Quota;
pub use rate_limit_policy::{Limit, Policy};

use quota::Counted;
use rate_limit_policy::CountedRequest;

/// The tenant's domain.
pub const DOMAIN: &str = "travel0.localhost";
/// The identifier of the Management API.
pub const MANAGEMENT: &str = "https://travel0.localhost/api/v2/";
/// The scopes of the Management API that the sequences use.
pub const MANAGEMENT_SCOPES: [&str; 2] = ["read:organizations", "read:clients"];
/// The only grant type here.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";

/// A tenant as the rules see it.
pub struct Model {
    /// Whether the plan has machine-to-machine access for organizations (R9, R10).
    pub plan_has_organizations: bool,
    /// The moment, in seconds since 1970.
    pub now: u64,
    pub settings: Settings,
    pub apis: Vec<Api>,
    pub agents: Vec<Agent>,
    pub clients: Vec<Client>,
    pub organizations: Vec<Organization>,
    pub grants: Vec<Grant>,
    pub associations: Vec<Association>,
    /// Every token that counts for a quota.
    counted: Vec<Counted>,
    pub policies: Vec<Policy>,
    /// Every request that counts for a policy.
    counted_requests: Vec<CountedRequest>,
    /// Every proof that was used: its id, and the last second in which it is valid.
    used_proofs: Vec<(&'static str, u64)>,
}

#[derive(Clone, Default)]
pub struct Settings {
    /// R27.
    pub names_accepted: bool,
    pub default_audience: String,
    /// AUD1: `resource_parameter_profile` is `compatibility`.
    pub reads_resource: bool,
    /// R97.
    pub client_quota: Option<Quota>,
    pub organization_quota: Option<Quota>,
}

#[derive(Clone, Debug)]
pub struct Api {
    pub id: String,
    pub identifier: String,
    pub scopes: Vec<String>,
    pub signing_alg: &'static str,
    pub lifetime: u64,
    pub dialect: &'static str,
    pub enforce_policies: bool,
    /// R73.
    pub deny_all: bool,
    pub possession: Option<Possession>,
    /// R114.
    pub agent_claims: bool,
    pub is_system: bool,
}

/// How an API binds its tokens, with the words of the Management API.
#[derive(Clone, Copy, Debug)]
pub struct Possession {
    pub mechanism: &'static str,
    pub required: bool,
    pub required_for: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Agent {
    pub id: String,
    pub external_id: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Client {
    pub id: String,
    pub secret: String,
    /// Secrets that a rotation has replaced, the newest last.
    pub old_secrets: Vec<String>,
    /// `None`: not set.
    pub method: Option<&'static str>,
    pub grant_types: Vec<String>,
    pub party: Party,
    pub default_organization: Option<DefaultOrganization>,
    pub quota: Option<Quota>,
    /// R8: for people who log in; nothing here asks for it.
    pub organization_usage: Option<Usage>,
    /// `require_proof_of_possession`.
    pub requires_possession: bool,
    /// R113: the id of its agent.
    pub agent: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    First,
    /// A third party that the rules of section G leave alone.
    Permissive,
    Strict,
}

#[derive(Clone, Debug)]
pub struct DefaultOrganization {
    pub id: String,
    /// Whether `flows` names client credentials (R49).
    pub applies: bool,
}

#[derive(Clone, Debug)]
pub struct Organization {
    pub id: String,
    pub name: String,
    pub display_name: String,
    pub quota: Option<Quota>,
}

#[derive(Clone, Debug)]
pub struct Grant {
    pub id: String,
    pub holder: Holder,
    pub audience: String,
    pub scope: Vec<String>,
    pub all_scopes: Option<bool>,
    pub usage: Option<Usage>,
    pub any_organization: Option<bool>,
    /// R60, R126.
    pub subject_type: &'static str,
}

/// Whose a grant is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    Client(String),
    /// R79.
    ThirdPartyClients,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    Deny,
    Allow,
    Require,
}

impl Usage {
    pub fn word(self) -> &'static str {
        match self {
            Usage::Deny => "deny",
            Usage::Allow => "allow",
            Usage::Require => "require",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Association {
    pub organization: String,
    pub grant: String,
}

impl Model {
    /// What every tenant has: the Management API.
    pub fn new(plan_has_organizations: bool, now: u64) -> Self {
        let management = Api {
            id: String::new(),
            identifier: MANAGEMENT.to_owned(),
            scopes: MANAGEMENT_SCOPES.map(str::to_owned).to_vec(),
            signing_alg: "RS256",
            lifetime: 86_400,
            dialect: "access_token",
            enforce_policies: false,
            deny_all: false,
            possession: None,
            agent_claims: false,
            is_system: true,
        };
        Model {
            plan_has_organizations,
            now,
            settings: Settings::default(),
            apis: vec![management],
            agents: Vec::new(),
            clients: Vec::new(),
            organizations: Vec::new(),
            grants: Vec::new(),
            associations: Vec::new(),
            counted: Vec::new(),
            policies: Vec::new(),
            counted_requests: Vec::new(),
            used_proofs: Vec::new(),
        }
    }

    pub fn api(&self, identifier: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.identifier == identifier)
    }

    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    pub fn agent(&self, id: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == id)
    }

    pub fn organization(&self, id: &str) -> Option<&Organization> {
        self.organizations.iter().find(|organization| organization.id == id)
    }

    pub fn grant(&self, id: &str) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.id == id)
    }

    fn is_associated(&self, organization: &str, grant: &str) -> bool {
        self.associations.iter().any(|pair| pair.organization == organization && pair.grant == grant)
    }
}
