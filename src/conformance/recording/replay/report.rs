//! The report of a replay, by interaction and by family.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use serde::Serialize;
use serde_json::{Value, json};

use super::compare::{Difference, ORDER_OF_VALUES, starred};
use super::earlier_life::EARLIER_LIFE;
use super::family::{FIRST, family};
use super::player::ReplayAnswer;
use crate::conformance::http::REDACTED;
use crate::conformance::recording::cassette::{Cassette, Interaction};
use crate::conformance::recording::identifiers::{is_identifier, template};
use crate::redaction;

/// The similarity of an answer to the recorded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The same status, and a body that is equal by the rules of comparison.
    Exact,
    /// The same status, another body.
    Close,
    /// Another status.
    Wrong,
    /// The recording does not apply to this tenant.
    Skipped,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Outcome::Exact => "exact",
            Outcome::Close => "close",
            Outcome::Wrong => "wrong",
            Outcome::Skipped => "skipped",
        }
    }
}

/// The outcome of one interaction.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// The source of the cassette.
    pub(crate) source: String,
    /// Its name.
    pub(crate) cassette: String,
    /// The index of the interaction in the cassette.
    pub(crate) index: usize,
    /// The family of operations.
    pub(crate) family: String,
    /// HTTP method.
    pub(crate) method: String,
    /// Recorded path.
    pub(crate) path: String,
    /// Recorded status.
    pub(crate) recorded_status: u16,
    /// Status of the live answer, if the request was sent.
    pub live_status: Option<u16>,
    /// Duration of the recorded answer.
    pub(crate) recorded_ms: Option<f64>,
    /// Duration of the live answer.
    pub(crate) live_ms: Option<f64>,
    /// Its outcome.
    pub outcome: Outcome,
    /// The reason why it was skipped or is wrong.
    pub reason: Option<&'static str>,
    /// The differences of the bodies.
    pub differences: Vec<Difference>,
    /// Differences that are not scored.
    pub(crate) notes: BTreeSet<&'static str>,
    /// The live body, if the status differs.
    pub(crate) live_body: Option<Value>,
}

impl Verdict {
    pub(super) fn new(cassette: &Cassette, index: usize, item: &Interaction) -> Verdict {
        Verdict {
            source: cassette.source.clone(),
            cassette: cassette.cassette.clone(),
            index,
            family: family(&item.path),
            method: item.method.clone(),
            path: item.path.clone(),
            recorded_status: item.status,
            live_status: None,
            recorded_ms: item.duration_ms,
            live_ms: None,
            outcome: Outcome::Exact,
            reason: None,
            differences: Vec::new(),
            notes: BTreeSet::new(),
            live_body: None,
        }
    }

    pub(super) fn skip(&mut self, reason: &'static str) {
        self.outcome = Outcome::Skipped;
        self.reason = Some(reason);
    }

    pub(super) fn wrong(&mut self, follows: bool, answer: &ReplayAnswer) {
        self.outcome = Outcome::Wrong;
        self.reason = Some(if follows { "follows from an earlier failure" } else { "status" });
        self.live_body = Some(answer.body.clone());
    }

    pub(super) fn compared(&mut self, differences: Vec<Difference>, notes: BTreeSet<&'static str>) {
        self.outcome = if differences.is_empty() { Outcome::Exact } else { Outcome::Close };
        self.differences = differences;
        self.notes.extend(notes);
    }

    fn redact(&mut self) {
        if let Some(body) = &mut self.live_body {
            if body.is_string() {
                *body = REDACTED.into();
            }
            redaction::value(body, &self.path, REDACTED);
        }
        for Difference { pointer, recorded, live, .. } in &mut self.differences {
            for value in [recorded, live].into_iter().flatten() {
                *value = redacted_at(pointer, std::mem::take(value), &self.path);
            }
        }
        self.path = redaction::target(&self.path, REDACTED);
    }

    fn place(&self) -> String {
        format!("{}/{}#{}", self.source, self.cassette, self.index)
    }
}

/// One line: outcome, interaction, method, path, both statuses, and the reason or the differences.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let differences = self.differences.iter().map(|Difference { pointer, kind, .. }| format!("{pointer} {kind}"));
        let detail: Vec<String> = self.reason.map(str::to_owned).into_iter().chain(differences).collect();
        let fields = [
            self.outcome.name().to_owned(),
            self.place(),
            self.method.clone(),
            self.path.clone(),
            self.recorded_status.to_string(),
            self.live_status.map_or("-".to_owned(), |status| status.to_string()),
            detail.join("; "),
        ];
        f.write_str(&fields.map(|field| field.replace(char::is_control, " ")).join("\t"))
    }
}

/// Redacts a value at a pointer. The names in the pointer decide whether the value is a secret.
fn redacted_at(pointer: &str, value: Value, path: &str) -> Value {
    let names: Vec<String> =
        pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
    let is_name = |name: &&String| **name != "*" && name.parse::<usize>().is_err();
    let wrapped = names.iter().rev().filter(is_name).fold(value, |value, name| json!({ name: value }));
    let mut wrapped = wrapped;
    redaction::value(&mut wrapped, path, REDACTED);
    // The redaction also replaces a name that is a secret, so each level is unwrapped by its only member.
    names.iter().filter(is_name).fold(wrapped, |value, _| match value {
        Value::Object(members) => members.into_iter().next().map(|(_, value)| value).unwrap_or_default(),
        other => other,
    })
}

/// The number of interactions with each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
    /// Exact answers.
    pub(crate) exact: usize,
    /// Answers with another body.
    pub(crate) close: usize,
    /// Answers with another status.
    pub(crate) wrong: usize,
    /// Skipped interactions.
    pub(crate) skipped: usize,
}

impl Count {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Exact => self.exact += 1,
            Outcome::Close => self.close += 1,
            Outcome::Wrong => self.wrong += 1,
            Outcome::Skipped => self.skipped += 1,
        }
    }

    /// The percentage of exact answers among the scored ones.
    pub(crate) fn exact_percent(&self) -> Option<f64> {
        let scored = self.exact + self.close + self.wrong;
        (scored > 0).then(|| 100.0 * self.exact as f64 / scored as f64)
    }
}

/// The verdicts of a replay.
#[derive(Clone, Debug)]
pub struct Report {
    verdicts: Vec<Verdict>,
}

impl Report {
    pub(super) fn new(mut verdicts: Vec<Verdict>) -> Report {
        // The live answers contain secrets of the tenant.
        verdicts.iter_mut().for_each(Verdict::redact);
        Report { verdicts }
    }

    /// Only these families; an empty list means all.
    #[must_use]
    pub(crate) fn only(mut self, families: &[String]) -> Report {
        self.verdicts.retain(|verdict| families.is_empty() || families.contains(&verdict.family));
        self
    }

    /// Each interaction.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The counts by family, the common families first, and the total at the end.
    pub(crate) fn families(&self) -> Vec<(String, Count)> {
        let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
        let mut all = Count::default();
        for verdict in &self.verdicts {
            counts.entry(&verdict.family).or_default().add(verdict.outcome);
            all.add(verdict.outcome);
        }
        let mut rows: Vec<(String, Count)> = Vec::new();
        for name in FIRST {
            rows.extend(counts.remove(name).map(|count| (name.to_owned(), count)));
        }
        rows.extend(counts.into_iter().map(|(name, count)| (name.to_owned(), count)));
        rows.push(("overall".to_owned(), all));
        rows
    }

    /// The kinds of difference, the most frequent first: count, kind, and one example.
    pub(crate) fn kinds(&self) -> Vec<(usize, String, String)> {
        let mut kinds: BTreeMap<String, (usize, String)> = BTreeMap::new();
        for verdict in &self.verdicts {
            let Verdict { family, method, .. } = verdict;
            let mut here: BTreeMap<String, String> = BTreeMap::new();
            if verdict.outcome == Outcome::Wrong {
                let live = verdict.live_status.unwrap_or_default();
                let follows = if verdict.reason == Some("status") { "" } else { " (follows from an earlier failure)" };
                let kind = format!("status {} -> {live}{follows}", verdict.recorded_status);
                let body = verdict.live_body.as_ref().map(shortened).unwrap_or_default();
                let example = format!("{}: live body {body}", verdict.place());
                here.insert(format!("{family}  {method} {}  {kind}", template(&verdict.path)), example);
            }
            for difference in &verdict.differences {
                let pointer = match starred(&without_ids(&difference.pointer)) {
                    pointer if pointer.is_empty() => "(whole body)".to_owned(),
                    pointer => pointer,
                };
                let text = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), shortened);
                let (recorded, live) = (text(&difference.recorded), text(&difference.live));
                let example = format!("{}: recorded {recorded}, live {live}", verdict.place());
                here.entry(format!("{family}  {method} {pointer}  {}", difference.kind)).or_insert(example);
            }
            for note in &verdict.notes {
                here.insert(format!("{family}  {method} (note, not scored)  {note}"), verdict.place());
            }
            for (kind, example) in here {
                kinds.entry(kind).or_insert((0, example)).0 += 1;
            }
        }
        let mut kinds: Vec<_> = kinds.into_iter().map(|(kind, (count, example))| (count, kind, example)).collect();
        kinds.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
        kinds
    }

    /// A header, then one line for each interaction, with fields separated by tabs.
    pub(crate) fn lines(&self) -> String {
        let mut lines = "outcome\tinteraction\tmethod\tpath\trecorded\tlive\tdetail\n".to_owned();
        for verdict in &self.verdicts {
            // Writing to a string does not fail.
            let _ = writeln!(lines, "{verdict}");
        }
        lines
    }

    /// The whole report, as JSON.
    pub(crate) fn json(&self) -> Value {
        let families = self.families().into_iter().map(|(name, count)| {
            let percent = count.exact_percent().map(|percent| (percent * 100.0).round() / 100.0);
            let Count { exact, close, wrong, skipped } = count;
            (
                name,
                json!({ "exact": exact, "close": close, "wrong": wrong, "skipped": skipped, "exact_percent": percent }),
            )
        });
        let families: BTreeMap<String, Value> = families.collect();
        json!({ "families": families, "interactions": self.verdicts })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:40}{:>9}{:>9}{:>9}{:>9}{:>10}", "family", "exact", "close", "wrong", "skipped", "exact %")?;
        for (name, count) in self.families() {
            let Count { exact, close, wrong, skipped } = count;
            let percent = count.exact_percent().map_or("-".to_owned(), |percent| format!("{percent:.1}"));
            writeln!(f, "{name:40}{exact:>9}{close:>9}{wrong:>9}{skipped:>9}{percent:>10}")?;
        }
        self.write_inferences(f)?;
        let sum = |of: fn(&Verdict) -> Option<f64>| self.verdicts.iter().filter_map(of).sum::<f64>() / 1000.0;
        let live = sum(|verdict| verdict.live_ms);
        let recorded = sum(|verdict| verdict.live_ms.and(verdict.recorded_ms));
        let live_of_these = sum(|verdict| verdict.recorded_ms.and(verdict.live_ms));
        write!(f, "\nThe live answers took {live:.2} s")?;
        if recorded > 0.0 && live_of_these > 0.0 {
            let ratio = recorded / live_of_these;
            write!(f, "; the recorded answers to the same requests took {recorded:.1} s, {ratio:.0} times as long")?;
        }
        writeln!(f, ".")
    }
}

impl Report {
    /// How far the figures rest on inferences.
    fn write_inferences(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noted = |note: &'static str| self.verdicts.iter().filter(move |verdict| verdict.notes.contains(note));
        let unordered = noted(ORDER_OF_VALUES).filter(|verdict| verdict.outcome == Outcome::Exact).count();
        let given = noted(EARLIER_LIFE).count();
        let mut inferences = Vec::new();
        if unordered > 0 {
            let (noun, verb) = if unordered == 1 { ("answer", "has") } else { ("answers", "have") };
            inferences.push(format!("{unordered} exact {noun} {verb} the values of a list in another order"));
        }
        if given > 0 {
            let noun = if given == 1 { "entity" } else { "entities" };
            inferences.push(format!("the mock was given {given} {noun} that recorded tenants had before"));
        }
        if inferences.is_empty() { Ok(()) } else { writeln!(f, "\nInferred: {}.", inferences.join("; ")) }
    }
}

fn without_ids(pointer: &str) -> String {
    pointer.split('/').map(|part| if is_identifier(part) { "{id}" } else { part }).collect::<Vec<_>>().join("/")
}

/// A value in one line.
fn shortened(value: &Value) -> String {
    const LONGEST: usize = 110;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST - 3) {
        Some((end, _)) if text.chars().count() > LONGEST => format!("{}...", &text[..end]),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::redacted_at;

    #[rstest]
    #[case::a_secret("/client_secret", json!("a"), json!("[REDACTED]"))]
    #[case::below_a_secret("/options/configuration/DB", json!("a"), json!("[REDACTED]"))]
    #[case::an_item("/clients/3/client_secret", json!(["a"]), json!(["[REDACTED]"]))]
    #[case::an_object("", json!({ "client_secret": "a", "name": "b" }), json!({ "client_secret": "[REDACTED]", "name": "b" }))]
    #[case::no_secret("/clients/*/name", json!("b"), json!("b"))]
    fn a_difference_shows_no_secret(#[case] pointer: &str, #[case] value: Value, #[case] expected: Value) {
        assert_eq!(redacted_at(pointer, value, "/api/v2/clients"), expected);
    }
}
