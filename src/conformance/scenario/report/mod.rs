//! The result of a run, for people and for programs.

mod collected;
mod exchange;
mod model;
mod page;
mod redacted;

use std::fmt;
use std::time::{Duration, SystemTime};

pub(super) use collected::Collector;
use model::Run;
pub(super) use redacted::Redacted;

/// The result of a run.
#[non_exhaustive]
pub struct Report {
    /// How many steps passed.
    pub passed_steps: usize,
    /// Whether a step failed, or a scenario could not undo a change.
    pub failed: bool,
    /// The scenarios that were left out because only a mock can run them.
    pub for_mocks_only: Vec<String>,
    /// Every step as a readable text.
    pub text: String,
    /// Cucumber's JSON.
    pub json: String,
    /// JUnit's XML.
    pub junit: String,
    run: Run,
}

/// Without the texts, which are long.
impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("passed_steps", &self.passed_steps)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// The facts about a run beside its scenarios.
pub(super) struct About {
    pub started: SystemTime,
    pub duration: Duration,
    /// The address of the tenant.
    pub address: String,
    pub on_a_mock: bool,
}

/// The output of cucumber's own writers.
pub(super) struct Texts {
    pub text: String,
    pub json: String,
    pub junit: String,
}

impl Report {
    pub(super) fn of(
        (passed_steps, failed): (usize, bool),
        for_mocks_only: Vec<String>,
        texts: Texts,
        about: About,
        collector: &Collector,
    ) -> Report {
        let Texts { text, json, junit } = texts;
        let target = if about.on_a_mock { format!("a mock at {}", about.address) } else { about.address };
        let run = Run {
            target,
            started: humantime::format_rfc3339_seconds(about.started).to_string(),
            duration: about.duration,
            failed,
            features: collector.features(),
            for_mocks_only: for_mocks_only.clone(),
        };
        Report { passed_steps, failed, for_mocks_only, text, json, junit, run }
    }

    /// A page for a browser: failures first, then each feature with its rules, scenarios and steps. It needs no other file.
    pub fn html(&self) -> String {
        page::page(&self.run).into_string()
    }
}
