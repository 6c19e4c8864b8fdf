//! The result of a run, for people and for programs.

mod collected;
mod model;
mod page;

use std::time::{Duration, SystemTime};

use crate::conformance::target::Target;
pub(crate) use collected::Collector;
pub(crate) use model::Exchange;
use model::Run;

/// The result of a run.
pub struct Report {
    /// How many steps passed.
    pub passed_steps: usize,
    /// Whether a step failed, or a scenario left something behind.
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

/// What is known of a run besides its scenarios.
pub(crate) struct About {
    pub begun: SystemTime,
    pub took: Duration,
    pub on_a_mock: bool,
}

/// What the other writers made of the run.
pub(crate) struct Written {
    pub text: String,
    pub json: String,
    pub junit: String,
}

impl Report {
    pub(crate) fn of(
        (passed_steps, failed): (usize, bool),
        for_mocks_only: Vec<String>,
        written: Written,
        about: &About,
        collector: &Collector,
    ) -> Report {
        let Written { text, json, junit } = written;
        let address = Target::current().address();
        let target = if about.on_a_mock { format!("a mock at {address}") } else { address.to_owned() };
        let run = Run {
            target,
            begun: humantime::format_rfc3339_seconds(about.begun).to_string(),
            took: about.took,
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
