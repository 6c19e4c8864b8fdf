//! The trace of a token request: every fact of it, noted once while the request is decided. What the journal, the tenant's
//! log and the templates of calibrated answers have of the request are projections of the trace.

use http::HeaderName;

use super::grants::GrantType;
use super::reason::{Reason, Sentence};
use super::rejection::Rejection;
use crate::api::TokenDecision;
use crate::api::calibration::Values;
use crate::api::error::TokenError;
use crate::api::facts::{Entity, Lookup, TokenFacts};
use crate::api::tenant_log::{EventKind, MASK, OrganizationRef, QuotaReached, TokenEvent};
use crate::domain::action::ClaimFault;
use crate::domain::organization_access::Source;
use crate::domain::{BoundedText, ScopeSet};
use crate::redaction;

/// The facts of one token request.
#[derive(Debug, Default)]
pub(in crate::api) struct Trace {
    /// The client, as the request names it.
    pub(in crate::api) client_id: Option<BoundedText>,
    /// The API, as the request names it or the tenant's default does.
    pub(in crate::api) audience: Option<BoundedText>,
    /// The organization, as the request names it.
    pub(in crate::api) organization: Option<BoundedText>,
    pub(super) grant_type: Option<BoundedText>,
    pub(super) scope: Option<BoundedText>,
    /// The grant, once it is known. A request for no known grant has no entry in the tenant's log.
    pub(super) grant: Option<&'static GrantType>,
    pub(super) facts: TokenFacts,
    /// Which organization the token is for.
    pub(super) organization_from: Option<Source>,
    /// The rules that let the request pass, the deciding one first.
    pub(super) rules: Vec<&'static str>,
    /// Why it passes.
    pub(super) granted: Option<Reason>,
    pub(super) actions: ActionEffects,
    /// The quota headers of the answer.
    pub(super) quotas: Vec<(HeaderName, String)>,
    /// Quotas of which a good part is used.
    pub(super) reached: Vec<QuotaReached>,
    pub(super) granted_scope: Option<BoundedText>,
}

/// What the Actions of a request changed.
#[derive(Debug, Default)]
pub(super) struct ActionEffects {
    /// The names of claims, joined. Their values stay out of the journal.
    pub(super) claims: BoundedText,
    pub(super) left_out: Vec<(BoundedText, ClaimFault)>,
    /// The target scopes that they set, and those of the token if these are others.
    pub(super) target_scopes: Option<(BoundedText, Option<BoundedText>)>,
}

impl Trace {
    /// The look-up of the organization that the token is for, or would be.
    pub(super) fn organization_lookup(&self) -> Option<&Lookup> {
        match self.organization_from {
            Some(Source::Default) => self.facts.default_organization.as_ref(),
            Some(Source::Request) | None => self.facts.organization.as_ref(),
        }
    }

    /// The organization that the token is for, or would be.
    pub(super) fn organization(&self) -> Option<&Entity> {
        self.organization_lookup()?.found.as_ref()
    }

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
            facts: self.facts.clone(),
        }
    }

    /// For the tenant's log, with the sentence of the refusal if there is one.
    pub(super) fn events(self, decision: &TokenDecision, refusal: Option<&str>) -> Vec<EventKind> {
        if self.grant.is_none() {
            return Vec::new();
        }
        let shown = |text: &str| BoundedText::from(redaction::text(text, MASK));
        let shown_if = |text: &Option<BoundedText>| text.as_deref().map(shown);
        let name = |entity: &Entity| entity.name.as_deref().unwrap_or_default().into();
        let exchange = TokenEvent {
            refusal: refusal.map(shown),
            client_authentication_error: shown_if(&decision.client_authentication_error),
            client_id: shown_if(&decision.client_id),
            client_name: self.client_name().map(Into::into),
            audience: shown_if(&decision.audience),
            // What was granted; for a refused request, what was asked for.
            scope: shown_if(if refusal.is_some() { &self.scope } else { &self.granted_scope }),
            organization: self
                .organization()
                .map(|organization| OrganizationRef { id: organization.id.clone(), name: name(organization) }),
        };
        let warnings = self.reached.into_iter().map(|reached| EventKind::QuotaReached(Box::new(reached)));
        std::iter::once(EventKind::Token(Box::new(exchange))).chain(warnings).collect()
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

    /// The reason of a rejection, or why the request passes and what changed the token then.
    fn sentence(&self, rejected: Option<&Reason>) -> BoundedText {
        let Some(reason) = rejected.or(self.granted.as_ref()) else { return BoundedText::default() };
        let sentence = Sentence { reason, trace: self };
        if rejected.is_some() {
            return BoundedText::of(sentence);
        }
        let quotas = self.quotas.iter().map(|(name, value)| format!("; {name}: {value}"));
        BoundedText::of(format_args!("{sentence}{}{}", self.actions, quotas.collect::<String>()))
    }
}

impl ActionEffects {
    /// Notes the target scopes that Actions set, where they are not those of before, and those that the token gets.
    pub(super) fn note_scopes(&mut self, before: &ScopeSet, target: &ScopeSet, granted: &ScopeSet) {
        if target != before {
            let dropped = (granted != target).then(|| BoundedText::of(granted));
            self.target_scopes = Some((BoundedText::of(target), dropped));
        }
    }
}
