//! The use of custom rate limit policies: a counter for each policy and client, or one for all clients of a group, and when a
//! policy last wrote a log entry about a client.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::rate_limit_policy::Usage;

/// The counter that all clients of a group share is that of this client.
const ALL_CLIENTS: &str = "";

/// By the id of the policy.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct PolicyUsage(BTreeMap<String, OfPolicy>);

/// By the id of the client.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfPolicy {
    counters: BTreeMap<String, Usage>,
    /// Seconds since 1970.
    logged: BTreeMap<String, i64>,
}

impl PolicyUsage {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The counter of a client, or the one of all clients.
    pub(crate) fn of(&self, policy: &str, client: Option<&str>) -> Usage {
        let of_policy = self.0.get(policy);
        of_policy.and_then(|usage| usage.counters.get(client.unwrap_or(ALL_CLIENTS))).copied().unwrap_or_default()
    }

    pub(crate) fn set(&mut self, policy: &str, client: Option<&str>, usage: Usage) {
        let of_policy = self.0.entry(policy.to_owned()).or_default();
        of_policy.counters.insert(client.unwrap_or(ALL_CLIENTS).to_owned(), usage);
    }

    /// When the policy last wrote a log entry about a client.
    pub(crate) fn logged(&self, policy: &str, client: &str) -> Option<i64> {
        self.0.get(policy)?.logged.get(client).copied()
    }

    pub(crate) fn set_logged(&mut self, policy: &str, client: &str, now: i64) {
        self.0.entry(policy.to_owned()).or_default().logged.insert(client.to_owned(), now);
    }

    pub(crate) fn policies(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn clients(&self) -> impl Iterator<Item = &str> {
        let clients = self.0.values().flat_map(|usage| usage.counters.keys().chain(usage.logged.keys()));
        clients.map(String::as_str).filter(|client| *client != ALL_CLIENTS)
    }

    pub(crate) fn forget_policy(&mut self, policy: &str) {
        self.0.remove(policy);
    }

    pub(crate) fn forget_client(&mut self, client: &str) {
        for usage in self.0.values_mut() {
            usage.counters.remove(client);
            usage.logged.remove(client);
        }
        self.0.retain(|_, usage| !usage.counters.is_empty() || !usage.logged.is_empty());
    }
}
