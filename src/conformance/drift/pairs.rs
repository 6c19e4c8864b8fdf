//! Which request on the one side is the same as which on the other, also where one side asks more often.

use std::collections::BTreeSet;

use super::{Exchange, Transcript, told};

/// The same request on both sides, or one that only one side made.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub mock: Option<&'a Exchange>,
    pub tenant: Option<&'a Exchange>,
}

/// Each scenario on both sides, in the order of the features.
pub(crate) fn scenarios<'a>(
    mock: &'a [Transcript],
    tenant: &'a [Transcript],
) -> Vec<(Option<&'a Transcript>, Option<&'a Transcript>)> {
    let (mock, tenant) = (told(mock), told(tenant));
    let keys: BTreeSet<_> = mock.keys().chain(tenant.keys()).collect();
    keys.into_iter().map(|key| (mock.get(key).copied(), tenant.get(key).copied())).collect()
}

impl<'a> Pair<'a> {
    /// The requests of a scenario. Those of one step are paired in their order; where the sides part, the next one that both
    /// make joins them again.
    pub fn of(mock: Option<&'a Transcript>, tenant: Option<&'a Transcript>) -> Vec<Pair<'a>> {
        let side = |told: Option<&'a Transcript>| -> Vec<(String, &'a Exchange)> {
            let exchanges =
                told.into_iter().flat_map(|told| told.exchanges().iter().map(move |exchange| (told, exchange)));
            exchanges.map(|(told, exchange)| (asked(told, exchange), exchange)).collect()
        };
        let (mock, tenant) = (side(mock), side(tenant));
        let steps: BTreeSet<usize> = mock.iter().chain(&tenant).map(|(_, exchange)| exchange.step.0).collect();
        let of_step = |side: &[(String, &'a Exchange)], step: usize| -> Vec<(String, &'a Exchange)> {
            side.iter().filter(|(_, exchange)| exchange.step.0 == step).cloned().collect()
        };
        steps.into_iter().flat_map(|step| joined(&of_step(&mock, step), &of_step(&tenant, step))).collect()
    }

    fn either(&self) -> Option<&'a Exchange> {
        self.mock.or(self.tenant)
    }

    pub fn step(&self) -> &'a str {
        self.either().map_or("", |exchange| exchange.step.1.as_str())
    }

    /// Method and path.
    pub fn request(&self, mock: Option<&Transcript>, tenant: Option<&Transcript>) -> String {
        let told = if self.mock.is_some() { mock } else { tenant };
        self.either().zip(told).map(|(exchange, told)| asked(told, exchange)).unwrap_or_default()
    }
}

/// Method and path, with names in the place of ids.
fn asked(told: &Transcript, exchange: &Exchange) -> String {
    let path = percent_encoding::percent_decode_str(&exchange.interaction.path).decode_utf8_lossy();
    format!("{} {}", exchange.interaction.method, told.shown(&path))
}

fn joined<'a>(mock: &[(String, &'a Exchange)], tenant: &[(String, &'a Exchange)]) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    let (mut mock, mut tenant) = (mock, tenant);
    loop {
        match (mock.split_first(), tenant.split_first()) {
            (None, None) => return pairs,
            (Some(((_, exchange), rest)), None) => {
                pairs.push(Pair { mock: Some(*exchange), tenant: None });
                mock = rest;
            }
            (None, Some(((_, exchange), rest))) => {
                pairs.push(Pair { mock: None, tenant: Some(*exchange) });
                tenant = rest;
            }
            (Some(((asked, one), rest)), Some(((also_asked, other), other_rest))) => {
                if asked == also_asked {
                    pairs.push(Pair { mock: Some(*one), tenant: Some(*other) });
                    (mock, tenant) = (rest, other_rest);
                } else if other_rest.iter().any(|(later, _)| later == asked) {
                    pairs.push(Pair { mock: None, tenant: Some(*other) });
                    tenant = other_rest;
                } else {
                    pairs.push(Pair { mock: Some(*one), tenant: None });
                    mock = rest;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::replay::Interaction;
    use super::{Exchange, joined};

    fn side(asked: &str) -> Vec<(String, Exchange)> {
        let exchange = || Exchange {
            step: (1, String::new()),
            interaction: Interaction::default(),
            mark: None,
            tenant_wide: false,
        };
        asked.chars().map(|name| (name.to_string(), exchange())).collect()
    }

    /// `aa` for a pair, `a-` and `-a` for a request of one side.
    fn pairs(mock: &str, tenant: &str) -> String {
        let (mock, tenant) = (side(mock), side(tenant));
        let refer = |side: &'_ [(String, Exchange)]| -> Vec<(String, *const Exchange)> {
            side.iter().map(|(name, exchange)| (name.clone(), std::ptr::from_ref(exchange))).collect()
        };
        let (names, other_names) = (refer(&mock), refer(&tenant));
        let name = |names: &[(String, *const Exchange)], exchange: Option<&Exchange>| match exchange {
            None => "-".to_owned(),
            Some(exchange) => {
                names.iter().find(|(_, place)| std::ptr::eq(*place, exchange)).map(|(name, _)| name.clone()).unwrap()
            }
        };
        let borrowed = |side: &'_ [(String, Exchange)]| {
            side.iter().map(|(name, exchange)| (name.clone(), exchange)).collect::<Vec<_>>()
        };
        let pairs = joined(&borrowed(&mock), &borrowed(&tenant));
        let told = pairs.iter().map(|pair| name(&names, pair.mock) + &name(&other_names, pair.tenant));
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn requests_are_paired_where_one_side_asks_more() {
        assert_eq!(pairs("abc", "abc"), "aa bb cc");
        assert_eq!(pairs("ac", "abc"), "aa -b cc");
        assert_eq!(pairs("abc", "ac"), "aa b- cc");
        assert_eq!(pairs("aab", "ab"), "aa a- bb");
        assert_eq!(pairs("", "ab"), "-a -b");
    }
}
