//! Random tenants and random steps: interprets a tape of bytes, given the model so far.

use std::time::Duration;

use super::asking::token_request;
use super::choices::Choices;
use super::model::{
    Agent, Api, CLIENT_CREDENTIALS, Client, DefaultOrganization, Grant, Holder, Limit, MANAGEMENT, Model, Organization,
    Party, Policy, Possession, Quota, Usage,
};
use super::step::{
    ApiChange, Change, ClientChange, GrantChange, GrantFault, OrganizationChange, Read, SettingsChange, Step,
};

/// Bytes of one step.
pub const LENGTH: usize = 16;

/// What kind of tenant it is, and what happens to it often.
pub struct Flavour {
    pub plan_has_organizations: bool,
    /// Of a hundred clients, how many are third parties.
    pub third_parties: usize,
    /// Of a hundred clients, organizations and tenants, how many have a quota.
    pub quotas: usize,
    /// Of a hundred tenants, how many take organization names.
    pub names: usize,
    pub kinds: &'static [(usize, Kind)],
}

/// A kind of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What a step shrinks to.
    Nothing,
    Ask,
    Wait,
    UseToken,
    Read,
    CreateApi,
    ChangeApi,
    CreateClient,
    ChangeClient,
    ChangeAgents,
    CreateOrganization,
    ChangeOrganization,
    CreateGrant,
    ChangeGrant,
    Associate,
    Dissociate,
    Settings,
    CreatePolicy,
    ChangePolicy,
}

const APIS: [(&str, &str); 3] = [
    ("aaaaaaaaaaaaaaaaaaaaaaa1", "https://travel0.example/api"),
    ("aaaaaaaaaaaaaaaaaaaaaaa2", "https://booking.example/"),
    ("aaaaaaaaaaaaaaaaaaaaaaa3", "urn:fleet"),
];
pub const CLIENTS: [&str; 4] = [
    "PartnerBot0000000000000000000000",
    "ReportBot00000000000000000000000",
    "tpc_AgencyBot0000000000000",
    "tpc_CharterBot000000000000",
];
/// Ids.
const AGENTS: [&str; 2] = ["agt_Agent23456789ABCDEFGHJ", "agt_Robot23456789ABCDEFGHJ"];
/// The external id of an agent may look like the id of another or like that of a client.
const EXTERNAL_IDS: [&str; 4] = ["planner", AGENTS[1], CLIENTS[1], "planner@clients"];
/// Ids.
pub const ORGANIZATIONS: [&str; 3] = ["org_GraniteTours0001", "org_HarbourTravel001", "org_NorthernLines001"];
/// The last one has the form of an id.
pub const NAMES: [&str; 4] = ["granite-tours", "harbour-travel", "northern-lines", "org_northernlines001"];
const DISPLAY_NAMES: [&str; 3] = ["Granite Tours", "harbour", "northern-lines-shown"];
pub const SCOPES: [&str; 4] = ["read:trips", "write:trips", "read:rates", "pay:invoices"];
const SCOPES_FOR_MANAGEMENT: [&str; 3] = ["read:organizations", "read:clients", "fly:planes"];
const DIALECTS: [&str; 4] = ["access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"];
/// What an API may say about proof of possession.
const POSSESSION: [Possession; 7] = [
    Possession { mechanism: "dpop", required: true, required_for: None },
    Possession { mechanism: "dpop", required: false, required_for: None },
    Possession { mechanism: "dpop", required: true, required_for: Some("public_clients") },
    Possession { mechanism: "dpop", required: true, required_for: Some("all_clients") },
    Possession { mechanism: "dpop", required: false, required_for: Some("all_clients") },
    Possession { mechanism: "mtls", required: true, required_for: None },
    Possession { mechanism: "mtls", required: false, required_for: None },
];
/// The id and the selector of each rate limit policy.
const POLICIES: [(&str, &str); 7] = [
    ("rlp_1aaaaaaaaaaaaaaaaaaaa", "client_id:PartnerBot0000000000000000000000"),
    ("rlp_2aaaaaaaaaaaaaaaaaaaa", "default"),
    ("rlp_3aaaaaaaaaaaaaaaaaaaa", "third_party_clients"),
    ("rlp_4aaaaaaaaaaaaaaaaaaaa", "client_id:tpc_AgencyBot0000000000000"),
    ("rlp_5aaaaaaaaaaaaaaaaaaaa", "cimd_clients"),
    ("rlp_6aaaaaaaaaaaaaaaaaaaa", "client_id:ReportBot00000000000000000000000"),
    ("rlp_7aaaaaaaaaaaaaaaaaaaa", "client_id:NoBot000000000000000000000000000"),
];
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// Reads steps off tapes.
pub struct Sequence {
    flavour: &'static Flavour,
    grants_made: usize,
    /// Tokens given so far, for [`Step::UseToken`].
    pub tokens_given: usize,
}

impl Sequence {
    pub fn new(flavour: &'static Flavour) -> Self {
        Sequence { flavour, grants_made: 0, tokens_given: 0 }
    }

    /// The step that a tape means by its first byte, if it means any.
    pub fn step(&mut self, tape: &[u8], model: &Model) -> Option<Step> {
        let mut choices = Choices::from(tape);
        let kind = choices.weighted(self.flavour.kinds);
        (kind != Kind::Nothing).then(|| self.step_of(kind, &mut choices, model))
    }

    /// A step of this kind. A step whose entity already exists requests a token instead.
    pub fn step_of(&mut self, kind: Kind, choices: &mut Choices<'_>, model: &Model) -> Step {
        let change = match kind {
            Kind::Nothing | Kind::Ask => None,
            Kind::Wait => return Step::Wait(wait(choices, model)),
            Kind::UseToken if self.tokens_given == 0 => None,
            Kind::UseToken => {
                let number = self.tokens_given - 1 - choices.below(self.tokens_given);
                return Step::UseToken { number, organization: choices.one_of(&ORGANIZATIONS).to_owned() };
            }
            Kind::Read => return Step::Read(self.read(choices)),
            Kind::CreateApi => self.new_api(choices, model),
            Kind::ChangeApi => Some(change_of_api(choices)),
            Kind::CreateClient => self.new_client(choices, model),
            Kind::ChangeClient => Some(self.change_of_client(choices, model)),
            Kind::ChangeAgents => Some(change_of_agents(choices, model)),
            Kind::CreateOrganization => self.new_organization(choices, model),
            Kind::ChangeOrganization => Some(self.change_of_organization(choices, model)),
            Kind::CreateGrant => Some(self.new_grant(choices, model)),
            Kind::ChangeGrant => Some(self.change_of_grant(choices, model)),
            Kind::Associate => Some(Change::Associate {
                organization: an_organization(choices, model),
                grant: self.a_grant_id(choices, model),
            }),
            Kind::Dissociate => Some(match choices.any_of(&model.associations).filter(|_| !choices.chance(20)) {
                Some(pair) => Change::Dissociate { organization: pair.organization.clone(), grant: pair.grant.clone() },
                None => Change::Dissociate {
                    organization: an_organization(choices, model),
                    grant: self.a_grant_id(choices, model),
                },
            }),
            Kind::Settings => Some(Change::PatchSettings(self.settings(choices))),
            Kind::CreatePolicy => Some(new_policy(choices)),
            Kind::ChangePolicy => Some(change_of_policy(choices)),
        };
        change.map_or_else(|| Step::Ask(token_request(choices, model)), Step::Change)
    }

    fn new_api(&self, choices: &mut Choices<'_>, model: &Model) -> Option<Change> {
        let free: Vec<_> = APIS.iter().filter(|(_, identifier)| model.api(identifier).is_none()).collect();
        // Sometimes an existing entity (409), with another id.
        let (id, identifier) = match choices.any_of(&free) {
            Some((id, identifier)) => (*id, *identifier),
            None if choices.chance(20) => ("aaaaaaaaaaaaaaaaaaaaaaa9", APIS[0].1),
            None => return None,
        };
        Some(Change::CreateApi(Api {
            id: id.to_owned(),
            identifier: identifier.to_owned(),
            // A sequence spends most of its time on RSA.
            signing_alg: choices.weighted(&[(84, "HS256"), (10, "RS256"), (3, "PS256"), (3, "RS512")]),
            dialect: choices.one_of(&DIALECTS),
            enforce_policies: choices.chance(50),
            scopes: choices.some_of(&SCOPES),
            lifetime: choices.one_of(&[DAY, 60, HOUR, 0, 30 * DAY]),
            deny_all: choices.chance(8),
            possession: choices.chance(35).then(|| choices.one_of(&POSSESSION)),
            agent_claims: choices.chance(40),
            is_system: false,
        }))
    }

    fn new_client(&self, choices: &mut Choices<'_>, model: &Model) -> Option<Change> {
        let free: Vec<_> = CLIENTS.iter().filter(|id| model.client(id).is_none()).collect();
        let id = **choices.any_of(&free)?;
        let is_third = choices.chance(self.flavour.third_parties);
        let party = match is_third {
            false => Party::First,
            true => choices.weighted(&[(4, Party::Strict), (1, Party::Permissive)]),
        };
        let machine = vec![CLIENT_CREDENTIALS.to_owned()];
        let web = vec!["authorization_code".to_owned()];
        let (method, grant_types) = choices.weighted(&[
            (60, (Some("client_secret_post"), machine.clone())),
            (15, (None, machine.clone())),
            (15, (Some("client_secret_basic"), machine.clone())),
            (4, (Some("client_secret_post"), web.clone())),
            (4, (Some("none"), web)),
            (2, (Some("none"), machine)),
        ]);
        Some(Change::CreateClient(Client {
            id: id.to_owned(),
            secret: format!("secret-of-{id}"),
            old_secrets: Vec::new(),
            method,
            grant_types,
            party,
            default_organization: choices.chance(30).then(|| default_organization(choices)),
            quota: choices.chance(self.flavour.quotas).then(|| quota(choices)),
            organization_usage: choices.chance(10).then(|| usage(choices)),
            requires_possession: choices.chance(8),
            agent: choices.any_of(&model.agents).filter(|_| choices.chance(50)).map(|agent| agent.id.clone()),
        }))
    }

    fn new_organization(&self, choices: &mut Choices<'_>, model: &Model) -> Option<Change> {
        let free: Vec<_> = ORGANIZATIONS.iter().filter(|id| model.organization(id).is_none()).collect();
        let id = **choices.any_of(&free)?;
        let usual = ORGANIZATIONS.iter().position(|other| *other == id).unwrap_or(0);
        Some(Change::CreateOrganization(Organization {
            id: id.to_owned(),
            name: if choices.chance(15) { choices.one_of(&NAMES) } else { NAMES[usual] }.to_owned(),
            display_name: choices.one_of(&DISPLAY_NAMES).to_owned(),
            quota: choices.chance(self.flavour.quotas).then(|| quota(choices)),
        }))
    }

    fn new_grant(&mut self, choices: &mut Choices<'_>, model: &Model) -> Change {
        let known: Vec<String> = model.clients.iter().map(|client| client.id.clone()).collect();
        let client = choices.any_of(&known).filter(|_| !choices.chance(3)).cloned();
        let audience = an_audience(choices, model);
        let third = self.flavour.third_parties > 0 && choices.chance(20);
        let mentions_organizations = self.flavour.plan_has_organizations || choices.chance(10);
        let (allow, require) = (Some(Usage::Allow), Some(Usage::Require));
        let usages = [allow, require, None, allow, require, allow, require, Some(Usage::Deny)];
        let pool: &[&str] = if audience == MANAGEMENT { &SCOPES_FOR_MANAGEMENT } else { &SCOPES };
        let fault = choices.weighted(&[
            (94, GrantFault::None),
            (2, GrantFault::UsageRequired),
            (1, GrantFault::UsageNull),
            (1, GrantFault::BothHolders),
            (1, GrantFault::NoHolder),
        ]);
        self.grants_made += 1;
        Change::CreateGrant(
            Grant {
                id: grant_id(self.grants_made),
                holder: match client {
                    _ if third => Holder::ThirdPartyClients,
                    Some(id) => Holder::Client(id),
                    None => Holder::Client("NoBot000000000000000000000000000".to_owned()),
                },
                usage: choices.one_of(&usages).filter(|_| mentions_organizations),
                any_organization: choices
                    .one_of(&[None, None, Some(true), Some(false), Some(true)])
                    .filter(|_| mentions_organizations),
                scope: choices.some_of(pool),
                all_scopes: choices.weighted(&[(80, None), (15, Some(true)), (5, Some(false))]),
                subject_type: choices.weighted(&[(88, "client"), (6, "user"), (6, "anonymous_user")]),
                audience,
            },
            fault,
        )
    }

    fn change_of_grant(&self, choices: &mut Choices<'_>, model: &Model) -> Change {
        let id = self.a_grant_id(choices, model);
        if choices.chance(25) {
            return Change::DeleteGrant { id };
        }
        let mut change = GrantChange::default();
        match choices.below(10) {
            0..=2 => change.usage = Some(Some(usage(choices))),
            3 => change.usage = Some(None),
            4 => change.any_organization = Some(choices.one_of(&[Some(true), Some(false), None])),
            5 | 6 => change.scope = Some(choices.some_of(&SCOPES)),
            7 => change.all_scopes = Some(!choices.chance(40)),
            8 => {
                change.usage = Some(Some(usage(choices)));
                change.any_organization = Some(choices.one_of(&[Some(true), Some(false), None]));
                change.scope = Some(choices.some_of(&SCOPES_FOR_MANAGEMENT));
            }
            _ => {
                change.immutable = choices.one_of(&[
                    None,
                    Some(("client_id", CLIENTS[0])),
                    Some(("audience", APIS[0].1)),
                    Some(("subject_type", "user")),
                    Some(("default_for", "third_party_clients")),
                ]);
            }
        }
        Change::PatchGrant { id, change }
    }

    /// Usually the id of an existing entity, else of a deleted or unknown one, or an invalid id.
    fn a_grant_id(&self, choices: &mut Choices<'_>, model: &Model) -> String {
        if let Some(grant) = choices.any_of(&model.grants)
            && !choices.chance(8)
        {
            return grant.id.clone();
        }
        grant_id(choices.below(self.grants_made + 2))
    }

    fn change_of_client(&self, choices: &mut Choices<'_>, model: &Model) -> Change {
        let id = match choices.any_of(&model.clients) {
            Some(client) if !choices.chance(10) => client.id.clone(),
            _ => choices.one_of(&CLIENTS).to_owned(),
        };
        let change = match choices.below(25) {
            _ if choices.chance(self.flavour.quotas * 3 / 4) => ClientChange::Quota(quota_or_none(choices)),
            0..=3 => ClientChange::DefaultOrganization(Some(default_organization(choices))),
            4 => ClientChange::DefaultOrganization(None),
            5 => ClientChange::HalfADefaultOrganization(ORGANIZATIONS[0].to_owned()),
            6..=8 => ClientChange::Quota(quota_or_none(choices)),
            9 | 10 => return Change::RotateSecret { client: id },
            11 | 12 => return Change::DeleteClient { id },
            13 => ClientChange::GrantTypes(vec![CLIENT_CREDENTIALS.to_owned()]),
            14 => ClientChange::GrantTypes(vec!["authorization_code".to_owned()]),
            15 => ClientChange::Method(choices.one_of(&["client_secret_post", "client_secret_basic", "none"])),
            16 => ClientChange::OrganizationUsage(choices.chance(70).then(|| usage(choices))),
            17 | 18 => ClientChange::BecomeStrict,
            20 | 21 => ClientChange::RequirePossession(choices.chance(50)),
            22.. => ClientChange::Agent(choices.chance(70).then(|| an_agent(choices, model))),
            _ => ClientChange::BecomeFirstParty,
        };
        Change::PatchClient { id, change }
    }

    fn change_of_organization(&self, choices: &mut Choices<'_>, model: &Model) -> Change {
        let id = an_organization(choices, model);
        let change = match choices.below(10) {
            _ if choices.chance(self.flavour.quotas * 3 / 4) => OrganizationChange::Quota(quota_or_none(choices)),
            0..=3 => return Change::DeleteOrganization { id },
            4 | 5 => OrganizationChange::Name(choices.one_of(&NAMES).to_owned()),
            6 => OrganizationChange::DisplayName(choices.one_of(&DISPLAY_NAMES).to_owned()),
            _ => OrganizationChange::Quota(quota_or_none(choices)),
        };
        Change::PatchOrganization { id, change }
    }

    pub fn settings(&self, choices: &mut Choices<'_>) -> SettingsChange {
        let with_quotas = if self.flavour.quotas > 20 { 5 } else { 1 };
        match choices.weighted(&[(4, 0), (3, 1), (with_quotas, 2), (1, 3), (4, 4)]) {
            0 => SettingsChange::NamesAccepted(match choices.chance(self.flavour.names) {
                true => Some(true),
                false => choices.one_of(&[Some(false), None]),
            }),
            1 => SettingsChange::DefaultAudience(choices.one_of(&[APIS[0].1, APIS[1].1, "", MANAGEMENT]).to_owned()),
            2 => SettingsChange::DefaultQuotas {
                clients: choices.chance(75).then(|| quota(choices)),
                organizations: choices.chance(75).then(|| quota(choices)),
            },
            3 => SettingsChange::NoDefaultQuotas,
            _ => SettingsChange::ReadsResource(choices.chance(70)),
        }
    }

    fn read(&self, choices: &mut Choices<'_>) -> Read {
        let organization = choices.one_of(&ORGANIZATIONS).to_owned();
        let grant = grant_id(1 + choices.below(self.grants_made + 1));
        match choices.below(5) {
            0 => Read::Grants,
            1 => Read::Grant(grant),
            2 => Read::GrantsOf(organization),
            3 => Read::OrganizationsOf(grant),
            _ => Read::DefaultOrganizationOf(choices.one_of(&CLIENTS).to_owned()),
        }
    }
}

/// The grants and associations, for a last look at a tenant.
pub fn everything(model: &Model) -> Vec<Read> {
    let of_organizations = ORGANIZATIONS.iter().map(|id| Read::GrantsOf((*id).to_owned()));
    let of_grants = model.grants.iter().map(|grant| Read::OrganizationsOf(grant.id.clone()));
    std::iter::once(Read::Grants).chain(of_organizations).chain(of_grants).collect()
}

fn grant_id(number: usize) -> String {
    if number == 0 { "cgr_short".to_owned() } else { format!("cgr_Grant{number:011}") }
}

fn an_organization(choices: &mut Choices<'_>, model: &Model) -> String {
    match choices.any_of(&model.organizations) {
        Some(organization) if !choices.chance(10) => organization.id.clone(),
        _ => choices.one_of(&ORGANIZATIONS).to_owned(),
    }
}

pub fn an_audience(choices: &mut Choices<'_>, model: &Model) -> String {
    let apis: Vec<&Api> = model.apis.iter().skip(1).collect();
    match choices.any_of(&apis) {
        Some(api) if !choices.chance(15) => api.identifier.clone(),
        _ => choices.weighted(&[(5, MANAGEMENT), (1, APIS[2].1)]).to_owned(),
    }
}

/// Usually the id of an existing agent.
fn an_agent(choices: &mut Choices<'_>, model: &Model) -> String {
    match choices.any_of(&model.agents) {
        Some(agent) if !choices.chance(5) => agent.id.clone(),
        _ => choices.one_of(&AGENTS).to_owned(),
    }
}

fn change_of_agents(choices: &mut Choices<'_>, model: &Model) -> Change {
    let free: Vec<_> = AGENTS.iter().filter(|id| model.agent(id).is_none()).collect();
    let Some(id) = choices.any_of(&free).filter(|_| !choices.chance(25)) else {
        return Change::DeleteAgent { id: choices.one_of(&AGENTS).to_owned() };
    };
    let client = choices.chance(60).then(|| choices.any_of(&model.clients)).flatten();
    let client = client.map_or_else(|| CLIENTS[3].to_owned(), |client| client.id.clone());
    Change::CreateAgent {
        agent: Agent {
            id: (*id).to_string(),
            external_id: choices.chance(60).then(|| choices.one_of(&EXTERNAL_IDS).to_owned()),
        },
        client: choices.chance(70).then_some(client),
    }
}

fn usage(choices: &mut Choices<'_>) -> Usage {
    choices.one_of(&[Usage::Allow, Usage::Require, Usage::Deny])
}

fn default_organization(choices: &mut Choices<'_>) -> DefaultOrganization {
    DefaultOrganization { id: choices.one_of(&ORGANIZATIONS).to_owned(), applies: !choices.chance(8) }
}

/// Small, so that sequences reach the end of it.
fn quota(choices: &mut Choices<'_>) -> Quota {
    let per_hour = choices.one_of(&[Some(1), Some(2), None, Some(4)]);
    let per_day = choices.one_of(&[None, Some(2), Some(3), Some(6)]);
    let enforce = choices.weighted(&[(6, None), (2, Some(false)), (2, Some(true))]);
    // A quota says at least one thing.
    let enforce = if per_hour.is_none() && per_day.is_none() { Some(enforce.unwrap_or(true)) } else { enforce };
    Quota { per_hour, per_day, enforce }
}

fn quota_or_none(choices: &mut Choices<'_>) -> Option<Quota> {
    (!choices.chance(40)).then(|| quota(choices))
}

/// Little by little, or to the second before an hour or a day is over, or to its end.
fn wait(choices: &mut Choices<'_>, model: &Model) -> Duration {
    let to_hour = HOUR - model.now % HOUR;
    let to_day = DAY - model.now % DAY;
    Duration::from_secs(choices.one_of(&[1, to_hour, to_day, to_hour - 1, to_day - 1, 59, HOUR, DAY, 7_777, 3 * DAY]))
}

/// Sometimes one that exists (409).
fn new_policy(choices: &mut Choices<'_>) -> Change {
    let (id, selector) = choices.one_of(&POLICIES);
    Change::CreatePolicy(Policy { id: id.to_owned(), selector: selector.to_owned(), limit: limit(choices) })
}

fn change_of_policy(choices: &mut Choices<'_>) -> Change {
    let id = choices.one_of(&POLICIES).0.to_owned();
    if choices.chance(30) { Change::DeletePolicy { id } } else { Change::PatchPolicy { id, limit: limit(choices) } }
}

/// Small, so that sequences reach it.
fn limit(choices: &mut Choices<'_>) -> Limit {
    let action = choices.weighted(&[(5, "block"), (2, "log"), (1, "redirect"), (2, "allow")]);
    Limit { action, requests: choices.weighted(&[(4, 2), (4, 1), (4, 3), (1, 0), (2, 10_000)]) }
}

fn change_of_api(choices: &mut Choices<'_>) -> Change {
    let (id, identifier) = choices.one_of(&APIS);
    let change = match choices.below(16) {
        15 => ApiChange::AgentClaims,
        12..=14 => ApiChange::Possession(choices.chance(75).then(|| choices.one_of(&POSSESSION))),
        0..=2 => ApiChange::Scopes(choices.some_of(&SCOPES)),
        3 | 4 => ApiChange::DenyAll(!choices.chance(70)),
        5 | 6 => ApiChange::Lifetime(choices.one_of(&[60, HOUR, 30 * DAY])),
        7 | 8 => ApiChange::Permissions { dialect: choices.one_of(&DIALECTS), enforce_policies: choices.chance(50) },
        9 => return Change::DeleteApi { identifier: MANAGEMENT.to_owned() },
        _ => return Change::DeleteApi { identifier: identifier.to_owned() },
    };
    Change::PatchApi { id: id.to_owned(), change }
}
