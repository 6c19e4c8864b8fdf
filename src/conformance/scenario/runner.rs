//! Runs scenarios against the tenant under test and reports the result.

use std::future::ready;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use cucumber::writer::{self, Coloring, Ext as _, Stats as _, Verbosity};
use cucumber::{World as _, cli};

use super::plan::{Options, Parsed, Plan};
use super::report::{About, Collector, Redacted, Report, Written};
use super::world::World;
use crate::conformance::cleanup::TenantUnderTest;
use crate::conformance::error::Error;

/// Runs the scenarios against a tenant: a [`Target`](crate::conformance::Target), or a
/// [`SharedRun`](crate::conformance::SharedRun) on one that others use too. Several runs may go on at the same time,
/// against the same or different tenants.
///
/// # Errors
/// A feature file cannot be read or has an unknown step, and nothing was run: all mistakes, a line each.
pub async fn run(options: Options, tenant: impl Into<TenantUnderTest>) -> Result<Report, Error> {
    run_plan(options, tenant.into()).await.map_err(Error)
}

async fn run_plan(options: Options, tenant: TenantUnderTest) -> Result<Report, String> {
    let Plan { features, outlines, choice } = Plan::of(options.features, options.tags.as_deref(), options.words)?;
    let for_mocks_only = if options.mock { Vec::new() } else { choice.for_mocks_only(&features) };

    let (text, json, junit) = (Printed::new(options.progress), Printed::default(), Printed::default());
    let collector = Collector::new(outlines);
    let (begun, clock) = (SystemTime::now(), Instant::now());
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
    let done =
        cucumber.filter_run((), move |feature, rule, scenario| choice.includes(feature, rule, scenario, mock)).await;
    let failed = done.execution_has_failed() || done.skipped_steps() > 0;
    let written = Written { text: text.text(), json: json.text(), junit: junit.text() };
    let about = About { begun, took: clock.elapsed(), address, on_a_mock: mock };
    Ok(Report::of((done.passed_steps(), failed), for_mocks_only, written, about, &collector))
}

/// The output of a writer. It is kept, and printed at once if that is wanted.
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
        String::from_utf8_lossy(&bytes).replace(BEFORE_REASON, "")
    }
}

/// What the writers put before the reason of each failure. A step fails by a panic only because cucumber has no other way.
const BEFORE_REASON: &str = "Step panicked. Captured output: ";

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        if self.shown {
            // Standard output may be closed; that is no reason to stop.
            let _ = io::stdout().write_all(String::from_utf8_lossy(bytes).replace(BEFORE_REASON, "").as_bytes());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
