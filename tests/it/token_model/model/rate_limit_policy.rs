//! Rate limit policies (section 8): a list of every request that counts.

use super::answer::Headers;
use super::{Client, Model, Party, Refusal};
use crate::token_model::step::TokenRequest;

/// A policy of the tenant.
#[derive(Clone, Debug)]
pub struct Policy {
    pub id: String,
    /// `consumer_selector`.
    pub selector: String,
    pub limit: Limit,
}

/// `configuration`.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub action: &'static str,
    /// Requests in a second. Nothing reads it if the action is `allow`.
    pub requests: u64,
}

/// One request that counts for a policy.
pub struct CountedRequest {
    policy: String,
    /// `None` in the counter of a group.
    client: Option<String>,
    at: u64,
}

impl Model {
    /// T18, RLP1 to RLP3: counts a request, and gives the header of its answer. A request of no client has no policy.
    pub fn count_for_policy(&mut self, request: &TokenRequest) -> Result<Headers, Refusal> {
        let client = super::token::client_named(request).and_then(|id| self.client(id));
        let Some((client, policy)) = client.and_then(|client| Some((client, self.policy_of(client)?))) else {
            return Ok(Headers::new());
        };
        let (id, Limit { action, requests: limit }) = (policy.id.clone(), policy.limit);
        if action == "allow" {
            return Ok(Headers::new());
        }
        // RLP2.
        let is_of_group = ["third_party_clients", "cimd_clients"].contains(&policy.selector.as_str());
        let client = (!is_of_group).then(|| client.id.clone());
        let counts = |one: &&CountedRequest| one.policy == id && one.client == client && one.at == self.now;
        let used = self.counted_requests.iter().filter(counts).count() as u64;
        let header = |used: u64| {
            Headers::from([("auth0-ratelimit", format!("client;q={limit};t=1;r={}", limit.saturating_sub(used)))])
        };
        if used >= limit && action != "log" {
            let mut headers = header(used);
            headers.insert("retry-after", "1".to_owned());
            return Err(Refusal { headers, ..Refusal::new(429, "too_many_requests", "Rate limit exceeded.") });
        }
        self.counted_requests.push(CountedRequest { policy: id, client, at: self.now });
        Ok(header(used + 1))
    }

    /// RLP1: its own, then that of its group, then the default.
    fn policy_of(&self, client: &Client) -> Option<&Policy> {
        let policy = |selector: &str| self.policies.iter().find(|policy| policy.selector == selector);
        let of_group = || if client.party == Party::First { None } else { policy("third_party_clients") };
        policy(&format!("client_id:{}", client.id)).or_else(of_group).or_else(|| policy("default"))
    }

    /// What was counted goes with the policy.
    pub fn delete_policy(&mut self, id: &str) {
        self.policies.retain(|policy| policy.id != id);
        self.counted_requests.retain(|counted| counted.policy != id);
    }

    /// The policy of a client, and what was counted for the client alone, go with it.
    pub fn forget_client_in_policies(&mut self, client: &str) {
        let selector = format!("client_id:{client}");
        let policies: Vec<String> =
            self.policies.iter().filter(|policy| policy.selector == selector).map(|policy| policy.id.clone()).collect();
        policies.iter().for_each(|policy| self.delete_policy(policy));
        self.counted_requests.retain(|counted| counted.client.as_deref() != Some(client));
    }
}
