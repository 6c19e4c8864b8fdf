//! The model of the report of a run: features, rules, scenarios and steps, each with its outcome.

use std::time::Duration;

/// A whole run.
pub(super) struct Run {
    pub target: String,
    /// The start of the run, in UTC.
    pub started: String,
    pub duration: Duration,
    pub failed: bool,
    pub features: Vec<Feature>,
    pub for_mocks_only: Vec<String>,
}

pub(super) struct Feature {
    pub name: String,
    pub path: String,
    pub tags: Vec<String>,
    pub description: Option<String>,
    pub background: Option<Background>,
    /// The scenarios outside of rules.
    pub scenarios: Vec<Block>,
    pub rules: Vec<Rule>,
}

pub(super) struct Rule {
    pub name: String,
    pub tags: Vec<String>,
    pub description: Option<String>,
    pub background: Option<Background>,
    pub scenarios: Vec<Block>,
}

/// The steps before each scenario of a feature or a rule. A step passed if it passed before every scenario.
pub(super) struct Background {
    pub name: String,
    pub steps: Vec<Step>,
    /// The number of scenarios that the background ran before.
    pub runs: usize,
    /// The number of scenarios that all its steps passed before.
    pub passed: usize,
}

/// A scenario, or an outline with a scenario for each of its examples.
pub(super) enum Block {
    Scenario(Scenario),
    Outline(Outline),
}

pub(super) struct Outline {
    pub name: String,
    pub tags: Vec<String>,
    /// At least one.
    pub examples: Vec<Scenario>,
}

pub(super) struct Scenario {
    pub name: String,
    pub line: usize,
    pub tags: Vec<String>,
    /// The names and values of its row, for an example of an outline.
    pub example: Vec<(String, String)>,
    /// The outcomes of the background steps before it.
    pub before: Count,
    pub steps: Vec<Step>,
    /// Failures outside its own steps: in the background, or in the cleanup.
    pub outer_failures: Vec<(&'static str, Failure)>,
}

pub(super) struct Step {
    pub keyword: String,
    pub text: String,
    pub doc_string: Option<String>,
    pub table: Vec<Vec<String>>,
    pub outcome: Outcome,
}

#[derive(Clone)]
pub(super) enum Outcome {
    Passed,
    Failed(Failure),
    /// An earlier step failed.
    NotRun,
}

#[derive(Clone)]
pub(super) struct Failure {
    pub reason: String,
    /// The last request before the failure.
    pub exchange: Option<ReportedExchange>,
}

/// A request and its answer, without secrets.
#[derive(Clone)]
pub(crate) struct ReportedExchange {
    /// Method and path.
    pub request: String,
    pub body: Option<String>,
    /// Status and body, or the reason why there is no answer.
    pub answer: String,
}

/// The numbers of items that passed, failed and did not run.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Count {
    pub passed: usize,
    pub failed: usize,
    pub not_run: usize,
}

impl Count {
    pub(super) fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::NotRun => self.not_run += 1,
        }
    }

    pub(super) fn all(self) -> usize {
        self.passed + self.failed + self.not_run
    }
}

impl Run {
    pub(super) fn scenarios(&self) -> Count {
        count(self.features.iter().flat_map(Feature::every_scenario).map(|(_, scenario)| scenario.passed()))
    }

    pub(super) fn steps(&self) -> Count {
        let mut total = Count::default();
        for (_, scenario) in self.features.iter().flat_map(Feature::every_scenario) {
            let Count { passed, failed, not_run } = scenario.before;
            total.passed += passed;
            total.failed += failed;
            total.not_run += not_run;
            scenario.steps.iter().for_each(|step| total.add(&step.outcome));
        }
        total
    }

    /// Each failed scenario with its feature and rule.
    pub(super) fn failed(&self) -> impl Iterator<Item = (&Feature, Option<&Rule>, &Scenario)> {
        self.features.iter().flat_map(|feature| {
            let scenarios = feature.every_scenario().filter(|(_, scenario)| !scenario.passed());
            scenarios.map(move |(rule, scenario)| (feature, rule, scenario))
        })
    }
}

impl Feature {
    pub(super) fn every_scenario(&self) -> impl Iterator<Item = (Option<&Rule>, &Scenario)> {
        let own = self.scenarios.iter().flat_map(Block::scenarios).map(|scenario| (None, scenario));
        let of_rules = self.rules.iter().flat_map(|rule| {
            rule.scenarios.iter().flat_map(Block::scenarios).map(move |scenario| (Some(rule), scenario))
        });
        own.chain(of_rules)
    }

    pub(super) fn count(&self) -> Count {
        count(self.every_scenario().map(|(_, scenario)| scenario.passed()))
    }

    /// Every tag in the feature.
    pub(super) fn every_tag(&self) -> impl Iterator<Item = &String> {
        let of_rules = self.rules.iter().flat_map(|rule| &rule.tags);
        let of_scenarios = self.every_scenario().flat_map(|(_, scenario)| &scenario.tags);
        self.tags.iter().chain(of_rules).chain(of_scenarios)
    }
}

impl Block {
    pub(super) fn scenarios(&self) -> &[Scenario] {
        match self {
            Block::Scenario(scenario) => std::slice::from_ref(scenario),
            Block::Outline(outline) => &outline.examples,
        }
    }
}

impl Scenario {
    pub(super) fn passed(&self) -> bool {
        self.outer_failures.is_empty() && self.steps.iter().all(|step| matches!(step.outcome, Outcome::Passed))
    }

    /// Each failure with its step.
    pub(super) fn failures(&self) -> impl Iterator<Item = (String, &Failure)> {
        let of_steps = self.steps.iter().filter_map(|step| match &step.outcome {
            Outcome::Failed(failure) => Some((format!("{} {}", step.keyword, step.text), failure)),
            Outcome::Passed | Outcome::NotRun => None,
        });
        let outer_failures = self.outer_failures.iter().map(|(place, failure)| ((*place).to_owned(), failure));
        outer_failures.chain(of_steps)
    }
}

fn count(passed: impl Iterator<Item = bool>) -> Count {
    let mut total = Count::default();
    passed.for_each(|passed| if passed { total.passed += 1 } else { total.failed += 1 });
    total
}
