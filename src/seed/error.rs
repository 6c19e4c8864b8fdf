//! What is wrong with a seed: one sentence that says where, then what.

use std::fmt;

use super::content::Unread;
use crate::api::ApiError;
use crate::domain::action::ClaimFault;

/// The reason why a seed cannot be read or planted: one sentence that names the file, and where it applies the section,
/// the entry and the key. Where the Management API refuses an entry, its own sentence is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedError(String);

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SeedError {}

/// A place in a seed, from the file inwards: `tenant.yaml, clients, entry 2 ("Partner bot")`.
#[derive(Clone)]
pub(super) struct Place(String);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Place {
    pub fn file(name: &str) -> Place {
        Place(name.to_owned())
    }

    /// Further inside.
    pub fn at(&self, inside: impl fmt::Display) -> Place {
        Place(format!("{}, {inside}", self.0))
    }
}

/// Where a text stops being JSON or YAML, and why.
pub(super) struct Fault {
    /// Line and column, from 1.
    pub position: Option<(usize, usize)>,
    pub reason: String,
}

impl Fault {
    /// The libraries end their sentences with the position, which stands in front of ours.
    pub fn new(sentence: &str, position: Option<(usize, usize)>) -> Fault {
        let said = position.map(|(line, column)| format!(" at line {line} column {column}"));
        let reason = said.map_or_else(|| sentence.to_owned(), |said| sentence.replacen(&said, "", 1));
        Fault { position, reason }
    }
}

impl SeedError {
    fn new(place: &Place, problem: impl fmt::Display) -> SeedError {
        let sentence = format!("{}: {problem}", place.0);
        // A name or a refused value may hold line breaks; the sentence stays on its line.
        SeedError(sentence.replace(char::is_control, " "))
    }

    pub(super) fn unread(file: &str, unread: &Unread) -> SeedError {
        let (place, sentence) = unread.told(file, "seed");
        SeedError::new(&place, sentence)
    }

    pub(super) fn unknown_section(file: &Place, section: &str, known: &[&str]) -> SeedError {
        let known = known.join(", ");
        SeedError::new(file, format_args!("there is no section {}; a seed has {known}", quoted(section)))
    }

    pub(super) fn section_to_come(file: &Place, section: &str) -> SeedError {
        SeedError::new(file, format_args!("the section {} is not modelled yet", quoted(section)))
    }

    pub(super) fn unknown_key(place: &Place, key: &str) -> SeedError {
        SeedError::new(place, format_args!("there is no key {}", quoted(key)))
    }

    fn unknown_keys(place: &Place, keys: &[String]) -> SeedError {
        match keys {
            [key] => SeedError::unknown_key(place, key),
            _ => {
                let keys: Vec<_> = keys.iter().map(|key| quoted(key)).collect();
                SeedError::new(place, format_args!("there are no keys {}", keys.join(", ")))
            }
        }
    }

    pub(super) fn missing_key(place: &Place, key: &str) -> SeedError {
        SeedError::new(place, format_args!("the key {} is missing", quoted(key)))
    }

    /// `expected` as in "a list".
    pub(super) fn wrong_shape(place: &Place, expected: &str) -> SeedError {
        SeedError::new(place, format_args!("{expected} belongs here"))
    }

    /// What is wrong with a fault.
    pub(super) fn no_fault(place: &Place, mistake: &str) -> SeedError {
        SeedError::new(place, mistake)
    }

    /// What the Management API answered. Keys that it does not know are told as such; its other sentences stand for
    /// themselves.
    pub(super) fn refused(place: &Place, error: &ApiError) -> SeedError {
        match unknown_keys(&error.message) {
            Some(keys) => SeedError::unknown_keys(place, &keys),
            None => SeedError::new(place, format_args!("the Management API refuses it: {error}")),
        }
    }

    pub(super) fn no_such_client(place: &Place, called: &str) -> SeedError {
        SeedError::new(place, format_args!("there is no client with the name or id {}", quoted(called)))
    }

    pub(super) fn several_such_clients(place: &Place, called: &str, count: usize) -> SeedError {
        SeedError::new(place, format_args!("{count} clients are called {}; name one by its id", quoted(called)))
    }

    pub(super) fn no_such_organization(place: &Place, called: &str) -> SeedError {
        SeedError::new(place, format_args!("there is no organization with the name or id {}", quoted(called)))
    }

    pub(super) fn no_such_connection(place: &Place, called: &str) -> SeedError {
        SeedError::new(place, format_args!("there is no connection with the name or id {}", quoted(called)))
    }

    pub(super) fn no_such_api(place: &Place, called: &str) -> SeedError {
        SeedError::new(place, format_args!("there is no API with the identifier or id {}", quoted(called)))
    }

    pub(super) fn claim_is_left_out(place: &Place, name: &str, fault: ClaimFault) -> SeedError {
        let (name, reason) = (quoted(name), fault.reason());
        SeedError::new(place, format_args!("the claim {name} is left out of every token, because {reason}"))
    }

    pub(super) fn no_such_client_grant(place: &Place, client: &str, audience: Option<&str>) -> SeedError {
        let client = quoted(client);
        match audience {
            Some(audience) => {
                SeedError::new(place, format_args!("the client {client} has no client grant for {}", quoted(audience)))
            }
            None => SeedError::new(place, format_args!("the client {client} has no client grant")),
        }
    }
}

/// A name as it stands in a sentence: in quotes, on one line, and not without end.
pub(super) fn quoted(name: &str) -> String {
    const MOST_CHARACTERS: usize = 80;
    match name.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", &name[..end]),
        None => format!("{name:?}"),
    }
}

/// The keys, each with the path to it, when this text says that they are not known and nothing else.
fn unknown_keys(text: &str) -> Option<Vec<String>> {
    text.split(" (also) ").map(unknown_key).collect()
}

/// The key of one sentence.
fn unknown_key(sentence: &str) -> Option<String> {
    let rest = sentence.strip_prefix("Payload validation error: 'Additional properties not allowed: ")?;
    if rest.contains(" Inner errors: ") {
        return None;
    }
    let (key, rest) = rest.split_once('\'')?;
    if rest == "." {
        return Some(key.to_owned());
    }
    // A description of the owner follows in parentheses, where the schema has one.
    let owner = rest.strip_prefix(" on property ")?;
    let owner = owner.split_once(" (").map_or_else(|| owner.strip_suffix('.'), |(owner, _)| Some(owner))?;
    Some(format!("{owner}.{key}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::at_the_root(&["'Additional properties not allowed: app_typ'."], Some("app_typ"))]
    #[case::inside(&["'Additional properties not allowed: id' on property scopes[0]."], Some("scopes[0].id"))]
    #[case::described(&["'Additional properties not allowed: x' on property flags (Switches)."], Some("flags.x"))]
    #[case::two(&["'Additional properties not allowed: x'.", "'Additional properties not allowed: y' on property z."], Some("x z.y"))]
    #[case::one_of_two(&["'Additional properties not allowed: x'.", "'Other'."], None)]
    #[case::with_inner_errors(&["'Additional properties not allowed: x'. Inner errors: [ A. ]"], None)]
    #[case::another_fault(&["'Missing required property: name'."], None)]
    fn unknown_keys_are_read_from_their_sentences(#[case] sentences: &[&str], #[case] keys: Option<&str>) {
        let sentences: Vec<_> = sentences.iter().map(|said| format!("Payload validation error: {said}")).collect();
        let read = unknown_keys(&sentences.join(" (also) "));
        assert_eq!(read.map(|keys| keys.join(" ")).as_deref(), keys);
    }

    #[test]
    fn a_name_without_end_does_not_make_a_sentence_without_end() {
        assert_eq!(quoted("Partner bot"), "\"Partner bot\"");
        assert!(quoted(&"ä".repeat(1_000_000)).len() < 200);
    }

    #[test]
    fn a_sentence_stays_on_one_line() {
        let error = SeedError::new(&Place::file("seed\n.json"), "several\r\nlines");
        assert!(!error.to_string().contains(['\n', '\r']));
    }
}
