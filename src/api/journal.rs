//! The journal: the last requests, and for each token request the decision with its rules and facts.
//!
//! The wire stays as vague as the live service; here stands why. No secret and no token is ever written down.

use std::collections::VecDeque;
use std::fmt;

use serde::Serialize;

use super::facts::TokenFacts;
use super::operation::Operation;
use crate::domain::BoundedText;
use crate::redaction;

/// One request.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct JournalEntry {
    /// Counts from 1 since the tenant began or the journal was emptied.
    pub number: u64,
    /// When, by the tenant's clock.
    pub at: String,
    /// HTTP method.
    pub method: BoundedText,
    /// Path and query.
    pub path: BoundedText,
    /// Status of the answer.
    pub status: u16,
    /// The row of the Management API that answered, as `GET /clients/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<&'static Operation>,
    /// The client whose token opened the Management API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<BoundedText>,
    /// Whether nothing is modelled at this path, or not for this method. The wire says 404, as of anything that is not there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unmodelled: bool,
    /// The sentence with which the Management API refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<BoundedText>,
    /// What the token endpoint decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenDecision>,
    /// Whether the text comes from a real tenant ([`CalibratedAnswers`](crate::CalibratedAnswers)).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub calibrated: bool,
    /// Which fault of the test the request has met, and what that did: `fault 3 answers 503`. What is done to a
    /// connection is not in the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<BoundedText>,
}

/// What the token endpoint decided, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TokenDecision {
    /// Whether a token was issued.
    pub granted: bool,
    /// The ids of the rules applied; the deciding one first.
    pub rules: Vec<&'static str>,
    /// The facts in one sentence, for people; programs read [`facts`](Self::facts).
    pub why: BoundedText,
    /// The client that asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<BoundedText>,
    /// The API asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<BoundedText>,
    /// The organization asked for, as the request named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<BoundedText>,
    /// The id of the organization that the token is for, or would be: the one asked for, or the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<BoundedText>,
    /// The scopes of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<BoundedText>,
    /// Why the client's own proof of who it is was refused, in the words that the tenant's log has for it. The wire never
    /// says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_authentication_error: Option<BoundedText>,
    /// What the request was about: each entity with the value it was looked up by.
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

/// What a refusal is by, in one line: the rules that decided. The ids of the answer that followed from them (`E2`, `T4`)
/// stand in for rules that have no other name.
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
        // A fault that answers in the place of the token endpoint is its reason as well.
        let is_told = |fault: &BoundedText| self.token.as_ref().is_some_and(|decision| decision.why == *fault);
        self.fault.iter().filter(|fault| !is_told(fault)).try_for_each(|fault| write!(f, " [{fault}]"))
    }
}

/// The last requests, as many as its capacity.
#[derive(Debug)]
pub(super) struct Journal {
    entries: VecDeque<JournalEntry>,
    capacity: usize,
    count: u64,
}

/// What stands in the place of a secret.
pub(super) const MASK: &str = "…";

impl TokenDecision {
    /// Without what looks like a secret: a client may put a token into any parameter.
    pub(super) fn redacted(self) -> Self {
        let shown = |text: &str| BoundedText::from(redaction::text(text, MASK));
        let shown_if = |text: Option<BoundedText>| text.as_deref().map(shown);
        TokenDecision {
            why: shown(&self.why),
            client_id: shown_if(self.client_id),
            audience: shown_if(self.audience),
            organization: shown_if(self.organization),
            organization_id: shown_if(self.organization_id),
            scope: shown_if(self.scope),
            client_authentication_error: shown_if(self.client_authentication_error),
            facts: self.facts.redacted(MASK),
            ..self
        }
    }
}

/// A text for one line of a log: control characters, which could end the line or steer a terminal, are replaced.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

impl Journal {
    /// An empty journal that keeps this many requests.
    pub(super) fn new(capacity: usize) -> Self {
        Journal { entries: VecDeque::new(), capacity: capacity.max(1), count: 0 }
    }

    /// Numbers an entry and adds it; the oldest one goes when the journal is full.
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

    /// Begins anew.
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
        let kept: Vec<(u64, String)> =
            journal.entries().into_iter().map(|entry| (entry.number, entry.path.into())).collect();
        assert_eq!(kept, [(2, "/b".to_owned()), (3, "/c".to_owned())]);
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
        let shown = decision.redacted();
        assert_eq!((&*shown.why, shown.client_id.as_deref()), ("no client …", Some("…")));
        assert_eq!(shown.audience.as_deref(), Some("https://travel0.example/api"));
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
            let kept: BoundedText = redaction::target(&path, MASK).into();
            assert!(kept.len() <= 1024 && kept.ends_with('…'), "{kept}");
        }
    }
}
