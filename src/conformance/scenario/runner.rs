//! Runs scenarios against the tenant under test and reports the result.

use std::future::ready;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use cucumber::writer::{self, Coloring, Ext as _, Stats as _, Verbosity};
use cucumber::{World as _, cli};

use super::plan::{Options, Parsed, Plan};
use super::report::{About, Collector, Redacted, Report, Texts};
use super::world::World;
use crate::conformance::cleanup::TenantUnderTest;
use crate::conformance::error::Error;

/// Runs the scenarios against a tenant: a [`Target`](crate::conformance::Target), or a
/// [`SharedRun`](crate::conformance::SharedRun) on a tenant that others use too. Runs may overlap, against the
/// same tenant or different ones.
///
/// # Errors
/// A feature file cannot be read or has an unknown step: all mistakes, one per line, and no scenario was run.
pub async fn run(options: Options, tenant: impl Into<TenantUnderTest>) -> Result<Report, Error> {
    run_plan(options, tenant.into()).await.map_err(Error)
}

async fn run_plan(options: Options, tenant: TenantUnderTest) -> Result<Report, String> {
    let Plan { features, outlines, choice } = Plan::of(options.features, options.tags.as_deref(), options.words)?;
    let for_mocks_only = if options.mock { Vec::new() } else { choice.for_mocks_only(&features) };

    let (text, json, junit) = (Output::new(options.progress), Output::default(), Output::default());
    let collector = Collector::new(outlines);
    let (started, clock) = (SystemTime::now(), Instant::now());
    let coloring = if options.progress { Coloring::Auto } else { Coloring::Never };
    let writer = writer::Basic::raw(text.clone(), coloring, Verbosity::Default)
        .summarized()
        .tee::<World, _>(writer::Json::for_tee(json.clone()))
        .tee::<World, _>(writer::JUnit::<World, _>::for_tee(junit.clone(), Verbosity::Default))
        .tee::<World, _>(collector.clone().discard_arbitrary_writes().discard_stats_writes());
    let writer = Redacted::new(writer).normalized();
    let mock = options.mock;
    let address = tenant.target().address().to_owned();
    let mut cucumber = World::cucumber::<&str>()
        .with_parser(Parsed(features))
        .with_writer(writer)
        .max_concurrent_scenarios(options.concurrency.max(1))
        .fail_on_skipped()
        .with_cli(cli::Opts::<cli::Empty, _, _, cli::Empty>::default())
        .before(move |feature, _, _, world| {
            world.connect(&tenant, feature.path.as_deref().and_then(Path::parent));
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
    let result =
        cucumber.filter_run((), move |feature, rule, scenario| choice.includes(feature, rule, scenario, mock)).await;
    let failed = result.execution_has_failed() || result.skipped_steps() > 0;
    let texts = Texts { text: text.text(), json: json.text(), junit: junit.text() };
    let about = About { started, duration: clock.elapsed(), address, on_a_mock: mock };
    Ok(Report::of((result.passed_steps(), failed), for_mocks_only, texts, about, &collector))
}

/// The output of a cucumber writer. With `echo` it also goes to standard output at once.
#[derive(Clone, Default)]
struct Output {
    bytes: Arc<Mutex<Vec<u8>>>,
    echo: bool,
}

impl Output {
    fn new(echo: bool) -> Output {
        Output { echo, ..Output::default() }
    }

    fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).replace(BEFORE_REASON, "")
    }
}

/// The writers put this text before the reason of each failure. A step fails by a panic only because cucumber has no other way.
const BEFORE_REASON: &str = "Step panicked. Captured output: ";

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        if self.echo {
            // A closed standard output does not stop the run.
            let _ = io::stdout().write_all(String::from_utf8_lossy(bytes).replace(BEFORE_REASON, "").as_bytes());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
