//! What the tenant's log keeps of a token request, gathered while the request is decided.

use super::organization::organization_id;
use crate::api::TokenDecision;
use crate::api::answers::Values;
use crate::api::tenant_log::{Exchange, MASK, Organization, QuotaReached, What};
use crate::domain::BoundedText;
use crate::redaction;
use crate::store::document::text;
use crate::store::views::SettingsView;
use crate::store::{Document, Kind, State};

/// A token request on its way.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    /// Whether it is about client credentials at all: what is not, has other entries.
    pub(super) is_client_credentials: bool,
    /// The scopes asked for.
    pub(super) scope: Option<BoundedText>,
    client_name: Option<BoundedText>,
    organization: Option<Organization>,
    reached: Vec<QuotaReached>,
}

impl Attempt {
    /// Remembers who says that it asks, and for which organization.
    pub(super) fn begin(&mut self, state: &State, client_id: &str, organization: Option<&str>) {
        self.client_name = state[Kind::Client].get(client_id).and_then(|client| text(client, "name")).map(Into::into);
        let by_name = SettingsView(&state.settings).accepts_organization_names();
        let known = organization.and_then(|called| organization_id(state, called, by_name));
        self.within(known.and_then(|id| state[Kind::Organization].get(id)));
    }

    /// Remembers the organization that the token is for, or would be.
    pub(super) fn within(&mut self, organization: Option<&Document>) {
        let member = |organization: &Document, name| text(organization, name).unwrap_or_default().into();
        self.organization = organization
            .map(|organization| Organization { id: member(organization, "id"), name: member(organization, "name") });
    }

    /// The organization that the token is for, or would be, if there is one.
    pub(super) fn organization_id(&self) -> Option<&str> {
        self.organization.as_ref().map(|organization| &*organization.id)
    }

    /// Tells what the request names, in the tenant's own terms.
    pub(super) fn tell(&self, values: &mut Values) {
        values.set_if("client_name", self.client_name.as_deref());
        if let Some(organization) = &self.organization {
            values.set("organization_id", &organization.id);
            values.set("organization_name", &organization.name);
        }
    }

    /// Remembers that a good part of a quota is used.
    pub(super) fn reached(&mut self, reached: QuotaReached) {
        self.reached.push(reached);
    }

    /// The entries of the log, with the sentence of the refusal if there is one.
    pub(super) fn events(self, decision: Option<&TokenDecision>, refusal: Option<&str>) -> Vec<What> {
        let Some(decision) = decision.filter(|_| self.is_client_credentials) else { return Vec::new() };
        let shown = |text: &str| BoundedText::from(redaction::text(text, MASK));
        let kept = |text: &Option<BoundedText>| text.as_deref().map(shown);
        let exchange = Exchange {
            refusal: refusal.map(shown),
            client_authentication_error: kept(&decision.client_authentication_error),
            client_id: kept(&decision.client_id),
            client_name: self.client_name,
            audience: kept(&decision.audience),
            // What was granted; for a refused request, what was asked for.
            scope: kept(if refusal.is_some() { &self.scope } else { &decision.scope }),
            organization: self.organization,
        };
        let warnings = self.reached.into_iter().map(|reached| What::QuotaReached(Box::new(reached)));
        std::iter::once(What::Exchange(Box::new(exchange))).chain(warnings).collect()
    }
}
