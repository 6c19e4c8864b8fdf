//! The trace of a token request: every fact of it, noted once while the request is decided. `record.rs` has its projections.

use http::HeaderName;

use super::reason::Reason;
use crate::api::facts::{Entity, Lookup, TokenFacts};
use crate::api::tenant_log::QuotaReached;
use crate::domain::action::ClaimFault;
use crate::domain::organization_access::Source;
use crate::domain::{BoundedText, ScopeSet, Subject};
use crate::redaction::SecretValues;
use crate::token::Confirmation;

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
    /// The name of the grant, once it is known. A request for no known grant has no entry in the tenant's log.
    pub(super) grant: Option<&'static str>,
    pub(super) facts: TokenFacts,
    /// The `external_agent_id` of the client's agent.
    pub(super) external_agent_id: Option<BoundedText>,
    /// The subject of the token.
    pub(super) subject: Option<Subject>,
    /// Which organization the token is for.
    pub(super) organization_from: Option<Source>,
    /// The rules that let the request pass, the deciding one first.
    pub(super) rules: Vec<&'static str>,
    /// Why it passes.
    pub(super) granted: Option<Reason>,
    pub(super) actions: ActionEffects,
    /// The secrets of the Actions that run. No text about the request contains them.
    pub(super) secrets: SecretValues,
    /// The quota headers of the answer.
    pub(super) quotas: Vec<(HeaderName, String)>,
    /// Quotas of which a good part is used.
    pub(super) reached: Vec<QuotaReached>,
    pub(super) granted_scope: Option<BoundedText>,
    /// The algorithm that encrypts the token.
    pub(super) encrypted_with: Option<&'static str>,
    /// The key or certificate that the token is bound to.
    pub(super) bound_to: Option<Confirmation>,
    /// The thumbprint of the certificate that authenticated the client.
    pub(super) certificate: Option<BoundedText>,
}

/// The size of the consoles of a request, in bytes, from which on further lines are dropped.
#[cfg(feature = "javascript")]
const LONGEST_CONSOLE: usize = 2048;

/// The changes of the Actions of a request.
#[derive(Debug, Default)]
pub(super) struct ActionEffects {
    /// The names of claims, joined. Their values stay out of the journal.
    pub(super) claims: BoundedText,
    pub(super) left_out: Vec<(BoundedText, ClaimFault)>,
    /// The target scopes that they set, and those of the token if these are others.
    pub(super) target_scopes: Option<(BoundedText, Option<BoundedText>)>,
    /// How many Actions of the Management API are bound to the trigger. Their code is not run.
    pub(super) not_run: usize,
    /// The names of the deployed Actions that ran.
    pub(super) run: Vec<BoundedText>,
    /// The lines of their consoles, each with the name of its Action.
    pub(super) console: Vec<BoundedText>,
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
}

impl ActionEffects {
    /// Notes that a deployed Action ran, and the lines of its console.
    #[cfg(feature = "javascript")]
    pub(super) fn ran(&mut self, name: &str, console: &[BoundedText]) {
        self.run.push(name.into());
        for line in console {
            let size: usize = self.console.iter().map(|line| line.len()).sum();
            if size >= LONGEST_CONSOLE {
                return;
            }
            self.console.push(BoundedText::of(format_args!("{name}: {line}")));
        }
    }

    /// Notes the target scopes that Actions set, where they are not those of before, and those that the token gets.
    pub(super) fn note_scopes(&mut self, before: &ScopeSet, target: &ScopeSet, granted: &ScopeSet) {
        if target != before {
            let dropped = (granted != target).then(|| BoundedText::of(granted));
            self.target_scopes = Some((BoundedText::of(target), dropped));
        }
    }
}
