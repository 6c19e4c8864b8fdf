//! The plan of a run: its options, its features, and the choice of their scenarios.

use std::path::PathBuf;
use std::vec;

use cucumber::gherkin::tagexpr::TagOperation;
use cucumber::gherkin::{Feature, Rule, Scenario};
use cucumber::tag::Ext as _;
use cucumber::{cli, parser};
use futures_util::stream;

use super::features::{self, FeatureFile, Outlines, parse_with_outlines};
use super::vocabulary::mistakes;
use crate::conformance::error::Error;

/// The tag of scenarios that need the clock, a seed, or something else that only a mock has.
pub(crate) const MOCK_ONLY: &str = "mock-only";

/// The options of a run.
#[derive(Clone, Debug)]
#[must_use = "nothing runs until `run` gets the options"]
pub struct Options {
    /// The feature files.
    pub(crate) features: Vec<FeatureFile>,
    /// Selects scenarios by their tags: `@R13 and not @assumption`.
    pub(crate) tags: Option<String>,
    /// Selects scenarios with any of these words in the path of the file, the name of the feature or the name of the scenario.
    pub(crate) words: Vec<String>,
    /// How many scenarios run side by side.
    pub(crate) concurrency: usize,
    /// Whether to continue after a failed scenario.
    pub(crate) keep_going: bool,
    /// Whether the tenant is a mock, which runs `@mock-only` scenarios too.
    pub(crate) mock: bool,
    /// Whether to print each step when it ends, instead of only the failed steps at the end of the run.
    pub(crate) progress: bool,
}

impl Options {
    /// All scenarios of these files, against a mock, to the end.
    pub fn of(features: Vec<FeatureFile>) -> Options {
        Options {
            features,
            tags: None,
            words: Vec::new(),
            concurrency: 64,
            keep_going: true,
            mock: true,
            progress: false,
        }
    }

    /// Only scenarios with these tags: `@R13 and not @assumption`.
    pub fn tags(mut self, tags: impl Into<String>) -> Options {
        self.tags = Some(tags.into());
        self
    }

    /// Only scenarios with one of these words in the path of the file or in the name of the feature or the scenario.
    pub fn words<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Options {
        self.words = words.into_iter().map(Into::into).collect();
        self
    }

    /// How many scenarios run side by side; 64 by default.
    pub fn concurrency(mut self, scenarios: usize) -> Options {
        self.concurrency = scenarios;
        self
    }

    /// Ends the run after the first scenario that fails.
    pub fn fail_fast(mut self) -> Options {
        self.keep_going = false;
        self
    }

    /// Leaves out the scenarios that only a mock can pass (`@mock-only`), for a run on a real tenant.
    pub fn without_mock_only(mut self) -> Options {
        self.mock = false;
        self
    }

    /// Prints each step when it ends.
    pub fn show_progress(mut self) -> Options {
        self.progress = true;
        self
    }
}

/// The feature files at these paths, or this crate's own if there is no path.
///
/// # Errors
/// A path cannot be read, or there is no feature file.
pub fn feature_files(paths: &[PathBuf]) -> Result<Vec<FeatureFile>, Error> {
    if paths.is_empty() { Ok(features::embedded()) } else { features::read(paths).map_err(Error) }
}

/// The features of a run, and the choice of their scenarios.
pub(super) struct Plan {
    pub features: Vec<Feature>,
    pub outlines: Outlines,
    pub choice: Choice,
}

impl Plan {
    /// Reads the features.
    ///
    /// # Errors
    /// A feature file or the expression of tags is invalid, or a step is unknown: all mistakes, one per line.
    pub(super) fn of(files: Vec<FeatureFile>, tags: Option<&str>, words: Vec<String>) -> Result<Plan, String> {
        let (features, outlines) = parse_with_outlines(files)?;
        let mistakes = mistakes(&features);
        if !mistakes.is_empty() {
            return Err(mistakes.join("\n"));
        }
        let tags = tags.map(|tags| {
            let expression = tags.parse::<TagOperation>();
            expression.map_err(|error| {
                format!("the tags {tags:?} are no expression like \"@R13 and not @assumption\": {error}")
            })
        });
        Ok(Plan { features, outlines, choice: Choice { tags: tags.transpose()?, words } })
    }
}

/// The choice of scenarios.
pub(super) struct Choice {
    tags: Option<TagOperation>,
    words: Vec<String>,
}

impl Choice {
    /// Whether a scenario is run. `@mock-only` scenarios need a `mock`.
    pub(super) fn includes(&self, feature: &Feature, rule: Option<&Rule>, scenario: &Scenario, mock: bool) -> bool {
        let tags = tags_of(feature, rule, scenario);
        (mock || !tags.iter().any(|tag| tag == MOCK_ONLY)) && self.matches(feature, &scenario.name, &tags)
    }

    fn matches(&self, feature: &Feature, scenario: &str, tags: &[String]) -> bool {
        let path = feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let has_word = |word: &String| path.contains(word) || feature.name.contains(word) || scenario.contains(word);
        self.tags.as_ref().is_none_or(|expression| expression.eval(tags))
            && (self.words.is_empty() || self.words.iter().any(has_word))
    }

    /// The names of the scenarios that are left out because the tenant is no mock.
    pub(super) fn for_mocks_only(&self, features: &[Feature]) -> Vec<String> {
        let mut names = Vec::new();
        for feature in features {
            let of_rules =
                feature.rules.iter().flat_map(|rule| rule.scenarios.iter().map(move |scenario| (Some(rule), scenario)));
            for (rule, scenario) in feature.scenarios.iter().map(|scenario| (None, scenario)).chain(of_rules) {
                let tags = tags_of(feature, rule, scenario);
                if tags.iter().any(|tag| tag == MOCK_ONLY) && self.matches(feature, &scenario.name, &tags) {
                    names.push(format!("{}: {}", feature.name, scenario.name));
                }
            }
        }
        names.dedup();
        names
    }
}

/// The tags of a scenario, of its rule and of its feature.
fn tags_of(feature: &Feature, rule: Option<&Rule>, scenario: &Scenario) -> Vec<String> {
    let of_rule = rule.into_iter().flat_map(|rule| &rule.tags);
    feature.tags.iter().chain(of_rule).chain(&scenario.tags).cloned().collect()
}

/// A parser for cucumber whose features are parsed already.
pub(super) struct Parsed(pub Vec<Feature>);

impl parser::Parser<()> for Parsed {
    type Cli = cli::Empty;
    type Output = stream::Iter<vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, (): (), _: cli::Empty) -> Self::Output {
        stream::iter(self.0.into_iter().map(Ok).collect::<Vec<_>>())
    }
}
