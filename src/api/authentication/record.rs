//! What the journal, the tenant's log and the templates of calibrated answers have of a token request: projections of its
//! [`Trace`].

use super::reason::Reason;
use super::rejection::Rejection;
use super::sentence::{Sentence, SubjectNote};
use super::trace::Trace;
use crate::api::TokenDecision;
use crate::api::calibration::Values;
use crate::api::error::TokenError;
use crate::api::facts::Entity;
use crate::api::tenant_log::{AgentRef, EventKind, MASK, OrganizationRef, TokenEvent};
use crate::domain::BoundedText;
use crate::redaction;
use crate::token::Confirmation;

impl Trace {
    /// For the journal.
    pub(super) fn decision(&self, rejection: Option<&Rejection>) -> TokenDecision {
        let reason = rejection.map(|rejection| &rejection.reason);
        TokenDecision {
            granted: rejection.is_none(),
            rules: rejection.map_or_else(|| self.rules.clone(), |rejection| rejection.rules.to_vec()),
            why: self.sentence(reason),
            client_id: self.client_id.clone(),
            audience: self.audience.clone(),
            organization: self.organization.clone(),
            organization_id: self.organization().map(|organization| organization.id.clone()),
            scope: self.granted_scope.clone(),
            client_authentication_error: match reason {
                Some(Reason::AssertionRefused(sentence)) => Some(sentence.clone()),
                _ => None,
            },
            console: self.actions.console.clone(),
            facts: self.facts.clone(),
        }
    }

    /// For the tenant's log, with the sentence of the refusal if there is one.
    pub(super) fn events(self, decision: &TokenDecision, refusal: Option<&str>) -> Vec<EventKind> {
        if self.grant.is_none() {
            return Vec::new();
        }
        let shown = |text: &str| BoundedText::from(redaction::text(&self.secrets.redact(text, MASK), MASK));
        let shown_if = |text: &Option<BoundedText>| text.as_deref().map(shown);
        let name = |entity: &Entity| entity.name.as_deref().unwrap_or_default().into();
        let event = TokenEvent {
            refusal: refusal.map(shown),
            client_authentication_error: shown_if(&decision.client_authentication_error),
            client_id: shown_if(&decision.client_id),
            client_name: self.client_name().map(Into::into),
            agent: self
                .agent()
                .map(|agent| AgentRef { id: agent.id.clone(), external_id: shown_if(&self.external_agent_id) }),
            audience: shown_if(&decision.audience),
            // The granted scopes; for a refused request, the requested ones.
            scope: shown_if(if refusal.is_some() { &self.scope } else { &self.granted_scope }),
            certificate: self.certificate.clone().filter(|_| refusal.is_none()),
            organization: self
                .organization()
                .map(|organization| OrganizationRef { id: organization.id.clone(), name: name(organization) }),
        };
        let warnings = self.reached.into_iter().map(|reached| EventKind::QuotaReached(Box::new(reached)));
        std::iter::once(EventKind::Token(Box::new(event))).chain(warnings).collect()
    }

    /// For the templates of calibrated answers: what a refusal may repeat.
    pub(super) fn values(&self, error: &TokenError) -> Values {
        let mut values = Values::default();
        let organization = self.organization();
        let texts = [
            ("scope", self.scope.as_deref()),
            ("grant_type", self.grant_type.as_deref()),
            ("client_id", self.client_id.as_deref()),
            ("audience", self.audience.as_deref()),
            ("organization", self.organization.as_deref()),
            ("client_name", self.client_name()),
            ("organization_id", organization.map(|organization| &*organization.id)),
            ("organization_name", organization.map(|organization| organization.name.as_deref().unwrap_or_default())),
        ];
        texts.into_iter().for_each(|(name, value)| values.set_if(name, value));
        if let Some((name, value)) = &error.names {
            values.set(name, value);
        }
        values
    }

    fn client_name(&self) -> Option<&str> {
        self.facts.client.as_ref()?.found.as_ref()?.name.as_deref()
    }

    fn agent(&self) -> Option<&Entity> {
        self.facts.agent.as_ref()?.found.as_ref()
    }

    /// The reason of a rejection, or why the request passes and what changed the token then.
    fn sentence(&self, rejected: Option<&Reason>) -> BoundedText {
        let Some(reason) = rejected.or(self.granted.as_ref()) else { return BoundedText::default() };
        let sentence = Sentence { reason, trace: self };
        if rejected.is_some() {
            return BoundedText::of(sentence);
        }
        let quotas = self.quotas.iter().map(|(name, value)| format!("; {name}: {value}"));
        let certificate = self.certificate.iter();
        let certificate =
            certificate.map(|thumbprint| format!("; the certificate {thumbprint} authenticates the client"));
        let bound = self.bound_to.iter().map(|confirmation| match confirmation {
            Confirmation::Key { thumbprint } => format!("; the token is bound to the key {thumbprint}"),
            Confirmation::Certificate { thumbprint } => format!("; the token is bound to the certificate {thumbprint}"),
        });
        let subject = SubjectNote(self);
        let encrypted =
            self.encrypted_with.iter().map(|algorithm| format!("; the token is encrypted with {algorithm}"));
        let further = certificate.chain(bound).chain(encrypted).chain(quotas);
        BoundedText::of(format_args!("{sentence}{subject}{}{}", self.actions, further.collect::<String>()))
    }
}
