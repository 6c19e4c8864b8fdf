//! When the requests of a stream are repeated, and when the service gives a stream up.
//!
//! Documented: an event has four attempts, the second to fourth after 1, 2 and 4 seconds, and one attempt if the receiver
//! refuses it (4xx); the stream is disabled after 500 failures in a row, or with 5000 failed events. Log entries have three
//! attempts, which begin again until one of them succeeds; the stream stops after seven days of failures. The pauses
//! between the attempts of log entries are an assumption.

use std::time::Duration;

/// No pause is longer.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The pause before the next attempt to deliver an event; `None` after the last one.
pub(crate) fn pause_of_event(failures: usize, is_refused: bool) -> Option<Duration> {
    match failures {
        _ if is_refused => None,
        1 => Some(Duration::from_secs(1)),
        2 => Some(Duration::from_secs(2)),
        3 => Some(Duration::from_secs(4)),
        _ => None,
    }
}

/// The pause before the next attempt to deliver log entries, after this many failures in a row.
pub(crate) fn pause_of_logs(failures: u32) -> Duration {
    match failures % 3 {
        1 => Duration::from_secs(1),
        2 => Duration::from_secs(2),
        _ => LONGEST_PAUSE,
    }
}

/// Whether a log stream stops that has failed for this long.
pub(crate) fn stops_log_stream(failing_for: Duration) -> bool {
    failing_for >= Duration::from_secs(7 * 24 * 60 * 60)
}

/// Whether an event stream is disabled with this many failed attempts in a row and this many failed events.
pub(crate) fn disables_event_stream(attempts_in_a_row: u32, events: u32) -> bool {
    attempts_in_a_row >= 500 || events >= 5000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_four_attempts() {
        let pauses: Vec<_> = (1..=5).map(|failures| pause_of_event(failures, false)).collect();
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(pauses, [seconds(1), seconds(2), seconds(4), None, None]);
        assert_eq!(pause_of_event(1, true), None);
    }

    #[test]
    fn log_entries_have_three_attempts_again_and_again() {
        let pauses: Vec<u64> = (1..=6).map(|failures| pause_of_logs(failures).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 60, 1, 2, 60]);
    }

    #[test]
    fn a_stream_stops_at_its_limit_and_not_before() {
        let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
        assert!(stops_log_stream(days(7)) && !stops_log_stream(days(7) - Duration::from_secs(1)));
        assert!(disables_event_stream(500, 0) && disables_event_stream(0, 5000));
        assert!(!disables_event_stream(499, 4999));
    }
}
