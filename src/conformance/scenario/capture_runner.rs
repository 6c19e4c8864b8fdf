//! Runs scenarios without checking their answers, and captures their requests and answers.

use std::collections::BTreeMap;
use std::future::ready;
use std::io;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use cucumber::codegen::Regex;
use cucumber::gherkin::{Feature, Rule, Scenario, StepType};
use cucumber::step::{Collection, Context};
use cucumber::writer::{self, Coloring, Ext as _, Verbosity};
use cucumber::{World as _, cli};
use futures_util::future::{FutureExt as _, LocalBoxFuture};

use super::capture::Capture;
use super::plan::{Options, Parsed, Plan};
use super::world::World;
use crate::conformance::cleanup::TenantUnderTest;

/// The maximum number of runs of a scenario, while a request gets no answer.
const ROUNDS: usize = 6;

/// Runs the scenarios and captures their exchanges. A failed `Then` does not end its scenario; a failed `Given` or `When`
/// does. A scenario in which a request got no answer is run again.
///
/// # Errors
/// A feature file cannot be read or has an unknown step: all mistakes, one per line, and no scenario was run. Or the tenant gives
/// no answer.
pub(crate) async fn capture(options: Options, tenant: &TenantUnderTest) -> Result<Vec<Capture>, String> {
    let Plan { features, choice, .. } = Plan::of(options.features, options.tags.as_deref(), options.words)?;
    tenant.target().fetch_names().await?;
    let choice = Arc::new(choice);
    let concurrency = options.concurrency.max(1);
    let mut captures: BTreeMap<ScenarioKey, Capture> = BTreeMap::new();
    let mut incomplete: Option<Vec<ScenarioKey>> = None;
    for _ in 0..ROUNDS {
        let choice = Arc::clone(&choice);
        let is_run = move |feature: &Feature, rule: Option<&Rule>, scenario: &Scenario| {
            incomplete.as_ref().is_none_or(|incomplete| incomplete.contains(&key_of(feature, scenario)))
                && choice.includes(feature, rule, scenario, options.mock)
        };
        captures.extend(capture_once(features.clone(), concurrency, tenant.clone(), is_run).await);
        let unanswered = captures.iter().filter(|(_, capture)| capture.is_incomplete()).map(|(key, _)| key.clone());
        let unanswered: Vec<ScenarioKey> = unanswered.collect();
        if unanswered.is_empty() {
            break;
        }
        incomplete = Some(unanswered);
    }
    Ok(captures.into_values().collect())
}

/// The place of a scenario: the path of its file, its line and its name.
type ScenarioKey = (String, usize, String);

fn key_of(feature: &Feature, scenario: &Scenario) -> ScenarioKey {
    let path = feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    (path, scenario.position.line, scenario.name.clone())
}

async fn capture_once(
    features: Vec<Feature>,
    concurrency: usize,
    tenant: TenantUnderTest,
    is_run: impl Fn(&Feature, Option<&Rule>, &Scenario) -> bool + 'static,
) -> Vec<(ScenarioKey, Capture)> {
    let captured = Arc::new(Mutex::new(Vec::new()));
    let captures = Arc::clone(&captured);
    World::cucumber::<&str>()
        .with_parser(Parsed(features))
        .steps(every_step())
        .with_writer(writer::Basic::raw(io::sink(), Coloring::Never, Verbosity::Default).normalized())
        .max_concurrent_scenarios(concurrency)
        .with_cli(cli::Opts::<cli::Empty, _, _, cli::Empty>::default())
        .before(move |feature, _, scenario, world| {
            let (path, line, name) = key_of(feature, scenario);
            world.connect(&tenant, feature.path.as_deref().and_then(Path::parent));
            world.start_capture(Capture::new(path, name, line));
            Box::pin(ready(()))
        })
        .after(move |feature, _, scenario, _, world| {
            let captured = Arc::clone(&captured);
            let key = key_of(feature, scenario);
            Box::pin(async move {
                if let Some(world) = world {
                    let capture = world.take_capture().map(|capture| (key, capture));
                    captured.lock().unwrap_or_else(PoisonError::into_inner).extend(capture);
                    world.clean_up().await;
                }
            })
        })
        .filter_run((), is_run)
        .await;
    std::mem::take(&mut *captures.lock().unwrap_or_else(PoisonError::into_inner))
}

/// One catch-all step for each keyword. It looks up the step of the sentence and runs it.
fn every_step() -> Collection<World> {
    let any = || Regex::new("(?s)^.*$").unwrap_or_else(|error| panic!("a mistake in m2mock: {error}"));
    Collection::new().given(None, any(), run_step).when(None, any(), run_step).then(None, any(), run_step)
}

static STEPS: LazyLock<Collection<World>> = LazyLock::new(World::collection);

/// Runs the step of a sentence, and records the sentence and the failure in the capture.
fn run_step(world: &mut World, context: Context) -> LocalBoxFuture<'_, ()> {
    Box::pin(async move {
        let (step, context) = match STEPS.find(&context.step) {
            Ok(Some((step, _, _, context))) => (step, context),
            Ok(None) => panic!("no step is {:?}", context.step.value),
            Err(ambiguous) => panic!("several steps are {:?}: {ambiguous}", context.step.value),
        };
        let (kind, text) = (context.step.ty, format!("{} {}", context.step.keyword.trim(), context.step.value));
        world.capture().into_iter().for_each(|capture| capture.begin_step(&text));
        let Err(panic) = AssertUnwindSafe(step(world, context)).catch_unwind().await else { return };
        if kind != StepType::Then {
            let reason = panic.downcast_ref::<String>().map(String::as_str);
            let reason = reason.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the step failed");
            world.capture().into_iter().for_each(|capture| capture.failure = Some(format!("{text}: {reason}")));
            resume_unwind(panic);
        }
    })
}
