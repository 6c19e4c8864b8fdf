//! The references of a snapshot: `<org:acme>` for an id, and fixed words for times and the port, which differ between runs.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::domain::IdShape;
use crate::store::document::text;
use crate::store::model::{KINDS, KindSpec, Label};
use crate::store::{Collection, State};

/// Shorter ids were chosen by a test: they are the same in each run, and stand for themselves. They may be common words.
const SHORTEST: usize = 16;

/// Ids and their references.
#[derive(Debug)]
pub(super) struct References {
    by_id: HashMap<String, String>,
    /// Texts in the form of an id that no entity has, such as ids of deleted entities, in the order of appearance.
    others: Vec<String>,
    authority: String,
    moments: bool,
}

impl References {
    pub(super) fn of(state: &State, authority: &str, moments: bool) -> Self {
        let authority = authority.to_owned();
        let mut references = References { by_id: HashMap::new(), others: Vec::new(), authority, moments };
        for spec in KINDS {
            if let Some(label) = &spec.label {
                references.add(&state[spec.kind], spec, label);
            }
        }
        references
    }

    /// Adds the entities of a kind. If an earlier entity has the same label, a number follows it; a missing label is a number.
    fn add(&mut self, collection: &Collection, spec: &KindSpec, label: &Label) {
        let (noun, mut used) = (label.noun, HashMap::<String, usize>::new());
        for seq in collection.order().iter() {
            let (Some(id), Some(document)) = (collection.id_at(seq), collection.at(seq)) else { continue };
            let label = self.label(document, spec, label).unwrap_or_default();
            let number = used.entry(label.clone()).or_default();
            *number += 1;
            let reference = match (label.as_str(), *number) {
                ("", number) => format!("<{noun}:{number}>"),
                (label, 1) => format!("<{noun}:{label}>"),
                (label, number) => format!("<{noun}:{label}#{number}>"),
            };
            // In a path the line before the second half of a user's id is encoded; that half is as good as the whole.
            let half = id.rsplit_once('|').map_or(id, |(_, half)| half);
            for id in [id, half].into_iter().filter(|id| id.len() >= SHORTEST) {
                self.by_id.insert(id.to_owned(), reference.clone());
            }
        }
    }

    /// The parts of a label with commas between them; `None` if one of them is missing. A part that names another entity
    /// shows the label of that one.
    fn label(&self, document: &Map<String, Value>, spec: &KindSpec, label: &Label) -> Option<String> {
        let part = |members: &&[&str]| {
            let (member, text) = members.iter().find_map(|member| Some((*member, text(document, member)?)))?;
            let is_key = spec.foreign_keys.iter().any(|key| key.member == member);
            let reference = self.by_id.get(text).filter(|_| is_key);
            Some(reference.map_or(text, |reference| inner(reference)))
        };
        let parts: Option<Vec<&str>> = label.parts.iter().map(part).collect();
        Some(parts?.join(", "))
    }

    /// Whether the clock makes moments worth showing.
    pub(super) fn shows_moments(&self) -> bool {
        self.moments
    }

    /// A text without what differs from run to run.
    pub(super) fn text(&mut self, text: &str) -> String {
        if let Some(reference) = self.by_id.get(text) {
            return reference.clone();
        }
        let text = text.replace(&self.authority, "<tenant>");
        let text = if self.moments { text } else { without_moments(&text) };
        let mut said = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let word = rest.find(|c: char| !is_in_an_id(c)).unwrap_or(rest.len());
            let (run, after) = rest.split_at(word);
            let word = self.word(run);
            // A reason contains the name and the id of an entity, `"Partner bot" (4V6U…)`; the reference replaces both.
            let named = format!("\"{}\" (", name_in(&word));
            if after.starts_with(')') && said.ends_with(&named) {
                said.truncate(said.len() - named.len());
                said.push_str(&word);
                rest = &after[1..];
                continue;
            }
            said.push_str(&word);
            // What follows is copied. An encoded character is three of them: its digits belong to no id.
            let encoded = after.as_bytes();
            let copied = match encoded {
                [b'%', one, two, ..] if one.is_ascii_hexdigit() && two.is_ascii_hexdigit() => 3,
                _ => after.chars().next().map_or(0, char::len_utf8),
            };
            said.push_str(&after[..copied]);
            rest = &after[copied..];
        }
        said
    }

    fn word(&mut self, word: &str) -> String {
        if word.len() < SHORTEST {
            return word.to_owned();
        }
        if let Some(reference) = self.by_id.get(word) {
            return reference.clone();
        }
        if !IdShape::is_drawn(word) {
            return word.to_owned();
        }
        let known = self.others.iter().position(|other| other == word);
        let number = known.unwrap_or_else(|| {
            self.others.push(word.to_owned());
            self.others.len() - 1
        });
        format!("<id:{}>", number + 1)
    }
}

fn is_in_an_id(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

/// `Partner bot` of `<client:Partner bot>`.
fn inner(reference: &str) -> &str {
    reference.trim_end_matches('>').split_once(':').map_or(reference, |(_, label)| label)
}

/// `Partner bot` of `<client:Partner bot#2>`.
fn name_in(reference: &str) -> &str {
    let label = inner(reference);
    label.rsplit_once('#').filter(|(_, number)| number.parse::<usize>().is_ok()).map_or(label, |(name, _)| name)
}

/// A text in which a placeholder replaces each timestamp of the Management API.
fn without_moments(text: &str) -> String {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00.000Z";
    let is_moment = |bytes: &[u8]| {
        bytes.len() == SHAPE.len()
            && bytes
                .iter()
                .zip(SHAPE)
                .all(|(byte, shape)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape })
    };
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    // A moment is plain ASCII, so that its place is one between characters.
    while let Some(at) = rest.as_bytes().windows(SHAPE.len()).position(is_moment) {
        said.push_str(&rest[..at]);
        said.push_str("<time>");
        rest = &rest[at + SHAPE.len()..];
    }
    said + rest
}

#[cfg(test)]
mod tests {
    use super::{References, without_moments};
    use crate::store::{Kind, State};

    fn references() -> References {
        let mut state = State::new(fastrand::Rng::with_seed(7));
        let document = |json: serde_json::Value| json.as_object().expect("an object").clone();
        for id in ["org_0123456789abcdef", "org_fedcba9876543210"] {
            state[Kind::Organization].insert(id, document(serde_json::json!({ "name": "acme" })));
        }
        state[Kind::Client].insert("bot", document(serde_json::json!({ "name": "Partner bot" })));
        state[Kind::User]
            .insert("auth0|507f1f77bcf86cd799439011", document(serde_json::json!({ "email": "ada@acme.example" })));
        References::of(&state, "127.0.0.1:4711", false)
    }

    #[test]
    fn an_id_is_known_wherever_it_stands() {
        let mut references = references();
        for (text, said) in [
            ("org_0123456789abcdef", "<org:acme>"),
            ("/organizations/org_fedcba9876543210/members?take=2", "/organizations/<org:acme#2>/members?take=2"),
            ("q=id%3Aorg_0123456789abcdef%20", "q=id%3A<org:acme>%20"),
            ("auth0|507f1f77bcf86cd799439011", "<user:ada@acme.example>"),
            ("/users/auth0%7C507f1f77bcf86cd799439011", "/users/auth0%7C<user:ada@acme.example>"),
            ("http://127.0.0.1:4711/", "http://<tenant>/"),
            ("grün org_0123456789abcdef.", "grün <org:acme>."),
        ] {
            assert_eq!(references.text(text), said);
        }
    }

    #[test]
    fn a_short_id_is_a_word_like_others() {
        let mut references = references();
        assert_eq!(references.text("the bot asks"), "the bot asks");
        assert_eq!(references.text("bot"), "bot");
    }

    #[test]
    fn ids_of_nothing_are_counted() {
        let mut references = references();
        assert_eq!(references.text("org_aaaaaaaaaaaaaaaa, org_bbbbbbbbbbbbbbbb"), "<id:1>, <id:2>");
        assert_eq!(references.text("org_aaaaaaaaaaaaaaaa"), "<id:1>");
    }

    #[test]
    fn a_moment_is_only_said_to_be_there() {
        assert_eq!(without_moments("é 2026-06-01T12:00:00.000Z, 2026-06-01"), "é <time>, 2026-06-01");
    }
}
