//! Ranges of numbers, strings and times in a query.

use std::cmp::Ordering;
use std::time::SystemTime;

use serde_json::{Number, Value};
use tantivy_query_grammar::UserInputBound;

use super::error::QueryError;
use super::fields::FieldKind;

/// The values between two bounds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Range {
    lower: Bound,
    upper: Bound,
}

#[derive(Clone, Debug, PartialEq)]
enum Bound {
    Open,
    /// `[a` or `a]`.
    Inclusive(Limit),
    /// `{a` or `a}`.
    Exclusive(Limit),
}

/// A bound in each form with which a value can be compared.
#[derive(Clone, Debug, PartialEq)]
struct Limit {
    text: String,
    number: Option<f64>,
    moment: Option<SystemTime>,
}

impl Range {
    pub(super) fn read(lower: &UserInputBound, upper: &UserInputBound, kind: FieldKind) -> Result<Range, QueryError> {
        if kind == FieldKind::Plain {
            return Err(QueryError::PlainField);
        }
        Ok(Range { lower: Bound::read(lower, kind)?, upper: Bound::read(upper, kind)? })
    }

    /// The range of a single moment.
    pub(super) fn moment(text: &str) -> Result<Range, QueryError> {
        let bound = Bound::Inclusive(Limit::read(text, FieldKind::Date)?);
        Ok(Range { lower: bound.clone(), upper: bound })
    }

    pub(super) fn holds(&self, value: &Value, kind: FieldKind) -> bool {
        let within = |order: &dyn Fn(&Limit) -> Option<Ordering>| {
            self.lower.includes(order, Ordering::Greater) && self.upper.includes(order, Ordering::Less)
        };
        match value {
            Value::String(text) => match kind {
                FieldKind::Date => {
                    let moment = moment(text);
                    within(&|limit| Some(moment?.cmp(&limit.moment?)))
                }
                FieldKind::AnyCase => {
                    let text = text.to_lowercase();
                    within(&|limit| Some(text.cmp(&limit.text)))
                }
                FieldKind::Text | FieldKind::Plain => within(&|limit| Some(text.cmp(&limit.text))),
            },
            Value::Number(number) => {
                let number = Number::as_f64(number);
                within(&|limit| number?.partial_cmp(&limit.number?))
            }
            _ => false,
        }
    }
}

impl Bound {
    fn read(bound: &UserInputBound, kind: FieldKind) -> Result<Bound, QueryError> {
        Ok(match bound {
            UserInputBound::Unbounded => Bound::Open,
            UserInputBound::Inclusive(text) => Bound::Inclusive(Limit::read(text, kind)?),
            UserInputBound::Exclusive(text) => Bound::Exclusive(Limit::read(text, kind)?),
        })
    }

    /// Whether a value is on this side of the bound.
    fn includes(&self, order: &dyn Fn(&Limit) -> Option<Ordering>, side: Ordering) -> bool {
        match self {
            Bound::Open => true,
            Bound::Inclusive(limit) => order(limit).is_some_and(|found| found == side || found == Ordering::Equal),
            Bound::Exclusive(limit) => order(limit) == Some(side),
        }
    }
}

impl Limit {
    fn read(text: &str, kind: FieldKind) -> Result<Limit, QueryError> {
        let moment = moment(text);
        if kind == FieldKind::Date && moment.is_none() {
            return Err(QueryError::UnreadableDate(text.to_owned()));
        }
        let folded = if kind == FieldKind::AnyCase { text.to_lowercase() } else { text.to_owned() };
        Ok(Limit { text: folded, number: text.parse().ok(), moment })
    }
}

/// Parses a moment in UTC. Missing parts at the end are zero (documented: `2018-12-18` is its first millisecond).
fn moment(text: &str) -> Option<SystemTime> {
    const ZERO: &str = "0000-01-01T00:00:00";
    let bare = text.strip_suffix('Z').unwrap_or(text);
    let full = match bare.len() {
        // To the year, month, day, hour or minute.
        4 | 7 | 10 | 13 | 16 => format!("{bare}{}Z", &ZERO[bare.len()..]),
        _ => format!("{bare}Z"),
    };
    humantime::parse_rfc3339(&full).ok()
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_filled_with_zeros() {
        for (short, full) in [
            ("2018-12-18", "2018-12-18T00:00:00.000Z"),
            ("2018-12", "2018-12-01T00:00:00.000Z"),
            ("2018", "2018-01-01T00:00:00.000Z"),
            ("2018-12-18T12:22", "2018-12-18T12:22:00.000Z"),
            ("2018-12-18T15:23:48.123Z", "2018-12-18T15:23:48.123Z"),
        ] {
            let read = moment(short).map(|moment| humantime::format_rfc3339_millis(moment).to_string());
            assert_eq!(read.as_deref(), Some(full), "{short}");
        }
        for none in ["", "Z", "201", "2018-13", "yesterday", "2018-12-1", "201é-12", "2018-12-18T12:22:00+02:00"] {
            assert_eq!(moment(none), None, "{none}");
        }
    }
}
