//! Faults in JSON, for seeds and `/__admin/faults`.
//!
//! | member | value |
//! |---|---|
//! | `operation` | `token`, `management`, or one as `GET /clients/{id}`; any if absent |
//! | `client_id`, `audience`, `organization` | only requests by this client, for this API, for this organization |
//! | `times` | so many requests, and none after them; until it is cleared if absent |
//! | `latency` | a time, or `{"from": …, "to": …}`: the answer comes that much later |
//! | `status` | 400 to 599 instead of the answer |
//! | `reset`, `truncated`, `malformed_json` | `true`: the connection is reset, the body cut short, its JSON broken |
//! | `slow` | a time: the body takes that long |
//!
//! A time is a text such as `"250ms"` or a number of seconds. At most one of the last three lines stands in a fault.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::fault::{Effect, Fault, OperationFilter};

impl Fault {
    /// Reads a fault.
    ///
    /// # Errors
    /// The mistake, in one sentence without a full stop.
    pub(crate) fn read(value: Value) -> Result<Fault, String> {
        let Value::Object(mut members) = value else { return Err("a fault is an object".to_owned()) };
        let mut fault = Fault {
            client_id: named(&mut members, "client_id")?,
            audience: named(&mut members, "audience")?,
            organization: named(&mut members, "organization")?,
            ..Fault::default()
        };
        if let Some(operation) = named(&mut members, "operation")? {
            fault.operation = OperationFilter::parse(&operation)?;
        }
        if let Some(times) = members.remove("times") {
            let times = whole(&times).and_then(|times| u32::try_from(times).ok());
            fault.times = Some(times.ok_or("times is a whole number")?);
        }
        if let Some(latency) = members.remove("latency") {
            fault.latency = Some(range(latency)?);
        }
        let effects = [
            members.remove("status").map(|value| status(&value)),
            flag(&mut members, "reset", Effect::Reset),
            flag(&mut members, "truncated", Effect::Truncated),
            flag(&mut members, "malformed_json", Effect::MalformedJson),
            members.remove("slow").map(|value| time(&value, "slow").map(Effect::Slow)),
        ];
        for effect in effects.into_iter().flatten() {
            if fault.effect.replace(effect?).is_some() {
                return Err("a fault does one of status, reset, truncated, slow and malformed_json".to_owned());
            }
        }
        if let Some(unknown) = members.keys().next() {
            let unknown: String = unknown.chars().take(40).collect();
            return Err(format!("a fault has no member {unknown:?}"));
        }
        fault.check().map(|()| fault)
    }

    /// The fault with this id, which has answered so often.
    pub(crate) fn shown(&self, id: u64, answered: u64) -> Value {
        let mut shown = json!({ "id": id, "answered": answered });
        let texts = [
            ("operation", self.operation.shown()),
            ("client_id", self.client_id.clone()),
            ("audience", self.audience.clone()),
            ("organization", self.organization.clone()),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                shown[name] = text.into();
            }
        }
        if let Some(times) = self.times {
            shown["times"] = times.into();
        }
        if let Some(latency) = &self.latency {
            let (from, to) = (span(*latency.start()), span(*latency.end()));
            shown["latency"] = if from == to { from.into() } else { json!({ "from": from, "to": to }) };
        }
        match self.effect {
            Some(Effect::Status(status)) => shown["status"] = status.as_u16().into(),
            Some(Effect::Reset) => shown["reset"] = true.into(),
            Some(Effect::Truncated) => shown["truncated"] = true.into(),
            Some(Effect::MalformedJson) => shown["malformed_json"] = true.into(),
            Some(Effect::Slow(time)) => shown["slow"] = span(time).into(),
            None => {}
        }
        shown
    }
}

impl OperationFilter {
    fn shown(&self) -> Option<String> {
        match self {
            OperationFilter::Any => None,
            OperationFilter::Token => Some("token".to_owned()),
            OperationFilter::Management => Some("management".to_owned()),
            OperationFilter::Published { path } => Some(format!("GET {path}")),
            OperationFilter::Row { row, path } => Some(format!("{} {path}", row.method)),
        }
    }
}

/// The longest identifier of an API has 600 characters of up to four bytes.
const LONGEST_NAME: usize = 2400;

fn named(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match members.remove(name) {
        None => Ok(None),
        // Every fault is kept until it is cleared.
        Some(Value::String(text)) if text.len() > LONGEST_NAME => {
            Err(format!("{name} has at most {LONGEST_NAME} bytes"))
        }
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(format!("{name} is a text that is not empty")),
    }
}

/// A whole number that is not negative. JSON Schema takes `2.0` for one as well.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    // Up to here every whole number has a value of its own.
    const LAST: f64 = 9_007_199_254_740_992.0;
    let of_float = |number: f64| (number.fract() == 0.0 && (0.0..=LAST).contains(&number)).then_some(number as u64);
    value.as_u64().or_else(|| value.as_f64().and_then(of_float))
}

fn status(value: &Value) -> Result<Effect, String> {
    let status = whole(value).and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    status.map(Effect::Status).ok_or_else(|| "status takes 400 to 599".to_owned())
}

fn flag(members: &mut Map<String, Value>, name: &str, effect: Effect) -> Option<Result<Effect, String>> {
    match members.remove(name)? {
        Value::Bool(true) => Some(Ok(effect)),
        _ => Some(Err(format!("{name} is true, or left out"))),
    }
}

fn range(value: Value) -> Result<RangeInclusive<Duration>, String> {
    let Value::Object(mut members) = value else { return time(&value, "latency").map(|time| time..=time) };
    match (members.remove("from"), members.remove("to"), members.is_empty()) {
        (Some(from), Some(to), true) => Ok(time(&from, "from")?..=time(&to, "to")?),
        _ => Err("latency is a time, or an object with from and to".to_owned()),
    }
}

fn time(value: &Value, name: &str) -> Result<Duration, String> {
    let time = match value {
        Value::String(text) => humantime::parse_duration(text).ok(),
        _ => value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
    };
    time.ok_or_else(|| format!("{name} is a time such as \"250ms\", or a number of seconds"))
}

fn span(time: Duration) -> String {
    humantime::format_duration(time).to_string()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_refusal(json!({ "operation": "token", "times": 2, "status": 429 }))]
    #[case::a_row(json!({ "operation": "GET /clients/{id}", "latency": "250ms" }))]
    #[case::one_entity(json!({ "operation": "GET /clients/abc", "slow": "2s" }))]
    #[case::a_published_document(json!({ "operation": "GET /.well-known/jwks.json", "reset": true }))]
    #[case::a_late_refusal(json!({ "operation": "management", "latency": { "from": "1ms", "to": "5ms" }, "status": 503 }))]
    #[case::some_callers(json!({ "client_id": "c", "audience": "a", "organization": "o", "truncated": true }))]
    #[case::anything(json!({ "malformed_json": true }))]
    fn a_fault_is_shown_as_it_was_said(#[case] said: Value) {
        let mut shown = Fault::read(said.clone()).unwrap().shown(7, 3);
        assert_eq!((shown["id"].take(), shown["answered"].take()), (json!(7), json!(3)));
        let members = shown.as_object_mut().unwrap();
        members.retain(|_, value| !value.is_null());
        assert_eq!(shown, said);
    }

    #[rstest]
    #[case::nothing(json!({}), "a fault does something")]
    #[case::no_object(json!([]), "a fault is an object")]
    #[case::two_things(json!({ "status": 429, "reset": true }), "a fault does one of")]
    #[case::no_error(json!({ "status": 200 }), "status takes 400 to 599")]
    #[case::no_status(json!({ "status": "429" }), "status takes 400 to 599")]
    #[case::never(json!({ "status": 429, "times": 0 }), "times is at least 1")]
    #[case::half(json!({ "status": 429, "times": 0.5 }), "times is a whole number")]
    #[case::a_slip(json!({ "operation": "GET /client", "status": 503 }), "there is no operation \"GET /client\"")]
    #[case::no_method(json!({ "operation": "/clients", "status": 503 }), "there is no operation \"/clients\"")]
    #[case::unknown(json!({ "stauts": 503 }), "a fault has no member \"stauts\"")]
    #[case::an_hour(json!({ "latency": "1h" }), "latency takes up to 300 seconds")]
    #[case::no_time(json!({ "slow": "a while" }), "slow is a time such as")]
    #[case::before(json!({ "latency": -1 }), "latency is a time such as")]
    #[case::backwards(json!({ "latency": { "from": 2, "to": 1 } }), "a latency goes from the shorter")]
    #[case::off(json!({ "reset": false }), "reset is true, or left out")]
    #[case::no_client(json!({ "client_id": "", "status": 503 }), "client_id is a text that is not empty")]
    fn a_mistake_is_named(#[case] said: Value, #[case] sentence: &str) {
        let mistake = Fault::read(said).unwrap_err();
        assert!(mistake.starts_with(sentence), "{mistake}");
    }
}
