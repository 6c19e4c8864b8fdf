//! Identifiers that a service generated: their forms, and the mapping from recorded to live identifiers.

use std::collections::HashMap;

use serde_json::Value;

/// Whether a text looks like an identifier that the live service generates.
pub(crate) fn is_identifier(text: &str) -> bool {
    prefixed(text)
        || is_hexadecimal(text, 24)
        || is_all(text, 32, |byte| byte.is_ascii_alphanumeric())
        || is_uuid(text)
        || is_ulid(text)
        || is_user_id(text)
}

fn is_all(text: &str, length: usize, accepted: impl Fn(u8) -> bool) -> bool {
    text.len() == length && text.bytes().all(accepted)
}

fn is_lower_hexadecimal(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

fn is_hexadecimal(text: &str, length: usize) -> bool {
    is_all(text, length, is_lower_hexadecimal)
}

/// `org_…`, `cgr_…`, `con_…` and the like.
fn prefixed(text: &str) -> bool {
    let Some((prefix, rest)) = text.split_once('_') else { return false };
    (2..=5).contains(&prefix.len())
        && prefix.bytes().all(|byte| byte.is_ascii_lowercase())
        && (14..=26).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || is_lower_hexadecimal(byte))
}

fn is_ulid(text: &str) -> bool {
    is_all(text, 26, |byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() && !b"ILOU".contains(&byte))
}

/// `auth0|…`: a provider, and a part that is long enough to be generated.
fn is_user_id(text: &str) -> bool {
    let Some((provider, rest)) = text.split_once('|') else { return false };
    !provider.is_empty()
        && provider.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && rest.len() >= 16
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a live text has the form of a recorded identifier: the same length and prefix, and hexadecimal digits if the recorded
/// identifier has only those.
pub(super) fn same_form(recorded: &str, live: &str) -> bool {
    let prefix = recorded.find(['_', '|']).map_or("", |end| &recorded[..=end]);
    let hexadecimal =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'-' || is_lower_hexadecimal(byte));
    match (recorded.strip_prefix(prefix), live.strip_prefix(prefix)) {
        (Some(recorded_rest), Some(live_rest)) => {
            recorded.chars().count() == live.chars().count() && (!hexadecimal(recorded_rest) || hexadecimal(live_rest))
        }
        _ => false,
    }
}

/// The path with `{id}` in place of identifiers, for counting similar requests together.
pub(super) fn template(path: &str) -> String {
    let is_id = |part: &str| is_identifier(&decoded(part)) || part.contains(['%', '|']);
    path.split('/').map(|part| if is_id(part) { "{id}" } else { part }).collect::<Vec<_>>().join("/")
}

/// A path segment, percent-decoded.
pub(super) fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}

/// A one-to-one mapping between recorded and live identifiers.
#[derive(Debug, Default)]
pub(super) struct Identifiers {
    live: HashMap<String, String>,
    recorded: HashMap<String, String>,
}

impl Identifiers {
    /// Maps two identifiers to each other; `false` if one of them is mapped to another identifier.
    pub(super) fn learn(&mut self, recorded: &str, live: &str) -> bool {
        if self.live.contains_key(recorded) || self.recorded.contains_key(live) {
            return self.live.get(recorded).is_some_and(|known| known == live);
        }
        self.live.insert(recorded.to_owned(), live.to_owned());
        self.recorded.insert(live.to_owned(), recorded.to_owned());
        // The identities of a user contain the second half of the id alone.
        if let (Some((_, recorded)), Some((_, live))) = (recorded.split_once('|'), live.split_once('|')) {
            self.learn(recorded, live);
        }
        true
    }

    /// The live identifier of a recorded one.
    pub(super) fn live_for(&self, recorded: &str) -> Option<&str> {
        self.live.get(recorded).map(String::as_str)
    }

    /// Whether a live identifier is mapped to a recorded one.
    pub(super) fn is_learnt(&self, live: &str) -> bool {
        self.recorded.contains_key(live)
    }

    /// Replaces each recorded identifier in a text with its live one. A match has no letter or digit next to it; of several matches at
    /// the same position the longest counts.
    pub(super) fn to_live(&self, text: &str) -> String {
        if self.live.is_empty() {
            return text.to_owned();
        }
        if let Some(live) = self.live.get(text) {
            return live.clone();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut after_word = false; // the last character was a letter or digit
        while let Some(character) = rest.chars().next() {
            match (!after_word).then(|| self.at_start_of(rest)).flatten() {
                Some((recorded, live)) => {
                    out.push_str(live);
                    after_word = recorded.ends_with(|last: char| last.is_ascii_alphanumeric());
                    rest = &rest[recorded.len()..];
                }
                None => {
                    out.push(character);
                    after_word = character.is_ascii_alphanumeric();
                    rest = &rest[character.len_utf8()..];
                }
            }
        }
        out
    }

    fn at_start_of(&self, text: &str) -> Option<(&str, &str)> {
        let ends = |recorded: &String| {
            text.strip_prefix(recorded.as_str())
                .is_some_and(|after| !after.starts_with(|next: char| next.is_ascii_alphanumeric()))
        };
        let longest =
            self.live.iter().filter(|(recorded, _)| ends(recorded)).max_by_key(|(recorded, _)| recorded.len());
        longest.map(|(recorded, live)| (recorded.as_str(), live.as_str()))
    }

    /// Replaces every recorded identifier in the texts of a value.
    pub(super) fn value_to_live(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.to_live(text).into(),
            Value::Array(items) => items.iter().map(|item| self.value_to_live(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(key, value)| (key.clone(), self.value_to_live(value))).collect()
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Identifiers, is_identifier, same_form, template};

    #[rstest]
    #[case("org_rzYJzQmXEK2TKYzZ", true)]
    #[case("5f7c8ec7c33c6c004bbafe82", true)]
    #[case("auth0|5f7c8ec7c33c6c004bbafe82", true)]
    #[case("7a4a9d4c-2f0b-4ef1-9b46-1b8bb1ad2e6f", true)]
    #[case("01H9ZJ3D7RZ6W4N0E2T8C5B1KX", true)]
    #[case("01H9ZJ3D7RZ6W4N0E2T8C5B1KO", false)]
    #[case("read:users", false)]
    #[case("organization_name", false)]
    #[case("auth0|chosen", false)]
    fn an_identifier_is_recognized_by_its_form(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_identifier(text), expected);
    }

    #[rstest]
    #[case("org_rzYJzQmXEK2TKYzZ", "org_0000000000000000", true)]
    #[case("org_rzYJzQmXEK2TKYzZ", "con_0000000000000000", false)]
    #[case("5f7c8ec7c33c6c004bbafe82", "5f7c8ec7c33c6c004bbafexx", false)]
    #[case("rzYJzQmXEK2TKYzZ", "rzYJzQmXEK2TKYz", false)]
    fn a_live_identifier_has_the_form_of_the_recorded_one(
        #[case] recorded: &str,
        #[case] live: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(same_form(recorded, live), expected);
    }

    #[test]
    fn identifiers_are_replaced_within_texts_too() {
        let mut ids = Identifiers::default();
        assert!(ids.learn("org_A", "org_1") && ids.learn("org_AB", "org_2") && ids.learn("auth0|left", "auth0|right"));
        assert_eq!(ids.to_live("org_A,org_AB|org_ABC (left)"), "org_1,org_2|org_ABC (right)");
        assert!(ids.learn("org_A", "org_1"), "learning the same again changes nothing");
        assert!(!ids.learn("org_A", "org_3") && !ids.learn("org_C", "org_1"), "one to one");
    }

    #[test]
    fn a_template_of_a_path_has_no_identifiers() {
        assert_eq!(template("/api/v2/clients/AaIkzRmXEKoTKYzZAaIkzRmXEKoTKYzZ"), "/api/v2/clients/{id}");
        assert_eq!(template("/api/v2/resource-servers/https%3A%2F%2Furi"), "/api/v2/resource-servers/{id}");
    }
}
