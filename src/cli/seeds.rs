//! Reads the seeds of a command and prints their problems.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::FalseyValueParser;

use super::log::printable;
use super::mistake::Mistake;
use super::output::complain;
use crate::api::Tenant;
use crate::seed::{Report, Seed, SeedProblem, SeedReader};

// How seeds are read. No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct SeedOptions {
    /// Values for the keywords ##KEY## and @@KEY@@ of seeds: an object in JSON or YAML, or a configuration of the deploy tool
    #[arg(long, value_name = "FILE", env = "M2MOCK_MAPPINGS")]
    mappings: Option<PathBuf>,
    /// Do not use environment variables for the keywords of seeds; otherwise a variable wins over --mappings
    #[arg(long, env = "M2MOCK_NO_ENV", value_parser = FalseyValueParser::new())]
    no_env: bool,
    /// Skip the sections of seeds that m2mock does not model, with a warning
    #[arg(long, env = "M2MOCK_SKIP_UNMODELLED", value_parser = FalseyValueParser::new())]
    skip_unmodelled: bool,
}

impl SeedOptions {
    fn reader(&self) -> Result<SeedReader, Mistake> {
        let reader = Seed::reader();
        let reader = if self.no_env { reader } else { reader.environment() };
        let reader = if self.skip_unmodelled { reader.skip_unmodelled() } else { reader };
        match &self.mappings {
            Some(file) => Ok(reader.mappings(file)?),
            None => Ok(reader),
        }
    }

    /// Plants seeds one after the other, and prints every problem.
    pub(super) fn plant<F: AsRef<Path>>(&self, files: &[F], tenant: &Tenant) -> Result<(), Mistake> {
        let reader = self.reader()?;
        let mut report = Report::default();
        for file in files {
            let (seed, problems) = reader.read_and_report(file.as_ref());
            report.append(problems);
            report.append(seed.plant_and_report(tenant));
        }
        tell(&report)
    }
}

/// Prints warnings, then errors.
fn tell(report: &Report) -> Result<(), Mistake> {
    let (errors, warnings) = (report.errors(), report.warnings());
    for (warning, count) in once(warnings) {
        let more = match count {
            1 => String::new(),
            2 => " (likewise another entry)".to_owned(),
            _ => format!(" (likewise {} other entries)", count - 1),
        };
        complain(format_args!("m2mock: warning: {}{more}", printable(&warning.to_string())));
    }
    match errors {
        [] => Ok(()),
        [error] => Err(Mistake(error.to_string())),
        _ => {
            for error in errors {
                complain(format_args!("m2mock: {}", printable(&error.to_string())));
            }
            let warnings = match warnings.len() {
                0 => String::new(),
                1 => " and 1 warning".to_owned(),
                count => format!(" and {count} warnings"),
            };
            Err(Mistake(format!("the seeds have {} errors{warnings}", errors.len())))
        }
    }
}

/// Every distinct problem, with the number of entries that have it. Exports repeat problems.
fn once(problems: &[SeedProblem]) -> Vec<(&SeedProblem, usize)> {
    let mut places = HashMap::new();
    let mut told: Vec<(&SeedProblem, usize)> = Vec::new();
    for problem in problems {
        let index = *places.entry((problem.file(), problem.section(), problem.fault())).or_insert(told.len());
        match told.get_mut(index) {
            Some((_, count)) => *count += 1,
            None => told.push((problem, 1)),
        }
    }
    told
}
