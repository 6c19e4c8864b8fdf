//! The transcript of one scenario: its exchanges with the tenant, without anything that differs from run to run. Names and ids
//! have placeholders, tokens are shown by their content, and secrets are redacted.

mod normalization;
mod placeholders;
mod token;

use serde_json::Value;

use placeholders::{Placeholders, mapped};

use crate::conformance::http::REDACTED;
use crate::conformance::recording::Interaction;

/// The transcript of one scenario.
pub(crate) struct Transcript {
    /// The path of the feature file.
    pub feature: String,
    /// The scenario's name.
    pub scenario: String,
    /// The line of the scenario, or of its example.
    pub line: usize,
    /// The reason why a step ended the scenario early, if one did.
    pub stopped: Option<String>,
    exchanges: Vec<RecordedExchange>,
    names: Placeholders,
}

/// One request with its answer.
pub(crate) struct RecordedExchange {
    /// The number of the step in the scenario, from 1, and its sentence.
    pub step: (usize, String),
    /// The request and the answer, with their ids. [`Transcript::shown`] replaces those.
    pub interaction: Interaction,
    /// The number of the refusal, if a mock gave it one.
    pub mark: Option<String>,
    /// Whether the request is about the tenant as a whole. Then only entities and values of the run are kept.
    pub tenant_wide: bool,
}

impl Transcript {
    /// The requests, in their order.
    pub(crate) fn exchanges(&self) -> &[RecordedExchange] {
        &self.exchanges
    }

    /// A text of this scenario with placeholders.
    pub(crate) fn shown(&self, text: &str) -> String {
        self.names.shown(text)
    }

    /// Whether a shown text has a placeholder.
    pub(crate) fn names_something(&self, shown: &str) -> bool {
        self.names.all().chain(["<id>", "<entry>", REDACTED]).any(|name| shown.contains(name))
    }

    /// A value of this scenario with placeholders.
    pub(crate) fn shown_value(&self, value: &Value) -> Value {
        mapped(value, &|text| self.names.shown(text))
    }
}
