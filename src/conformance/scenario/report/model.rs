//! A run as its report shows it: features, rules, scenarios and steps, each with its outcome.

use std::time::Duration;

/// A whole run.
pub(super) struct Run {
    pub target: String,
    /// The moment at which it began, in UTC.
    pub begun: String,
    pub took: Duration,
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
    /// Those outside any rule.
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
    /// Before how many scenarios its steps ran, and before how many of those they passed.
    pub ran: usize,
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
    /// The names and values of its row, if it is an example of an outline.
    pub example: Vec<(String, String)>,
    /// The steps of the backgrounds that ran before it.
    pub before: Count,
    pub steps: Vec<Step>,
    /// Failures outside its own steps: in the background, or in removing what it created.
    pub around: Vec<(&'static str, Failure)>,
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
    /// A step before it failed.
    NotRun,
}

#[derive(Clone)]
pub(super) struct Failure {
    pub reason: String,
    /// The last request before it.
    pub exchange: Option<ReportedExchange>,
}

/// A request and its answer, without secrets.
#[derive(Clone)]
pub(crate) struct ReportedExchange {
    /// Method and path.
    pub request: String,
    pub body: Option<String>,
    /// Status and body, or why there is no answer.
    pub answer: String,
}

/// How many passed and failed, and how many did not run.
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
        let mut counted = Count::default();
        for (_, scenario) in self.features.iter().flat_map(Feature::every_scenario) {
            let Count { passed, failed, not_run } = scenario.before;
            counted.passed += passed;
            counted.failed += failed;
            counted.not_run += not_run;
            scenario.steps.iter().for_each(|step| counted.add(&step.outcome));
        }
        counted
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
        self.around.is_empty() && self.steps.iter().all(|step| matches!(step.outcome, Outcome::Passed))
    }

    /// Each failure with the step that it is about.
    pub(super) fn failures(&self) -> impl Iterator<Item = (String, &Failure)> {
        let of_steps = self.steps.iter().filter_map(|step| match &step.outcome {
            Outcome::Failed(failure) => Some((format!("{} {}", step.keyword, step.text), failure)),
            Outcome::Passed | Outcome::NotRun => None,
        });
        let around = self.around.iter().map(|(what, failure)| ((*what).to_owned(), failure));
        around.chain(of_steps)
    }
}

fn count(passed: impl Iterator<Item = bool>) -> Count {
    let mut counted = Count::default();
    passed.for_each(|passed| if passed { counted.passed += 1 } else { counted.failed += 1 });
    counted
}
