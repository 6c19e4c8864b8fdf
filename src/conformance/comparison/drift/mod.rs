//! Drift: the differences between a mock and a tenant, from the transcripts of the same scenarios on both.

mod groups;
mod ledger;
mod pairs;
mod report;

use serde::Serialize;
use serde_json::Value;

use super::transcript::{RecordedExchange, Transcript};
use crate::conformance::recording::SideBySide;
use crate::conformance::recording::replay::Difference;
pub(crate) use groups::Group;
pub(crate) use ledger::{Judgement, Ledger};
pub(crate) use pairs::{Pair, scenarios};

/// The comparison of the same scenarios on a mock and on a tenant.
#[derive(Debug, Serialize)]
pub(crate) struct Drift {
    /// Each scenario.
    pub scenarios: Vec<ScenarioPair>,
}

/// One scenario on both sides.
#[derive(Debug, Serialize)]
pub(crate) struct ScenarioPair {
    /// The path of the feature file.
    pub feature: String,
    /// The scenario's name.
    pub scenario: String,
    /// The line of the scenario, or of its example.
    pub line: usize,
    /// Each request, in its order.
    pub requests: Vec<RequestPair>,
    /// The reason why the scenario ended early on the mock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mock_stopped: Option<String>,
    /// The reason why the scenario ended early on the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_stopped: Option<String>,
}

/// One request on both sides.
#[derive(Debug, Serialize)]
pub(crate) struct RequestPair {
    /// The step that asks.
    pub step: String,
    /// Method and path.
    pub request: String,
    /// The answer of the mock, if it got the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mock: Option<ShownAnswer>,
    /// The answer of the tenant, if it got the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<ShownAnswer>,
    /// The differences of the answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<ShownDifference>,
    /// Whether it is about the tenant as a whole, so that one side may ask more often.
    #[serde(skip)]
    tenant_wide: bool,
}

/// An answer as it is shown.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct ShownAnswer {
    /// Its status; 0 where there was no answer.
    pub status: u16,
    /// Its body.
    pub body: Value,
}

/// One place where two answers differ.
#[derive(Debug, Serialize)]
pub(crate) struct ShownDifference {
    /// JSON pointer into the bodies.
    pub pointer: String,
    /// The kind of difference.
    pub kind: String,
    /// The value of the mock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mock: Option<Value>,
    /// The value of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Value>,
}

impl Drift {
    /// Compares the transcripts of the same scenarios.
    pub(crate) fn of(mock: &[Transcript], tenant: &[Transcript]) -> Drift {
        let compared = scenarios(mock, tenant).into_iter().map(|(mock, tenant)| ScenarioPair::of(mock, tenant));
        Drift { scenarios: compared.collect() }
    }

    /// How many differences there are.
    pub(crate) fn count(&self) -> usize {
        self.scenarios.iter().map(|scenario| scenario.differences().count()).sum()
    }

    /// The number of requests.
    pub(crate) fn requests(&self) -> usize {
        self.scenarios.iter().map(|scenario| scenario.requests.len()).sum()
    }

    /// Whether a request got no answer, so that the comparison means nothing.
    pub(crate) fn is_broken(&self) -> bool {
        let requests = self.scenarios.iter().flat_map(|scenario| &scenario.requests);
        let mut said = requests.flat_map(|request| [&request.mock, &request.tenant]).flatten();
        said.any(|said| said.status == 0)
    }
}

impl ScenarioPair {
    fn of(mock: Option<&Transcript>, tenant: Option<&Transcript>) -> ScenarioPair {
        let transcript = mock.or(tenant);
        let mut compared = SideBySide::new();
        let pairs = Pair::of(mock, tenant);
        ScenarioPair {
            feature: transcript.map(|transcript| transcript.feature.clone()).unwrap_or_default(),
            scenario: transcript.map(|transcript| transcript.scenario.clone()).unwrap_or_default(),
            line: transcript.map_or(0, |transcript| transcript.line),
            requests: pairs.iter().map(|pair| RequestPair::of(pair, mock, tenant, &mut compared)).collect(),
            mock_stopped: mock.and_then(|transcript| transcript.stopped.clone()),
            tenant_stopped: tenant.and_then(|transcript| transcript.stopped.clone()),
        }
    }

    /// Each difference in one line, the request that it is about before it.
    fn differences(&self) -> impl Iterator<Item = (&RequestPair, String)> {
        self.placed_differences().map(|(request, _, sentence)| (request, sentence))
    }

    /// Each difference with its request, its place and kind, and itself in one line.
    fn placed_differences(&self) -> impl Iterator<Item = (&RequestPair, String, String)> {
        self.requests.iter().flat_map(|request| {
            let one_sided = match (&request.mock, &request.tenant) {
                _ if request.tenant_wide => None,
                (Some(_), None) => Some("only the mock is asked".to_owned()),
                (None, Some(_)) => Some("only the tenant is asked".to_owned()),
                _ => None,
            };
            let one_sided = one_sided.map(|sentence| (sentence.clone(), sentence));
            let differing = request.differences.iter().map(|differs| (differs.place_and_kind(), differs.sentence()));
            one_sided.into_iter().chain(differing).map(move |(place, sentence)| (request, place, sentence))
        })
    }

    /// Whether both sides came to the end.
    fn is_whole(&self) -> bool {
        self.mock_stopped.is_none() && self.tenant_stopped.is_none()
    }

    /// Whether the two sides differ: in an answer, in a request, or in where and why the scenario ended early.
    pub(crate) fn differs(&self) -> bool {
        self.ended_differently() || self.differences().next().is_some()
    }

    /// Whether one side ended early and the other did not, or did for another reason.
    pub(crate) fn ended_differently(&self) -> bool {
        self.mock_stopped != self.tenant_stopped
    }
}

impl RequestPair {
    fn of(
        pair: &Pair<'_>,
        mock: Option<&Transcript>,
        tenant: Option<&Transcript>,
        compared: &mut SideBySide,
    ) -> RequestPair {
        let said = |exchange: Option<&RecordedExchange>, transcript: Option<&Transcript>| {
            let (exchange, transcript) = exchange.zip(transcript)?;
            let answer = &exchange.interaction;
            Some(ShownAnswer { status: answer.status, body: transcript.shown_value(&answer.response) })
        };
        let differences = match (pair.mock, pair.tenant) {
            (Some(one), Some(other)) => compared.compare(&one.interaction, &other.interaction),
            _ => Vec::new(),
        };
        // The pages of a list of the whole tenant depend on entities of others.
        let tenant_wide = pair.mock.or(pair.tenant).is_some_and(|exchange| exchange.tenant_wide);
        let by_page = |item: &Difference| tenant_wide && ["missing item", "extra item"].contains(&item.kind.as_str());
        // The comparison shows the mock's value with ids of the tenant; the answer itself has the mock's ids.
        let own =
            |pointer: &str| pair.mock.and_then(|exchange| exchange.interaction.response.pointer(pointer)).cloned();
        let shown = |value: Option<Value>, transcript: Option<&Transcript>| Some(transcript?.shown_value(&value?));
        let differences = differences.into_iter().filter(|item| !by_page(item)).map(
            |Difference { pointer, kind, recorded, live }| ShownDifference {
                mock: shown(recorded.map(|recorded| own(&pointer).unwrap_or(recorded)), mock),
                tenant: shown(live, tenant),
                pointer: mock.map_or(pointer.clone(), |transcript| transcript.shown(&pointer)),
                kind,
            },
        );
        RequestPair {
            step: pair.step().to_owned(),
            request: pair.request(mock, tenant),
            mock: said(pair.mock, mock),
            tenant: said(pair.tenant, tenant),
            differences: differences.collect(),
            tenant_wide,
        }
    }
}

impl ShownDifference {
    /// The place without the numbers of items, and the kind of difference.
    fn place_and_kind(&self) -> String {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts = self.pointer.split('/').map(|part| if is_number(part) { "*" } else { part });
        format!("{} {}", parts.collect::<Vec<_>>().join("/"), self.kind)
    }

    /// In one line.
    fn sentence(&self) -> String {
        let shown = |value: &Value| {
            let text = value.to_string();
            match text.char_indices().nth(120) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        };
        let place = if self.pointer.is_empty() { String::new() } else { format!("{} ", self.pointer) };
        match (&self.mock, &self.tenant) {
            (None, None) => format!("{place}{}", self.kind),
            (Some(mock), Some(tenant)) => format!("{place}{}: {} -> {}", self.kind, shown(mock), shown(tenant)),
            (Some(value), None) | (None, Some(value)) => format!("{place}{}: {}", self.kind, shown(value)),
        }
    }
}
