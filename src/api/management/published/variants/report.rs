//! The report of a run: what differs, and the figures of each family.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fmt, fs};

use serde_json::Value;

use super::generator::{LARGEST, SMALLEST, Variant};
use super::several_changes::SEVERAL_CHANGES;
use crate::api::management::published::differences::{ANSWERS, DIFFERENCES, IN_CHOICES};
use crate::api::management::published::schemas::Place;

/// What a tenant does with a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Accepted,
    BySchema,
    ByRule,
}

/// The figures of a family. None of them falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    /// Variants with the verdict of the published schema.
    agreed: usize,
    /// Variants that a tenant accepted.
    accepted: usize,
    /// Answers that satisfy their published schema.
    answers: usize,
}

/// A variant with another verdict than that of the published schema.
struct Difference {
    change: &'static str,
    document: Value,
    is_valid: bool,
    outcome: Outcome,
}

/// What a run finds.
#[derive(Default)]
pub(super) struct Report {
    variants: usize,
    answers: usize,
    /// By the first part of the path.
    figures: BTreeMap<String, Figures>,
    differences: BTreeMap<(String, Place, String), Vec<Difference>>,
    /// Members of answers that differ: the keyword of the schema, and an answer.
    of_answers: BTreeMap<(String, String), (String, Value)>,
    without_schema: BTreeSet<(String, u16)>,
    /// Smallest and largest documents that are not valid: a fault of the generator.
    pub(super) invalid: Vec<String>,
}

/// How much of a document or an answer a line of the report has.
const SHOWN: usize = 400;

impl Report {
    /// Adds a verdict. Documents with several changes are not in the figures, because their number is open.
    pub(super) fn judged(
        &mut self,
        operation: &str,
        place: Place,
        variant: &Variant,
        is_valid: bool,
        outcome: Outcome,
    ) {
        self.variants += 1;
        let agrees = is_valid != (outcome == Outcome::BySchema);
        if variant.change != SEVERAL_CHANGES {
            let figures = self.figures.entry(family(operation)).or_default();
            figures.agreed += usize::from(agrees);
            figures.accepted += usize::from(outcome == Outcome::Accepted);
        }
        if !agrees {
            let key = (operation.to_owned(), place, variant.member.clone());
            let document = variant.document.clone();
            let difference = Difference { change: variant.change, document, is_valid, outcome };
            self.differences.entry(key).or_default().push(difference);
        }
    }

    /// Adds an answer, with the members that differ from its schema.
    pub(super) fn answered(
        &mut self,
        operation: &str,
        variant: &Variant,
        answer: &Value,
        faults: BTreeSet<(String, String)>,
    ) {
        self.answers += 1;
        if variant.change != SEVERAL_CHANGES {
            self.figures.entry(family(operation)).or_default().answers += usize::from(faults.is_empty());
        }
        for (member, keyword) in faults {
            let key = (operation.to_owned(), member);
            self.of_answers.entry(key).or_insert_with(|| (keyword, answer.clone()));
        }
    }

    /// Adds an answer whose schema is not published.
    pub(super) fn without_schema(&mut self, operation: &str, status: u16) {
        self.without_schema.insert((operation.to_owned(), status));
    }

    pub(super) fn differs(&self, operation: &str, place: Place, member: &str) -> bool {
        self.differences.contains_key(&(operation.to_owned(), place, member.to_owned()))
    }

    pub(super) fn answer_differs(&self, operation: &str, member: &str) -> bool {
        self.of_answers.contains_key(&(operation.to_owned(), member.to_owned()))
    }

    /// The differences that no list explains, one line for each member.
    pub(super) fn unexplained(&self) -> Vec<String> {
        let lines = self.differences.iter().filter_map(|((operation, place, member), differences)| {
            let known = listed(operation, *place);
            let unknown = differences.iter().find(|difference| !difference.is_explained(member, &known))?;
            Some(format!("{operation} {place:?} {member:?}: {unknown}\n"))
        });
        lines.collect()
    }

    /// The differences of answers that no list explains.
    pub(super) fn unexplained_answers(&self) -> Vec<String> {
        let is_listed = |operation: &str, member: &str| {
            ANSWERS.iter().any(|(operations, members, _)| operations.contains(&operation) && members.contains(&member))
        };
        let unknown = self.of_answers.iter().filter(|((operation, member), _)| !is_listed(operation, member));
        let line = |((operation, member), (keyword, answer)): (&(String, String), &(String, Value))| {
            format!("{operation} {member:?}: {keyword} {}\n", start(answer))
        };
        unknown.map(line).collect()
    }

    /// The families whose figures are lower than those of the fixture, and those that the fixture lacks. With
    /// `UPDATE_GOLDEN`, the fixture gets the new figures, unless one is lower.
    pub(super) fn fallen(&self) -> Vec<String> {
        let may_write = env::var_os("UPDATE_GOLDEN").is_some();
        let written = match fs::read_to_string(golden()) {
            Ok(written) => written,
            Err(_) if may_write => String::new(),
            Err(error) => panic!("fixtures/variants.tsv: {error}"),
        };
        let mut fallen = Vec::new();
        let mut in_fixture = BTreeSet::new();
        for line in written.lines().skip(1) {
            let [family, agreed, accepted, answers] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("a family has four columns: {line}");
            };
            in_fixture.insert(family);
            let before = [agreed, accepted, answers].map(|figure| figure.parse().expect("a figure is a number"));
            let now = self.figures.get(family).copied().unwrap_or_default().columns();
            if now.iter().zip(before).any(|(now, before): (&usize, usize)| *now < before) {
                fallen.push(format!("{family}: {before:?} before, {now:?} now"));
            }
        }
        if may_write && fallen.is_empty() {
            let line = |(family, figures): (&String, &Figures)| {
                let [agreed, accepted, answers] = figures.columns();
                format!("{family}\t{agreed}\t{accepted}\t{answers}\n")
            };
            let lines: String = self.figures.iter().map(line).collect();
            fs::write(golden(), format!("family\tagreed\taccepted\tanswers\n{lines}"))
                .expect("the figures can be written");
        } else {
            let missing = self.figures.keys().filter(|family| !in_fixture.contains(family.as_str()));
            fallen.extend(missing.map(|family| format!("{family}: no line in the fixture")));
        }
        fallen
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agreed: usize = self.figures.values().map(|figures| figures.agreed).sum();
        let accepted: usize = self.figures.values().map(|figures| figures.accepted).sum();
        let differences: usize = self.differences.values().map(Vec::len).sum();
        writeln!(f, "{} variants, {differences} of them with another verdict than published", self.variants)?;
        writeln!(f, "of those with one change {agreed} agree and {accepted} are accepted")?;
        writeln!(f, "{} answers compared, {} members of them differ", self.answers, self.of_answers.len())?;
        writeln!(f, "{} answers have no published schema:", self.without_schema.len())?;
        self.without_schema.iter().try_for_each(|(operation, status)| writeln!(f, "    {operation} {status}"))
    }
}

impl Figures {
    fn columns(self) -> [usize; 3] {
        [self.agreed, self.accepted, self.answers]
    }
}

impl Difference {
    /// Whether a listed member is the changed one. The smallest and the largest document, and one with several changes, have
    /// many members: there it is enough that the document has a listed one.
    fn is_explained(&self, member: &str, known: &BTreeSet<&str>) -> bool {
        let has_many = [SMALLEST, LARGEST, SEVERAL_CHANGES].contains(&self.change);
        known.contains(member) || (has_many && known.iter().any(|listed| has(&self.document, listed)))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let published = if self.is_valid { "valid" } else { "invalid" };
        write!(f, "{}: published {published}, here {:?}: {}", self.change, self.outcome, start(&self.document))
    }
}

/// The members of a part of an operation that a list explains.
fn listed(operation: &str, place: Place) -> BTreeSet<&'static str> {
    let lists = DIFFERENCES.iter().chain(IN_CHOICES);
    let of_part = lists.filter(|(operations, of, ..)| *of == place && operations.contains(&operation));
    of_part.flat_map(|(_, _, members, _)| members.iter().copied()).collect()
}

/// Whether a document has a member with this name: `/a[]/b`, `/a/*`.
fn has(document: &Value, member: &str) -> bool {
    let Some(start) = member.find(['/', '[']) else { return true };
    let rest = &member[start..];
    if let Some(rest) = rest.strip_prefix("[]") {
        return document.as_array().is_some_and(|items| items.iter().any(|item| has(item, rest)));
    }
    let Some(object) = document.as_object() else { return false };
    let name = &rest[1..];
    let (name, rest) = name.split_at(name.find(['/', '[']).unwrap_or(name.len()));
    if name == "*" {
        object.values().any(|value| has(value, rest))
    } else {
        object.get(name).is_some_and(|value| has(value, rest))
    }
}

/// The first part of the path.
fn family(operation: &str) -> String {
    operation.split('/').nth(1).unwrap_or_default().to_owned()
}

fn start(value: &Value) -> String {
    value.to_string().chars().take(SHOWN).collect()
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/variants.tsv")
}
