//! The pattern of a word or phrase in a query: an exact value, or wildcards.

use super::error::QueryError;

/// The minimum number of characters beside a wildcard that is not at the end (documented for both searches).
const MIN_BESIDE_WILDCARD: usize = 3;

/// A value, or the parts of one between wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Exactly(String),
    /// At least two parts. The value begins with the first and ends with the last, which may be empty; the parts
    /// between follow in this order.
    Parts(Vec<String>),
}

impl Pattern {
    pub(super) fn exactly(text: &str) -> Pattern {
        Pattern::Exactly(text.to_owned())
    }

    pub(super) fn starting_with(text: &str) -> Pattern {
        Pattern::Parts(vec![text.to_owned(), String::new()])
    }

    /// Parses a word without quotes: `*` is a wildcard unless a backslash is before it. `?` is no wildcard.
    pub(super) fn word(word: &str) -> Result<Pattern, QueryError> {
        let mut parts = vec![String::new()];
        let mut after_wildcard = false;
        let mut chars = word.chars();
        while let Some(c) = chars.next() {
            let literal = match c {
                '*' if after_wildcard => continue,
                '*' => {
                    parts.push(String::new());
                    after_wildcard = true;
                    continue;
                }
                '\\' => chars.next().unwrap_or('\\'),
                c => c,
            };
            after_wildcard = false;
            if let Some(part) = parts.last_mut() {
                part.push(literal);
            }
        }
        if let [whole] = &mut parts[..] {
            return Ok(Pattern::Exactly(std::mem::take(whole)));
        }
        let begins_only = matches!(&parts[..], [begin, end] if !begin.is_empty() && end.is_empty());
        let literal_characters: usize = parts.iter().map(|part| part.chars().count()).sum();
        if !begins_only && literal_characters < MIN_BESIDE_WILDCARD {
            return Err(QueryError::ShortWildcard(word.to_owned()));
        }
        Ok(Pattern::Parts(parts))
    }

    pub(super) fn as_exact(&self) -> Option<&str> {
        match self {
            Pattern::Exactly(text) => Some(text),
            Pattern::Parts(_) => None,
        }
    }

    pub(super) fn in_lower_case(self) -> Pattern {
        match self {
            Pattern::Exactly(text) => Pattern::Exactly(text.to_lowercase()),
            Pattern::Parts(parts) => Pattern::Parts(parts.iter().map(|part| part.to_lowercase()).collect()),
        }
    }

    /// Whether a value matches. Each part is searched once, from the end of the previous one.
    pub(super) fn fits(&self, value: &str) -> bool {
        let (begin, between, end) = match self {
            Pattern::Exactly(text) => return text == value,
            Pattern::Parts(parts) => match &parts[..] {
                [begin, between @ .., end] => (begin, between, end),
                _ => return false,
            },
        };
        let Some(mut rest) = value.strip_prefix(begin.as_str()).and_then(|rest| rest.strip_suffix(end.as_str())) else {
            return false;
        };
        for part in between {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}
