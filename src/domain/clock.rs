//! The tenant's clock: the only source of time for tokens and documents.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last second that a timestamp with a year of four digits can name.
const LATEST: u64 = 253_402_300_799;

/// Tells the time to everything that a tenant issues or checks.
///
/// ```
/// use m2mock::Clock;
///
/// let noon = Clock::fixed(1_750_000_000);
/// assert_eq!(noon.unix(), 1_750_000_000);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// Follows the machine.
    #[default]
    System,
    /// Stands still at this many seconds after the Unix epoch.
    Fixed(u64),
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Clock::System
    }

    /// A clock that stands still, at the latest in the last second of the year 9999.
    pub const fn fixed(unix_seconds: u64) -> Self {
        Clock::Fixed(if unix_seconds < LATEST { unix_seconds } else { LATEST })
    }

    /// The present moment.
    pub fn now(&self) -> SystemTime {
        match self {
            Clock::System => SystemTime::now(),
            Clock::Fixed(seconds) => UNIX_EPOCH + Duration::from_secs((*seconds).min(LATEST)),
        }
    }

    /// Whole seconds since the Unix epoch, as tokens count.
    pub fn unix(&self) -> i64 {
        // A machine set before 1970 counts as 1970: a test double has no use for negative token times.
        let since = self.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }
}
