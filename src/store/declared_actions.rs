//! The credentials-exchange Actions that a seed declares, by client or API.

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use crate::domain::DeclaredAction;

impl DeclaredAction {
    fn concerns(&self, client_id: &str, audience: &str) -> bool {
        self.client_id.as_deref().is_none_or(|wanted| wanted == client_id)
            && self.audience.as_deref().is_none_or(|wanted| wanted == audience)
    }
}

/// Every declared Action. Actions for a client are indexed by the client, the others by the API, so that a token looks
/// only at the Actions of its client and API.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeclaredActions {
    of_clients: BTreeMap<String, Vec<Arc<DeclaredAction>>>,
    of_apis: BTreeMap<String, Vec<Arc<DeclaredAction>>>,
}

impl DeclaredActions {
    /// Adds an Action after the others. An Action with neither a client nor an API is dropped.
    pub(crate) fn add(&mut self, action: DeclaredAction) {
        let list = match (&action.client_id, &action.audience) {
            (Some(client_id), _) => self.of_clients.entry(client_id.clone()).or_default(),
            (None, Some(audience)) => self.of_apis.entry(audience.clone()).or_default(),
            (None, None) => return,
        };
        list.push(Arc::new(action));
    }

    /// The Actions for a token: first those of the API for all clients, then those of the client.
    pub(crate) fn concerning(&self, client_id: &str, audience: &str) -> Vec<Arc<DeclaredAction>> {
        let lists = self.of_apis.get(audience).into_iter().chain(self.of_clients.get(client_id));
        lists.flatten().filter(|action| action.concerns(client_id, audience)).cloned().collect()
    }

    /// All Actions, in an order in which they can be added again.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &DeclaredAction> {
        self.of_apis.values().chain(self.of_clients.values()).flatten().map(Arc::as_ref)
    }

    /// Removes the Actions of a client.
    pub(crate) fn forget_client(&mut self, client_id: &str) {
        self.of_clients.remove(client_id);
    }

    /// Removes the Actions of an API.
    pub(crate) fn forget_audience(&mut self, audience: &str) {
        self.of_apis.remove(audience);
        self.of_clients.retain(|_, actions| {
            actions.retain(|action| action.audience.as_deref() != Some(audience));
            !actions.is_empty()
        });
    }
}
