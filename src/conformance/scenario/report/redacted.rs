//! Hides the secrets that a feature file holds from every writer: text, JSON, JUnit and the page.
//!
//! Steps run as they are written; only the events that the writers get are changed. A reference such as
//! `{bot.client_secret}` is no secret and stays. The place of a step in these sources, which tells a reader nothing, is
//! left out.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock};

use cucumber::codegen::Regex;
use cucumber::event::{self, Cucumber, Hook, Info, RetryableScenario, Source, StepError};
use cucumber::writer::{Stats, Writer};
use cucumber::{Event, gherkin, parser};
use serde_json::{Map, Value};

use super::collected::said;
use crate::conformance::http::REDACTED;
use crate::conformance::scenario::world::World;
use crate::redaction;

/// A writer that gets each event without secrets.
pub(crate) struct Redacted<W> {
    writer: W,
    features: Known<gherkin::Feature>,
    rules: Known<gherkin::Rule>,
    scenarios: Known<gherkin::Scenario>,
}

/// What has been redacted: writers know a feature by its address, so each has one copy.
type Known<T> = HashMap<Source<T>, Source<T>>;

impl<W> Redacted<W> {
    pub(crate) fn new(writer: W) -> Redacted<W> {
        Redacted { writer, features: Known::new(), rules: Known::new(), scenarios: Known::new() }
    }

    fn scenario(
        &mut self,
        scenario: &Source<gherkin::Scenario>,
        told: RetryableScenario<World>,
    ) -> (Source<gherkin::Scenario>, RetryableScenario<World>) {
        let event = match told.event {
            event::Scenario::Background(step, told) => {
                let (step, told) = step_event(&step, told);
                event::Scenario::Background(step, told)
            }
            event::Scenario::Step(step, told) => {
                let (step, told) = step_event(&step, told);
                event::Scenario::Step(step, told)
            }
            event::Scenario::Hook(kind, Hook::Failed(world, reason)) => {
                event::Scenario::Hook(kind, Hook::Failed(world, without_secrets(&reason)))
            }
            other => other,
        };
        (once(&mut self.scenarios, scenario, in_scenario), RetryableScenario { event, ..told })
    }
}

impl<W: Writer<World>> Writer<World> for Redacted<W> {
    type Cli = W::Cli;

    async fn handle_event(&mut self, event: parser::Result<Event<Cucumber<World>>>, cli: &Self::Cli) {
        let event = event.map(|event| {
            event.map(|event| match event {
                Cucumber::Feature(feature, told) => {
                    let told = match told {
                        event::Feature::Rule(rule, event::Rule::Scenario(scenario, told)) => {
                            let (scenario, told) = self.scenario(&scenario, told);
                            let rule = once(&mut self.rules, &rule, in_rule);
                            event::Feature::Rule(rule, event::Rule::Scenario(scenario, told))
                        }
                        event::Feature::Rule(rule, told) => {
                            event::Feature::Rule(once(&mut self.rules, &rule, in_rule), told)
                        }
                        event::Feature::Scenario(scenario, told) => {
                            let (scenario, told) = self.scenario(&scenario, told);
                            event::Feature::Scenario(scenario, told)
                        }
                        other => other,
                    };
                    Cucumber::Feature(once(&mut self.features, &feature, in_feature), told)
                }
                other => other,
            })
        });
        self.writer.handle_event(event, cli).await;
    }
}

impl<W: Stats<World>> Stats<World> for Redacted<W> {
    fn passed_steps(&self) -> usize {
        self.writer.passed_steps()
    }

    fn skipped_steps(&self) -> usize {
        self.writer.skipped_steps()
    }

    fn failed_steps(&self) -> usize {
        self.writer.failed_steps()
    }

    fn retried_steps(&self) -> usize {
        self.writer.retried_steps()
    }

    fn parsing_errors(&self) -> usize {
        self.writer.parsing_errors()
    }

    fn hook_errors(&self) -> usize {
        self.writer.hook_errors()
    }
}

fn once<T: Clone>(known: &mut Known<T>, source: &Source<T>, redact: fn(&mut T)) -> Source<T>
where
    Source<T>: Hash + Eq,
{
    let copy = || {
        let mut copy = T::clone(source);
        redact(&mut copy);
        Source::new(copy)
    };
    known.entry(source.clone()).or_insert_with(copy).clone()
}

fn step_event(step: &Source<gherkin::Step>, told: event::Step<World>) -> (Source<gherkin::Step>, event::Step<World>) {
    let mut shown = gherkin::Step::clone(step);
    in_step(&mut shown);
    // The places of the captures are those of the step as it was written.
    let moved = shown.value != step.value;
    let told = match told {
        event::Step::Passed(captures, _) => {
            event::Step::Passed(if moved { NOTHING.capture_locations() } else { captures }, None)
        }
        event::Step::Failed(captures, _, world, error) => {
            let error = match error {
                StepError::Panic(reason) => StepError::Panic(without_secrets(&reason)),
                other => other,
            };
            event::Step::Failed(captures.filter(|_| !moved), None, world, error)
        }
        other => other,
    };
    (Source::new(shown), told)
}

/// It captures nothing.
static NOTHING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^").unwrap_or_else(|error| panic!("a mistake in m2mock: {error}")));

fn without_secrets(reason: &Info) -> Info {
    Arc::new(redaction::text(&said(&**reason), REDACTED))
}

fn in_feature(feature: &mut gherkin::Feature) {
    in_background(feature.background.as_mut());
    feature.scenarios.iter_mut().for_each(in_scenario);
    feature.rules.iter_mut().for_each(in_rule);
}

fn in_rule(rule: &mut gherkin::Rule) {
    in_background(rule.background.as_mut());
    rule.scenarios.iter_mut().for_each(in_scenario);
}

fn in_background(background: Option<&mut gherkin::Background>) {
    background.into_iter().flat_map(|background| &mut background.steps).for_each(in_step);
}

fn in_scenario(scenario: &mut gherkin::Scenario) {
    scenario.steps.iter_mut().for_each(in_step);
    for examples in &mut scenario.examples {
        in_table(examples.table.as_mut(), "");
    }
}

fn in_step(step: &mut gherkin::Step) {
    let path = path_of(&step.value);
    step.value = redaction::text(&step.value, REDACTED);
    step.docstring = step.docstring.as_ref().map(|text| doc_string(text, &path));
    in_table(step.table.as_mut(), &path);
}

/// The path that a step names: `I POST "/clients" with` means one of the Management API.
fn path_of(step: &str) -> String {
    let path = step.split('"').find(|part| part.starts_with('/')).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() || path.starts_with("/oauth/") { path.to_owned() } else { format!("/api/v2{path}") }
}

/// A text below a step: JSON, mostly, that stays as it is written but for its secrets.
fn doc_string(text: &str, path: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else { return redaction::text(text, REDACTED) };
    let secrets = |value: &Value| {
        let mut found = Vec::new();
        redaction::secrets(value, path, |secret| found.push(secret.to_owned()));
        found.retain(|secret| !is_shown(secret));
        found
    };
    let mut shown = text.to_owned();
    for secret in secrets(&value) {
        shown = shown.replace(&Value::from(secret).to_string(), &Value::from(REDACTED).to_string());
    }
    if serde_json::from_str(&shown).is_ok_and(|left| secrets(&left).is_empty()) {
        return shown;
    }
    // It is written in another way than JSON is printed, or is a number.
    redaction::value(&mut value, path, REDACTED);
    format!("{value:#}")
}

/// A table with a name at the head of each column, or at the head of each of its rows.
fn in_table(table: Option<&mut gherkin::Table>, path: &str) {
    let Some(table) = table else { return };
    let head = table.rows.first().cloned().unwrap_or_default();
    for (number, row) in table.rows.iter_mut().enumerate() {
        let own = row.first().cloned().unwrap_or_default();
        for (column, cell) in row.iter_mut().enumerate() {
            let below = number > 0 && head.get(column).is_some_and(|name| is_secret(name, cell, path));
            let beside = column > 0 && is_secret(&own, cell, path);
            *cell = if below || beside { REDACTED.to_owned() } else { redaction::text(cell, REDACTED) };
        }
    }
}

fn is_secret(name: &str, text: &str, path: &str) -> bool {
    let mut found = false;
    let member = Value::Object(Map::from_iter([(name.to_owned(), text.into())]));
    redaction::secrets(&member, path, |secret| found |= !is_shown(secret));
    found
}

/// A reference to something that the scenario knows, a word of the steps, or what is hidden already.
fn is_shown(text: &str) -> bool {
    let name = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    matches!(text, REDACTED | "(left out)") || name.is_some_and(|name| !name.contains(['{', '}', '"']))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{doc_string, is_secret};

    #[rstest]
    #[case::a_secret(
        r#"{ "name": "bot",  "client_secret": "s3cret" }"#,
        r#"{ "name": "bot",  "client_secret": "[REDACTED]" }"#
    )]
    #[case::a_reference(
        r#"{ "client_secret": "{bot.client_secret}" }"#,
        r#"{ "client_secret": "{bot.client_secret}" }"#
    )]
    #[case::any_depth(
        r#"{ "options": { "configuration": { "A": "s3cret" } } }"#,
        r#"{ "options": { "configuration": { "A": "[REDACTED]" } } }"#
    )]
    #[case::an_escape(r#"{"otp":"s\u0033cret"}"#, "{\n  \"otp\": \"[REDACTED]\"\n}")]
    #[case::a_number(r#"{"otp": 867530}"#, "{\n  \"otp\": 0\n}")]
    #[case::no_json("client_secret=s3cret&a=b", "client_secret=[REDACTED]&a=b")]
    fn a_text_below_a_step_is_shown_without_secrets(#[case] written: &str, #[case] shown: &str) {
        assert_eq!(doc_string(written, "/api/v2/clients"), shown);
    }

    #[test]
    fn a_cell_is_judged_by_its_name() {
        assert!(is_secret("client_secret", "s3cret", "") && is_secret("options.bind_pass", "s3cret", ""));
        assert!(!is_secret("client_secret", "{bot.client_secret}", "") && !is_secret("name", "s3cret", ""));
    }
}
