//! The problems of a seed: one sentence each, with the location and then the fault.

use std::fmt;

use super::location::Location;
use super::nearest::nearest;
use super::unread::Unread;
use crate::domain::Entitlement;
use crate::domain::action::ClaimFault;

/// All problems of one or several seeds, in the order of their files and sections.
///
/// It is shown as one line for each [problem](SeedProblem).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeedError {
    problems: Vec<SeedProblem>,
}

impl SeedError {
    /// The problems; there is at least one.
    pub fn problems(&self) -> &[SeedProblem] {
        &self.problems
    }
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SeedError {}

impl From<SeedProblem> for SeedError {
    fn from(problem: SeedProblem) -> SeedError {
        SeedError { problems: vec![problem] }
    }
}

/// The kind of a [`SeedProblem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeedProblemKind {
    /// A file cannot be read, is too large, or lies outside of its folder.
    File,
    /// A file is not JSON or YAML.
    Syntax,
    /// A keyword (`##KEY##`, `@@KEY@@`) has no mapping, or its mapping does not fit.
    Keyword,
    /// The deploy tool has no section of this name.
    UnknownSection,
    /// m2mock does not model a section of the deploy tool yet.
    UnmodelledSection,
    /// A value has the wrong type or form, or is missing.
    Shape,
    /// A key has no meaning in its place.
    UnknownKey,
    /// A name or an id refers to nothing, or to several entities.
    Reference,
    /// The Management API refuses an entry.
    Refused,
    /// A value of the seed has no effect. This kind is a warning, and never part of a [`SeedError`].
    NoEffect,
}

/// One problem of a seed. It is shown as one sentence on one line: file, line, section, entry and key as far as they apply,
/// then the fault. Where the Management API refuses an entry, the sentence repeats the words of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeedProblem {
    /// The kind of fault.
    pub kind: SeedProblemKind,
    place: Location,
    fault: String,
}

impl SeedProblem {
    /// The file, by the name under which it was read.
    pub fn file(&self) -> &str {
        &self.place.file
    }

    /// The line in the file, from 1, where it is known.
    pub fn line(&self) -> Option<usize> {
        self.place.position.map(|(line, _)| line)
    }

    /// The section, where the problem has one.
    pub fn section(&self) -> Option<&str> {
        self.place.inside.first().map(String::as_str)
    }

    /// The fault without its location.
    pub fn fault(&self) -> &str {
        &self.fault
    }
}

impl fmt::Display for SeedProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name or a refused value may contain line breaks; the sentence has one line.
        let sentence = format!("{}: {}", self.place, self.fault);
        f.write_str(&sentence.replace(char::is_control, " "))
    }
}

/// The problems that a reader has found. The reader continues after each problem, so one run reports all of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    errors: Vec<SeedProblem>,
    warnings: Vec<SeedProblem>,
}

impl Report {
    pub(crate) fn error(&mut self, problem: SeedProblem) {
        self.errors.push(problem);
    }

    pub(crate) fn warn(&mut self, problem: SeedProblem) {
        self.warnings.push(problem);
    }

    /// The value, or `None` after adding an error.
    pub(crate) fn accept<T>(&mut self, result: Result<T, SeedProblem>) -> Option<T> {
        result.map_err(|problem| self.error(problem)).ok()
    }

    pub(crate) fn append(&mut self, mut other: Report) {
        self.errors.append(&mut other.errors);
        self.warnings.append(&mut other.warnings);
    }

    /// The problems that refuse a seed.
    #[cfg(feature = "cli")]
    pub(crate) fn errors(&self) -> &[SeedProblem] {
        &self.errors
    }

    /// The problems that do not refuse a seed.
    #[cfg(any(feature = "cli", test))]
    pub(crate) fn warnings(&self) -> &[SeedProblem] {
        &self.warnings
    }

    /// # Errors
    /// The report has errors.
    pub(crate) fn verdict(self) -> Result<(), SeedError> {
        if self.errors.is_empty() { Ok(()) } else { Err(SeedError { problems: self.errors }) }
    }
}

use SeedProblemKind as Kind;

impl SeedProblem {
    pub(crate) fn new(kind: Kind, place: &Location, fault: impl fmt::Display) -> SeedProblem {
        SeedProblem { kind, place: place.clone(), fault: fault.to_string() }
    }

    pub(crate) fn unread(file: &str, unread: &Unread) -> SeedProblem {
        SeedProblem::unread_as(file, unread, "seed")
    }

    pub(crate) fn unread_mappings(file: &str, unread: &Unread) -> SeedProblem {
        SeedProblem::unread_as(file, unread, "mapping file")
    }

    fn unread_as(file: &str, unread: &Unread, what: &str) -> SeedProblem {
        let kind = match unread {
            Unread::Malformed(..) => Kind::Syntax,
            Unread::Keyword(..) => Kind::Keyword,
            _ => Kind::File,
        };
        let (place, sentence) = unread.told(file, what);
        SeedProblem::new(kind, &place, sentence)
    }

    pub(crate) fn unmapped_keyword(place: &Location, key: &str) -> SeedProblem {
        let key = quoted(key);
        let ways = "give one in a file (--mappings) or in an environment variable of this name";
        SeedProblem::new(Kind::Keyword, place, format_args!("the keyword {key} has no mapping; {ways}"))
    }

    pub(crate) fn unknown_section(file: &Location, section: &str, known: &[&str]) -> SeedProblem {
        let hint = match nearest(section, known.iter().copied()) {
            Some(nearest) => format!("did you mean {}?", quoted(nearest)),
            None => "a seed has those of the deploy tool".to_owned(),
        };
        let section = quoted(section);
        SeedProblem::new(Kind::UnknownSection, file, format_args!("there is no section {section}; {hint}"))
    }

    pub(crate) fn unmodelled_section(place: &Location, section: &str) -> SeedProblem {
        let section = quoted(section);
        let fault = format_args!("m2mock does not model the section {section} yet; --skip-unmodelled leaves it out");
        SeedProblem::new(Kind::UnmodelledSection, place, fault)
    }

    #[cfg(feature = "conformance")]
    pub(crate) fn not_for_scenarios(place: &Location, section: &str) -> SeedProblem {
        let section = quoted(section);
        let fault = format_args!("the section {section} belongs to the whole tenant, which scenarios share");
        SeedProblem::new(Kind::UnmodelledSection, place, fault)
    }

    pub(crate) fn skipped_section(place: &Location, section: &str) -> SeedProblem {
        let fault = format_args!("the section {} is left out: m2mock does not model it yet", quoted(section));
        SeedProblem::new(Kind::UnmodelledSection, place, fault)
    }

    /// `known` are the valid keys.
    pub(crate) fn unknown_key<'a>(
        place: &Location,
        key: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> SeedProblem {
        let hint = match nearest(key, known) {
            Some(nearest) => format!("; did you mean {}?", quoted(nearest)),
            None => String::new(),
        };
        SeedProblem::new(Kind::UnknownKey, place, format_args!("there is no key {}{hint}", quoted(key)))
    }

    /// An unknown feature of the plan, with the nearest one or all of them.
    pub(crate) fn no_feature(place: &Location, name: &str) -> SeedProblem {
        let names = Entitlement::ALL.map(Entitlement::as_str);
        let hint = match nearest(name, names) {
            Some(nearest) => format!("; did you mean {}?", quoted(nearest)),
            None => format!("; the features are {}", names.join(", ")),
        };
        SeedProblem::new(Kind::Reference, place, format_args!("there is no feature {}{hint}", quoted(name)))
    }

    pub(crate) fn missing_key(place: &Location, key: &str) -> SeedProblem {
        SeedProblem::new(Kind::Shape, place, format_args!("the key {} is missing", quoted(key)))
    }

    /// `expected` as in "a list".
    pub(crate) fn wrong_shape(place: &Location, expected: &str) -> SeedProblem {
        SeedProblem::new(Kind::Shape, place, format_args!("{expected} belongs here"))
    }

    /// `entity` as in "client"; `by` as in "name or id".
    pub(crate) fn no_such_entity(place: &Location, entity: &str, by: &str, called: &str) -> SeedProblem {
        let called = quoted(called);
        SeedProblem::new(Kind::Reference, place, format_args!("there is no {entity} with the {by} {called}"))
    }

    pub(crate) fn several_such_entities(place: &Location, entity: &str, called: &str, count: usize) -> SeedProblem {
        let fault = format_args!("{count} {entity}s are called {}; name one by its id", quoted(called));
        SeedProblem::new(Kind::Reference, place, fault)
    }

    pub(crate) fn no_such_client_grant(place: &Location, client: &str, audience: Option<&str>) -> SeedProblem {
        let client = quoted(client);
        let fault = match audience {
            Some(audience) => format!("the client {client} has no client grant for {}", quoted(audience)),
            None => format!("the client {client} has no client grant"),
        };
        SeedProblem::new(Kind::Reference, place, fault)
    }

    pub(crate) fn claim_is_left_out(place: &Location, name: &str, fault: ClaimFault) -> SeedProblem {
        let (name, reason) = (quoted(name), fault.reason());
        let fault = format_args!("the claim {name} is left out of every token, because {reason}");
        SeedProblem::new(Kind::Shape, place, fault)
    }

    pub(crate) fn no_effect(place: &Location, fault: impl fmt::Display) -> SeedProblem {
        SeedProblem::new(Kind::NoEffect, place, fault)
    }

    pub(crate) fn of_file(place: &Location, fault: impl fmt::Display) -> SeedProblem {
        SeedProblem::new(Kind::File, place, fault)
    }
}

/// A name in a sentence: in quotes, on one line, and cut if it is long.
pub(crate) fn quoted(name: &str) -> String {
    const MOST_CHARACTERS: usize = 80;
    match name.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", &name[..end]),
        None => format!("{name:?}"),
    }
}

/// Several names in one sentence: `"a", "b" and "c"`.
pub(crate) fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_end_does_not_make_a_sentence_without_end() {
        assert_eq!(quoted("Partner bot"), "\"Partner bot\"");
        assert!(quoted(&"ä".repeat(1_000_000)).len() < 200);
    }

    #[test]
    fn a_sentence_stays_on_one_line() {
        let problem = SeedProblem::no_effect(&Location::file("seed\n.json"), "several\r\nlines");
        assert!(!problem.to_string().contains(['\n', '\r']));
    }

    #[test]
    fn a_place_tells_its_parts() {
        let place =
            Location::file("seed.yaml").at("clients").entry(2, Some("\"Bot\"")).at("callbacks").on_line(7, None);
        let problem = SeedProblem::unmapped_keyword(&place, "CALLBACKS");
        assert_eq!((problem.file(), problem.line(), problem.section()), ("seed.yaml", Some(7), Some("clients")));
        assert!(problem.to_string().starts_with("seed.yaml, line 7, clients, entry 2 (\"Bot\"), callbacks: "));
    }

    #[test]
    fn an_error_has_one_line_for_each_problem() {
        let mut report = Report::default();
        let place = Location::file("seed.yaml");
        for key in ["a", "b"] {
            report.error(SeedProblem::missing_key(&place, key));
        }
        let error = report.verdict().unwrap_err();
        assert_eq!(error.problems().len(), 2);
        assert_eq!(error.to_string().lines().count(), 2);
    }

    #[test]
    fn names_are_listed() {
        assert_eq!(listed(&["a"]), "\"a\"");
        assert_eq!(listed(&["a", "b", "c"]), "\"a\", \"b\" and \"c\"");
    }
}
