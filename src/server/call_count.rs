//! Expected call counts: a number or a range.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// An expected number: `2`, `1..=2`, `1..`, `..3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    least: u64,
    /// `None` if there is no upper bound.
    most: Option<u64>,
}

impl Times {
    pub(super) fn allow(self, count: u64) -> bool {
        count >= self.least && self.most.is_none_or(|most| count <= most)
    }

    /// Whether its last number is one, so that the counted noun is singular.
    pub(super) fn end_in_one(self) -> bool {
        self.most.unwrap_or(self.least) == 1
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (0, Some(0)) => write!(f, "no"),
            (least, Some(most)) if least == most => write!(f, "{least}"),
            (0, Some(most)) => write!(f, "at most {most}"),
            (least, Some(most)) => write!(f, "{least} to {most}"),
            (0, None) => write!(f, "any number of"),
            (least, None) => write!(f, "at least {least}"),
        }
    }
}

impl From<u64> for Times {
    fn from(exactly: u64) -> Self {
        Times::from(exactly..=exactly)
    }
}

impl From<RangeInclusive<u64>> for Times {
    fn from(range: RangeInclusive<u64>) -> Self {
        Times { least: *range.start(), most: Some(*range.end()) }
    }
}

impl From<Range<u64>> for Times {
    fn from(range: Range<u64>) -> Self {
        // `0..0` contains no number.
        let least = if range.end == 0 { 1 } else { range.start };
        Times { least, most: Some(range.end.saturating_sub(1)) }
    }
}

impl From<RangeFrom<u64>> for Times {
    fn from(range: RangeFrom<u64>) -> Self {
        Times { least: range.start, most: None }
    }
}

impl From<RangeTo<u64>> for Times {
    fn from(range: RangeTo<u64>) -> Self {
        Times::from(0..range.end)
    }
}

impl From<RangeToInclusive<u64>> for Times {
    fn from(range: RangeToInclusive<u64>) -> Self {
        Times::from(0..=range.end)
    }
}

impl From<RangeFull> for Times {
    fn from(_: RangeFull) -> Self {
        Times { least: 0, most: None }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Times;

    #[rstest]
    #[case::a_number(2, "2", &[2])]
    #[case::none(0, "no", &[0])]
    #[case::closed(1..=2, "1 to 2", &[1, 2])]
    #[case::half_open(1..3, "1 to 2", &[1, 2])]
    #[case::from(3.., "at least 3", &[3, 4])]
    #[case::below(..3, "at most 2", &[0, 1, 2])]
    #[case::up_to(..=2, "at most 2", &[0, 1, 2])]
    #[case::full(.., "any number of", &[0, 1, 2, 3, 4])]
    #[case::empty(0..0, "1 to 0", &[])]
    fn how_often(#[case] times: impl Into<Times>, #[case] said: &str, #[case] allowed: &[u64]) {
        let times = times.into();
        assert_eq!(times.to_string(), said);
        assert!((0..5).filter(|count| times.allow(*count)).eq(allowed.iter().copied()));
    }
}
