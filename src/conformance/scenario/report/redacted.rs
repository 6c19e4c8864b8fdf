//! Removes the secrets of a feature file from the input of every writer: text, JSON, JUnit and the page.
//!
//! Steps run unchanged; only the events for the writers are changed. A reference such as `{bot.client_secret}` is no secret and
//! stays. The source location of a step function is removed, because it does not help a reader.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock};

use cucumber::codegen::Regex;
use cucumber::event::{self, Cucumber, Hook, Info, RetryableScenario, Source, StepError};
use cucumber::writer::{Stats, Writer};
use cucumber::{Event, gherkin, parser};
use serde_json::{Map, Value};

use super::collected::panic_message;
use crate::conformance::cleanup::whole_path;
use crate::conformance::http::REDACTED;
use crate::conformance::scenario::world::World;
use crate::redaction;

/// A writer that gets each event without secrets.
pub(crate) struct Redacted<W> {
    writer: W,
    features: Copies<gherkin::Feature>,
    rules: Copies<gherkin::Rule>,
    scenarios: Copies<gherkin::Scenario>,
}

/// The redacted copies. Writers identify a feature by its address, so each feature has one copy.
type Copies<T> = HashMap<Source<T>, Source<T>>;

impl<W> Redacted<W> {
    pub(crate) fn new(writer: W) -> Redacted<W> {
        Redacted { writer, features: Copies::new(), rules: Copies::new(), scenarios: Copies::new() }
    }

    fn scenario(
        &mut self,
        scenario: &Source<gherkin::Scenario>,
        retryable: RetryableScenario<World>,
    ) -> (Source<gherkin::Scenario>, RetryableScenario<World>) {
        let event = match retryable.event {
            event::Scenario::Background(step, event) => {
                let (step, event) = step_event(&step, event);
                event::Scenario::Background(step, event)
            }
            event::Scenario::Step(step, event) => {
                let (step, event) = step_event(&step, event);
                event::Scenario::Step(step, event)
            }
            event::Scenario::Hook(kind, Hook::Failed(world, reason)) => {
                event::Scenario::Hook(kind, Hook::Failed(world, without_secrets(&reason)))
            }
            other => other,
        };
        (redacted_copy(&mut self.scenarios, scenario, in_scenario), RetryableScenario { event, ..retryable })
    }
}

impl<W: Writer<World>> Writer<World> for Redacted<W> {
    type Cli = W::Cli;

    async fn handle_event(&mut self, event: parser::Result<Event<Cucumber<World>>>, cli: &Self::Cli) {
        let event = event.map(|event| {
            event.map(|event| match event {
                Cucumber::Feature(feature, event) => {
                    let event = match event {
                        event::Feature::Rule(rule, event::Rule::Scenario(scenario, event)) => {
                            let (scenario, event) = self.scenario(&scenario, event);
                            let rule = redacted_copy(&mut self.rules, &rule, in_rule);
                            event::Feature::Rule(rule, event::Rule::Scenario(scenario, event))
                        }
                        event::Feature::Rule(rule, event) => {
                            event::Feature::Rule(redacted_copy(&mut self.rules, &rule, in_rule), event)
                        }
                        event::Feature::Scenario(scenario, event) => {
                            let (scenario, event) = self.scenario(&scenario, event);
                            event::Feature::Scenario(scenario, event)
                        }
                        other => other,
                    };
                    Cucumber::Feature(redacted_copy(&mut self.features, &feature, in_feature), event)
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

fn redacted_copy<T: Clone>(copies: &mut Copies<T>, source: &Source<T>, redact: fn(&mut T)) -> Source<T>
where
    Source<T>: Hash + Eq,
{
    let copy = || {
        let mut copy = T::clone(source);
        redact(&mut copy);
        Source::new(copy)
    };
    copies.entry(source.clone()).or_insert_with(copy).clone()
}

fn step_event(step: &Source<gherkin::Step>, event: event::Step<World>) -> (Source<gherkin::Step>, event::Step<World>) {
    let mut redacted = gherkin::Step::clone(step);
    in_step(&mut redacted);
    // The captures are positions in the original text.
    let is_changed = redacted.value != step.value;
    let event = match event {
        event::Step::Passed(captures, _) => {
            event::Step::Passed(if is_changed { NO_CAPTURES.capture_locations() } else { captures }, None)
        }
        event::Step::Failed(captures, _, world, error) => {
            let error = match error {
                StepError::Panic(reason) => StepError::Panic(without_secrets(&reason)),
                other => other,
            };
            event::Step::Failed(captures.filter(|_| !is_changed), None, world, error)
        }
        other => other,
    };
    (Source::new(redacted), event)
}

/// A pattern without captures.
static NO_CAPTURES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^").unwrap_or_else(|error| panic!("a mistake in m2mock: {error}")));

fn without_secrets(reason: &Info) -> Info {
    Arc::new(redaction::text(&panic_message(&**reason), REDACTED))
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
    if path.is_empty() || path.starts_with("/oauth/") { path.to_owned() } else { whole_path(path) }
}

/// A text below a step, usually JSON. Its formatting stays; its secrets are replaced.
fn doc_string(text: &str, path: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else { return redaction::text(text, REDACTED) };
    let secrets = |value: &Value| {
        let mut secrets = Vec::new();
        redaction::secrets(value, path, |secret| secrets.push(secret.to_owned()));
        secrets.retain(|secret| !is_public(secret));
        secrets
    };
    let mut redacted = text.to_owned();
    for secret in secrets(&value) {
        redacted = redacted.replace(&Value::from(secret).to_string(), &Value::from(REDACTED).to_string());
    }
    if serde_json::from_str(&redacted).is_ok_and(|value| secrets(&value).is_empty()) {
        return redacted;
    }
    // The secret is a number, or is written with escapes.
    redaction::value(&mut value, path, REDACTED);
    format!("{value:#}")
}

/// A table whose first row or first column has the names.
fn in_table(table: Option<&mut gherkin::Table>, path: &str) {
    let Some(table) = table else { return };
    let head = table.rows.first().cloned().unwrap_or_default();
    for (number, row) in table.rows.iter_mut().enumerate() {
        let row_name = row.first().cloned().unwrap_or_default();
        for (column, cell) in row.iter_mut().enumerate() {
            let by_column = number > 0 && head.get(column).is_some_and(|name| is_secret(name, cell, path));
            let by_row = column > 0 && is_secret(&row_name, cell, path);
            *cell = if by_column || by_row { REDACTED.to_owned() } else { redaction::text(cell, REDACTED) };
        }
    }
}

fn is_secret(name: &str, text: &str, path: &str) -> bool {
    let mut is_secret = false;
    let member = Value::Object(Map::from_iter([(name.to_owned(), text.into())]));
    redaction::secrets(&member, path, |secret| is_secret |= !is_public(secret));
    is_secret
}

/// Whether a text is no secret: a reference to a variable, a keyword of the steps, or already redacted.
fn is_public(text: &str) -> bool {
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
    fn the_secrets_of_a_text_below_a_step_are_redacted(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(doc_string(text, "/api/v2/clients"), expected);
    }

    #[test]
    fn the_name_of_a_cell_makes_it_a_secret() {
        assert!(is_secret("client_secret", "s3cret", "") && is_secret("options.bind_pass", "s3cret", ""));
        assert!(!is_secret("client_secret", "{bot.client_secret}", "") && !is_secret("name", "s3cret", ""));
    }
}
