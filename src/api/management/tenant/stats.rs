//! `/stats`: the numbers of logins and sign-ups. m2mock has neither, because the creation of a user in the Management API is no
//! sign-up. Every figure is zero, with a row for each day.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::timestamp::timestamp;
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("stats.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/stats/active-users", &["read:stats"], active_users),
        Operation::get("/stats/daily", &["read:stats"], daily).query("Daily"),
    ],
};

/// A date that is not in the calendar (a).
const NO_SUCH_DAY: Refusal = Refusal::new(400, "invalid_query_string", "from and to must be days of the calendar");

const DAY: u64 = 86_400;
/// The default number of days (assumed).
const DEFAULT_DAYS: u64 = 30;
/// The maximum number of days, the latest of the requested ones (assumed).
const MOST_DAYS: u64 = 366;

/// Answers a bare number.
fn active_users(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(&0))
}

fn daily(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let today = u64::try_from(call.clock.unix()).unwrap_or(0) / DAY;
    let day = |name| call.query_text(name).map(|text| day(text).ok_or(NO_SUCH_DAY)).transpose();
    let last = day("to")?.unwrap_or(today).min(today);
    let first = day("from")?.unwrap_or((last + 1).saturating_sub(DEFAULT_DAYS));
    let first = first.max((last + 1).saturating_sub(MOST_DAYS));
    Ok(Reply::json(&(first..=last).map(row).collect::<Vec<Value>>()))
}

fn row(day: u64) -> Value {
    let midnight = timestamp(midnight(day));
    json!({
        "date": midnight, "created_at": midnight, "updated_at": midnight,
        "leaked_passwords": 0, "logins": 0, "signups": 0,
    })
}

fn midnight(day: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(day * DAY)
}

/// The day of a `YYYYMMDD`, counted from 1970; `None` if the month has no such day.
fn day(text: &str) -> Option<u64> {
    let (year, month, day) = (text.get(..4)?, text.get(4..6)?, text.get(6..)?);
    let midnight = humantime::parse_rfc3339(&format!("{year}-{month}-{day}T00:00:00Z")).ok()?;
    Some(midnight.duration_since(UNIX_EPOCH).ok()?.as_secs() / DAY)
}
