//! The usage of token quotas, by the id of the client or organization.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::domain::quota::{Owner, Usage};

/// Holds an entry for each owner that was given a token while it had a quota, until it or its quota goes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenUsage {
    clients: BTreeMap<String, Usage>,
    organizations: BTreeMap<String, Usage>,
}

impl TokenUsage {
    /// What this owner has taken.
    pub(crate) fn of(&self, owner: Owner, id: &str) -> Usage {
        let usages = match owner {
            Owner::Client => &self.clients,
            Owner::Organization => &self.organizations,
        };
        usages.get(id).copied().unwrap_or_default()
    }

    /// Remembers what this owner has taken.
    pub(crate) fn set(&mut self, owner: Owner, id: &str, usage: Usage) {
        self.usages(owner).insert(id.to_owned(), usage);
    }

    /// The clients, then the organizations, of which something is remembered.
    pub(crate) fn owners(&self) -> [(Kind, impl Iterator<Item = &str>); 2] {
        [
            (Kind::Client, self.clients.keys().map(String::as_str)),
            (Kind::Organization, self.organizations.keys().map(String::as_str)),
        ]
    }

    /// Forgets this owner.
    pub(crate) fn forget(&mut self, owner: Owner, id: &str) {
        self.usages(owner).remove(id);
    }

    /// Forgets every owner of which this does not hold.
    pub(crate) fn retain(&mut self, owner: Owner, has_quota: impl Fn(&str) -> bool) {
        self.usages(owner).retain(|id, _| has_quota(id));
    }

    fn usages(&mut self, owner: Owner) -> &mut BTreeMap<String, Usage> {
        match owner {
            Owner::Client => &mut self.clients,
            Owner::Organization => &mut self.organizations,
        }
    }
}
