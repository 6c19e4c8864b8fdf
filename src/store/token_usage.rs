//! The usage of token quotas, by the id of the client or organization.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::domain::quota::{Owner, Usage};

/// An entry for each owner that took a token under a quota. It is removed with the owner or the quota.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenUsage {
    clients: BTreeMap<String, Usage>,
    organizations: BTreeMap<String, Usage>,
}

impl TokenUsage {
    /// The usage of an owner.
    pub(crate) fn of(&self, owner: Owner, id: &str) -> Usage {
        let usages = match owner {
            Owner::Client => &self.clients,
            Owner::Organization => &self.organizations,
        };
        usages.get(id).copied().unwrap_or_default()
    }

    /// Stores the usage of an owner.
    pub(crate) fn set(&mut self, owner: Owner, id: &str, usage: Usage) {
        self.usages(owner).insert(id.to_owned(), usage);
    }

    /// The owners with an entry: the clients, then the organizations.
    pub(crate) fn owners(&self) -> [(Kind, impl Iterator<Item = &str>); 2] {
        [
            (Kind::Client, self.clients.keys().map(String::as_str)),
            (Kind::Organization, self.organizations.keys().map(String::as_str)),
        ]
    }

    /// Removes the entry of an owner.
    pub(crate) fn forget(&mut self, owner: Owner, id: &str) {
        self.usages(owner).remove(id);
    }

    /// Removes the entries of all owners without a quota.
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
