//! The tenant's clock over HTTP, for tests that are not written in Rust.
//!
//! `GET` and `PUT /__admin/clock` answer alike:
//!
//! | member | value |
//! |---|---|
//! | `now` | the moment shown, as `2026-01-01T00:00:00.000Z` |
//! | `unix` | the same in whole seconds since the Unix epoch |
//! | `mode` | `running` or `frozen` |
//! | `ahead_seconds` | only while running: how far ahead of the machine, in whole seconds |
//!
//! A `PUT` has one change: `{"freeze": true}`, `{"set": …}` to a time or to seconds since the Unix epoch,
//! `{"advance": …}` by a time such as `1h 30m` or by seconds, or `{"release": true}`. The value of `now` can be set again. The
//! content type has no effect.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::api::ApiError;
use crate::domain::clock::{LATEST, Mode, Move};

const MOVES: &str = "The body is to be one of {\"freeze\": true}, {\"set\": \"2026-01-01T00:00:00Z\"}, \
                     {\"advance\": \"1h\"} and {\"release\": true}.";
const SET: &str = "'set' takes a time such as \"2026-01-01T00:00:00Z\", or seconds since 1970, up to the year 9999.";
const ADVANCE: &str = "'advance' takes a span such as \"1h 30m\", or seconds that are not negative.";

/// The view of a clock.
pub(super) fn shown(mode: Mode) -> Value {
    let now = mode.now();
    let mut shown = json!({
        "now": humantime::format_rfc3339_millis(now).to_string(),
        "unix": now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
    });
    match mode {
        Mode::Running { ahead } => {
            shown["mode"] = "running".into();
            shown["ahead_seconds"] = ahead.as_secs().into();
        }
        Mode::Frozen { .. } => shown["mode"] = "frozen".into(),
    }
    shown
}

/// The change in a body. A body without one changes nothing.
pub(super) fn read(body: &[u8]) -> Result<Move, ApiError> {
    let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| ApiError::invalid_body(MOVES))?;
    let mut members = body.iter();
    let (Some((name, value)), None) = (members.next(), members.next()) else {
        return Err(ApiError::invalid_body(MOVES));
    };
    match (name.as_str(), value) {
        ("freeze", Value::Bool(true)) => Ok(Move::Freeze),
        ("release", Value::Bool(true)) => Ok(Move::Release),
        ("set", value) => moment(value).map(Move::Set).ok_or_else(|| ApiError::invalid_body(SET)),
        ("advance", value) => span(value).map(Move::Advance).ok_or_else(|| ApiError::invalid_body(ADVANCE)),
        _ => Err(ApiError::invalid_body(MOVES)),
    }
}

/// A time since the Unix epoch. A value beyond the end of the clock is a mistake, most often milliseconds instead of seconds.
fn moment(value: &Value) -> Option<Duration> {
    let moment = match value {
        Value::String(text) => humantime::parse_rfc3339(text).ok()?.duration_since(UNIX_EPOCH).ok()?,
        _ => seconds(value)?,
    };
    (moment <= LATEST).then_some(moment)
}

fn span(value: &Value) -> Option<Duration> {
    match value {
        Value::String(text) => humantime::parse_duration(text).ok(),
        _ => seconds(value),
    }
}

/// Seconds, with or without a fraction.
fn seconds(value: &Value) -> Option<Duration> {
    match value.as_u64() {
        Some(whole) => Some(Duration::from_secs(whole)),
        None => Duration::try_from_secs_f64(value.as_f64()?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::freeze(json!({ "freeze": true }), Move::Freeze)]
    #[case::release(json!({ "release": true }), Move::Release)]
    #[case::a_time(json!({ "set": "1970-01-02T00:00:00Z" }), Move::Set(Duration::from_secs(86_400)))]
    #[case::a_time_as_it_is_shown(json!({ "set": "1970-01-01T00:00:01.500Z" }), Move::Set(Duration::from_millis(1500)))]
    #[case::seconds_since_1970(json!({ "set": 86_400 }), Move::Set(Duration::from_secs(86_400)))]
    #[case::the_last_second(json!({ "set": "9999-12-31T23:59:59Z" }), Move::Set(LATEST))]
    #[case::a_span(json!({ "advance": "1h 30m" }), Move::Advance(Duration::from_secs(5400)))]
    #[case::seconds(json!({ "advance": 1.5 }), Move::Advance(Duration::from_millis(1500)))]
    #[case::more_than_the_clock_has(json!({ "advance": u64::MAX }), Move::Advance(Duration::from_secs(u64::MAX)))]
    fn a_body_says_one_move(#[case] body: Value, #[case] expected: Move) {
        assert_eq!(read(body.to_string().as_bytes()).unwrap(), expected);
    }

    #[rstest]
    #[case::nothing("", MOVES)]
    #[case::no_json("freeze", MOVES)]
    #[case::no_object("[]", MOVES)]
    #[case::no_move("{}", MOVES)]
    #[case::two_moves(r#"{"freeze": true, "advance": "1h"}"#, MOVES)]
    #[case::an_unknown_move(r#"{"rewind": "1h"}"#, MOVES)]
    #[case::a_move_that_is_not_to_be_made(r#"{"freeze": false}"#, MOVES)]
    #[case::no_time(r#"{"set": "tomorrow"}"#, SET)]
    #[case::a_day_that_is_none(r#"{"set": "2026-02-30T00:00:00Z"}"#, SET)]
    #[case::before_1970(r#"{"set": -1}"#, SET)]
    #[case::milliseconds(r#"{"set": 1780315200000}"#, SET)]
    #[case::null(r#"{"set": null}"#, SET)]
    #[case::no_span(r#"{"advance": "a while"}"#, ADVANCE)]
    #[case::a_span_without_end(r#"{"advance": "99999999999999999999y"}"#, ADVANCE)]
    #[case::backwards(r#"{"advance": -60}"#, ADVANCE)]
    #[case::too_many_seconds(r#"{"advance": 1e300}"#, ADVANCE)]
    fn any_other_body_is_refused_with_what_it_should_have_been(#[case] body: &str, #[case] sentence: &str) {
        let refused = read(body.as_bytes()).unwrap_err();
        assert_eq!((refused.status, refused.message.as_str()), (400, sentence));
    }

    #[test]
    fn a_clock_is_shown_with_how_it_goes() {
        assert_eq!(
            shown(Mode::Frozen { at: LATEST }),
            json!({ "now": "9999-12-31T23:59:59.000Z", "unix": LATEST.as_secs(), "mode": "frozen" })
        );
        let running = shown(Mode::Running { ahead: Duration::from_millis(3_600_500) });
        assert_eq!((&running["mode"], &running["ahead_seconds"]), (&json!("running"), &json!(3600)));
    }
}
