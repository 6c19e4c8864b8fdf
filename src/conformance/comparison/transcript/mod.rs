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
pub struct Transcript {
    /// The path of the feature file.
    pub feature: String,
    /// The scenario's name.
    pub scenario: String,
    /// The line of the scenario, or of its example.
    pub line: usize,
    /// Why a step stopped the scenario, if one did.
    pub stopped: Option<String>,
    exchanges: Vec<Exchange>,
    names: Placeholders,
}

/// One request with its answer.
pub struct Exchange {
    /// Which of the scenario's steps asked, counted from 1, and what it says.
    pub step: (usize, String),
    /// What was asked and answered. Ids stand as they are; [`Transcript::shown`] names them.
    pub interaction: Interaction,
    /// What the answer carries for whoever started the tenant.
    pub mark: Option<String>,
    /// Whether it is about the tenant as a whole, of which only what the run itself made or wrote is kept.
    pub tenant_wide: bool,
}

impl Transcript {
    /// How many requests were made.
    pub fn requests(&self) -> usize {
        self.exchanges.len()
    }

    /// The requests, in their order.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// Whether a request got no answer.
    pub fn is_broken(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.interaction.status == 0)
    }

    /// A text of this scenario as it is shown to anyone.
    pub fn shown(&self, text: &str) -> String {
        self.names.shown(text)
    }

    /// Whether a shown text names something that is there in this scenario only.
    pub fn names_something(&self, shown: &str) -> bool {
        self.names.all().chain(["<id>", "<entry>", REDACTED]).any(|name| shown.contains(name))
    }

    /// A value of this scenario as it is shown to anyone.
    pub fn shown_value(&self, value: &Value) -> Value {
        mapped(value, &|text| self.names.shown(text))
    }
}
