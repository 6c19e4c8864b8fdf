//! `m2mock conformance [FEATURES...]`: runs the documented rules, or your own scenarios, against a mock or a real tenant.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use tokio::net::TcpListener;
use tokio::runtime;

use super::calibrate::calibrate;
use super::comparison::{PairOptions, run_pair};
use super::listener::no_runtime;
use super::log::printable;
use super::mistake::Mistake;
use super::output::{complain, say};
use super::scenarios::ScenarioOptions;
use super::shared_run::SharedRunOptions;
use super::target::TargetOptions;
use crate::api::{CalibratedAnswers, Config, Tenant};
use crate::atomic_file;
use crate::conformance::replay::Recorder;
use crate::conformance::{self, Error, FeatureFile, Options, Report, Sweep, Target, feature_files};
use crate::server::{self, AppState, MockTenant};

#[derive(Args)]
pub(super) struct ConformanceOptions {
    #[command(flatten)]
    scenarios: ScenarioOptions,
    #[command(flatten)]
    target: TargetOptions,
    /// Print which operations and scopes the run needs, and which the application lacks; run nothing
    #[arg(long)]
    dry_run: bool,
    /// Continue after a failed scenario
    #[arg(long)]
    keep_going: bool,
    /// Remove from the tenant everything that killed runs left; run nothing
    #[arg(long, requires = "target")]
    clean: bool,
    #[command(flatten)]
    shared_run: SharedRunOptions,
    /// Write the tenant's error texts to this file: run the scenarios tagged @assumption, whose answers fail no step
    #[arg(
        long,
        value_name = "FILE",
        requires = "target",
        conflicts_with_all = ["dry_run", "clean", "keep_going", "record", "junit", "json", "html"]
    )]
    calibrate: Option<PathBuf>,
    /// Record requests and answers in this folder
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// Write a report in JUnit's XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a report in cucumber's JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a report in HTML
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// The tag of scenarios that depend on a choice of m2mock.
const ASSUMPTIONS: &str = "@assumption";

pub(super) fn no_target() -> Mistake {
    Mistake("name the tenant with --target".to_owned())
}

/// Checks before a run that its output file can be written.
pub(super) fn can_be_written(file: &Path) -> Result<(), Mistake> {
    atomic_file::try_to_write(file).map_err(|error| Mistake(format!("{} cannot be written: {error}", file.display())))
}

/// The tenant of the options, if they name one.
pub(super) fn named(options: &TargetOptions) -> Result<Option<Target>, String> {
    let target = options
        .named()
        .map(|named| Target::new(named.base, named.client_id, named.client_secret, named.audience, named.ca_file));
    target.transpose().map_err(Error::into_text)
}

/// Exit codes: 0 all steps passed, 1 a step failed, 2 the run could not start.
pub(super) fn run(options: &ConformanceOptions) -> Result<ExitCode, Mistake> {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(no_runtime)?;
    runtime.block_on(async {
        if options.clean {
            return clean(options).await;
        }
        [&options.calibrate, &options.junit, &options.json, &options.html]
            .into_iter()
            .flatten()
            .try_for_each(|file| can_be_written(file))?;
        let features = feature_files(&options.scenarios.features)?;
        let target = named(&options.target).map_err(Mistake)?;
        if let Some(file) = &options.calibrate {
            let target = target.ok_or_else(no_target)?;
            let tags = options
                .scenarios
                .tags
                .as_ref()
                .map_or(ASSUMPTIONS.to_owned(), |tags| format!("{ASSUMPTIONS} and ({tags})"));
            let run = PairOptions {
                features,
                tags: Some(tags),
                concurrency: options.scenarios.concurrency,
                shared_run: &options.shared_run,
            };
            return calibrate(file, &run_pair(run, CalibratedAnswers::default(), target).await.map_err(on_its_line)?)
                .map_err(Mistake);
        }
        if options.dry_run {
            return rehearse(options, features, target).await.map_err(on_its_line);
        }
        let report = hold(options, features, target).await.map_err(on_its_line)?;
        if report.passed_steps == 0 && !report.failed {
            return Err(Mistake("no scenario matches the tags and files".to_owned()));
        }
        write_down(options, &report)?;
        for name in &report.for_mocks_only {
            say(format_args!("skipped, it needs a mock: {name}"));
        }
        say(format_args!("{} steps passed", report.passed_steps));
        Ok(if report.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    })
}

/// Prints one line for each error of the feature files; the last one is the error of the command.
pub(super) fn on_its_line(mistakes: String) -> Mistake {
    match mistakes.rsplit_once('\n') {
        Some((others, last)) => {
            others.lines().for_each(|line| complain(format_args!("m2mock: {}", printable(line))));
            Mistake(last.to_owned())
        }
        None => Mistake(mistakes),
    }
}

async fn hold(
    options: &ConformanceOptions,
    features: Vec<FeatureFile>,
    named: Option<Target>,
) -> Result<Report, String> {
    let run = Options {
        features,
        tags: options.scenarios.tags.clone(),
        words: Vec::new(),
        concurrency: options.scenarios.concurrency.unwrap_or(if named.is_some() { 1 } else { 64 }),
        keep_going: options.keep_going,
        mock: named.is_none(),
        progress: true,
    };
    let record = |target: Target| match &options.record {
        Some(folder) => {
            let recorder = Recorder::begin(folder, "conformance", target.domain());
            recorder.map(|recorder| target.with_recorder(recorder)).map_err(|error| format!("no recording: {error}"))
        }
        None => Ok(target),
    };
    let Some(target) = named else {
        let mock = MockTenant::builder().allow_unmodelled_operations().start();
        let (id, secret) = mock.management_client();
        let target =
            Target::new(&mock.uri(), &id, &secret, &mock.management_audience(), None).map_err(Error::into_text)?;
        return conformance::run(run, record(target)?.with_reasons(mock.reasons())).await.map_err(Error::into_text);
    };
    options
        .shared_run
        .run(record(target)?, async |tenant| conformance::run(run, tenant).await.map_err(Error::into_text))
        .await
}

/// Runs the scenarios against a mock, and prints the operations and scopes in its journal.
#[expect(clippy::mutable_key_type, reason = "operations are compared by method and path, which never change")]
async fn rehearse(
    options: &ConformanceOptions,
    features: Vec<FeatureFile>,
    named: Option<Target>,
) -> Result<ExitCode, String> {
    let tenant = Arc::new(Tenant::new(Config::default()));
    let needed = Arc::new(Mutex::new(BTreeSet::new()));
    let operations = Arc::clone(&needed);
    tenant.observe(Box::new(move |entry| {
        operations.lock().unwrap_or_else(PoisonError::into_inner).extend(entry.operation);
    }));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let (id, secret) = tenant.management_client();
    let rehearsed = Target::new(&format!("http://{address}"), &id, &secret, &tenant.management_audience(), None)
        .map_err(Error::into_text)?;
    tokio::spawn(server::serve(listener, AppState::to_one(tenant, address.port())));
    let run = Options { tags: options.scenarios.tags.clone(), mock: named.is_none(), ..Options::of(features) };
    let report = conformance::run(run, rehearsed).await.map_err(Error::into_text)?;
    if report.failed {
        say(&report.text);
    }
    let needed = needed.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut scopes: BTreeSet<Vec<String>> = BTreeSet::new();
    say("Operations of the Management API:");
    for operation in &needed {
        say(format_args!("  {operation}"));
        let any: Vec<String> = operation.scopes.iter().map(|scope| (*scope).to_owned()).collect();
        scopes.extend(Some(any).filter(|any| !any.is_empty()));
        if operation.method == "POST" {
            // Nothing is created on a shared tenant that could not be found and removed again.
            let to_remove = conformance::scopes_to_remove(operation.path).into_iter().flatten();
            scopes.extend(to_remove.map(|scope| vec![scope]));
        }
    }
    say("Scopes, at least one of each line:");
    for any in &scopes {
        say(format_args!("  {}", any.join(" or ")));
    }
    let Some(target) = named else { return Ok(ExitCode::SUCCESS) };
    let held = target.held_scopes().await?;
    let missing: Vec<String> =
        scopes.iter().filter(|any| !any.iter().any(|scope| held.contains(scope))).map(|any| any.join(" or ")).collect();
    if missing.is_empty() {
        say("The application has all of them.");
        return Ok(ExitCode::SUCCESS);
    }
    Err(format!("the application lacks these scopes of the Management API: {}", missing.join(", ")))
}

async fn clean(options: &ConformanceOptions) -> Result<ExitCode, Mistake> {
    let target = named(&options.target).map_err(Mistake)?.ok_or_else(no_target)?.shared();
    let folder = &options.shared_run.journals;
    let journals = conformance::journals(folder).map_err(|error| Mistake(format!("{}: {error}", folder.display())))?;
    let (mut cleaned, mut removed, mut mistakes) = (0, 0, Vec::new());
    for journal in &journals {
        match conformance::sweep(journal, &target).await {
            Ok(Sweep::Complete(number)) => {
                cleaned += 1;
                removed += number;
            }
            Ok(Sweep::OtherTenant(address)) => {
                say(format_args!("{} belongs to {address} and is kept", journal.display()))
            }
            Err(mistake) => mistakes.push(mistake.into_text()),
        }
    }
    say(format_args!("{cleaned} journals, {removed} entities removed or settings restored"));
    if mistakes.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(Mistake(mistakes.join("; "))) }
}

fn write_down(options: &ConformanceOptions, report: &Report) -> Result<(), Mistake> {
    let html = options.html.as_ref().map(|_| report.html());
    for (file, text) in
        [(&options.junit, Some(&report.junit)), (&options.json, Some(&report.json)), (&options.html, html.as_ref())]
    {
        if let (Some(file), Some(text)) = (file, text) {
            fs::write(file, text).map_err(|error| Mistake(format!("{} cannot be written: {error}", file.display())))?;
        }
    }
    Ok(())
}
