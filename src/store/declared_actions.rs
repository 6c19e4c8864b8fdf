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

/// Every declared Action. Those for one client are found by it, others by their API, so a token costs what concerns it.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeclaredActions {
    of_clients: BTreeMap<String, Vec<Arc<DeclaredAction>>>,
    of_apis: BTreeMap<String, Vec<Arc<DeclaredAction>>>,
}

impl DeclaredActions {
    /// Adds an Action behind those that are there. One that is for neither a client nor an API is for nobody.
    pub(crate) fn add(&mut self, action: DeclaredAction) {
        let list = match (&action.client_id, &action.audience) {
            (Some(client_id), _) => self.of_clients.entry(client_id.clone()).or_default(),
            (None, Some(audience)) => self.of_apis.entry(audience.clone()).or_default(),
            (None, None) => return,
        };
        list.push(Arc::new(action));
    }

    /// The Actions for a token: first those for everyone who asks for the API, then those for the client.
    pub(crate) fn concerning(&self, client_id: &str, audience: &str) -> Vec<Arc<DeclaredAction>> {
        let lists = self.of_apis.get(audience).into_iter().chain(self.of_clients.get(client_id));
        lists.flatten().filter(|action| action.concerns(client_id, audience)).cloned().collect()
    }

    /// All of them, in an order in which they can be added again.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &DeclaredAction> {
        self.of_apis.values().chain(self.of_clients.values()).flatten().map(Arc::as_ref)
    }

    /// Forgets what is declared for a client.
    pub(crate) fn forget_client(&mut self, client_id: &str) {
        self.of_clients.remove(client_id);
    }

    /// Forgets what is declared for an API.
    pub(crate) fn forget_audience(&mut self, audience: &str) {
        self.of_apis.remove(audience);
        self.of_clients.retain(|_, actions| {
            actions.retain(|action| action.audience.as_deref() != Some(audience));
            !actions.is_empty()
        });
    }
}
