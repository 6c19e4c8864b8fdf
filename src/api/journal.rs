//! The journal: the last requests, and for each token request the decision with its rules and facts.
//!
//! An answer is as vague as that of the live service; the journal has the reason. It contains no secret and no token.

use std::collections::VecDeque;
use std::fmt;

use serde::Serialize;

use super::facts::TokenFacts;
use super::operation::Operation;
use crate::domain::BoundedText;
use crate::redaction;

/// A request in the journal.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct JournalEntry {
    /// The number of the request, from 1 since the start of the tenant or the last clearing of the journal.
    pub number: u64,
    /// The time, on the tenant's clock.
    pub at: String,
    /// HTTP method.
    pub method: BoundedText,
    /// Path and query.
    pub path: BoundedText,
    /// Status of the answer.
    pub status: u16,
    /// The operation of the Management API, such as `GET /clients/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<&'static Operation>,
    /// The client of the Management API token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<BoundedText>,
    /// Whether no operation is modelled at this path and method. The answer is 404.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unmodelled: bool,
    /// The sentence of a refusal by the Management API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<BoundedText>,
    /// The decision of the token endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenDecision>,
    /// Whether the text comes from a real tenant ([`CalibratedAnswers`](crate::CalibratedAnswers)).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub calibrated: bool,
    /// The fault that matched the request, with its effect: `fault 3 answers 503`. The status does not show effects on
    /// the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<BoundedText>,
}

/// A decision of the token endpoint, with its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TokenDecision {
    /// Whether a token was issued.
    pub granted: bool,
    /// The ids of the applied rules; the decisive one first.
    pub rules: Vec<&'static str>,
    /// The facts in one sentence, for people; programs read [`facts`](Self::facts).
    pub why: BoundedText,
    /// The client of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<BoundedText>,
    /// The API of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<BoundedText>,
    /// The organization as the request named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<BoundedText>,
    /// The id of the organization of the token, or of the refused token: the one in the request, or the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<BoundedText>,
    /// The scopes of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<BoundedText>,
    /// The reason why the client authentication failed, with the text of the tenant's log. It is never in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_authentication_error: Option<BoundedText>,
    /// The console of the deployed Actions that ran, without secrets: each line begins with the name of its Action. It is empty
    /// without the feature `javascript`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub console: Vec<BoundedText>,
    /// The entities of the request, each with the value by which it was looked up.
    #[serde(skip_serializing_if = "TokenFacts::is_empty")]
    pub facts: TokenFacts,
}

impl fmt::Display for TokenDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.rules.as_slice() {
            rules if !self.granted => refused_by(rules),
            [] => "granted".to_owned(),
            rules => format!("granted by {}", rules.join(", ")),
        };
        write!(f, "{verdict}: {}", printable(&self.why))
    }
}

/// The deciding rules of a refusal in one line. If no rule decided, the ids of the answer (`E2`, `T4`) take their
/// place.
pub(crate) fn refused_by(rules: &[&str]) -> String {
    let deciding: Vec<&str> = rules.iter().copied().filter(|rule| rule.starts_with('R')).collect();
    match if deciding.is_empty() { rules } else { &deciding } {
        [] => "refused".to_owned(),
        rules => format!("refused by {}", rules.join(", ")),
    }
}

impl JournalEntry {
    /// The reason of the answer in one line: the rules and facts of a token request, or the sentence of a refusal.
    pub(crate) fn reason(&self) -> Option<String> {
        match (&self.token, &self.refusal) {
            (Some(decision), _) => Some(decision.to_string()),
            (None, refusal) => refusal.as_deref().map(printable),
        }
    }
}

impl fmt::Display for JournalEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.at, printable(&self.method), printable(&self.path), self.status)?;
        self.reason().iter().try_for_each(|reason| write!(f, " {reason}"))?;
        if self.calibrated {
            write!(f, " [calibrated answer]")?;
        }
        // A fault that answers instead of the token endpoint is also the reason of the decision.
        let is_reason = |fault: &BoundedText| self.token.as_ref().is_some_and(|decision| decision.why == *fault);
        self.fault.iter().filter(|fault| !is_reason(fault)).try_for_each(|fault| write!(f, " [{fault}]"))
    }
}

/// The last requests, up to its capacity.
#[derive(Debug)]
pub(super) struct Journal {
    entries: VecDeque<JournalEntry>,
    capacity: usize,
    count: u64,
}

/// The text that replaces a secret.
pub(super) const MASK: &str = "…";

impl TokenDecision {
    /// The decision without secrets: a client may put a token into any parameter.
    pub(super) fn redacted(self) -> Self {
        let redact = |text: &str| BoundedText::from(redaction::text(text, MASK));
        let redact_option = |text: Option<BoundedText>| text.as_deref().map(redact);
        TokenDecision {
            why: redact(&self.why),
            client_id: redact_option(self.client_id),
            audience: redact_option(self.audience),
            organization: redact_option(self.organization),
            organization_id: redact_option(self.organization_id),
            scope: redact_option(self.scope),
            client_authentication_error: redact_option(self.client_authentication_error),
            console: self.console.iter().map(|line| redact(line)).collect(),
            facts: self.facts.redacted(MASK),
            ..self
        }
    }
}

/// A text for one line of a log. Control characters, which could end the line or control a terminal, are replaced.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

impl Journal {
    /// An empty journal that keeps this many requests.
    pub(super) fn new(capacity: usize) -> Self {
        Journal { entries: VecDeque::new(), capacity: capacity.max(1), count: 0 }
    }

    /// Numbers an entry and adds it; drops the oldest one if the journal is full.
    pub(super) fn add(&mut self, mut entry: JournalEntry) -> JournalEntry {
        self.count += 1;
        entry.number = self.count;
        if self.entries.len() == self.capacity {
            self.entries.pop_front();
        }
        self.entries.push_back(entry.clone());
        entry
    }

    /// The entry with this number, if it is still there.
    #[cfg(feature = "conformance")]
    pub(super) fn find(&self, number: u64) -> Option<&JournalEntry> {
        let first = self.entries.front()?.number;
        self.entries.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// The entries, oldest first.
    pub(super) fn entries(&self) -> Vec<JournalEntry> {
        self.entries.iter().cloned().collect()
    }

    /// Clears the journal.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{Journal, JournalEntry, MASK, TokenDecision};
    use crate::domain::BoundedText;
    use crate::redaction;

    fn entry(path: &str) -> JournalEntry {
        JournalEntry {
            number: 0,
            at: "2026-01-01T00:00:00.000Z".to_owned(),
            method: "GET".into(),
            path: path.into(),
            status: 200,
            operation: None,
            client_id: None,
            unmodelled: false,
            refusal: None,
            token: None,
            calibrated: false,
            fault: None,
        }
    }

    #[test]
    fn the_journal_keeps_the_last_requests_only() {
        let mut journal = Journal::new(2);
        for path in ["/a", "/b", "/c"] {
            journal.add(entry(path));
        }
        let stored: Vec<(u64, String)> =
            journal.entries().into_iter().map(|entry| (entry.number, entry.path.into())).collect();
        assert_eq!(stored, [(2, "/b".to_owned()), (3, "/c".to_owned())]);
    }

    #[test]
    fn a_decision_shows_no_token_that_a_client_took_for_something_else() {
        let token = "eyJhbGciOiJub25lIn0.e30.c2ln";
        let decision = TokenDecision {
            why: format!("no client {token}").into(),
            client_id: Some(token.into()),
            audience: Some("https://travel0.example/api".into()),
            ..TokenDecision::default()
        };
        let redacted = decision.redacted();
        assert_eq!((&*redacted.why, redacted.client_id.as_deref()), ("no client …", Some("…")));
        assert_eq!(redacted.audience.as_deref(), Some("https://travel0.example/api"));
    }

    #[test]
    fn a_line_of_the_log_stays_one_line() {
        let mut forged = entry("/");
        forged.token =
            Some(TokenDecision { why: "client x\n2026 granted \u{1b}[31m".into(), ..TokenDecision::default() });
        let line = forged.to_string();
        assert!(!line.contains(char::is_control), "{line:?}");
    }

    #[test]
    fn a_long_path_or_query_costs_the_journal_its_bound() {
        for path in ["/é".repeat(30_000), format!("/?{}", "a=b&".repeat(15_000)), format!("/?q={}", "x".repeat(60_000))]
        {
            let stored: BoundedText = redaction::target(&path, MASK).into();
            assert!(stored.len() <= 1024 && stored.ends_with('…'), "{stored}");
        }
    }
}
