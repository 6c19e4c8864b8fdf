//! The vocabulary of scenarios: each registered step, with an example.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cucumber::codegen::{Regex, StepConstructor, WorldInventory, inventory};
use cucumber::gherkin::{Feature, Scenario, Step, StepType};

use crate::conformance::scenario::steps::below::Below;
use crate::conformance::scenario::suggestion::nearest;
use crate::conformance::scenario::world::World;

/// A step that scenarios can have.
pub(super) struct KnownStep {
    kind: StepType,
    regex: Regex,
    below: Below,
    example: Option<String>,
}

impl KnownStep {
    /// The sentence without its optional parts.
    #[cfg(test)]
    pub(crate) fn key(&self) -> String {
        without_options(&readable(self.regex.as_str()))
    }

    /// The step, and the doc string or table that it needs.
    fn with_need(&self) -> String {
        self.below.need().map_or_else(|| self.to_string(), |need| format!("{self} ({need})"))
    }
}

impl fmt::Display for KnownStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", word(self.kind), readable(self.regex.as_str()))
    }
}

fn word(kind: StepType) -> &'static str {
    match kind {
        StepType::Given => "Given",
        StepType::When => "When",
        StepType::Then => "Then",
    }
}

/// Every step of this crate and the user's crate, by kind and sentence. The examples come from these features.
pub(crate) fn steps(features: &[Feature]) -> Vec<KnownStep> {
    let mut steps: BTreeMap<(u8, String), KnownStep> = BTreeMap::new();
    let mut add = |kind: StepType, (defined_in, regex): (&str, Regex)| {
        let order = match kind {
            StepType::Given => 0,
            StepType::When => 1,
            StepType::Then => 2,
        };
        let of_kind = every_step(features).filter(|(_, step)| step.ty == kind);
        // The shortest example is the clearest.
        let matching = of_kind.map(|(_, step)| &step.value).filter(|text| regex.is_match(text));
        let example = matching.min_by_key(|text| text.len()).cloned();
        let sentence = readable(regex.as_str());
        let below = Below::of(&without_options(&sentence), defined_in);
        steps.insert((order, sentence), KnownStep { kind, regex, below, example });
    };
    for step in inventory::iter::<<World as WorldInventory>::Given>() {
        add(StepType::Given, definition(step));
    }
    for step in inventory::iter::<<World as WorldInventory>::When>() {
        add(StepType::When, definition(step));
    }
    for step in inventory::iter::<<World as WorldInventory>::Then>() {
        add(StepType::Then, definition(step));
    }
    steps.into_values().collect()
}

/// The source file of a step, and its sentence.
fn definition(step: &impl StepConstructor<World>) -> (&'static str, Regex) {
    let (location, regex, _) = step.inner();
    (location.path, regex())
}

/// The vocabulary as a text: each step, and below it an example.
pub(crate) fn listing(features: &[Feature]) -> String {
    let mut listing = String::new();
    for step in steps(features) {
        listing.push_str(&format!("{}\n", step.with_need()));
        if let Some(example) = &step.example {
            listing.push_str(&format!("    e.g. {} {example}\n", word(step.kind)));
        }
    }
    listing
}

/// The mistakes in the steps of features, with file and line: unknown sentences, and missing or surplus doc strings and tables. A
/// mistake in an outline is reported once.
pub(crate) fn mistakes(features: &[Feature]) -> Vec<String> {
    let known = steps(features);
    let mut places = BTreeSet::new();
    let mut mistakes = Vec::new();
    for (feature, scenario) in every_scenario(features) {
        let file = feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let place = format!("{file}:{}", scenario.position.line);
        // Gherkin reads any text here as a description, even a step with a mistyped keyword.
        for line in scenario.description.iter().flat_map(|text| text.lines()).map(str::trim) {
            let sentence = line.split_once(' ').map_or("", |(_, sentence)| sentence);
            let step = known.iter().find(|known| known.regex.is_match(sentence));
            if let Some(step) = step.filter(|_| places.insert(place.clone())) {
                let word = word(step.kind);
                mistakes.push(format!("{place}: \"{line}\" is only a description; begin it with {word}"));
            }
        }
    }
    for (feature, step) in every_step(features) {
        let mut matching = known.iter().filter(|known| known.regex.is_match(&step.value)).peekable();
        let kind_of_match = matching.peek().map(|known| known.kind);
        let same_kind = matching.find(|known| known.kind == step.ty);
        let below = same_kind.map(|known| known.below.mistake(step));
        if below == Some(None) {
            continue;
        }
        let file = feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let place = format!("{file}:{}", step.position.line);
        if !places.insert(place.clone()) {
            continue;
        }
        if let Some(Some(below)) = below {
            mistakes.push(format!("{place}: \"{} {}\" {below}", word(step.ty), step.value));
            continue;
        }
        let hint = match kind_of_match {
            Some(kind) => format!("; begin it with {}", word(kind)),
            None => suggestions(step, &known),
        };
        mistakes.push(format!("{place}: no step is \"{} {}\"{hint}", word(step.ty), step.value));
    }
    mistakes
}

/// The nearest steps of the same kind.
fn suggestions(step: &Step, known: &[KnownStep]) -> String {
    let of_kind: Vec<&KnownStep> = known.iter().filter(|known| known.kind == step.ty).collect();
    let sentences: Vec<String> = of_kind.iter().map(|known| readable(known.regex.as_str())).collect();
    let suggested: Vec<String> =
        nearest(&step.value, &sentences).into_iter().map(|index| of_kind[index].with_need()).collect();
    match suggested.as_slice() {
        [] => String::new(),
        [one] => format!("; the nearest step is: {one}"),
        several => format!("; the nearest steps are: {}", several.join("; ")),
    }
}

fn every_step(features: &[Feature]) -> impl Iterator<Item = (&Feature, &Step)> {
    let backgrounds = features.iter().flat_map(|feature| {
        let backgrounds =
            feature.background.iter().chain(feature.rules.iter().filter_map(|rule| rule.background.as_ref()));
        let before = backgrounds.flat_map(|background| &background.steps);
        before.map(move |step| (feature, step))
    });
    let own = every_scenario(features);
    backgrounds.chain(own.flat_map(|(feature, scenario)| scenario.steps.iter().map(move |step| (feature, step))))
}

fn every_scenario(features: &[Feature]) -> impl Iterator<Item = (&Feature, &Scenario)> {
    features.iter().flat_map(|feature| {
        let of_rules = feature.rules.iter().flat_map(|rule| &rule.scenarios);
        feature.scenarios.iter().chain(of_rules).map(move |scenario| (feature, scenario))
    })
}

/// A pattern as a sentence: `"…"` for a text, `N` for a number, brackets around optional parts.
fn readable(pattern: &str) -> String {
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    let pattern = pattern.replace("([^\"]*)", "…").replace(r"(\d+)", "N").replace(r"(\w+)", "WORD").replace(r"\.", ".");
    let mut out = String::new();
    // The start of each open group in `out`.
    let mut open: Vec<usize> = Vec::new();
    let mut rest = pattern.as_str();
    while let Some(character) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("(?:") {
            open.push(out.len());
            rest = after;
            continue;
        }
        rest = &rest[character.len_utf8()..];
        match character {
            '(' => open.push(out.len()),
            ')' => {
                let begin = open.pop().unwrap_or(out.len());
                let optional = rest.strip_prefix('?');
                let several = out[begin..].contains('|');
                let (before, after) = if optional.is_some() {
                    ("[", "]")
                } else if several {
                    ("(", ")")
                } else {
                    ("", "")
                };
                out.insert_str(begin, before);
                out.push_str(after);
                rest = optional.unwrap_or(rest);
            }
            // An optional letter.
            '?' => {
                if let Some(letter) = out.pop() {
                    out.push_str(&format!("[{letter}]"));
                }
            }
            other => out.push(other),
        }
    }
    out.replace("[ ]", "")
}

/// A sentence without its parts in brackets.
fn without_options(sentence: &str) -> String {
    let mut open = 0_usize;
    let mut is_required = |character: &char| {
        open += usize::from(*character == '[');
        let is_outside = open == 0;
        open -= usize::from(*character == ']' && open > 0);
        is_outside
    };
    sentence.chars().filter(|character| is_required(character)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rstest::rstest;

    use super::{readable, steps};
    use crate::conformance::scenario::features::{FeatureFile, embedded, parse};

    #[rstest]
    #[case(r#"^an API "([^"]*)"(?: with scopes "([^"]*)")?$"#, r#"an API "…"[ with scopes "…"]"#)]
    #[case(r#"^I (GET|DELETE|POST) "([^"]*)"$"#, r#"I (GET|DELETE|POST) "…""#)]
    #[case(r"^the answer is (\d+)$", "the answer is N")]
    #[case(r#"^the token carries an? "([^"]*)" of (\d+) characters$"#, r#"the token carries a[n] "…" of N characters"#)]
    fn a_pattern_reads_as_a_sentence(#[case] pattern: &str, #[case] expected: &str) {
        assert_eq!(readable(pattern), expected);
    }

    #[test]
    fn every_step_has_an_example_in_the_features() {
        let features = parse(embedded()).unwrap();
        let without: Vec<String> =
            steps(&features).iter().filter(|step| step.example.is_none()).map(ToString::to_string).collect();
        assert!(without.is_empty(), "{without:#?}");
    }

    fn mistakes(text: &str) -> Vec<String> {
        let file = FeatureFile { path: PathBuf::from("mine.feature"), text: text.to_owned() };
        super::mistakes(&parse(vec![file]).unwrap())
    }

    #[test]
    fn an_unknown_step_is_reported_with_its_line_and_the_nearest_steps() {
        let text = "Feature: a\n  Scenario: b\n    Given an API \"travel\"\n    And an organisation \"acme\"\n";
        assert_eq!(
            mistakes(text),
            [
                "mine.feature:4: no step is \"Given an organisation \"acme\"\"; the nearest steps are: Given an organization \"…\"; \
                 Given an organization \"…\" with (needs a doc string below it)"
            ]
        );
    }

    #[test]
    fn a_missing_optional_part_does_not_make_a_step_less_near() {
        let mistakes = mistakes("Feature: a\n  Scenario: b\n    When \"bot\" askes for a token for \"travel\"\n");
        assert!(mistakes[0].contains("the nearest steps are: When \"…\" asks for a token["), "{mistakes:?}");
    }

    #[test]
    fn a_description_that_is_a_step_is_a_mistake() {
        let text = "Feature: a\n  Scenario: b\n    Gven an API \"travel\"\n    When I GET \"/clients\"\n\n  Scenario: c\n    \
                    A sentence about the purpose of an API.\n    When I GET \"/clients\"\n";
        assert_eq!(
            mistakes(text),
            ["mine.feature:2: \"Gven an API \"travel\"\" is only a description; begin it with Given"]
        );
    }

    #[test]
    fn steps_of_backgrounds_and_rules_are_checked_and_an_outline_is_reported_once() {
        let text = "Feature: a\n  Background:\n    Given one\n  Rule: b\n    Background:\n      Given two\n    Scenario: c\n      \
                    When three\n  Scenario Outline: d\n    Then <x>\n    Examples:\n      | x |\n      | four |\n      | five |\n";
        let places: Vec<String> =
            mistakes(text).iter().map(|mistakes| mistakes.split(": ").next().unwrap().to_owned()).collect();
        assert_eq!(places, ["mine.feature:3", "mine.feature:6", "mine.feature:8", "mine.feature:10"]);
    }

    #[test]
    fn the_suggestions_for_a_refusal_are_refusals() {
        let mistakes = mistakes("Feature: a\n  Scenario: b\n    Then the token is refused\n");
        assert!(
            mistakes[0]
                .contains("the nearest steps are: Then the token is refused with N \"…\"; Then the token is refused")
        );
    }

    #[test]
    fn the_features_of_the_crate_have_no_mistakes() {
        assert_eq!(super::mistakes(&parse(embedded()).unwrap()), [] as [String; 0]);
    }

    #[rstest]
    #[case("Given an application \"bot\" with", "needs a doc string below it")]
    #[case("Given an application \"bot\" with\n      | a | b |", "takes no table")]
    #[case("Given an application \"bot\"\n      \"\"\"\n      {}\n      \"\"\"", "takes no doc string")]
    #[case("Then the answer carries", "needs a table below it")]
    #[case("Then the answer carries\n      \"\"\"\n      {}\n      \"\"\"", "takes no doc string")]
    #[case("Then the token is refused with 403 \"access_denied\"\n      | a | b |", "takes no table")]
    #[case("Then the answer is 200\n      | a | b |", "takes no table")]
    fn the_doc_string_or_table_below_a_step_is_checked(#[case] step: &str, #[case] expected: &str) {
        let mistakes = mistakes(&format!("Feature: a\n  Scenario: b\n    {step}\n"));
        let sentence = step.lines().next().unwrap();
        assert_eq!(mistakes, [format!("mine.feature:3: \"{sentence}\" {expected}")]);
    }

    #[test]
    fn a_step_with_the_keyword_of_another_kind_is_reported_with_its_own() {
        let text = "Feature: a\n  Scenario: b\n    Then an API \"travel\"\n";
        assert_eq!(mistakes(text), ["mine.feature:3: no step is \"Then an API \"travel\"\"; begin it with Given"]);
    }
}
