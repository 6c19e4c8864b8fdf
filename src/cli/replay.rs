//! `m2mock replay CASSETTE...`: replays recorded traffic against a mock or a real tenant.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use tokio::runtime;

use super::mistake::Mistake;
use super::output::{print, say};
use super::target::TargetOptions;
use crate::conformance::replay::{Cassette, Count, Inferences, Report, replay};
use crate::conformance::{Error, Target};
use crate::server::MockTenant;

#[derive(Args)]
pub(super) struct Options {
    /// Recordings, or folders of them: JSON of `m2mock record`, HAR, go-vcr, nock or Ruby VCR
    #[arg(value_name = "CASSETTE", required = true)]
    cassettes: Vec<PathBuf>,
    /// Newer recordings, or folders of them, which show what Auth0 has changed since; they are not replayed. May be repeated
    #[arg(long, value_name = "CASSETTE")]
    evidence: Vec<PathBuf>,
    /// Infer nothing about the recorded tenant: neither what it had before the recording, nor which lists have no order, nor
    /// which settings are its own choice
    #[arg(long)]
    no_inferences: bool,
    #[command(flatten)]
    target: TargetOptions,
    /// Report only these families, separated by commas (by default those of the ratchet); the replay itself is complete
    #[arg(long, value_name = "FAMILY", value_delimiter = ',')]
    only: Vec<String>,
    /// Print this many of the most frequent kinds of difference
    #[arg(long, value_name = "N", default_value_t = 0)]
    show: usize,
    /// Write every verdict to this file, as JSON with the values that differ
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write every verdict to this file, one line for each interaction, separated by tabs
    #[arg(long, value_name = "FILE")]
    verdicts: Option<PathBuf>,
    /// Fail if a family falls below this file: lines of a family and its percentage of exact answers
    #[arg(long, value_name = "FILE")]
    ratchet: Option<PathBuf>,
}

/// Exit codes: 0 no family is below the ratchet, 1 a family is, 2 the replay could not run.
pub(super) fn run(options: &Options) -> Result<ExitCode, Mistake> {
    let corpus = Cassette::load(&options.cassettes).map_err(Mistake)?;
    let evidence = match options.evidence.as_slice() {
        [] => Vec::new(),
        paths => Cassette::load(paths).map_err(Mistake)?,
    };
    let ratchet = options.ratchet.as_deref().map(Ratchet::read).transpose()?;
    // A ratchet is about its own families, unless others are named.
    let only = match &ratchet {
        Some(ratchet) if options.only.is_empty() => ratchet.families(),
        _ => options.only.clone(),
    };
    let inferences = if options.no_inferences { Inferences::None } else { Inferences::Made };
    let report = replayed(&corpus, &evidence, inferences, &options.target).map_err(Mistake)?.only(&only);
    print(report.to_string());
    if options.show > 0 {
        say("\nThe most frequent kinds of difference:");
        for (count, kind, example) in report.kinds().into_iter().take(options.show) {
            say(format_args!("{count:5}  {kind}\n       e.g. {example}"));
        }
    }
    if let Some(file) = &options.json {
        write(file, &format!("{:#}\n", report.json()))?;
    }
    if let Some(file) = &options.verdicts {
        write(file, &report.lines())?;
    }
    Ok(match ratchet {
        Some(ratchet) if !ratchet.holds(&report) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

fn write(file: &Path, text: &str) -> Result<(), Mistake> {
    std::fs::write(file, text).map_err(|error| Mistake(format!("{} cannot be written: {error}", file.display())))
}

/// The ratchet: the percentage of exact answers that each family has reached.
struct Ratchet(Vec<(String, f64)>);

impl Ratchet {
    fn read(file: &Path) -> Result<Ratchet, Mistake> {
        let wrong = |what: String| Mistake(format!("the ratchet {}: {what}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let read = |line: &str| {
            let (family, percent) = line.split_once('\t')?;
            Some((family.to_owned(), percent.trim().parse().ok()?))
        };
        let lines =
            lines.map(|line| read(line).ok_or_else(|| wrong(format!("not a family, a tab and a number: {line}"))));
        lines.collect::<Result<_, _>>().map(Ratchet)
    }

    fn families(&self) -> Vec<String> {
        self.0.iter().map(|(family, _)| family.clone()).filter(|family| family != "overall").collect()
    }

    /// Prints the families below the ratchet, and those whose line can be raised.
    fn holds(&self, report: &Report) -> bool {
        /// Half of the last digit of the file.
        const ROUNDING: f64 = 0.005;
        let reached: HashMap<String, Count> = report.families().into_iter().collect();
        let mut holds = true;
        say("");
        for (family, least) in &self.0 {
            // A family without a scored answer passes.
            let reached = reached.get(family).and_then(Count::exact_percent).unwrap_or(100.0);
            if reached < least - ROUNDING {
                holds = false;
                say(format_args!("{family}: {reached:.2} % exact, below the {least:.2} % of the ratchet"));
            } else if reached > least + ROUNDING {
                say(format_args!(
                    "{family}: {reached:.2} % exact, more than the {least:.2} % of the ratchet: raise it"
                ));
            }
        }
        say(format_args!("replay: {}", if holds { "at or above the ratchet" } else { "below the ratchet" }));
        holds
    }
}

fn replayed(
    corpus: &[Cassette],
    evidence: &[Cassette],
    inferences: Inferences,
    options: &TargetOptions,
) -> Result<Report, String> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let Some(named) = options.named() else {
        let mock = MockTenant::builder().allow_unmodelled_operations().start();
        let (id, secret) = mock.management_client();
        let target =
            Target::new(&mock.uri(), &id, &secret, &mock.management_audience(), None).map_err(Error::into_text)?;
        return runtime.block_on(replay(corpus, evidence, inferences, &target));
    };
    let target = Target::new(named.base, named.client_id, named.client_secret, named.audience, named.ca_file)
        .map_err(Error::into_text)?;
    runtime.block_on(replay(corpus, evidence, inferences, &target))
}
