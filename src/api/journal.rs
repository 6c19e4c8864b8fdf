//! What happened: the last requests, and for each token request the decision with its reasons.
//!
//! The wire stays as vague as the live service; here stands why. No secret and no token is ever written down.

use std::collections::VecDeque;
use std::fmt;
use std::time::SystemTime;

use serde::Serialize;

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Counts from 1 since the tenant began or the journal was emptied.
    pub number: u64,
    /// When, by the tenant's clock.
    pub at: String,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Status of the answer.
    pub status: u16,
    /// The row of the Management API that answered, as `GET /clients/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The client whose token opened the Management API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Whether nothing is modelled at this path, or not for this method. The wire says 404, as of anything that is not there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unmodelled: bool,
    /// The sentence with which the Management API refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// What the token endpoint decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenDecision>,
    /// Whether the answer has the words of a tenant that was asked ([`Answers`](crate::Answers)), and not m2mock's own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub calibrated: bool,
    /// Which fault of the test the request has met, and what that did: `fault 3 answers 503`. What is done to a
    /// connection is not in the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// What the token endpoint decided, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TokenDecision {
    /// Whether a token was issued.
    pub granted: bool,
    /// The ids of the rules applied; the deciding one first.
    pub rules: Vec<&'static str>,
    /// The facts, in one sentence.
    pub why: String,
    /// The client that asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The API asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The organization asked for, as the request named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The id of the organization that the token is for, or would be: the one asked for, or the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// The scopes of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Why the client's own proof of who it is was refused, in the words that the tenant's log has for it. The wire never
    /// says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_authentication_error: Option<String>,
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

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.at, printable(&self.method), printable(&self.path), self.status)?;
        match (&self.token, &self.refusal) {
            (Some(decision), _) => write!(f, " {decision}")?,
            (None, Some(refusal)) => write!(f, " {}", printable(refusal))?,
            (None, None) => {}
        }
        if self.calibrated {
            write!(f, " [calibrated answer]")?;
        }
        // A fault that answers in the place of the token endpoint is its reason as well.
        let is_told = |fault: &str| self.token.as_ref().is_some_and(|decision| decision.why == fault);
        self.fault.iter().filter(|fault| !is_told(fault)).try_for_each(|fault| write!(f, " [{fault}]"))
    }
}

/// The last requests, as many as its capacity.
#[derive(Debug)]
pub struct Journal {
    entries: VecDeque<Entry>,
    capacity: usize,
    count: u64,
}

/// Longer paths are cut in the journal, so that its size is bounded by its capacity.
const LONGEST_PATH: usize = 1024;
const LONGEST_METHOD: usize = 32;
const LONGEST_WHY: usize = 2048;

/// Names whose values are nobody's business.
const SECRETIVE: [&str; 8] = ["secret", "token", "password", "assertion", "credential", "authorization", "key", "pem"];

fn is_secretive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETIVE.iter().any(|word| name.contains(word))
}

/// A path whose query keeps the names of its parameters, and the values only of those that are no secrets.
fn without_secrets(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let shown = |pair: &str| match pair.split_once('=') {
        // The token endpoint reads no query: whatever stands there was meant for the body.
        Some((name, _)) if is_secretive(name) || path == "/oauth/token" => format!("{name}=…"),
        _ => pair.to_owned(),
    };
    format!("{path}?{}", query.split('&').map(shown).collect::<Vec<_>>().join("&"))
}

/// The sentence of a refusal, without what it quotes from a property that holds a secret.
pub(super) fn without_quoted_secrets(sentence: &str) -> String {
    match (sentence.split_once('\''), sentence.rsplit_once("' on property ")) {
        (Some((before, _)), Some((_, property))) if is_secretive(property) => {
            format!("{before}'…' on property {property}")
        }
        _ => sentence.to_owned(),
    }
}

/// A text for one line of a log: control characters, which could end the line or steer a terminal, are replaced.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

impl Journal {
    /// An empty journal that keeps this many requests.
    pub fn new(capacity: usize) -> Self {
        Journal { entries: VecDeque::new(), capacity: capacity.max(1), count: 0 }
    }

    /// Numbers an entry and adds it; the oldest one goes when the journal is full.
    pub fn add(&mut self, mut entry: Entry) -> Entry {
        self.count += 1;
        entry.number = self.count;
        entry.path = without_secrets(&entry.path);
        cut(&mut entry.path, LONGEST_PATH);
        cut(&mut entry.method, LONGEST_METHOD);
        if let Some(decision) = &mut entry.token {
            cut(&mut decision.why, LONGEST_WHY);
            for text in [
                &mut decision.client_id,
                &mut decision.audience,
                &mut decision.organization,
                &mut decision.organization_id,
                &mut decision.scope,
                &mut decision.client_authentication_error,
            ] {
                text.iter_mut().for_each(|text| cut(text, LONGEST_PATH));
            }
        }
        entry.client_id.iter_mut().for_each(|client_id| cut(client_id, LONGEST_PATH));
        if let Some(refusal) = &mut entry.refusal {
            *refusal = without_quoted_secrets(refusal);
            cut(refusal, LONGEST_WHY);
        }
        if self.entries.len() == self.capacity {
            self.entries.pop_front();
        }
        self.entries.push_back(entry.clone());
        entry
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }

    /// Begins anew.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.count = 0;
    }
}

/// A moment as the Management API writes it: UTC with milliseconds.
pub fn timestamp(moment: SystemTime) -> String {
    humantime::format_rfc3339_millis(moment).to_string()
}

/// Cuts a text that is longer, between two characters.
pub(super) fn cut(text: &mut String, longest: usize) {
    if text.len() > longest {
        let end = (0..=longest).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Journal, TokenDecision};

    fn entry(path: &str) -> Entry {
        Entry {
            number: 0,
            at: "2026-01-01T00:00:00.000Z".to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
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
        let kept: Vec<(u64, String)> = journal.entries().into_iter().map(|entry| (entry.number, entry.path)).collect();
        assert_eq!(kept, [(2, "/b".to_owned()), (3, "/c".to_owned())]);
    }

    #[test]
    fn secrets_in_a_query_or_in_a_sentence_are_not_written_down() {
        let mut journal = Journal::new(3);
        let mut refused = entry("/api/v2/clients?access_token=eyJhbGci&page=1");
        refused.refusal =
            Some("Payload validation error: 'Invalid value \"s3cret\"' on property addons.storageKey.".to_owned());
        let kept = journal.add(refused);
        assert_eq!(kept.path, "/api/v2/clients?access_token=…&page=1");
        assert_eq!(kept.refusal.as_deref(), Some("Payload validation error: '…' on property addons.storageKey."));
        assert_eq!(journal.add(entry("/oauth/token?organization=org_1")).path, "/oauth/token?organization=…");
    }

    #[test]
    fn a_line_of_the_log_stays_one_line() {
        let mut forged = entry("/");
        forged.token =
            Some(TokenDecision { why: "client x\n2026 granted \u{1b}[31m".to_owned(), ..TokenDecision::default() });
        let line = forged.to_string();
        assert!(!line.contains(char::is_control), "{line:?}");
    }

    #[test]
    fn a_long_path_is_cut_between_characters() {
        let mut journal = Journal::new(1);
        let kept = journal.add(entry(&"/é".repeat(4000)));
        assert!(kept.path.len() < 1100 && kept.path.ends_with('…'));
    }
}
