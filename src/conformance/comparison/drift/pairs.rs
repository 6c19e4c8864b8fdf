//! Pairs the requests of two transcripts, also where one side sends more of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::conformance::comparison::transcript::{RecordedExchange, Transcript};

/// The same request on both sides, or one that only one side made.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    /// The request to the mock.
    pub mock: Option<&'a RecordedExchange>,
    /// The request to the tenant.
    pub tenant: Option<&'a RecordedExchange>,
}

/// Each scenario on both sides, in the order of the features.
pub(crate) fn scenarios<'a>(
    mock: &'a [Transcript],
    tenant: &'a [Transcript],
) -> Vec<(Option<&'a Transcript>, Option<&'a Transcript>)> {
    let (mock, tenant) = (by_scenario(mock), by_scenario(tenant));
    let keys: BTreeSet<_> = mock.keys().chain(tenant.keys()).collect();
    keys.into_iter().map(|key| (mock.get(key).copied(), tenant.get(key).copied())).collect()
}

impl<'a> Pair<'a> {
    /// The requests of a scenario. Those of one step are paired in their order; where the sides differ, the next request that
    /// both send joins them again.
    pub(crate) fn of(mock: Option<&'a Transcript>, tenant: Option<&'a Transcript>) -> Vec<Pair<'a>> {
        let side = |transcript: Option<&'a Transcript>| -> Vec<(String, &'a RecordedExchange)> {
            let exchanges = transcript
                .into_iter()
                .flat_map(|transcript| transcript.exchanges().iter().map(move |exchange| (transcript, exchange)));
            exchanges.map(|(transcript, exchange)| (request_line(transcript, exchange), exchange)).collect()
        };
        let (mock, tenant) = (side(mock), side(tenant));
        let steps: BTreeSet<usize> = mock.iter().chain(&tenant).map(|(_, exchange)| exchange.step.0).collect();
        let of_step = |side: &[(String, &'a RecordedExchange)], step: usize| -> Vec<(String, &'a RecordedExchange)> {
            side.iter().filter(|(_, exchange)| exchange.step.0 == step).cloned().collect()
        };
        let pairs = steps.into_iter().flat_map(|step| joined(&of_step(&mock, step), &of_step(&tenant, step)));
        pairs.map(|(mock, tenant)| Pair { mock, tenant }).collect()
    }

    fn either(&self) -> Option<&'a RecordedExchange> {
        self.mock.or(self.tenant)
    }

    /// The step that asks.
    pub(crate) fn step(&self) -> &'a str {
        self.either().map_or("", |exchange| exchange.step.1.as_str())
    }

    /// Method and path.
    pub(crate) fn request(&self, mock: Option<&Transcript>, tenant: Option<&Transcript>) -> String {
        let transcript = if self.mock.is_some() { mock } else { tenant };
        self.either()
            .zip(transcript)
            .map(|(exchange, transcript)| request_line(transcript, exchange))
            .unwrap_or_default()
    }
}

/// Transcripts by feature, line and name.
type ByScenario<'a> = BTreeMap<(&'a str, usize, &'a str), &'a Transcript>;

fn by_scenario(transcripts: &[Transcript]) -> ByScenario<'_> {
    transcripts
        .iter()
        .map(|transcript| ((transcript.feature.as_str(), transcript.line, transcript.scenario.as_str()), transcript))
        .collect()
}

/// Method and path, with names in the place of ids.
fn request_line(transcript: &Transcript, exchange: &RecordedExchange) -> String {
    let path = percent_encoding::percent_decode_str(&exchange.interaction.path).decode_utf8_lossy();
    format!("{} {}", exchange.interaction.method, transcript.shown(&path))
}

/// Two lists with names, joined where the names are the same.
fn joined<T: Copy>(one: &[(String, T)], other: &[(String, T)]) -> Vec<(Option<T>, Option<T>)> {
    let mut pairs = Vec::new();
    let (mut one, mut other) = (one, other);
    loop {
        match (one.split_first(), other.split_first()) {
            (None, None) => return pairs,
            (Some(((_, alone), rest)), None) => {
                pairs.push((Some(*alone), None));
                one = rest;
            }
            (None, Some(((_, alone), rest))) => {
                pairs.push((None, Some(*alone)));
                other = rest;
            }
            (Some(((name, here), rest)), Some(((other_name, there), other_rest))) => {
                if name == other_name {
                    pairs.push((Some(*here), Some(*there)));
                    (one, other) = (rest, other_rest);
                } else if other_rest.iter().any(|(later, _)| later == name) {
                    pairs.push((None, Some(*there)));
                    other = other_rest;
                } else {
                    pairs.push((Some(*here), None));
                    one = rest;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    /// `aa` for a pair, `a-` and `-a` for one that is alone.
    fn transcript(one: &str, other: &str) -> String {
        let row = |names: &str| -> Vec<(String, char)> { names.chars().map(|name| (name.to_string(), name)).collect() };
        let shown = |name: Option<char>| name.unwrap_or('-');
        let pairs = joined(&row(one), &row(other)).into_iter();
        pairs.map(|(one, other)| format!("{}{}", shown(one), shown(other))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn requests_are_paired_where_one_side_asks_more() {
        assert_eq!(transcript("abc", "abc"), "aa bb cc");
        assert_eq!(transcript("ac", "abc"), "aa -b cc");
        assert_eq!(transcript("abc", "ac"), "aa b- cc");
        assert_eq!(transcript("aab", "ab"), "aa a- bb");
        assert_eq!(transcript("", "ab"), "-a -b");
    }
}
