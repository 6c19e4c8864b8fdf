//! `m2mock drift`: the differences between the mock and a tenant, compared with a ledger of known ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use tokio::runtime;

use super::calibrated_answers;
use super::comparison::{PairOptions, run_pair, today};
use super::conformance::{can_be_written, named, no_target, on_its_line};
use super::listener::no_runtime;
use super::mistake::Mistake;
use super::output::say;
use super::scenarios::ScenarioOptions;
use super::shared_run::SharedRunOptions;
use super::target::TargetOptions;
use crate::atomic_file;
use crate::conformance::drift::{Drift, Group, Ledger};
use crate::conformance::feature_files;

#[derive(Args)]
pub(super) struct Options {
    #[command(flatten)]
    scenarios: ScenarioOptions,
    #[command(flatten)]
    target: TargetOptions,
    /// Error texts for the mock, from `m2mock conformance --calibrate`
    #[arg(long, value_name = "FILE", env = "M2MOCK_ANSWERS")]
    answers: Option<PathBuf>,
    /// File of known differences; a new one fails the run, and so does a line without a difference
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Write the first ledger, with every present difference
    #[arg(long, requires = "ledger", conflicts_with = "update_ledger")]
    new_ledger: bool,
    /// Remove from the ledger the lines without a difference; add nothing
    #[arg(long, requires = "ledger")]
    update_ledger: bool,
    /// Folder for the report: drift-DATE.md and drift-DATE.json, with a number after the first one of a day
    #[arg(long, value_name = "DIR", default_value = ".m2mock")]
    report: PathBuf,
    #[command(flatten)]
    shared_run: SharedRunOptions,
}

/// Exit codes: 0 the differences equal the ledger, 1 they do not, 2 the comparison could not run.
pub(super) fn run(options: &Options) -> Result<ExitCode, Mistake> {
    let date = today();
    let page = begin_report(&options.report, &date)?;
    if let Some(file) = options.ledger.as_deref().filter(|_| options.new_ledger || options.update_ledger) {
        can_be_written(file)?;
    }
    let ledger = options.ledger.as_deref().map(|file| known(file, options.new_ledger)).transpose()?;
    let features = feature_files(&options.scenarios.features)?;
    let answers = options.answers.as_deref().map(calibrated_answers::read).transpose()?.unwrap_or_default();
    let target = named(&options.target).map_err(Mistake)?.ok_or_else(no_target)?;
    let run = PairOptions {
        features,
        tags: options.scenarios.tags.clone(),
        concurrency: options.scenarios.concurrency,
        shared_run: &options.shared_run,
    };
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(no_runtime)?;
    let sides = runtime.block_on(run_pair(run, answers, target)).map_err(on_its_line)?;
    let drift = Drift::of(&sides.mock, &sides.tenant);
    let everything = options.scenarios.features.is_empty() && options.scenarios.tags.is_none();
    let judged = ledger.clone().unwrap_or_default().judge(&drift, everything);
    write(&page, &drift.markdown(&date, &judged))?;
    write(&page.with_extension("json"), &format!("{:#}\n", drift.json(&date, &judged)))?;
    for Group { operation, difference, requests, scenarios } in drift.groups() {
        let line = format!("{operation} · {difference}; requests: {requests}, scenarios: {scenarios}");
        say(format_args!("differs: {}", super::log::printable(&line)));
    }
    say(format_args!(
        "{} scenarios, {} requests, {} differences; see {}",
        drift.scenarios.len(),
        drift.requests(),
        drift.count(),
        page.display()
    ));
    if drift.is_broken() {
        return Err(Mistake("a request got no answer, so the comparison is incomplete; run it again".to_owned()));
    }
    match (&options.ledger, ledger) {
        (Some(file), Some(_)) if options.new_ledger => {
            write(file, &Ledger::of(&drift).text())?;
            say(format_args!("{}: wrote {} known differences", file.display(), judged.new.len()));
            Ok(ExitCode::SUCCESS)
        }
        (Some(file), Some(ledger)) => {
            told("new", &judged.new);
            told("gone", &judged.gone);
            if judged.gone.is_empty() || !options.update_ledger {
                if !judged.gone.is_empty() {
                    say(format_args!("--update-ledger removes these lines from {}", file.display()));
                }
                return Ok(code(judged.holds()));
            }
            write(file, &ledger.without(&judged.gone).text())?;
            say(format_args!("{}: removed {} lines", file.display(), judged.gone.len()));
            Ok(code(judged.new.is_empty()))
        }
        _ => {
            told("new", &judged.new);
            Ok(code(judged.holds()))
        }
    }
}

fn code(holds: bool) -> ExitCode {
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn told(what: &str, lines: &[String]) {
    for line in lines {
        say(format_args!("{what}: {}", super::log::printable(&line.replace('\t', " · "))));
    }
}

/// Reads the ledger, or returns an empty one for the first.
fn known(file: &Path, new: bool) -> Result<Ledger, Mistake> {
    let there = file.exists();
    match (new, there) {
        (true, true) => Err(Mistake(format!("{} exists already; a ledger may only shrink", file.display()))),
        (true, false) => Ok(Ledger::default()),
        (false, false) => {
            Err(Mistake(format!("there is no ledger {}; --new-ledger writes the first one", file.display())))
        }
        (false, true) => {
            let text = fs::read_to_string(file).map_err(|error| Mistake(format!("{}: {error}", file.display())))?;
            Ledger::parse(&text).map_err(|mistake| Mistake(format!("the ledger {}: {mistake}", file.display())))
        }
    }
}

/// The path of the report; creates its folder.
fn begin_report(folder: &Path, date: &str) -> Result<PathBuf, Mistake> {
    fs::create_dir_all(folder).map_err(|error| Mistake(format!("{} cannot be written: {error}", folder.display())))?;
    let page = unused(folder, date);
    can_be_written(&page)?;
    Ok(page)
}

/// An unused name for a report: drift-DATE.md, or drift-DATE-2.md for the second report of a day.
fn unused(folder: &Path, date: &str) -> PathBuf {
    let mut page = folder.join(format!("drift-{date}.md"));
    let mut number = 2;
    while page.exists() || page.with_extension("json").exists() {
        page = folder.join(format!("drift-{date}-{number}.md"));
        number += 1;
    }
    page
}

fn write(file: &Path, text: &str) -> Result<(), Mistake> {
    atomic_file::write(file, text).map_err(|error| Mistake(format!("{} cannot be written: {error}", file.display())))
}
