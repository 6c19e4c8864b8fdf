//! Collects the events of a run, and builds the model of the report from them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use cucumber::event::{self, Cucumber, Hook, HookType, Source, StepError};
use cucumber::writer::Writer;
use cucumber::{Event, cli, gherkin, parser};

use super::exchange::reported;
use super::model::{Background, Block, Count, Failure, Feature, Outcome, Outline, Rule, Scenario, Step};
use crate::conformance::scenario::features::Outlines;
use crate::conformance::scenario::world::World;

/// Collects the outcome of each step of a run. Clones share their outcomes.
#[derive(Clone)]
pub(in crate::conformance::scenario) struct Collector {
    runs: Arc<Mutex<Vec<ScenarioRun>>>,
    outlines: Arc<Outlines>,
}

/// The run of one scenario.
struct ScenarioRun {
    feature: Source<gherkin::Feature>,
    rule: Option<Source<gherkin::Rule>>,
    scenario: Source<gherkin::Scenario>,
    /// The outcome of each step, of backgrounds too, by its position.
    outcomes: BTreeMap<StepPosition, Outcome>,
    cleanup_failure: Option<Failure>,
}

/// The line and the column of a step.
type StepPosition = (usize, usize);

fn position_of(step: &gherkin::Step) -> StepPosition {
    (step.position.line, step.position.col)
}

impl Writer<World> for Collector {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, event: parser::Result<Event<Cucumber<World>>>, _: &cli::Empty) {
        let Ok(Event { value: Cucumber::Feature(feature, event), .. }) = event else { return };
        match event {
            event::Feature::Scenario(scenario, retryable) => self.note(feature, None, scenario, retryable.event),
            event::Feature::Rule(rule, event::Rule::Scenario(scenario, retryable)) => {
                self.note(feature, Some(rule), scenario, retryable.event);
            }
            event::Feature::Started | event::Feature::Finished | event::Feature::Rule(..) => {}
        }
    }
}

impl Collector {
    pub(crate) fn new(outlines: Outlines) -> Collector {
        Collector { runs: Arc::default(), outlines: Arc::new(outlines) }
    }

    fn note(
        &self,
        feature: Source<gherkin::Feature>,
        rule: Option<Source<gherkin::Rule>>,
        scenario: Source<gherkin::Scenario>,
        event: event::Scenario<World>,
    ) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let at = match runs.iter().rposition(|run| run.feature == feature && run.scenario == scenario) {
            Some(at) => at,
            None => {
                runs.push(ScenarioRun { feature, rule, scenario, outcomes: BTreeMap::new(), cleanup_failure: None });
                runs.len() - 1
            }
        };
        match event {
            event::Scenario::Background(step, event) | event::Scenario::Step(step, event) => {
                runs[at].outcomes.extend(outcome(event).map(|outcome| (position_of(&step), outcome)));
            }
            event::Scenario::Hook(HookType::After, Hook::Failed(world, reason)) => {
                runs[at].cleanup_failure = Some(failure(panic_message(&*reason), world.as_deref()));
            }
            event::Scenario::Hook(..)
            | event::Scenario::Started
            | event::Scenario::Log(_)
            | event::Scenario::Finished => {}
        }
    }

    /// The features of the run, by path.
    pub(super) fn features(&self) -> Vec<Feature> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut by_feature: BTreeMap<(Option<&PathBuf>, &str), Vec<&ScenarioRun>> = BTreeMap::new();
        for run in &*runs {
            by_feature.entry((run.feature.path.as_ref(), run.feature.name.as_str())).or_default().push(run);
        }
        by_feature.into_values().filter_map(|runs| self.feature(runs)).collect()
    }

    fn feature(&self, mut runs: Vec<&ScenarioRun>) -> Option<Feature> {
        runs.sort_by_key(|run| (run.scenario.position.line, run.scenario.position.col));
        let feature = &runs.first()?.feature;
        let (own, of_rules): (Vec<&ScenarioRun>, Vec<&ScenarioRun>) =
            runs.iter().copied().partition(|run| run.rule.is_none());
        let mut by_rule: BTreeMap<usize, Vec<&ScenarioRun>> = BTreeMap::new();
        for run in of_rules {
            by_rule.entry(run.rule.as_ref().map_or(0, |rule| rule.position.line)).or_default().push(run);
        }
        let rule = |runs: Vec<&ScenarioRun>| {
            let rule = runs.first()?.rule.as_ref()?;
            Some(Rule {
                name: rule.name.clone(),
                tags: rule.tags.clone(),
                description: described(rule.description.as_ref()),
                background: rule.background.as_ref().map(|background| background_of(background, &runs)),
                scenarios: self.blocks(&runs),
            })
        };
        Some(Feature {
            name: feature.name.clone(),
            path: feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
            tags: feature.tags.clone(),
            description: described(feature.description.as_ref()),
            background: feature.background.as_ref().map(|background| background_of(background, &runs)),
            scenarios: self.blocks(&own),
            rules: by_rule.into_values().filter_map(rule).collect(),
        })
    }

    /// Scenarios in their order; examples of one outline together.
    fn blocks(&self, runs: &[&ScenarioRun]) -> Vec<Block> {
        let mut blocks: Vec<(usize, Block)> = Vec::new();
        for run in runs {
            let (outline, scenario) = (run.scenario.span.start, scenario_of(run));
            if run.scenario.examples.is_empty() {
                blocks.push((outline, Block::Scenario(scenario)));
                continue;
            }
            let existing = blocks.iter_mut().find(|(known, _)| *known == outline);
            if let Some((_, Block::Outline(existing))) = existing {
                existing.examples.push(scenario);
                continue;
            }
            let name = self.outlines.name(run.feature.path.as_deref(), outline).unwrap_or(&scenario.name).to_owned();
            let tags = scenario.tags.clone();
            blocks.push((outline, Block::Outline(Outline { name, tags, examples: vec![scenario] })));
        }
        blocks.into_iter().map(|(_, block)| block).collect()
    }
}

fn described(description: Option<&String>) -> Option<String> {
    description.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn outcome(event: event::Step<World>) -> Option<Outcome> {
    match event {
        event::Step::Started => None,
        event::Step::Passed(..) => Some(Outcome::Passed),
        event::Step::Skipped => Some(Outcome::Failed(failure("no step has this sentence".to_owned(), None))),
        event::Step::Failed(_, _, world, error) => {
            let reason = match error {
                StepError::NotFound => "no step has this sentence".to_owned(),
                StepError::AmbiguousMatch(_) => "several steps have this sentence".to_owned(),
                StepError::Panic(reason) => panic_message(&*reason),
            };
            Some(Outcome::Failed(failure(reason, world.as_deref())))
        }
    }
}

fn failure(reason: String, world: Option<&World>) -> Failure {
    Failure { reason, exchange: world.and_then(World::last_exchange).map(reported) }
}

/// The sentence of a panic.
pub(super) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("the step failed").to_owned()
}

fn step_of(step: &gherkin::Step, outcome: Outcome) -> Step {
    Step {
        keyword: step.keyword.trim().to_owned(),
        text: step.value.clone(),
        doc_string: step.docstring.as_ref().map(|text| text.trim_matches('\n').to_owned()),
        table: step.table.as_ref().map(|table| table.rows.clone()).unwrap_or_default(),
        outcome,
    }
}

/// The steps of a background with their worst outcome.
fn background_of(background: &gherkin::Background, runs: &[&ScenarioRun]) -> Background {
    let outcomes = |position: StepPosition| runs.iter().filter_map(move |run| run.outcomes.get(&position));
    let worst = |step: &gherkin::Step| {
        let failed = outcomes(position_of(step)).find(|outcome| matches!(outcome, Outcome::Failed(_)));
        failed.or_else(|| outcomes(position_of(step)).next()).cloned().unwrap_or(Outcome::NotRun)
    };
    let all_passed = |run: &&&ScenarioRun| {
        background.steps.iter().all(|step| matches!(run.outcomes.get(&position_of(step)), Some(Outcome::Passed)))
    };
    Background {
        name: background.name.trim().to_owned(),
        steps: background.steps.iter().map(|step| step_of(step, worst(step))).collect(),
        runs: runs.len(),
        passed: runs.iter().filter(all_passed).count(),
    }
}

fn scenario_of(run: &ScenarioRun) -> Scenario {
    let scenario = &run.scenario;
    let own = |step: &gherkin::Step| run.outcomes.get(&position_of(step)).cloned().unwrap_or(Outcome::NotRun);
    let backgrounds = run.feature.background.iter().chain(run.rule.iter().filter_map(|rule| rule.background.as_ref()));
    let outcomes: Vec<Outcome> = backgrounds.flat_map(|background| &background.steps).map(own).collect();
    let mut before = Count::default();
    outcomes.iter().for_each(|outcome| before.add(outcome));
    let failed_before = outcomes.into_iter().filter_map(|outcome| match outcome {
        Outcome::Failed(failure) => Some(("Background", failure)),
        Outcome::Passed | Outcome::NotRun => None,
    });
    let example = scenario.examples.first().and_then(|examples| match examples.table.as_ref()?.rows.as_slice() {
        [names, values, ..] => Some(names.iter().cloned().zip(values.iter().cloned()).collect()),
        _ => None,
    });
    Scenario {
        name: scenario.name.clone(),
        line: scenario.position.line,
        tags: scenario.tags.clone(),
        example: example.unwrap_or_default(),
        before,
        steps: scenario.steps.iter().map(|step| step_of(step, own(step))).collect(),
        outer_failures: failed_before
            .chain(run.cleanup_failure.clone().map(|failure| ("Cleaning up", failure)))
            .collect(),
    }
}
