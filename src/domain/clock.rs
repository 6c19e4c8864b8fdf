//! The tenant's clock: the only source of time for tokens, documents and the journal.
//!
//! A [`Clock`] is a handle. Its clones show the same time, so that a test moves the clock of a tenant that is already
//! running. A *running* clock follows the machine's clock, with an optional lead; a *frozen* clock stays at one moment.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The latest time since the Unix epoch: the last second of the year 9999, where timestamps end.
pub(crate) const LATEST: Duration = Duration::from_secs(253_402_300_799);

/// The source of time for everything that a tenant issues or checks.
///
/// ```
/// use m2mock::Clock;
/// use std::time::Duration;
///
/// let clock = Clock::fixed(1_750_000_000);
/// let the_same = clock.clone();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(the_same.unix(), 1_750_000_060);
/// ```
///
/// # Limitations
///
/// Its range is 1970 to the last second of the year 9999, where it stops.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Hands>);

/// The state that the clones of a clock share.
#[derive(Default)]
struct Hands {
    mode: Mutex<Mode>,
    observers: Mutex<Vec<Weak<Observer>>>,
}

/// A function that is called after each move of a clock.
pub(crate) type Observer = dyn Fn() + Send + Sync;

impl fmt::Debug for Hands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hands").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl Clock {
    /// A clock that follows the machine's.
    pub fn system() -> Self {
        Clock::default()
    }

    /// A clock that is stopped at this many seconds after the Unix epoch, until a test moves it.
    pub fn fixed(unix_seconds: u64) -> Self {
        let clock = Clock::system();
        clock.set(unix_seconds);
        clock
    }

    /// The current time.
    pub fn now(&self) -> SystemTime {
        self.mode().now()
    }

    /// The current time in whole seconds since the Unix epoch, as in tokens.
    pub fn unix(&self) -> i64 {
        // `LATEST` is far below the end of the type.
        i64::try_from(self.mode().moment(machine()).as_secs()).unwrap_or(i64::MAX)
    }

    /// Stops the clock at its current time.
    pub fn freeze(&self) {
        self.apply(Move::Freeze);
    }

    /// Stops the clock at this many seconds after the Unix epoch, before or after its current time.
    pub fn set(&self, unix_seconds: u64) {
        self.apply(Move::Set(Duration::from_secs(unix_seconds)));
    }

    /// Advances the clock at once: a frozen clock stops that much later, a running one continues from there.
    pub fn advance(&self, by: Duration) {
        self.apply(Move::Advance(by));
    }

    /// Follows the machine's clock again, with the same time.
    pub fn release(&self) {
        self.apply(Move::Release);
    }

    /// Moves the clock, and returns its new mode.
    pub(crate) fn apply(&self, step: Move) -> Mode {
        let moved = {
            let mut mode = self.lock();
            *mode = mode.after(step, machine());
            *mode
        };
        self.tell();
        moved
    }

    /// The mode of the clock.
    pub(crate) fn mode(&self) -> Mode {
        *self.lock()
    }

    /// Restores an earlier mode. A frozen clock has the same time again.
    pub(crate) fn restore(&self, mode: Mode) {
        *self.lock() = mode;
        self.tell();
    }

    /// Calls a function after each change of the time, until its owner drops the function.
    pub(crate) fn observe(&self, observer: &Arc<Observer>) {
        let mut observers = self.0.observers.lock().unwrap_or_else(PoisonError::into_inner);
        observers.retain(|observer| observer.strong_count() > 0);
        observers.push(Arc::downgrade(observer));
    }

    fn tell(&self) {
        let observers = self.0.observers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        observers.iter().filter_map(Weak::upgrade).for_each(|observer| observer());
    }

    fn lock(&self) -> MutexGuard<'_, Mode> {
        self.0.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A way to move a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// Stop at the current time.
    Freeze,
    /// Stop at this time since the Unix epoch.
    Set(Duration),
    /// Advance by this much at once.
    Advance(Duration),
    /// Follow the machine's clock.
    Release,
}

/// The mode of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Mode {
    /// Follows the machine's clock.
    Running {
        /// The lead over the machine's clock.
        ahead: Duration,
    },
    /// Stays at one moment.
    Frozen {
        /// The moment, since the Unix epoch.
        at: Duration,
    },
}

impl Default for Mode {
    fn default() -> Self {
        Mode::Running { ahead: Duration::ZERO }
    }
}

impl Mode {
    /// The current time of a clock in this mode.
    pub(crate) fn now(self) -> SystemTime {
        UNIX_EPOCH + self.moment(machine())
    }

    /// The time of the clock at a time of the machine, both since the Unix epoch.
    fn moment(self, machine: Duration) -> Duration {
        match self {
            Mode::Running { ahead } => machine.saturating_add(ahead).min(LATEST),
            Mode::Frozen { at } => at.min(LATEST),
        }
    }

    /// The mode after a move at a time of the machine.
    fn after(self, step: Move, machine: Duration) -> Mode {
        match (step, self) {
            (Move::Freeze, _) => Mode::Frozen { at: self.moment(machine) },
            (Move::Set(at), _) => Mode::Frozen { at: at.min(LATEST) },
            (Move::Advance(by), Mode::Running { ahead }) => {
                Mode::Running { ahead: ahead.saturating_add(by).min(LATEST) }
            }
            (Move::Advance(by), Mode::Frozen { at }) => Mode::Frozen { at: at.saturating_add(by).min(LATEST) },
            (Move::Release, _) => Mode::default(),
        }
    }
}

/// The machine's time since the Unix epoch.
fn machine() -> Duration {
    // A machine set before 1970 counts as 1970: a test double has no use for negative token times.
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Noon of a day in 2026.
    const NOON: u64 = 1_780_315_200;
    const HOUR: Duration = Duration::from_secs(3600);

    /// The time of the machine in tests that do not read its clock.
    const MACHINE: Duration = Duration::from_secs(NOON);

    fn moved(steps: &[Move]) -> Mode {
        steps.iter().fold(Mode::default(), |mode, step| mode.after(*step, MACHINE))
    }

    #[test]
    fn a_frozen_clock_stays_while_the_machine_goes_on() {
        let frozen = moved(&[Move::Freeze]);
        assert_eq!(frozen.moment(MACHINE + HOUR), MACHINE);
    }

    #[test]
    fn a_clock_is_set_to_any_moment_and_stays_there() {
        for at in [Duration::ZERO, MACHINE - HOUR, MACHINE + HOUR] {
            assert_eq!(moved(&[Move::Set(at)]).moment(MACHINE + HOUR), at);
        }
    }

    #[test]
    fn an_advanced_frozen_clock_stays_frozen() {
        let later = moved(&[Move::Freeze, Move::Advance(HOUR)]);
        assert_eq!(later.moment(MACHINE + 5 * HOUR), MACHINE + HOUR);
    }

    #[test]
    fn an_advanced_running_clock_runs_on() {
        let ahead = moved(&[Move::Advance(HOUR), Move::Advance(HOUR)]);
        assert_eq!(ahead, Mode::Running { ahead: 2 * HOUR });
        assert_eq!(ahead.moment(MACHINE + 5 * HOUR), MACHINE + 7 * HOUR);
    }

    #[test]
    fn a_clock_that_is_frozen_while_ahead_stays_ahead() {
        assert_eq!(moved(&[Move::Advance(HOUR), Move::Freeze]).moment(MACHINE), MACHINE + HOUR);
    }

    #[test]
    fn a_released_clock_shows_the_machines_time() {
        for before in [Move::Freeze, Move::Set(HOUR), Move::Advance(HOUR)] {
            assert_eq!(moved(&[before, Move::Release]), Mode::default());
        }
        assert_eq!(Mode::default().moment(MACHINE), MACHINE);
    }

    #[test]
    fn a_clock_stops_at_the_end_of_the_year_9999() {
        let last = i64::try_from(LATEST.as_secs()).unwrap();
        for clock in [Clock::fixed(u64::MAX), Clock::system()] {
            clock.advance(Duration::MAX);
            clock.advance(Duration::MAX);
            assert_eq!(clock.unix(), last);
            assert_eq!(clock.now(), UNIX_EPOCH + LATEST);
            clock.release();
            assert!(clock.unix() < last);
        }
    }

    #[test]
    fn clones_show_the_same_time_and_other_clocks_do_not() {
        let (clock, other) = (Clock::fixed(NOON), Clock::fixed(NOON));
        let clone = clock.clone();
        clone.advance(HOUR);
        assert_eq!((clock.unix(), other.unix()), (1_780_318_800, 1_780_315_200));
        clock.release();
        assert_eq!(clone.mode(), Mode::default());
    }

    #[test]
    fn an_observer_hears_of_each_move_until_it_is_dropped() {
        use std::sync::atomic::{AtomicU32, Ordering};

        let (clock, count) = (Clock::fixed(NOON), Arc::new(AtomicU32::new(0)));
        let counted = Arc::clone(&count);
        let observer: Arc<Observer> = Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        clock.observe(&observer);
        clock.clone().advance(HOUR);
        clock.restore(clock.mode());
        assert_eq!(count.load(Ordering::Relaxed), 2);
        drop(observer);
        clock.release();
        assert_eq!(Arc::strong_count(&count), 1, "nothing holds the observer");
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn no_move_is_lost_when_several_threads_make_them() {
        let clock = Clock::fixed(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..100).for_each(|_| clock.advance(Duration::from_secs(1))));
            }
        });
        assert_eq!(clock.unix(), 800);
    }

    #[test]
    fn a_restored_clock_has_its_earlier_mode() {
        let clock = Clock::fixed(NOON);
        let then = clock.mode();
        clock.advance(HOUR);
        clock.release();
        clock.restore(then);
        assert_eq!(clock.unix(), 1_780_315_200);
    }

    /// A model of the clock: two numbers of nanoseconds, wide enough for every sum.
    #[derive(Default)]
    struct Model {
        frozen_at: Option<u128>,
        ahead: u128,
    }

    impl Model {
        fn time(&self, machine: Duration) -> u128 {
            self.frozen_at.unwrap_or(machine.as_nanos() + self.ahead).min(LATEST.as_nanos())
        }

        fn make(&mut self, step: Move, machine: Duration) {
            match step {
                Move::Freeze => self.frozen_at = Some(self.time(machine)),
                Move::Set(at) => self.frozen_at = Some(at.as_nanos().min(LATEST.as_nanos())),
                Move::Advance(by) if self.frozen_at.is_some() => {
                    self.frozen_at = Some(self.time(machine) + by.as_nanos());
                }
                Move::Advance(by) => self.ahead += by.as_nanos(),
                Move::Release => *self = Model::default(),
            }
            if self.frozen_at.is_some() {
                self.ahead = 0;
            }
        }
    }

    /// Mostly a few days, sometimes any duration.
    fn spans() -> impl Strategy<Value = Duration> {
        prop_oneof![4 => (0..500_000_000_u64).prop_map(Duration::from_millis), 1 => any::<Duration>()]
    }

    fn steps() -> impl Strategy<Value = Move> {
        prop_oneof![
            1 => Just(Move::Freeze),
            1 => Just(Move::Release),
            1 => spans().prop_map(Move::Set),
            2 => spans().prop_map(Move::Advance),
        ]
    }

    proptest! {
        #[test]
        fn a_clock_behaves_like_two_numbers(sequence in proptest::collection::vec((steps(), spans(), spans()), 1..30)) {
            let (mut mode, mut model) = (Mode::default(), Model::default());
            for (step, machine, later) in sequence {
                mode = mode.after(step, machine);
                model.make(step, machine);
                for machine in [machine, later] {
                    prop_assert_eq!(mode.moment(machine).as_nanos(), model.time(machine), "after {:?}", step);
                }
            }
        }
    }
}
