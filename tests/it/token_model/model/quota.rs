//! Token quotas (section I): a list of every token that counts, gone through from the front.

use super::answer::Headers;
use super::{Client, Model, Organization, Refusal};

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// R96.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub per_hour: Option<u64>,
    pub per_day: Option<u64>,
    /// `None`: not sent, which counts as true.
    pub enforce: Option<bool>,
}

impl Quota {
    fn is_enforced(self) -> bool {
        self.enforce.unwrap_or(true)
    }

    /// As a change of the old one.
    pub fn over(self, old: Option<Quota>) -> Quota {
        let Some(old) = old else { return self };
        Quota {
            per_hour: self.per_hour.or(old.per_hour),
            per_day: self.per_day.or(old.per_day),
            enforce: self.enforce.or(old.enforce),
        }
    }

    /// Name, limit and length in seconds of each window.
    fn windows(self) -> Vec<(&'static str, u64, u64)> {
        let hour = self.per_hour.map(|limit| ("per_hour", limit, HOUR));
        let day = self.per_day.map(|limit| ("per_day", limit, DAY));
        hour.into_iter().chain(day).collect()
    }
}

/// Who uses a token up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    Client(String),
    Organization(String),
}

impl Owner {
    fn header(&self) -> &'static str {
        match self {
            Owner::Client(_) => "auth0-client-quota-limit",
            Owner::Organization(_) => "auth0-organization-quota-limit",
        }
    }

    /// R100.
    fn sentence(&self) -> &'static str {
        match self {
            Owner::Client(_) => "Client quota exceeded",
            Owner::Organization(_) => "Organization quota exceeded",
        }
    }
}

/// One token given to an owner.
pub struct Counted {
    owner: Owner,
    at: u64,
}

impl Model {
    /// Takes one token from every quota that applies, or says which one is used up.
    pub fn take_from_quotas(
        &mut self,
        client: &Client,
        organization: Option<&Organization>,
    ) -> Result<Headers, Refusal> {
        let quotas = self.quotas_of(client, organization);
        // R100: the client's before the organization's, the day before the hour.
        for (owner, quota) in &quotas {
            for (_, limit, length) in quota.windows().into_iter().rev() {
                if quota.is_enforced() && self.used(owner, length) >= limit {
                    return Err(self.used_up(owner, limit, length, self.limit_headers(&quotas)));
                }
            }
        }
        // A refusal counts nothing, so this comes last.
        for (owner, _) in &quotas {
            self.counted.push(Counted { owner: owner.clone(), at: self.now });
        }
        Ok(self.limit_headers(&quotas))
    }

    /// R97, R98: whose quotas a token is taken from.
    fn quotas_of(&self, client: &Client, organization: Option<&Organization>) -> Vec<(Owner, Quota)> {
        let of_client = client.quota.or(self.settings.client_quota);
        let of_organization = organization.and_then(|found| found.quota.or(self.settings.organization_quota));
        let client = of_client.map(|quota| (Owner::Client(client.id.clone()), quota));
        let organization = organization.zip(of_organization);
        let organization = organization.map(|(found, quota)| (Owner::Organization(found.id.clone()), quota));
        client.into_iter().chain(organization).collect()
    }

    /// R99: how many tokens went to the owner in the present hour or day.
    fn used(&self, owner: &Owner, length: u64) -> u64 {
        let present = self.now / length;
        self.counted.iter().filter(|token| token.owner == *owner && token.at / length == present).count() as u64
    }

    fn seconds_left(&self, length: u64) -> u64 {
        length - self.now % length
    }

    /// R102. A quota without a limit (only `enforce`) has no header.
    fn limit_headers(&self, quotas: &[(Owner, Quota)]) -> Headers {
        let mut headers = Headers::new();
        for (owner, quota) in quotas {
            let windows: Vec<String> = quota
                .windows()
                .into_iter()
                .map(|(name, limit, length)| {
                    let rest = limit.saturating_sub(self.used(owner, length));
                    format!("b={name};q={limit};r={rest};t={}", self.seconds_left(length))
                })
                .collect();
            if !windows.is_empty() {
                headers.insert(owner.header(), windows.join(","));
            }
        }
        headers
    }

    /// R100, R103.
    fn used_up(&self, owner: &Owner, limit: u64, length: u64, mut headers: Headers) -> Refusal {
        let left = self.seconds_left(length);
        headers.insert("x-ratelimit-limit", limit.to_string());
        headers.insert("x-ratelimit-remaining", "0".to_owned());
        headers.insert("x-ratelimit-reset", (self.now + left).to_string());
        headers.insert("retry-after", left.to_string());
        Refusal { headers, ..Refusal::new(429, "too_many_requests", owner.sentence()) }
    }

    /// R104: what was counted goes with the last quota that counts it, and with its owner.
    pub fn forget_what_no_quota_counts(&mut self) {
        let (clients, organizations, settings) = (&self.clients, &self.organizations, &self.settings);
        self.counted.retain(|token| match &token.owner {
            Owner::Client(id) => {
                clients.iter().any(|own| own.id == *id && own.quota.or(settings.client_quota).is_some())
            }
            Owner::Organization(id) => {
                organizations.iter().any(|own| own.id == *id && own.quota.or(settings.organization_quota).is_some())
            }
        });
    }
}
