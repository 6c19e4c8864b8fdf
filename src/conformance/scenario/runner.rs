//! Runs scenarios against the tenant under test and tells what came of them.

use std::collections::BTreeMap;
use std::future::ready;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Instant, SystemTime};
use std::vec;

use cucumber::codegen::Regex;
use cucumber::gherkin::tagexpr::TagOperation;
use cucumber::gherkin::{Feature, Rule, Scenario, StepType};
use cucumber::step::{Collection, Context};
use cucumber::tag::Ext as _;
use cucumber::writer::{self, Coloring, Ext as _, Stats as _, Verbosity};
use cucumber::{World as _, cli, parser};
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use futures_util::stream;

use crate::conformance::comparison::transcript::{Hearing, Transcript};
use crate::conformance::scenario::features::{FeatureFile, Outlines, parse_with_outlines};
use crate::conformance::scenario::report::{About, Collector, Report, Written};
use crate::conformance::scenario::vocabulary::mistakes;
use crate::conformance::scenario::world::World;
use crate::conformance::target::Target;

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
    let Plan { features, outlines, chosen } = Plan::of(options.features, options.tags.as_deref(), options.words)?;
    let for_mocks_only = if options.mock { Vec::new() } else { chosen.for_mocks_only(&features) };

    let (text, json, junit) = (Printed::new(options.progress), Printed::default(), Printed::default());
    let collector = Collector::new(outlines);
    let (begun, clock) = (SystemTime::now(), Instant::now());
    let coloring = if options.progress { Coloring::Auto } else { Coloring::Never };
    let writer = writer::Basic::raw(text.clone(), coloring, Verbosity::Default)
        .summarized()
        .tee::<World, _>(writer::Json::for_tee(json.clone()))
        .tee::<World, _>(writer::JUnit::<World, _>::for_tee(junit.clone(), Verbosity::Default))
        .tee::<World, _>(collector.clone().discard_arbitrary_writes().discard_stats_writes())
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
    let done =
        cucumber.filter_run((), move |feature, rule, scenario| chosen.is_run(feature, rule, scenario, mock)).await;
    let failed = done.execution_has_failed() || done.skipped_steps() > 0;
    let written = Written { text: text.text(), json: json.text(), junit: junit.text() };
    let about = About { begun, took: clock.elapsed(), on_a_mock: mock };
    Ok(Report::of((done.passed_steps(), failed), for_mocks_only, written, &about, &collector))
}

/// How often a scenario is run in which a request got no answer.
const ROUNDS: usize = 6;

/// Runs the scenarios against [`Target::current`](super::Target::current) without holding it to anything: what each of them asked
/// and was answered. A `Then` that does not hold ends nothing; a step that prepares or asks, and fails, ends its scenario. One in
/// which a request got no answer is run again.
///
/// # Errors
/// A feature file cannot be understood, and nothing was run: all that is wrong, a line each. Or the tenant does not answer.
pub async fn listen(options: Options) -> Result<Vec<Transcript>, String> {
    let Plan { features, chosen, .. } = Plan::of(options.features, options.tags.as_deref(), options.words)?;
    Target::current().learn_own_names().await?;
    let chosen = Arc::new(chosen);
    let concurrency = options.concurrency.max(1);
    let mut transcripts: BTreeMap<Place, Transcript> = BTreeMap::new();
    let mut broken: Option<Vec<Place>> = None;
    for _ in 0..ROUNDS {
        let chosen = Arc::clone(&chosen);
        let is_run = move |feature: &Feature, rule: Option<&Rule>, scenario: &Scenario| {
            broken.as_ref().is_none_or(|broken| broken.contains(&place_of(feature, scenario)))
                && chosen.is_run(feature, rule, scenario, options.mock)
        };
        transcripts.extend(listen_once(features.clone(), concurrency, is_run).await);
        let again = transcripts.iter().filter(|(_, told)| told.is_broken()).map(|(place, _)| place.clone());
        let again: Vec<Place> = again.collect();
        if again.is_empty() {
            break;
        }
        broken = Some(again);
    }
    Ok(transcripts.into_values().collect())
}

/// Where a scenario is: the path of its file, its line and its name.
type Place = (String, usize, String);

fn place_of(feature: &Feature, scenario: &Scenario) -> Place {
    let path = feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    (path, scenario.position.line, scenario.name.clone())
}

async fn listen_once(
    features: Vec<Feature>,
    concurrency: usize,
    is_run: impl Fn(&Feature, Option<&Rule>, &Scenario) -> bool + 'static,
) -> Vec<(Place, Transcript)> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let transcripts = Arc::clone(&heard);
    World::cucumber::<&str>()
        .with_parser(Parsed(features))
        .steps(every_step())
        .with_writer(writer::Basic::raw(io::sink(), Coloring::Never, Verbosity::Default).normalized())
        .max_concurrent_scenarios(concurrency)
        .with_cli(cli::Opts::<cli::Empty, _, _, cli::Empty>::default())
        .before(|feature, _, scenario, world| {
            let (path, line, name) = place_of(feature, scenario);
            world.is_heard(Hearing::of(path, name, line));
            world.stands_in(feature.path.as_deref().and_then(Path::parent));
            Box::pin(ready(()))
        })
        .after(move |feature, _, scenario, _, world| {
            let heard = Arc::clone(&heard);
            let place = place_of(feature, scenario);
            Box::pin(async move {
                if let Some(world) = world {
                    let told = world.transcript().map(|told| (place, told));
                    heard.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
                    world.clean_up().await;
                }
            })
        })
        .filter_run((), is_run)
        .await;
    std::mem::take(&mut *transcripts.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Each step as it is, with its name told to whoever listens.
fn every_step() -> Collection<World> {
    let any = || Regex::new("(?s)^.*$").unwrap_or_else(|error| panic!("a mistake in m2mock: {error}"));
    Collection::new().given(None, any(), heard_step).when(None, any(), heard_step).then(None, any(), heard_step)
}

static STEPS: LazyLock<Collection<World>> = LazyLock::new(World::collection);

fn heard_step(world: &mut World, context: Context) -> LocalBoxFuture<'_, ()> {
    Box::pin(async move {
        let (step, context) = match STEPS.find(&context.step) {
            Ok(Some((step, _, _, context))) => (step, context),
            Ok(None) => panic!("no step is {:?}", context.step.value),
            Err(ambiguous) => panic!("several steps are {:?}: {ambiguous}", context.step.value),
        };
        let (kind, text) = (context.step.ty, format!("{} {}", context.step.keyword.trim(), context.step.value));
        world.hearing().into_iter().for_each(|hearing| hearing.begins(&text));
        let Err(panic) = AssertUnwindSafe(step(world, context)).catch_unwind().await else { return };
        if kind != StepType::Then {
            let why = panic.downcast_ref::<String>().map(String::as_str);
            let why = why.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the step failed");
            world.hearing().into_iter().for_each(|hearing| hearing.stops(&format!("{text}: {why}")));
            resume_unwind(panic);
        }
    })
}

/// Features that can be understood, and which of their scenarios are meant.
struct Plan {
    features: Vec<Feature>,
    outlines: Outlines,
    chosen: Chosen,
}

impl Plan {
    fn of(files: Vec<FeatureFile>, tags: Option<&str>, words: Vec<String>) -> Result<Plan, String> {
        let (features, outlines) = parse_with_outlines(files)?;
        let mistakes = mistakes(&features);
        if !mistakes.is_empty() {
            return Err(mistakes.join("\n"));
        }
        let tags = tags.map(|tags| {
            let read = tags.parse::<TagOperation>();
            read.map_err(|error| {
                format!("the tags {tags:?} are no expression like \"@R13 and not @assumption\": {error}")
            })
        });
        Ok(Plan { features, outlines, chosen: Chosen { tags: tags.transpose()?, words } })
    }
}

/// Which scenarios are run.
struct Chosen {
    tags: Option<TagOperation>,
    words: Vec<String>,
}

impl Chosen {
    fn is_run(&self, feature: &Feature, rule: Option<&Rule>, scenario: &Scenario, mock: bool) -> bool {
        let tags = tags_of(feature, rule, scenario);
        (mock || !tags.iter().any(|tag| tag == MOCK_ONLY)) && self.holds(feature, &scenario.name, &tags)
    }

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
    if paths.is_empty() {
        Ok(crate::conformance::scenario::features::embedded())
    } else {
        crate::conformance::scenario::features::read(paths)
    }
}
