//! `/stats`: the listed days.

use serde_json::json;

use crate::caller::Caller;

#[test]
fn the_statistics_cover_the_last_thirty_days_by_default() {
    let caller = Caller::start();
    let (status, days) = caller.get("/stats/daily");
    let days = days.as_array().unwrap();
    assert_eq!((status, days.len()), (200, 30));
    let date = |day: usize| days[day]["date"].as_str().unwrap();
    assert_eq!((date(0), date(29)), ("2026-05-03T00:00:00.000Z", "2026-06-01T00:00:00.000Z"));
}

#[test]
fn no_day_lies_ahead_and_a_year_is_enough() {
    let caller = Caller::start();
    assert_eq!(caller.get("/stats/daily?from=20260602"), (200, json!([])));
    let (_, days) = caller.get("/stats/daily?from=20000101&to=29991231");
    assert_eq!(days.as_array().unwrap().len(), 366);
}
