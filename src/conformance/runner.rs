//! Runs scenarios against the tenant under test and tells what came of them.

use std::future::ready;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::vec;

use cucumber::gherkin::tagexpr::TagOperation;
use cucumber::gherkin::{Feature, Rule, Scenario};
use cucumber::tag::Ext as _;
use cucumber::writer::{self, Coloring, Ext as _, Stats as _, Verbosity};
use cucumber::{World as _, cli, parser};
use futures_util::stream;

use super::features::{FeatureFile, parse};
use super::report::Report;
use super::vocabulary::unknown;
use super::world::World;

/// Marks scenarios that need the clock, a seed, or something else that only a mock has.
pub const MOCK_ONLY: &str = "mock-only";

/// What to run, and how.
pub struct Options {
    /// The feature files.
    pub features: Vec<FeatureFile>,
    /// Which scenarios, by their tags: `@R13 and not @assumption`.
    pub tags: Option<String>,
    /// Which scenarios, by words in the path of the file and in the names of feature and scenario; any of them.
    pub words: Vec<String>,
    /// How many scenarios run side by side.
    pub concurrency: usize,
    /// Whether to go on after a scenario that fails.
    pub keep_going: bool,
    /// Whether the tenant is a mock, so that scenarios for mocks only are run as well.
    pub mock: bool,
    /// Whether to print each step as it ends, rather than those that fail at the end.
    pub progress: bool,
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
}

/// Runs the scenarios against [`Target::current`](super::Target::current).
///
/// # Errors
/// A feature file cannot be understood, and nothing was run: all that is wrong, a line each.
pub async fn run(options: Options) -> Result<Report, String> {
    let features = parse(options.features)?;
    let mistakes = unknown(&features);
    if !mistakes.is_empty() {
        return Err(mistakes.join("\n"));
    }
    let tags = options.tags.as_deref().map(|tags| {
        let read = tags.parse::<TagOperation>();
        read.map_err(|error| format!("the tags {tags:?} are no expression like \"@R13 and not @assumption\": {error}"))
    });
    let chosen = Chosen { tags: tags.transpose()?, words: options.words };
    let for_mocks_only = if options.mock { Vec::new() } else { chosen.for_mocks_only(&features) };

    let (text, json, junit) = (Printed::new(options.progress), Printed::default(), Printed::default());
    let coloring = if options.progress { Coloring::Auto } else { Coloring::Never };
    let writer = writer::Basic::raw(text.clone(), coloring, Verbosity::Default)
        .summarized()
        .tee::<World, _>(writer::Json::for_tee(json.clone()))
        .tee::<World, _>(writer::JUnit::<World, _>::for_tee(junit.clone(), Verbosity::Default))
        .normalized();
    let mock = options.mock;
    let mut cucumber = World::cucumber::<&str>()
        .with_parser(Parsed(features))
        .with_writer(writer)
        .max_concurrent_scenarios(options.concurrency.max(1))
        .fail_on_skipped()
        .with_cli(cli::Opts::<cli::Empty, _, _, cli::Empty>::default())
        .before(|feature, _, _, world| {
            world.stands_in(feature.path.as_deref().and_then(Path::parent));
            Box::pin(ready(()))
        })
        .after(|_, _, _, _, world| {
            Box::pin(async move {
                if let Some(world) = world {
                    world.clean_up().await;
                }
            })
        });
    if !options.keep_going {
        cucumber = cucumber.fail_fast();
    }
    let done = cucumber
        .filter_run((), move |feature, rule, scenario| {
            let tags = tags_of(feature, rule, scenario);
            (mock || !tags.iter().any(|tag| tag == MOCK_ONLY)) && chosen.holds(feature, &scenario.name, &tags)
        })
        .await;
    Ok(Report {
        passed_steps: done.passed_steps(),
        failed: done.execution_has_failed() || done.skipped_steps() > 0,
        for_mocks_only,
        text: text.text(),
        json: json.text(),
        junit: junit.text(),
    })
}

/// Which scenarios are run.
struct Chosen {
    tags: Option<TagOperation>,
    words: Vec<String>,
}

impl Chosen {
    fn holds(&self, feature: &Feature, scenario: &str, tags: &[String]) -> bool {
        let path = feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let about = |word: &String| path.contains(word) || feature.name.contains(word) || scenario.contains(word);
        self.tags.as_ref().is_none_or(|wanted| wanted.eval(tags))
            && (self.words.is_empty() || self.words.iter().any(about))
    }

    /// The names of those that are left out because the tenant is no mock.
    fn for_mocks_only(&self, features: &[Feature]) -> Vec<String> {
        let mut names = Vec::new();
        for feature in features {
            let of_rules =
                feature.rules.iter().flat_map(|rule| rule.scenarios.iter().map(move |scenario| (Some(rule), scenario)));
            for (rule, scenario) in feature.scenarios.iter().map(|scenario| (None, scenario)).chain(of_rules) {
                let tags = tags_of(feature, rule, scenario);
                if tags.iter().any(|tag| tag == MOCK_ONLY) && self.holds(feature, &scenario.name, &tags) {
                    names.push(format!("{}: {}", feature.name, scenario.name));
                }
            }
        }
        names.dedup();
        names
    }
}

/// The tags of a scenario and of what it stands in.
fn tags_of(feature: &Feature, rule: Option<&Rule>, scenario: &Scenario) -> Vec<String> {
    let of_rule = rule.into_iter().flat_map(|rule| &rule.tags);
    feature.tags.iter().chain(of_rule).chain(&scenario.tags).cloned().collect()
}

/// Features that have been read.
struct Parsed(Vec<Feature>);

impl parser::Parser<()> for Parsed {
    type Cli = cli::Empty;
    type Output = stream::Iter<vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, (): (), _: cli::Empty) -> Self::Output {
        stream::iter(self.0.into_iter().map(Ok).collect::<Vec<_>>())
    }
}

/// What a writer prints, kept, and shown at once where that is wanted.
#[derive(Clone, Default)]
struct Printed {
    kept: Arc<Mutex<Vec<u8>>>,
    shown: bool,
}

impl Printed {
    fn new(shown: bool) -> Printed {
        Printed { shown, ..Printed::default() }
    }

    fn text(&self) -> String {
        let bytes = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        if self.shown {
            // Standard output may be closed; that is no reason to stop.
            let _ = io::stdout().write_all(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The feature files of a run: those at the paths, or this crate's own.
///
/// # Errors
/// A path cannot be read, or there is no feature file.
pub fn feature_files(paths: &[PathBuf]) -> Result<Vec<FeatureFile>, String> {
    if paths.is_empty() { Ok(super::features::embedded()) } else { super::features::read(paths) }
}
