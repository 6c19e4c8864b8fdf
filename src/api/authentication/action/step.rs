//! What follows from one Action: the event of the next one, or the end of the request.

use super::Api;
use super::event::Event;
use crate::api::authentication::reason::Reason;
use crate::api::authentication::rejection::Rejection;
use crate::api::error::TokenError;
use crate::api::journal::MASK;
use crate::domain::{BoundedText, ScopeSet};
use crate::redaction::SecretValues;

impl Event {
    /// The event for the next Action, with what earlier ones have changed.
    pub(super) fn show(&mut self, api: &Api) {
        self.access_token.custom_claims.clone_from(&api.custom_claims);
        self.transaction.target_scopes = list(&api.target_scopes);
    }
}

pub(super) fn list(scopes: &ScopeSet) -> Vec<String> {
    scopes.iter().map(str::to_owned).collect()
}

/// Refuses the token if an Action has denied it. The answer has the Action's own reason, the journal the reason without secrets.
pub(super) fn not_denied(api: &Api, action: BoundedText, secrets: &SecretValues) -> Result<(), Rejection> {
    let Some((code, reason)) = &api.denial else { return Ok(()) };
    let shown = BoundedText::from(&*secrets.redact(reason, MASK));
    let denied = Reason::DeniedByAction { action, code: *code, reason: shown };
    Err(Rejection::new(TokenError::denied_by_action(*code, reason), &["T12"], denied))
}
