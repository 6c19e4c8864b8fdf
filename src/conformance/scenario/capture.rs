//! The exchanges of one scenario, captured while it runs.

use serde_json::Value;

use crate::conformance::http::{Answer, Request};

/// The exchanges of one scenario.
pub(crate) struct Capture {
    /// The path of the feature file.
    pub feature: String,
    /// The scenario's name.
    pub scenario: String,
    /// The line of the scenario, or of its example.
    pub line: usize,
    /// The beginning of each name that the scenario gave to an entity.
    pub label: String,
    /// The reason why a step ended the scenario, if one did.
    pub failure: Option<String>,
    pub exchanges: Vec<CapturedExchange>,
    /// The values that the scenario remembered, each with its name, in order.
    pub remembered: Vec<(String, Value)>,
    step: (usize, String),
}

/// A request of a step, and its answer if there was one.
pub(crate) struct CapturedExchange {
    /// The number of the step in the scenario, from 1, and its sentence.
    pub step: (usize, String),
    pub request: Request,
    pub answer: Option<Answer>,
}

impl Capture {
    pub(crate) fn new(feature: String, scenario: String, line: usize) -> Capture {
        Capture {
            feature,
            scenario,
            line,
            label: String::new(),
            failure: None,
            exchanges: Vec::new(),
            remembered: Vec::new(),
            step: (0, String::new()),
        }
    }

    pub(crate) fn begin_step(&mut self, sentence: &str) {
        self.step = (self.step.0 + 1, sentence.to_owned());
    }

    /// Adds an exchange. If a read repeats the request before it, only the last answer counts.
    pub(crate) fn push(&mut self, request: Request, answer: Option<Answer>) {
        let repeated = self.exchanges.last_mut().filter(|last| {
            request.method == http::Method::GET
                && last.request.method == request.method
                && last.request.url == request.url
        });
        match repeated {
            Some(last) => last.answer = answer,
            None => self.exchanges.push(CapturedExchange { step: self.step.clone(), request, answer }),
        }
    }

    /// Whether a request got no answer.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.answer.is_none())
    }
}
