//! Rate limits as token buckets: a burst of requests, and one more after each fixed interval.
//!
//! The vendor calls it a bucket that is refilled. Nothing here reads the clock, and there is no counter: the moment
//! when a bucket is full again determines its level.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The size of a bucket in requests, and the speed at which it is refilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// The number of requests at once.
    pub burst: u32,
    /// The time after which one more request is available.
    pub every: Duration,
}

/// The level of a bucket; a new bucket is full. Moments are times since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Level {
    seen: Duration,
    full_at: Duration,
}

impl Level {
    /// Whether a clock that ends at this moment can reach this level, even with an empty bucket.
    pub(crate) fn is_before(&self, end: Duration) -> bool {
        self.seen <= end && self.full_at <= end.saturating_add(LONGEST_REFILL)
    }
}

/// The longest time until an empty bucket is full.
const LONGEST_REFILL: Duration = Duration::from_secs(60);

/// The requests that are left in a bucket at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    /// Requests that may still come at once.
    pub remaining: u32,
    /// When it is full again.
    pub full_at: Duration,
}

impl Rate {
    /// A burst of requests at once, and the same number in each window.
    pub(crate) const fn per(burst: u32, window: Duration) -> Rate {
        // Rounded down, so that a whole window fills the whole bucket.
        Rate { burst, every: Duration::from_nanos(window.as_nanos() as u64 / burst as u64) }
    }

    /// The requests that are left at this moment. After the clock is set back, the bucket is full: requests of a later
    /// time do not count.
    pub(crate) fn rest(&self, level: Level, now: Duration) -> Rest {
        let debt = if now < level.seen { Duration::ZERO } else { level.full_at.saturating_sub(now) };
        // A request that is partly refilled counts as taken.
        let taken = debt.as_nanos().div_ceil(self.every.as_nanos().max(1));
        let taken = u32::try_from(taken).unwrap_or(u32::MAX);
        Rest { remaining: self.burst.saturating_sub(taken), full_at: now.saturating_add(debt) }
    }

    /// Takes one request out of the bucket, if one is left.
    pub(crate) fn take(&self, level: Level, now: Duration) -> Option<Level> {
        let rest = self.rest(level, now);
        (rest.remaining > 0).then(|| Level { seen: now, full_at: rest.full_at.saturating_add(self.every) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate::per(3, Duration::from_secs(1));
    const NOON: Duration = Duration::from_secs(1_780_315_200);

    /// How many of a hundred requests pass at this moment.
    fn passing(level: &mut Level, now: Duration) -> usize {
        (0..100).map_while(|_| RATE.take(*level, now).map(|taken| *level = taken)).count()
    }

    #[test]
    fn a_burst_passes_and_nothing_more() {
        assert_eq!(passing(&mut Level::default(), NOON), 3);
    }

    #[test]
    fn room_comes_back_bit_by_bit() {
        let mut level = Level::default();
        passing(&mut level, NOON);
        assert_eq!(passing(&mut level, NOON + RATE.every - Duration::from_nanos(1)), 0);
        assert_eq!(passing(&mut level, NOON + RATE.every), 1);
        assert_eq!(passing(&mut level, NOON + Duration::from_secs(1)), 2);
        assert_eq!(passing(&mut level, NOON + Duration::from_secs(3600)), 3);
    }

    #[test]
    fn the_rest_of_a_bucket_has_the_time_when_it_is_full() {
        let level = RATE.take(Level::default(), NOON).unwrap();
        assert_eq!(RATE.rest(level, NOON), Rest { remaining: 2, full_at: NOON + RATE.every });
        assert_eq!(RATE.rest(level, NOON + RATE.every).remaining, 3);
    }

    #[test]
    fn a_level_is_possible_up_to_the_end_of_the_clock() {
        let is_before = |seen, full_at| Level { seen, full_at }.is_before(NOON);
        let minute = Duration::from_secs(60);
        let later = Duration::from_nanos(1);
        assert!(is_before(Duration::ZERO, Duration::ZERO) && is_before(NOON, NOON + minute));
        assert!(!is_before(NOON + later, NOON));
        assert!(!is_before(NOON, NOON + minute + later));
    }

    #[test]
    fn a_clock_that_is_set_back_begins_with_a_full_bucket() {
        let mut level = Level::default();
        passing(&mut level, NOON);
        assert_eq!(passing(&mut level, Duration::ZERO), 3);
        assert_eq!(passing(&mut level, Duration::ZERO), 0);
    }
}
